import { h } from "./dom.js";

/** Offers names after an `@` that is being typed. Arrow keys choose, Enter and Tab take, Escape closes. */
export function createMentions({ text, list, names }) {
  let found = [];
  let chosen = 0;

  const close = () => {
    found = [];
    show();
  };
  const take = (name) => {
    const before = text.value.slice(0, text.selectionStart).replace(/@[\p{L}\p{N}_]*$/u, "");
    close();
    write(text, `@${name} `, before.length, text.selectionEnd);
  };
  const show = () => {
    list.hidden = found.length === 0;
    list.replaceChildren(
      ...found.map((name, index) => option(name, index, index === chosen, take)),
    );
    if (found.length > 0) text.setAttribute("aria-activedescendant", `name-${chosen}`);
    else text.removeAttribute("aria-activedescendant");
  };

  return {
    close,
    look() {
      const before = text.value.slice(0, text.selectionStart);
      const [, typed] = /(?:^|[^\p{L}\p{N}_@])@([\p{L}\p{N}_]*)$/u.exec(before) ?? [];
      const begin = typed?.toLowerCase();
      found = names().filter((name) => begin !== undefined && begins(name.toLowerCase(), begin));
      chosen = 0;
      show();
    },
    /** True when the key was meant for the list. */
    key(event) {
      if (found.length === 0) return false;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step !== undefined) {
        chosen = (chosen + step + found.length) % found.length;
        show();
      } else if (event.key === "Enter" || event.key === "Tab") take(found[chosen]);
      else if (event.key === "Escape") close();
      else return false;
      event.preventDefault();
      return true;
    },
    /** Puts the mention where the cursor is, unless it is there already. */
    insert(name) {
      if (text.value.toLowerCase().includes(`@${name.toLowerCase()}`)) return text.focus();
      const at = text.value.trim() === "" ? 0 : text.selectionStart;
      const space = at > 0 && !/\s$/.test(text.value.slice(0, at)) ? " " : "";
      write(text, `${space}@${name} `, at, at);
    },
  };
}

/** A name that is there whole is no longer offered. */
function begins(name, begin) {
  return name.startsWith(begin) && name !== begin;
}

function option(name, index, selected, take) {
  const properties = {
    id: `name-${index}`,
    role: "option",
    "aria-selected": String(selected),
    // Not click: the text field must not lose the focus first.
    onmousedown(event) {
      event.preventDefault();
      take(name);
    },
  };
  return h("li", properties, `@${name}`);
}

function write(text, words, start, end) {
  text.setRangeText(words, start, end, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}
