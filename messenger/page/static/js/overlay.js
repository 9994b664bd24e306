// What lies above the page: short notes, dialogs, menus.

import { el, icon } from "./dom.js";

const TOAST_FOR = 4500; // milliseconds

export function toast(text) {
  const node = el("div", { class: "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.remove(), TOAST_FOR);
}

/** A modal dialog; resolves with the value of the button that closed it, null for Escape. build(close) returns the content. */
export function dialog(title, build, language, extra = "") {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const heading = el("h2", { id: `dialog-${Date.now()}` }, title);
    const node = el("dialog", { class: `dialog ${extra}`, lang: language, "aria-labelledby": heading.id });
    const close = (value) => { node.close(); node.remove(); before?.focus?.(); resolve(value); };
    node.append(heading, build(close));
    node.addEventListener("cancel", (event) => { event.preventDefault(); close(null); });
    node.addEventListener("click", (event) => { if (event.target === node) close(null); });
    document.body.append(node);
    node.showModal();
    (node.querySelector("[autofocus]") ?? node.querySelector("button.primary") ?? node).focus();
  });
}

export function buttonRow(...buttons) {
  return el("div", { class: "row" }, buttons);
}

export function plainButton(text, click, kind = "") {
  return el("button", { type: "button", class: `plain ${kind}`, on: { click } }, text);
}

export function confirm(title, words, yes, t, language, kind = "primary") {
  return dialog(title, (close) => el("div", {}, words ? el("p", {}, words) : null,
    buttonRow(plainButton(t("cancel"), () => close(false)), plainButton(yes, () => close(true), kind))), language);
}

export function tell(words, t, language, title = "") {
  return dialog(title || t("bot"), (close) => el("div", {}, el("p", { class: "said" }, words), buttonRow(plainButton(t("ok"), () => close(true), "primary"))), language);
}

export function askText(title, label, yes, t, language, value = "") {
  return dialog(title, (close) => {
    const input = el("input", { type: "text", maxlength: "128", value, autofocus: true, id: "dialog-input" });
    const done = () => { if (input.value.trim()) close(input.value.trim()); };
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); done(); } });
    return el("div", {}, el("label", { for: "dialog-input" }, label), input, buttonRow(plainButton(t("cancel"), () => close(null)), plainButton(yes, done, "primary")));
  }, language);
}

/** A menu at a place; entries: {icon, text, run, danger} or {row: [...]}. Arrow keys, Home, End, Escape. */
export function menu(entries, at, label, language) {
  const before = document.activeElement;
  document.querySelector(".menu")?.remove();
  const node = el("div", { class: "menu", role: "menu", label, lang: language });
  const close = (restore = true) => {
    node.remove();
    document.removeEventListener("pointerdown", outside, true);
    if (restore) before?.focus?.({ preventScroll: true });
  };
  const outside = (event) => { if (!node.contains(event.target)) close(false); };
  const item = (entry, small = false) => el("button", {
    type: "button", role: "menuitem", tabindex: "-1", class: `${small ? "small" : ""} ${entry.danger ? "danger" : ""}`, label: entry.label,
    on: { click: () => { close(); entry.run(); } },
  }, entry.icon ? icon(entry.icon) : null, el("span", {}, entry.text));
  node.append(...entries.map((entry) => (entry.row ? el("div", { class: "menu-row", role: "none" }, entry.row.map((one) => item(one, true))) : item(entry))));
  node.addEventListener("keydown", (event) => moveInMenu(event, node, close));
  document.body.append(node);
  place(node, at);
  document.addEventListener("pointerdown", outside, true);
  node.querySelector("[role=menuitem]")?.focus();
}

function moveInMenu(event, node, close) {
  const items = [...node.querySelectorAll("[role=menuitem]")];
  const now = items.indexOf(document.activeElement);
  const next = { ArrowDown: now + 1, ArrowRight: now + 1, ArrowUp: now - 1, ArrowLeft: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); event.stopPropagation(); close(); return; }
  if (next === undefined) return;
  event.preventDefault();
  items[(next + items.length) % items.length].focus();
}

function place(node, { x, y }) {
  const { width, height } = node.getBoundingClientRect();
  node.style.left = `${Math.max(8, Math.min(x, innerWidth - width - 8))}px`;
  node.style.top = `${Math.max(8, Math.min(y, innerHeight - height - 8))}px`;
}

export function below(button) {
  const box = button.getBoundingClientRect();
  return { x: box.right - 200, y: box.bottom + 4 };
}
