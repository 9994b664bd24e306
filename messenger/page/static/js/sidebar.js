// Left: the people, and the chats of the one who is chosen.

import { chatName, desk, personOf, splitShown, unreadOf, words } from "./desk.js";
import { avatar, badge, el, fullName, iconButton, shortName } from "./dom.js";
import { serviceText, summary, timeOf } from "./texts.js";

export function drawSidebar(actions) {
  const focused = document.activeElement?.dataset?.key;
  drawRail(actions);
  drawList(actions);
  if (focused) document.querySelector(`[data-key="${focused}"]`)?.focus({ preventScroll: true });
}

function drawRail({ choose }) {
  const t = words();
  const rail = document.getElementById("rail");
  rail.setAttribute("aria-label", t("people"));
  const groups = ["member", "staff"].map((role) => {
    const people = desk.home.people.filter((person) => person.role === role);
    const title = el("h2", { class: "rail-title", id: `rail-${role}` }, t(role === "member" ? "members" : "staff"));
    return el("div", { class: "rail-group" }, title, el("ul", { "aria-labelledby": title.id }, people.map((person) => el("li", {}, railButton(person, choose, t)))));
  });
  rail.replaceChildren(...groups);
}

function railButton(person, choose, t) {
  const unread = unreadOf(person);
  const current = person.id === desk.person;
  return el("button", {
    type: "button", class: "rail-person", data: { key: `person-${person.id}` }, "aria-current": current ? "true" : undefined,
    title: fullName(person), on: { click: () => choose(person.id) },
  }, el("span", { class: "face" }, avatar(fullName(person), person.id), badge(unread, t("unread", { count: unread }))), el("span", { class: "name" }, shortName(person)));
}

function drawList({ open, toggleSplit }) {
  const t = words();
  const person = personOf(desk.person);
  const list = document.getElementById("list");
  list.setAttribute("aria-label", t("chats_of", { name: fullName(person) }));
  const split = desk.wide ? iconButton(splitShown() ? "single" : "split", t(splitShown() ? "split_off" : "split_on"), toggleSplit, { data: { key: "split" } }) : null;
  const head = el("header", { class: "list-head" }, el("div", {}, el("h1", {}, t("chats")), el("p", {}, fullName(person))), split);
  list.replaceChildren(head, el("ul", { class: "chats" }, person.chats.map((chat) => el("li", {}, chatButton(person, chat, open, t)))));
}

function chatButton(person, chat, open, t) {
  const shown = desk.panes.some((pane) => pane.person === person.id && pane.chat === chat.id);
  const last = chat.last;
  const sender = last && chat.id < 0 && !serviceText(last, t) ? (last.from.id === person.id ? t("you") : shortName(last.from)) : "";
  const text = el("span", { class: "chat-text" },
    el("span", { class: "chat-top" }, el("span", { class: "chat-name" }, chatName(chat)), last ? el("time", {}, timeOf(last.date, person.language_code)) : null),
    el("span", { class: "chat-bottom" }, el("span", { class: "chat-last" }, sender ? el("span", { class: "chat-sender" }, `${sender}: `) : null, summary(last, t)), badge(chat.unread, t("unread", { count: chat.unread }))));
  const face = avatar(chatName(chat), chat.id, chat.type === "private" ? "bot" : "group");
  return el("button", {
    type: "button", class: "chat", data: { key: `chat-${person.id}-${chat.id}` }, "aria-current": shown ? "true" : undefined,
    on: { click: () => open(person.id, chat.id) },
  }, face, text);
}
