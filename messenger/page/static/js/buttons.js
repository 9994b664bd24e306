// Buttons under messages: a tap waits for the bot's answer.

import { el, icon } from "./dom.js";
import { tell, toast } from "./overlay.js";
import { act } from "./server.js";

const PATIENCE = 15000; // milliseconds until the page stops waiting
const waiting = new Map();
const early = new Map(); // answers that came before the tap's own reply

export function inlineButtons(message, pane) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return el("div", { class: "inline-keyboard" }, rows.map((row) => el("div", { class: "inline-row" }, row.map((button) => inlineButton(button, message, pane)))));
}

function inlineButton(button, message, pane) {
  const style = button.style ? `style-${button.style}` : "";
  const node = el("button", { type: "button", class: `inline ${style}` }, el("span", {}, button.text));
  if (button.url) node.append(icon("link"));
  if (button.copy_text) node.append(icon("copy"));
  if ("switch_inline_query" in button || "switch_inline_query_current_chat" in button) node.append(icon("forward"));
  node.addEventListener("click", () => press(button, node, message, pane));
  return node;
}

async function press(button, node, message, pane) {
  if (button.url) pane.link(button.url);
  else if (button.copy_text) { await navigator.clipboard.writeText(button.copy_text.text).catch(() => {}); toast(pane.t("copied")); }
  else if ("switch_inline_query_current_chat" in button) pane.composer.type(`@${botName(pane)} ${button.switch_inline_query_current_chat}`);
  else if ("switch_inline_query" in button) pane.composer.type(`@${botName(pane)} ${button.switch_inline_query}`);
  else if (button.callback_data !== undefined) await tap(button, node, message, pane);
}

function botName(pane) {
  return pane.composer.botUsername();
}

async function tap(button, node, message, pane) {
  if (node.getAttribute("aria-busy") === "true") return;
  node.setAttribute("aria-busy", "true");
  const done = () => node.removeAttribute("aria-busy");
  try {
    const number = await act("tap", { person: pane.person, chat: pane.chat, message: message.message_id, data: button.callback_data });
    const timer = setTimeout(() => { if (waiting.delete(number)) { done(); toast(pane.t("no_answer")); } }, PATIENCE);
    waiting.set(number, { pane, done: () => { clearTimeout(timer); done(); } });
    if (early.has(number)) answered(early.get(number));
  } catch (error) {
    done();
    toast(pane.t("failed", { reason: error.message }));
  }
}

export function answered(event) {
  const wait = waiting.get(event.tap);
  if (!wait) { early.set(event.tap, event); setTimeout(() => early.delete(event.tap), 3000); return; }
  waiting.delete(event.tap);
  early.delete(event.tap);
  wait.done();
  if (event.url) wait.pane.link(event.url);
  if (event.text && event.alert) tell(event.text, wait.pane.t, wait.pane.language, wait.pane.view.bot_name);
  else if (event.text) toast(event.text);
}
