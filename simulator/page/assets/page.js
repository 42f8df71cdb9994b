import { createChat } from "./chat.js";
import { createComposer } from "./composer.js";
import { byId, h, setText } from "./dom.js";
import { createHappenings } from "./happenings.js";
import { createRooms, PLATFORMS, roomName, roomsOf } from "./rooms.js";
import { createStore, send } from "./store.js";

/** What this tab looks at. Each tab can play another person. */
const view = {
  person: sessionStorage.getItem("person"),
  room: sessionStorage.getItem("room"),
  target: undefined,
  play,
};
const unread = new Map();
let announced;

const { state, schedule } = createStore({ changed: show, arrived });
const showRooms = createRooms({ state, view, unread: (room) => unread.get(room) ?? 0, open });
const chat = createChat({ state, view, act });
const composer = createComposer({
  state,
  view,
  setTarget,
  sent: (message) => chat.follow(message),
});
const showHappenings = createHappenings({ state, view });

byId("switch").addEventListener("click", () =>
  showPane(document.body.dataset.pane !== "happenings"),
);

function show() {
  setText(
    byId("offline"),
    state.ready && !state.connected ? "Patchbay does not answer. Trying again…" : "",
  );
  if (!state.ready) return;
  if (!state.people.includes(view.person)) view.person = state.people[0];
  const rooms = roomsOf(state, view.person);
  if (!rooms.some(({ id }) => id === view.room)) view.room = rooms[0]?.id;
  const { name, hint } = state.model;
  setText(byId("model"), hint === undefined ? name : `${name}: ${hint}`);
  if (view.target !== undefined && !state.messages.has(view.target.message.id))
    view.target = undefined;
  showEmpty(rooms.find(({ id }) => id === view.room));
  showRooms();
  chat.show();
  composer.show();
  showHappenings();
  announceAnswers();
}

function open(room) {
  if (view.room !== room) view.target = undefined;
  view.room = room;
  unread.delete(room);
  sessionStorage.setItem("room", room);
  showPane(false);
  show();
  if (matchMedia("(hover: hover)").matches) composer.focus();
}

/** Plays another person. Direct messages are each person's own, so the room changes with the person there. */
function play(person) {
  const here = state.rooms.find(({ id }) => id === view.room);
  view.person = person;
  view.target = undefined;
  sessionStorage.setItem("person", person);
  const same = state.rooms.find(
    (room) =>
      room.platform === here?.platform && room.kind === "dm" && room.people.includes(person),
  );
  if (here?.kind === "dm" && same !== undefined) open(same.id);
  else show();
}

function setTarget(target) {
  const edited = view.target?.type === "edit";
  view.target = target;
  show();
  if (target?.type === "edit") composer.fill(target.message.source);
  else if (edited) composer.fill("");
  else composer.focus();
}

function act(name, message) {
  if (name === "remove") {
    send("remove", { message: message.id, person: view.person }).catch((error) =>
      setText(byId("fault"), error.message),
    );
  } else setTarget({ type: name, message });
}

function arrived(message) {
  if (message.room !== view.room) {
    if (message.author !== view.person)
      unread.set(message.room, (unread.get(message.room) ?? 0) + 1);
  } else if (!message.bot && message.author !== view.person)
    announce(message.author, message.source);
}

/** An answer is read out once, when it is whole: reading every edit would be noise. */
function announceAnswers() {
  const done = [...state.turns.values()].filter(
    ({ state: now }) => now === "done" || now === "failed",
  );
  const before = announced;
  announced = new Set(done.map(({ id }) => id));
  for (const { id, room, replies } of done) {
    if (before === undefined || before.has(id) || room !== view.room) continue;
    announce(state.bot, replies.map((reply) => state.messages.get(reply)?.source ?? "").join(" "));
  }
}

function announce(author, text) {
  setText(byId("announcer"), `${author}: ${text.slice(0, 500)}`);
}

function showPane(happenings) {
  document.body.dataset.pane = happenings ? "happenings" : "chat";
  const button = byId("switch");
  button.setAttribute("aria-expanded", String(happenings));
  setText(button, happenings ? "Back to the chat" : "What happened");
  schedule();
}

/** What a newcomer does first. */
function showEmpty(room) {
  const empty = byId("empty");
  if (room === undefined || empty.dataset.room === room.id) return;
  empty.dataset.room = room.id;
  const first =
    room.kind === "channel"
      ? `This is ${roomName(room)} of a ${PLATFORMS[room.platform]} that runs on this machine. ${state.bot} answers here when somebody mentions it.`
      : `This is a direct message on a ${PLATFORMS[room.platform]} that runs on this machine. ${state.bot} answers everything that ${room.name} writes here.`;
  empty.replaceChildren(
    h("img", { src: "/assets/icon.svg", alt: "", width: 48, height: 48 }),
    h("h3", {}, `Ask ${state.bot} something`),
    h("p", {}, first),
    h(
      "p",
      {},
      "Press one of the examples below, or write your own question. The answer grows here, and every step of it is listed under “What happened”.",
    ),
    h("p", {}, "You can play several people: choose who writes below."),
  );
}
