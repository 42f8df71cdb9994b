import { duration, fileSize, h, setText, showAll, timeElement } from "./dom.js";

/** One message, or with `createPending` the place where the bot's answer will be. */

export function avatar(state, name, bot) {
  if (bot)
    return h("img", {
      class: "avatar bot",
      src: "/assets/icon.svg",
      alt: "",
      width: 34,
      height: 34,
    });
  const number = state.people.indexOf(name) % 4;
  return h(
    "span",
    { class: `avatar person${number < 0 ? 3 : number}`, "aria-hidden": "true" },
    name.slice(0, 1),
  );
}

/** `act(name, message)` carries out what the message's buttons offer. */
export function createMessage(state, first, act) {
  const parts = {
    edited: h("span", { class: "edited" }),
    only: h("span", { class: "only" }),
    quote: h("p", { class: "quoted", hidden: true }),
    tools: h("div", { class: "tools" }),
    body: h("div", { class: "body" }),
    files: h("ul", { class: "files", hidden: true }),
    reactions: h("p", { class: "reactions", hidden: true }),
    actions: h("div", { class: "actions" }),
  };
  const element = frame(state, first, parts);
  let shown;
  let offered = "";
  return {
    element,
    update: ({ message, turn, live, continued, offers }) => {
      element.classList.toggle("live", live);
      element.classList.toggle("continued", continued);
      showTools(parts.tools, turn?.replies[0] === message.id ? turn.tools : []);
      if (offered !== offers.join()) {
        offered = offers.join();
        parts.actions.replaceChildren(
          ...offers.map((offer) => action(offer, () => act(offer, shown))),
        );
      }
      if (shown === message) return;
      if (shown?.html !== message.html) parts.body.innerHTML = message.html;
      shown = message;
      showRest(parts, message);
    },
  };
}

function frame(
  state,
  { id, author, bot, at },
  { edited, only, quote, tools, body, files, reactions, actions },
) {
  const badge = bot ? h("span", { class: "badge" }, "bot") : "";
  const header = h(
    "header",
    {},
    h("span", { class: "author" }, author),
    badge,
    timeElement(at),
    edited,
    only,
  );
  return h(
    "article",
    {
      class: `message${bot ? " by-bot" : ""}`,
      "data-message": id,
      "aria-label": `${author} wrote`,
    },
    avatar(state, author, bot),
    h("div", { class: "content" }, quote, header, tools, body, files, reactions),
    actions,
  );
}

function showRest({ edited, only, quote, files, reactions }, message) {
  setText(edited, editedText(message));
  setText(only, message.onlyFor === undefined ? "" : `only ${message.onlyFor} sees this`);
  showQuote(quote, message.replyTo);
  showFiles(files, message.files);
  setText(
    reactions,
    message.reactions.map(({ name, people }) => `${name} ${people.length}`).join("  "),
  );
  reactions.hidden = message.reactions.length === 0;
}

const ACTIONS = { thread: "Reply in thread", reply: "Reply", edit: "Edit", remove: "Delete" };

function action(offer, onclick) {
  return h("button", { type: "button", class: "action", onclick }, ACTIONS[offer]);
}

function editedText({ edits }) {
  if (edits === 0) return "";
  return edits === 1 ? "edited" : `edited ${edits} times`;
}

function showQuote(element, replyTo) {
  element.hidden = replyTo === undefined;
  if (replyTo === undefined) return;
  element.replaceChildren(
    h("span", { class: "hidden" }, "in reply to "),
    h("strong", {}, replyTo.author),
    ` ${replyTo.excerpt}`,
  );
}

function showFiles(element, files) {
  element.hidden = files.length === 0;
  element.replaceChildren(
    ...files.map(({ name, size, url, image }) =>
      h(
        "li",
        {},
        h(
          "a",
          { href: url, target: "_blank", rel: "noopener" },
          image
            ? h("img", { src: url, alt: name, loading: "lazy" })
            : h("span", { class: "file-name" }, name),
          h("span", { class: "file-size" }, fileSize(size)),
        ),
      ),
    ),
  );
}

export function showTools(element, tools) {
  showAll(element, tools, (tool) => tool.call, createTool);
}

/** `▸ ticket_lookup(id: "OPS-1") ✓ 38 ms`; it opens to arguments and output. */
function createTool(first) {
  const outcome = h("span", { class: "outcome" });
  const error = h("span", { class: "tool-error" });
  const output = h("pre", { tabindex: "0" });
  const element = h(
    "details",
    { class: "tool" },
    h(
      "summary",
      {},
      h("code", {}, h("b", {}, first.name), `(${first.summary})`),
      " ",
      outcome,
      error,
    ),
    h("h4", {}, "Arguments"),
    h("pre", { tabindex: "0" }, first.arguments),
    h("h4", {}, "Output"),
    output,
  );
  return {
    element,
    update(tool) {
      const mark = tool.ok === undefined ? "" : tool.ok ? "✓" : "✗";
      setText(outcome, tool.ok === undefined ? "running…" : `${mark} ${duration(tool.duration)}`);
      setText(error, tool.error ?? "");
      setText(output, tool.output ?? "It still runs.");
      element.classList.toggle("failed", tool.ok === false);
    },
  };
}

export function createPending(state) {
  const tools = h("div", { class: "tools" });
  const text = h("span", {});
  const element = h(
    "article",
    { class: "message by-bot pending" },
    avatar(state, state.bot, true),
    h(
      "div",
      { class: "content" },
      h(
        "header",
        {},
        h("span", { class: "author" }, state.bot),
        h("span", { class: "badge" }, "bot"),
      ),
      tools,
      h(
        "p",
        { class: "activity" },
        h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
        text,
      ),
    ),
  );
  return {
    element,
    update: ({ turn, text: words, failed }) => {
      showTools(tools, turn?.tools ?? []);
      setText(text, words);
      element.classList.toggle("stopped", failed);
    },
  };
}
