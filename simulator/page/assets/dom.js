/** Makes an element. `class` and `on…` are understood, other properties become attributes; false and undefined are left out. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** Sets text only where it differs, so that screen readers and selections are left in peace. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const kept = new WeakMap();

/**
 * Makes `parent` show these items in this order, and keeps the elements of those that stay: focus, selection and
 * opened details survive. `create(item)` answers `{ element, update(item) }`.
 */
export function showAll(parent, items, keyOf, create) {
  const before = kept.get(parent) ?? new Map();
  const wanted = new Set(items.map(keyOf));
  if (wanted.size < items.length) throw new Error("Two items have the same key.");
  // Taken out first, so that those that stay need not be moved.
  for (const [key, part] of before) if (!wanted.has(key)) part.element.remove();
  const now = new Map();
  // What the page itself holds there, as a legend, comes first.
  let next =
    [...before.values()].find(({ element }) => element.parentNode === parent)?.element ?? null;
  for (const item of items) {
    const key = keyOf(item);
    const part = before.get(key) ?? create(item);
    part.update(item);
    now.set(key, part);
    if (part.element === next) next = next.nextSibling;
    else parent.insertBefore(part.element, next);
  }
  kept.set(parent, now);
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export function timeElement(at) {
  const date = new Date(at);
  return h(
    "time",
    { datetime: date.toISOString(), title: calendar.format(date) },
    clock.format(date),
  );
}

/** Milliseconds as people read them. */
export function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000
    ? `${(ms / 1000).toFixed(1)} s`
    : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024
    ? `${Math.round(bytes / 1024)} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
