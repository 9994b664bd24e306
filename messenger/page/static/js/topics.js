// The topics of a forum as a list.

import { chatOf } from "./desk.js";
import { avatar, badge, el, icon, shortName } from "./dom.js";
import { newTopic } from "./chatmenu.js";
import { remember } from "./main.js";
import { serviceText, summary, timeOf } from "./texts.js";

export function topicList(pane) {
  const { t } = pane;
  const title = el("h3", { class: "hidden" }, t("topics"));
  const items = pane.view.topics.map((topic) => el("li", {}, topicButton(pane, topic)));
  const create = chatOf(pane.person, pane.chat)?.leads
    ? el("button", { type: "button", class: "new-topic", on: { click: () => newTopic(pane) } }, icon("plus"), t("topic_new")) : null;
  return el("div", { class: "topics" }, title, el("ul", { class: "chats" }, items), create);
}

function topicButton(pane, topic) {
  const { t } = pane;
  const name = topic.thread ? topic.name : t("general");
  const last = topic.last;
  const sender = last && !serviceText(last, t) ? `${last.from.id === pane.person ? t("you") : shortName(last.from)}: ` : "";
  const open = async () => { await pane.show(pane.person, pane.chat, { topic: topic.thread }); remember(pane); pane.focus(); };
  return el("button", { type: "button", class: `chat ${topic.closed ? "closed" : ""}`, on: { click: open } },
    avatar(name, topic.thread, "topic", topic.icon),
    el("span", { class: "chat-text" },
      el("span", { class: "chat-top" }, el("span", { class: "chat-name" }, name, topic.closed ? el("span", { class: "closed-mark" }, icon("lock"), t("topic_closed")) : null), last ? el("time", {}, timeOf(last.date, pane.language)) : null),
      el("span", { class: "chat-bottom" }, el("span", { class: "chat-last" }, sender, summary(last, t)), badge(topic.unread, t("unread", { count: topic.unread })))));
}
