// The empty conversation: what the bot says about itself before anybody starts it.

import { avatar, el } from "./dom.js";

export function welcome(pane) {
  const { t, view } = pane;
  if (view.chat.type !== "private") return el("div", { class: "welcome" }, el("p", {}, t("no_messages")));
  const words = view.description ? [el("h3", {}, t("start_title")), el("p", { class: "said" }, view.description)] : [el("p", {}, t("start_empty"))];
  return el("div", { class: "welcome" }, avatar(view.bot_name, pane.chat, "bot"), el("div", { class: "welcome-card" }, el("h2", {}, view.bot_name), words));
}
