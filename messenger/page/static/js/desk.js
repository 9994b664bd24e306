// Who is chosen and which conversations lie open: one, or a member's beside one of the office.

import { getHome } from "./server.js";
import { say } from "./texts.js";

const WIDE = matchMedia("(min-width: 1180px)");

export const desk = { home: null, person: null, panes: [], split: WIDE.matches && localStorage.getItem("split") !== "no", wide: WIDE.matches, offline: false };

const listeners = new Set();
let waiting = 0;

export function onChange(run) {
  listeners.add(run);
}

export function changed() {
  listeners.forEach((run) => run());
}

export async function refresh() {
  desk.home = await getHome();
  changed();
}

/** Many events in a row are answered by one look. */
export function refreshSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(refresh, 60);
}

export function personOf(id) {
  return desk.home.people.find((person) => person.id === id);
}

export function chatOf(personId, chatId) {
  return personOf(personId)?.chats.find((chat) => chat.id === chatId);
}

export function chatName(chat, home = desk.home) {
  return chat.type === "private" ? home.bot.name : chat.title;
}

export function unreadOf(person) {
  return person.chats.reduce((sum, chat) => sum + chat.unread, 0);
}

export function words() {
  return say(personOf(desk.person)?.language_code ?? "de");
}

export function splitShown() {
  return desk.split && desk.wide;
}

/** The place of a conversation: members left, the office right; with one place there is one. */
export function placeOf(personId) {
  return splitShown() && personOf(personId).role === "staff" ? 1 : 0;
}

WIDE.addEventListener("change", () => { desk.wide = WIDE.matches; changed(); });
