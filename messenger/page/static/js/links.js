// Links and pictures: what leads to the bot or to a topic stays here, everything else is asked about first.

import { chatOf, desk } from "./desk.js";
import { el, icon } from "./dom.js";
import { buttonRow, dialog, plainButton } from "./overlay.js";
import { fileAddress } from "./server.js";

/** https://t.me/<bot>?start=PAYLOAD, or tg://resolve?domain=<bot>&start=PAYLOAD; null for other links. */
export function deepLink(url, username) {
  let parsed;
  try { parsed = new URL(url); } catch { return null; }
  const name = parsed.protocol === "tg:" ? parsed.searchParams.get("domain") : ["t.me", "telegram.me"].includes(parsed.hostname) ? parsed.pathname.slice(1) : null;
  if (name?.toLowerCase() !== username.toLowerCase()) return null;
  return parsed.searchParams.get("start") ?? "";
}

/** https://t.me/c/2187654301/214 leads to topic 214 of the group -1002187654301; null for other links. */
function topicLink(url) {
  const found = /^https:\/\/t\.me\/c\/(\d+)\/(\d+)$/.exec(url);
  return found && { chat: Number(`-100${found[1]}`), topic: Number(found[2]) };
}

export async function openLink(pane, url) {
  const place = topicLink(url);
  if (place && chatOf(pane.person, place.chat)) {
    const { remember } = await import("./main.js");
    await pane.show(pane.person, place.chat, { topic: place.topic });
    remember(pane);
    return;
  }
  const payload = deepLink(url, desk.home.bot.username);
  if (payload !== null) {
    const { open } = await import("./main.js");
    await open(pane.person, pane.person, { start: payload });
    return;
  }
  if (/^(mailto|tel):/i.test(url)) { location.href = url; return; }
  await dialog(pane.t("link_title"), (close) => el("div", {}, el("p", { class: "address" }, url), el("p", {}, pane.t("link_note")),
    buttonRow(plainButton(pane.t("cancel"), () => close(false)),
      el("a", { class: "plain primary", href: url, target: "_blank", rel: "noopener noreferrer", on: { click: () => setTimeout(() => close(true)) } }, pane.t("open")))), pane.language);
}

export function showPhoto(pane, message) {
  const size = message.photo.at(-1);
  dialog(message.caption ?? pane.t("photo"), (close) => el("div", { class: message.has_protected_content ? "protected" : "" },
    el("img", { src: fileAddress(size.file_id), alt: message.caption ?? pane.t("photo") }),
    buttonRow(message.has_protected_content ? null : el("a", { class: "plain", href: fileAddress(size.file_id, true), download: "" }, icon("save"), pane.t("save")),
      plainButton(pane.t("close"), () => close(null), "primary"))), pane.language, "wide");
}
