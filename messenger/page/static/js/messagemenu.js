// What one can do with a message.

import { chatName, desk } from "./desk.js";
import { avatar, el } from "./dom.js";
import { confirm, dialog, menu, plainButton, toast } from "./overlay.js";
import { act } from "./server.js";

const REACTIONS = ["👍", "❤", "🙏", "👀", "🎉"];
const EDITABLE_FOR = 48 * 3600; // seconds

export function editable(message, pane) {
  const own = message.from.id === pane.person && (message.text ?? message.caption) !== undefined;
  return own && !message.forward_origin && !message.via_bot && Date.now() / 1000 - message.date < EDITABLE_FOR;
}

export function messageMenu(pane, message, at) {
  const { t } = pane;
  const here = { person: pane.person, chat: pane.chat, message: message.message_id };
  const chat = pane.owner.chats.find((one) => one.id === pane.chat);
  const deletable = message.from.id === pane.person || pane.chat > 0 || chat?.leads;
  const service = !["text", "caption", "photo", "document", "sticker", "voice", "contact"].some((key) => message[key]);
  const copyable = !message.has_protected_content && (message.text ?? message.caption);
  const entries = [];
  if (!service) {
    const mine = message._reactions?.[pane.person]?.[0];
    entries.push({ row: REACTIONS.map((emoji) => ({ text: emoji, label: t("react", { emoji }), run: () => run(act("react", { ...here, emoji: mine === emoji ? "" : emoji }), t) })) });
    entries.push({ icon: "reply", text: t("reply"), run: () => pane.composer.reply(message) });
  }
  if (editable(message, pane)) entries.push({ icon: "edit", text: t("edit"), run: () => pane.composer.edit(message) });
  if (copyable) entries.push({ icon: "copy", text: t("copy"), run: () => navigator.clipboard.writeText(copyable).then(() => toast(t("copied"))) });
  if (!service && !message.has_protected_content) entries.push({ icon: "forward", text: t("forward"), run: () => forward(pane, here) });
  if (deletable) entries.push({ icon: "trash", text: t("delete"), danger: true, run: () => remove(pane, here) });
  if (entries.length) menu(entries, at, t("message_menu"), pane.language);
}

function run(promise, t) {
  return promise.catch((error) => toast(t("failed", { reason: error.message })));
}

async function remove(pane, here) {
  if (await confirm(pane.t("delete_sure"), "", pane.t("delete"), pane.t, pane.language, "danger")) await run(act("delete", here), pane.t);
}

async function forward(pane, here) {
  const to = await dialog(pane.t("forward_to"), (close) => el("div", {},
    el("ul", { class: "choices" }, pane.owner.chats.map((chat) => el("li", {}, el("button", { type: "button", on: { click: () => close(chat.id) } },
      avatar(chatName(chat), chat.id, chat.type === "private" ? "bot" : "group"), el("span", {}, chatName(chat, desk.home)))))),
    el("div", { class: "row" }, plainButton(pane.t("cancel"), () => close(null)))), pane.language);
  if (to) await run(act("forward", { ...here, to, to_thread: to === pane.chat ? pane.topic ?? 0 : 0 }), pane.t);
}
