import { byId, h, setText, showAll } from "./dom.js";

export const PLATFORMS = { slack: "Slack", discord: "Discord" };

export function roomName(room) {
  return room.kind === "channel" ? `#${room.name}` : "Direct messages";
}

/** The rooms that this person is in, in the server's order, channels first on each platform. */
export function roomsOf(state, person) {
  return state.rooms
    .filter((room) => room.people.includes(person))
    .toSorted((left, right) => rank(left) - rank(right));
}

function rank({ platform, kind }) {
  // The order of a newcomer's way: a channel and a DM on Slack, then the same on Discord.
  return (platform === "slack" ? 0 : 2) + (kind === "channel" ? 0 : 1);
}

/** `unread(room)` is a count; `open(id)` shows the room. */
export function createRooms({ state, view, unread, open }) {
  const list = byId("rooms");
  return () =>
    showAll(
      list,
      roomsOf(state, view.person),
      (room) => room.id,
      (room) => {
        const mark = h("span", { class: "unread" });
        const button = h(
          "button",
          { type: "button", onclick: () => open(room.id) },
          h("span", { class: "name" }, room.kind === "channel" ? `#${room.name}` : "DM"),
          h("span", { class: `platform ${room.platform}` }, PLATFORMS[room.platform]),
          mark,
        );
        return {
          element: h("li", {}, button),
          update(now) {
            const count = unread(now.id);
            const current = view.room === now.id;
            if (current) button.setAttribute("aria-current", "true");
            else button.removeAttribute("aria-current");
            setText(mark, count > 0 ? String(count) : "");
            mark.hidden = count === 0;
            button.setAttribute(
              "aria-label",
              `${roomName(now)} on ${PLATFORMS[now.platform]}${count > 0 ? `, ${count} unread` : ""}`,
            );
          },
        };
      },
    );
}
