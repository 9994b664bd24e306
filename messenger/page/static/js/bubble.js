// One message as it is shown.

import { inlineButtons } from "./buttons.js";
import { avatar, el, fullName, icon } from "./dom.js";
import { formatted } from "./format.js";
import { showPhoto } from "./links.js";
import { messageMenu } from "./messagemenu.js";
import { act, fileAddress } from "./server.js";
import { serviceText, sizeOf, summary, timeOf } from "./texts.js";

const [WIDEST, HIGHEST] = [352, 320]; // pixels of a photo in a message

export function bubble(message, pane, close) {
  const service = serviceText(message, pane.t);
  if (service) return el("div", { class: "service", data: { message: message.message_id }, tabindex: "-1" }, el("span", {}, service));
  const own = message.from.id === pane.person;
  const group = pane.view.chat.type !== "private";
  const node = el("article", {
    class: `message ${own ? "own" : "other"} ${close ? "close" : ""} ${message.has_protected_content ? "protected" : ""} ${group && !own ? "with-face" : ""}`,
    tabindex: "-1", data: { message: message.message_id }, label: label(message, pane, own),
  });
  if (group && !own) node.append(close ? el("span", { class: "no-face" }) : avatar(fullName(message.from), message.from.id, message.from.is_bot ? "bot" : "person"));
  const column = el("div", { class: "column" }, el("div", { class: `bubble ${message.sticker ? "bare" : ""}` }, head(message, pane, own, group && !close), content(message, pane), more(message, pane)));
  const buttons = inlineButtons(message, pane);
  if (buttons) column.append(buttons);
  const reactions = reactionRow(message, pane);
  if (reactions) column.append(reactions);
  node.append(column);
  return node;
}

function label(message, pane, own) {
  const who = own ? pane.t("you") : message.from.is_bot ? pane.view.bot_name : fullName(message.from);
  return `${who}, ${timeOf(message.date, pane.language)}${message.edit_date ? `, ${pane.t("edited")}` : ""}`;
}

function head(message, pane, own, named) {
  const parts = [];
  const name = message.from.is_bot ? pane.view.bot_name : fullName(message.from);
  if (named && !own) parts.push(el("div", { class: "sender", data: { colour: Math.abs(message.from.id) % 7 } }, name));
  const origin = message.forward_origin;
  if (origin) parts.push(el("div", { class: "origin" }, icon("forward"), pane.t("forwarded", { name: fullName(origin.sender_user ?? { first_name: origin.sender_user_name ?? "?" }) })));
  if (message.via_bot) parts.push(el("div", { class: "origin" }, pane.t("via", { name: message.via_bot.username })));
  const quoted = message.reply_to_message;
  if (quoted && !quoted.forum_topic_created) parts.push(quote(message, quoted, pane));
  return parts;
}

function quote(message, quoted, pane) {
  const name = quoted.from.id === pane.person ? pane.t("you") : quoted.from.is_bot ? pane.view.bot_name : fullName(quoted.from);
  return el("button", { type: "button", class: "quote", tabindex: "-1", on: { click: () => pane.log.reveal(quoted.message_id) } },
    el("b", {}, name), el("span", {}, message.quote?.text ?? summary(quoted, pane.t)));
}

function content(message, pane) {
  const context = { t: pane.t, command: (text) => pane.composer.perform("send", { text }), link: (url) => pane.link(url) };
  const parts = [];
  if (message.photo) parts.push(photo(message, pane));
  if (message.document) parts.push(documentRow(message.document, pane));
  if (message.sticker) parts.push(el("div", { class: "sticker", role: "img", label: `${pane.t("sticker")} ${message.sticker.emoji ?? ""}` }, message.sticker.emoji ?? "🙂"));
  if (message.voice) parts.push(voice(message.voice, pane));
  if (message.contact) parts.push(el("div", { class: "file" }, el("span", { class: "file-icon" }, icon("user")), el("span", {}, el("b", {}, fullName(message.contact)), el("small", {}, `+${message.contact.phone_number}`))));
  const text = message.text ?? message.caption;
  if (text) parts.push(el("div", { class: "text" }, formatted(text, message.entities ?? message.caption_entities, context)));
  if (message.show_caption_above_media) parts.reverse();
  const last = parts.at(-1);
  if (text && !message.show_caption_above_media) last.append(meta(message, pane));
  else parts.push(meta(message, pane));
  return parts;
}

function photo(message, pane) {
  const size = message.photo.at(-1);
  const image = el("img", { src: fileAddress(size.file_id), alt: message.caption ?? pane.t("photo"), width: size.width, height: size.height, loading: "lazy", draggable: message.has_protected_content ? "false" : null });
  const node = el("button", { type: "button", class: "photo", label: `${pane.t("open_photo")}${message.caption ? `: ${message.caption}` : ""}`, on: { click: () => showPhoto(pane, message) } }, image);
  const width = Math.min(WIDEST, size.width, (HIGHEST * size.width) / size.height);
  node.style.width = `${Math.max(width, 120)}px`;
  if (message.has_media_spoiler) node.classList.add("veiled");
  return node;
}

function documentRow(file, pane) {
  const words = el("span", {}, el("b", {}, file.file_name), el("small", {}, sizeOf(file.file_size, pane.language)));
  return el("a", { class: "file", href: fileAddress(file.file_id, true), download: file.file_name, label: pane.t("download", { name: file.file_name }) }, el("span", { class: "file-icon" }, icon("file")), words);
}

function voice(file, pane) {
  const bars = el("span", { class: "wave", "aria-hidden": "true" }, Array.from({ length: 24 }, (_, index) => el("i", { data: { height: (index * 7) % 5 } })));
  return el("div", { class: "file voice" }, el("span", { class: "file-icon" }, icon("play")), el("span", {}, bars, el("small", {}, `${pane.t("voice")}, 0:0${file.duration} · ${pane.t("voice_note")}`)));
}

function meta(message, pane) {
  const parts = [];
  if (message.has_protected_content) parts.push(el("span", { class: "lock", title: pane.t("protected_long") }, icon("lock"), pane.t("protected")));
  if (message.edit_date) parts.push(el("span", {}, pane.t("edited")));
  parts.push(el("time", { datetime: new Date(message.date * 1000).toISOString() }, timeOf(message.date, pane.language)));
  if (message.from.id === pane.person) parts.push(el("span", { class: "ticks" }, icon("check")));
  return el("div", { class: "meta" }, parts);
}

function more(message, pane) {
  const open = (event) => { const box = event.currentTarget.getBoundingClientRect(); messageMenu(pane, message, { x: box.left, y: box.bottom }); };
  return el("button", { type: "button", class: "more", tabindex: "-1", label: pane.t("message_menu"), title: pane.t("message_menu"), on: { click: open } }, icon("down"));
}

function reactionRow(message, pane) {
  const counts = new Map();
  Object.entries(message._reactions ?? {}).forEach(([who, list]) => list.forEach((emoji) => counts.set(emoji, [...(counts.get(emoji) ?? []), Number(who)])));
  if (!counts.size) return null;
  const toggle = (emoji, mine) => act("react", { person: pane.person, chat: pane.chat, message: message.message_id, emoji: mine ? "" : emoji });
  return el("div", { class: "reactions", role: "group", label: pane.t("reactions") }, [...counts].map(([emoji, who]) => {
    const mine = who.includes(pane.person);
    return el("button", { type: "button", class: mine ? "mine" : "", "aria-pressed": String(mine), on: { click: () => toggle(emoji, mine) } }, emoji, " ", el("span", {}, String(who.length)));
  }));
}
