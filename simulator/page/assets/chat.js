import { byId, h, setText, showAll } from "./dom.js";
import { createMessage, createPending } from "./message.js";
import { PLATFORMS, roomName } from "./rooms.js";
import { messagesIn, statusesIn, turnsIn } from "./store.js";

/** The messages of the room that is open: answers as they grow, threads under their first message. */
export function createChat({ state, view, act }) {
  const list = byId("messages");
  const scroller = byId("scroller");
  const newer = byId("newer");
  /** The question whose answer is kept in sight, until somebody scrolls. */
  let followed;
  let shownRoom;
  /** True while the newest message is in sight; then it stays there, whatever grows. */
  let pinned = true;

  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  for (const type of ["wheel", "touchmove", "keydown", "pointerdown"])
    scroller.addEventListener(type, () => (followed = undefined), { passive: true });
  scroller.addEventListener("scroll", () => {
    pinned = atEnd();
    if (pinned) newer.hidden = true;
  });
  new ResizeObserver(() => {
    if (pinned) scroller.scrollTop = scroller.scrollHeight;
  }).observe(scroller);
  newer.addEventListener("click", () => scroller.scrollTo({ top: scroller.scrollHeight }));

  const show = () => {
    const room = state.rooms.find(({ id }) => id === view.room);
    if (room === undefined) return;
    const entered = shownRoom !== room.id;
    shownRoom = room.id;
    if (entered) {
      pinned = true;
      followed = undefined;
      newer.hidden = true;
    }
    const height = scroller.scrollHeight;
    showTitle(state, room);
    const items = arrange(state, room, view.person);
    list.dataset.kind = room.kind;
    showAll(
      list,
      items,
      ({ key }) => key,
      (item) => createItem(state, item, act),
    );
    byId("empty").hidden = items.length > 0;
    if (pinned) scroller.scrollTop = scroller.scrollHeight;
    else if (scroller.scrollHeight > height && followed === undefined) newer.hidden = false;
    if (followed !== undefined) keepInSight(state, followed, scroller);
  };
  return {
    show,
    follow: (message) => (followed = message),
  };
}

function showTitle(state, room) {
  setText(byId("room-name"), roomName(room));
  const place = `${PLATFORMS[room.platform]} · ${room.workspace}`;
  const who =
    room.kind === "dm"
      ? `${room.name} and ${state.bot}`
      : `${room.people.join(", ")} and ${state.bot}`;
  setText(byId("room-about"), `${place} · ${who}`);
}

/** Messages, replies in their threads, and where answers are about to be. */
function arrange(state, room, person) {
  const messages = messagesIn(state, room.id);
  const turns = turnsIn(state, room.id).toReversed();
  const shown = new Set(messages.map(({ id }) => id));
  const rootOf = ({ thread }) => (shown.has(thread) ? thread : undefined);
  const entries = (root) => {
    const here = messages.filter((message) => rootOf(message) === root);
    return here.map((message, index) =>
      messageEntry(message, here[index - 1], turns, room, person),
    );
  };
  const waiting = pendingEntries(state, room, turns, messages);
  const main = entries(undefined).map((entry) => {
    const { id } = entry.message;
    const replies = [...entries(id), ...waiting.filter(({ place }) => place === id)];
    return { ...entry, replies, threaded: room.platform === "slack" };
  });
  return [...main, ...waiting.filter(({ place }) => place === undefined)];
}

function messageEntry(message, before, turns, room, person) {
  const turn = turns.find(({ replies }) => replies.includes(message.id));
  const own = message.author === person;
  return {
    key: message.id,
    message,
    turn,
    live: turn?.state === "working" && turn.replies.at(-1) === message.id,
    continued: turn !== undefined && turn.replies.includes(before?.id),
    offers: [room.platform === "slack" ? "thread" : "reply", ...(own ? ["edit", "remove"] : [])],
  };
}

/** Where the bot is at work and nothing of its answer is there yet. `place` is the thread's first message. */
function pendingEntries(state, room, turns, messages) {
  const ids = new Set(messages.map(({ id }) => id));
  const isThread = (id) =>
    ids.has(id) && (room.kind === "channel" || messages.some(({ thread }) => thread === id));
  const statuses = statusesIn(state, room.id).map((status) => ({
    ...status,
    place: room.platform === "slack" && isThread(status.thread) ? status.thread : undefined,
  }));
  const open = turns.filter(
    ({ state: now, replies }) => replies.length === 0 && now !== "done" && now !== "released",
  );
  const entries = open.map((turn) => {
    const place = ids.has(turn.thread) ? turn.thread : undefined;
    const status = statuses.find((one) => one.place === place);
    return {
      key: `turn ${turn.id}`,
      place,
      turn,
      text: activity(state, turn, status),
      failed: turn.state === "failed",
    };
  });
  const working = turns.filter((turn) => turn.state !== "done");
  const covered = new Set(working.map(({ thread }) => (ids.has(thread) ? thread : undefined)));
  const others = new Map(
    statuses
      .filter(({ place }) => !covered.has(place) && !hasAnswered(messages, place))
      .map(({ place, text }) => [
        place,
        {
          key: `status ${place}`,
          place,
          turn: undefined,
          text: `${state.bot} ${text}`,
          failed: false,
        },
      ]),
  );
  return [...entries, ...others.values()];
}

/** What the bot has written last ends every status before it. */
function hasAnswered(messages, place) {
  const here = messages.filter(
    ({ id, thread }) => place === undefined || thread === place || id === place,
  );
  return here.at(-1)?.bot === true;
}

function activity({ bot }, turn, status) {
  if (turn.state === "failed") return `${bot} could not answer.`;
  if (turn.state === "waiting") return `${bot} has received it.`;
  return `${bot} ${status?.text ?? "is thinking…"}`;
}

/** A message with its thread where it can have one, or a place where a message will be. */
function createItem(state, first, act) {
  if (first.message === undefined) {
    const pending = createPending(state);
    return { element: h("li", {}, pending.element), update: pending.update };
  }
  const message = createMessage(state, first.message, act);
  const element = h("li", {}, message.element);
  if (first.replies === undefined) return { element, update: message.update };
  const replies = h("ol", { class: "replies" });
  const answer = h(
    "button",
    { type: "button", class: "action answer", onclick: () => act("thread", first.message) },
    "Reply in thread",
  );
  const thread = h("div", { class: "thread", hidden: true }, replies, answer);
  element.append(thread);
  return {
    element,
    update(entry) {
      message.update(entry);
      thread.hidden = entry.replies.length === 0;
      answer.hidden = !entry.threaded;
      showAll(
        replies,
        entry.replies,
        ({ key }) => key,
        (item) => createItem(state, item, act),
      );
    },
  };
}

/** Scrolls as little as is needed, so that the end of the answer to this message can be read. */
function keepInSight(state, question, scroller) {
  const turn = [...state.turns.values()].find(({ messages }) => messages.includes(question));
  const newest = turn?.replies.at(-1) ?? question;
  const element = scroller.querySelector(`[data-message="${CSS.escape(newest)}"]`);
  const row = element?.closest("li");
  const end =
    row?.nextElementSibling?.querySelector(".pending") ?? row?.querySelector(".pending") ?? element;
  end?.scrollIntoView({ block: end.offsetHeight > scroller.clientHeight ? "end" : "nearest" });
}
