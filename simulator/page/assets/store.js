/**
 * What the server has told: rooms, messages, statuses, turns. `changed` is called soon after every change, once for
 * many; `arrived` at once for every message that is new.
 */
export function createStore({ changed, arrived }) {
  const state = {
    ready: false,
    connected: false,
    model: { name: "" },
    bot: "Patchbay",
    people: [],
    rooms: [],
    messages: new Map(),
    statuses: new Map(),
    turns: new Map(),
  };
  let scheduled = false;
  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      changed();
    });
  };

  const source = new EventSource("/playground/events");
  const on = (type, take) =>
    source.addEventListener(type, (event) => {
      take(JSON.parse(event.data));
      schedule();
    });
  on("snapshot", (snapshot) => takeSnapshot(state, snapshot));
  on("message", ({ message }) => {
    const fresh = !state.messages.has(message.id);
    state.messages.set(message.id, message);
    if (fresh) arrived(message);
  });
  on("removed", ({ message }) => state.messages.delete(message));
  on("status", ({ status }) => {
    takeStatus(state, status);
    if (status.until !== undefined)
      setTimeout(schedule, Math.max(0, status.until - Date.now()) + 50);
  });
  on("turn", ({ turn }) => state.turns.set(turn.id, turn));
  on("turn_removed", ({ turn }) => state.turns.delete(turn));
  source.addEventListener("open", () => {
    state.connected = true;
    schedule();
  });
  source.addEventListener("error", () => {
    state.connected = false;
    schedule();
  });

  return { state, schedule };
}

function takeSnapshot(state, { messages, statuses, turns, ...rest }) {
  Object.assign(state, rest, { ready: true });
  state.messages = new Map(messages.map((message) => [message.id, message]));
  state.turns = new Map(turns.map((turn) => [turn.id, turn]));
  state.statuses = new Map();
  for (const status of statuses) takeStatus(state, status);
}

function takeStatus(state, status) {
  const key = `${status.room} ${status.thread ?? ""}`;
  if (status.text === "") state.statuses.delete(key);
  else state.statuses.set(key, status);
}

export function messagesIn(state, room) {
  return [...state.messages.values()]
    .filter((message) => message.room === room)
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/** The newest question first. */
export function turnsIn(state, room) {
  return [...state.turns.values()]
    .filter((turn) => turn.room === room)
    .toSorted((left, right) => right.since - left.since);
}

export function statusesIn(state, room) {
  const now = Date.now();
  return [...state.statuses.values()].filter(
    (status) => status.room === room && (status.until === undefined || status.until > now),
  );
}

/** Asks the server to do something; throws an Error with the server's own words where it refuses. */
export async function send(action, body) {
  const response = await fetch(`/playground/${action}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error("Patchbay does not answer. Is it still running?");
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Error(answer.error?.message ?? `The server answered ${response.status}.`);
  return answer;
}
