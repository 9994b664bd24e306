// Photos, documents, stickers and voice placeholders.

import { el } from "./dom.js";
import { buttonRow, dialog, menu, plainButton, toast } from "./overlay.js";
import { upload } from "./server.js";

const STICKERS = ["👍", "🙏", "😀", "🩺", "❤️", "🎉", "🤔", "😴"];

export function attachMenu(pane, button) {
  const { t } = pane;
  const box = button.getBoundingClientRect();
  menu([
    { icon: "photo", text: t("attach_photo"), run: () => pick(pane, "photo") },
    { icon: "file", text: t("attach_document"), run: () => pick(pane, "document") },
    { icon: "smile", text: t("attach_sticker"), run: () => sticker(pane) },
    { icon: "mic", text: t("attach_voice"), run: () => pane.composer.perform("voice", {}) },
  ], { x: box.left, y: box.top - 190 }, t("attach"), pane.language);
}

function pick(pane, kind) {
  const input = el("input", { type: "file", accept: kind === "photo" ? "image/png,image/jpeg,image/webp,image/gif" : null, class: "hidden", multiple: true, tabindex: "-1", "aria-hidden": "true" });
  input.addEventListener("change", () => { sendFiles(pane, input.files, kind); input.remove(); });
  input.addEventListener("cancel", () => input.remove());
  document.body.append(input);
  input.click();
}

export async function sendFiles(pane, files, kind) {
  for (const file of files) {
    const asPhoto = kind === "photo" && file.type.startsWith("image/");
    const caption = await ask(pane, file, asPhoto);
    if (caption === null) return;
    const reply = pane.composer.takeReply(); // the first of several files is the reply
    const query = { person: pane.person, chat: pane.chat, thread: pane.topic ?? 0, reply, kind: asPhoto ? "photo" : "document", name: file.name, caption };
    try { await upload(query, file); } catch (error) { toast(pane.t("failed", { reason: error.message })); }
  }
  pane.composer.focus();
}

function ask(pane, file, asPhoto) {
  const { t } = pane;
  return dialog(t(asPhoto ? "photo" : "document"), (close) => {
    const input = el("input", { type: "text", maxlength: "1024", id: "caption", autofocus: true });
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); close(input.value); } });
    const shown = asPhoto ? el("img", { src: URL.createObjectURL(file), alt: file.name }) : el("p", { class: "address" }, file.name);
    return el("div", {}, shown, el("label", { for: "caption" }, t("caption")), input, buttonRow(plainButton(t("cancel"), () => close(null)), plainButton(t("send"), () => close(input.value), "primary")));
  }, pane.language);
}

async function sticker(pane) {
  const emoji = await dialog(pane.t("sticker"), (close) => el("div", { class: "stickers" }, STICKERS.map((one) =>
    el("button", { type: "button", label: one, on: { click: () => close(one) } }, one))), pane.language);
  if (emoji) await pane.composer.perform("sticker", { emoji });
  pane.composer.focus();
}
