import { byId, duration, h, setText, showAll } from "./dom.js";
import { turnsIn } from "./store.js";

const STATES = {
  waiting: "waiting",
  working: "at work",
  done: "done",
  failed: "failed",
  released: "paused",
};

/** What happened to each question of the room, the newest first. */
export function createHappenings({ state, view }) {
  const list = byId("turns");
  const note = byId("happenings-note");
  return () => {
    const turns = turnsIn(state, view.room);
    setText(
      note,
      turns.length === 0
        ? "Ask something: every step of the answer will show up here, with its time."
        : "Times count from the moment the question was written.",
    );
    showAll(list, turns, ({ id }) => id, createTurn);
    openNewest(list);
  };
}

/** The newest question is open until somebody closes it; those before it are folded, unless somebody opened them. */
function openNewest(list) {
  for (const [index, item] of [...list.children].entries()) {
    const details = item.firstElementChild;
    if (details.dataset.touched === undefined) details.open = index === 0;
  }
}

function createTurn(first) {
  const badge = h("span", { class: "state" });
  const total = h("span", { class: "total" });
  const steps = h("ol", { class: "steps" });
  const summary = h(
    "summary",
    {},
    h("span", { class: "asked" }, h("strong", {}, first.asker), ` ${first.excerpt}`),
    h("span", { class: "result" }, badge, total),
  );
  const details = h("details", { class: "turn" }, summary, steps);
  summary.addEventListener("click", () => (details.dataset.touched = ""));
  return {
    element: h("li", {}, details),
    update(turn) {
      const end = turn.steps.at(-1)?.ms ?? 0;
      // While it lasts, the bars leave room for what comes.
      const whole = turn.state === "working" || turn.state === "waiting" ? end * 1.5 : end;
      setText(badge, STATES[turn.state]);
      badge.className = `state ${turn.state}`;
      setText(total, turn.state === "done" || turn.state === "failed" ? duration(end) : "");
      const shown = turn.steps.map((step, index) => ({
        ...step,
        index,
        from: turn.steps[index - 1]?.ms ?? 0,
        end: Math.max(whole, 1),
        tool: turn.tools.find(({ call }) => call === step.call),
      }));
      showAll(steps, shown, ({ index }) => index, createStep);
    },
  };
}

function createStep() {
  const label = h("span", { class: "label" });
  const outcome = h("span", { class: "outcome" });
  const time = h("span", { class: "ms" });
  const bar = h("span", { class: "bar", "aria-hidden": "true" });
  const element = h(
    "li",
    {},
    label,
    outcome,
    time,
    h("span", { class: "track", "aria-hidden": "true" }, bar),
  );
  return {
    element,
    update({ type, label: words, ms, from, end, tool }) {
      element.className = tool?.ok === false ? `${type} failed` : type;
      setText(label, words);
      setText(
        outcome,
        tool?.ok === undefined ? "" : `${tool.ok ? "✓" : "✗"} ${duration(tool.duration)}`,
      );
      setText(time, duration(ms));
      // A tool's bar is its own time; any other one is the time since the step before.
      const [start, stop] = tool === undefined ? [from, ms] : [ms, ms + (tool.duration ?? 0)];
      bar.style.setProperty("--from", String(Math.min(start / end, 1)));
      bar.style.setProperty("--width", String(Math.min((stop - start) / end, 1)));
    },
  };
}
