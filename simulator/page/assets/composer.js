import { createAttachments } from "./attachments.js";
import { byId, h, setText, showAll } from "./dom.js";
import { createMentions } from "./mentions.js";
import { PLATFORMS, roomName } from "./rooms.js";
import { send } from "./store.js";

const EXAMPLES = [
  "what is the status of ticket OPS-1?",
  "what time is it in Tokyo?",
  "write 300 words",
];

/**
 * Where one writes. `view.target` is what the message is about: `{ type: "thread" | "reply" | "edit", message }`.
 * `sent(id)` is called with the new message's id.
 */
export function createComposer({ state, view, setTarget, sent }) {
  const text = byId("text");
  const attachments = createAttachments({ text });
  const mentions = createMentions({
    text,
    list: byId("names"),
    names: () => [state.bot, ...state.people.filter((name) => name !== view.person)],
  });
  const room = () => state.rooms.find(({ id }) => id === view.room);
  const fill = (words) => {
    text.value = words;
    fit(text);
  };
  const say = async (words, target, files) => {
    const place = { room: view.room, person: view.person, ...placeOf(target) };
    const { message } = await send("say", { ...place, text: words, files });
    sent(message);
  };
  let sending = false;
  const submit = async () => {
    const words = text.value.trim();
    const { target, person } = view;
    if (sending || (words === "" && attachments.empty)) return;
    sending = true;
    const done = await attempt(async () => {
      if (target?.type === "edit")
        await send("edit", { message: target.message.id, person, text: words });
      else await say(words, target, await attachments.encode());
    });
    sending = false;
    if (!done) return;
    fill("");
    attachments.clear();
    // One stays in a thread; a reply or an edit is over.
    if (target?.type !== "thread") setTarget(undefined);
  };
  const hint = () => showHint(state, view, room(), text.value);
  listen({ text, state, view, mentions, submit, setTarget, hint });

  return {
    show() {
      const here = room();
      if (here === undefined) return;
      text.placeholder = placeholder(state, here, view.target);
      text.setAttribute("aria-label", text.placeholder);
      showTarget(view.target);
      showPeople(state, view);
      showExamples(state, here, (words) => void attempt(() => say(words, undefined, [])));
      hint();
    },
    focus: () => text.focus(),
    fill(words) {
      fill(words);
      text.focus();
    },
  };
}

function listen({ text, state, view, mentions, submit, setTarget, hint }) {
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || mentions.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void submit();
    } else if (event.key === "Escape" && view.target !== undefined) setTarget(undefined);
  });
  text.addEventListener("input", () => {
    fit(text);
    mentions.look();
    hint();
  });
  text.addEventListener("blur", mentions.close);
  byId("mention").addEventListener("click", () => mentions.insert(state.bot));
  byId("target-cancel").addEventListener("click", () => setTarget(undefined));
}

/** Shows why something could not be done; true when it was. */
async function attempt(act) {
  setText(byId("fault"), "");
  try {
    await act();
    return true;
  } catch (error) {
    setText(byId("fault"), error.message);
    return false;
  }
}

/** As high as its text, up to the height that the style sheet allows. */
function fit(text) {
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
}

function placeOf(target) {
  if (target === undefined) return {};
  const { thread, id } = target.message;
  if (target.type === "thread") return { thread: thread ?? id };
  return { replyTo: id, ...(thread !== undefined && { thread }) };
}

function placeholder(state, room, target) {
  if (target?.type === "thread") return "Reply in the thread";
  if (target?.type === "reply") return `Reply to ${target.message.author}`;
  if (target?.type === "edit") return "Edit your message";
  if (room.kind === "dm") return `Message ${state.bot} on ${PLATFORMS[room.platform]}`;
  return `Message ${roomName(room)} (mention @${state.bot})`;
}

function showHint(state, view, room, words) {
  const mentioned = words.toLowerCase().includes(`@${state.bot.toLowerCase()}`);
  const missing =
    room?.kind === "channel" && view.target === undefined && words.trim() !== "" && !mentioned;
  const hint = byId("hint");
  hint.classList.toggle("needed", missing);
  setText(
    hint,
    missing
      ? `In a channel ${state.bot} answers when it is mentioned: add @${state.bot}.`
      : "Enter sends, Shift+Enter begins a new line.",
  );
}

function showTarget(target) {
  byId("target").hidden = target === undefined;
  if (target === undefined) return;
  const { author, source } = target.message;
  const excerpt = source.length > 60 ? `${source.slice(0, 60)}…` : source;
  const what = {
    thread: `In the thread of ${author}`,
    reply: `Reply to ${author}`,
    edit: "Editing",
  };
  setText(byId("target-text"), `${what[target.type]}: ${excerpt}`);
}

function showPeople(state, view) {
  showAll(
    byId("people"),
    state.people,
    (name) => name,
    (name) => {
      const input = h("input", {
        type: "radio",
        name: "person",
        value: name,
        onchange: () => view.play(name),
      });
      return {
        element: h("label", { class: "person" }, input, h("span", {}, name)),
        update: () => (input.checked = view.person === name),
      };
    },
  );
}

function showExamples(state, room, ask) {
  const mention = room.kind === "channel" ? `@${state.bot} ` : "";
  showAll(
    byId("examples"),
    EXAMPLES.map((example) => `${mention}${example}`),
    (words) => words,
    (words) => ({
      element: h("button", { type: "button", onclick: () => ask(words) }, words),
      update() {},
    }),
  );
}
