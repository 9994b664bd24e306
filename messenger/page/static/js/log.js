// The messages of a conversation, oldest first; it can be walked with the arrow keys.

import { bubble } from "./bubble.js";
import { el, iconButton } from "./dom.js";
import { messageMenu } from "./messagemenu.js";
import { getChat } from "./server.js";
import { dayOf } from "./texts.js";
import { welcome } from "./welcome.js";

const TOGETHER = 300; // seconds within which messages of one person stand close
const NEAR_END = 120; // pixels from the end within which new messages are followed

export class Log {
  constructor(pane) {
    this.pane = pane;
    this.messages = new Map();
    this.more = false;
    this.node = el("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" });
    this.toEnd = iconButton("down", "", () => this.scrollToEnd(true), { class: "to-end" });
    this.node.addEventListener("scroll", () => this.onScroll(), { passive: true });
    this.node.addEventListener("keydown", (event) => this.onKey(event));
    this.node.addEventListener("contextmenu", (event) => this.onContext(event));
    this.node.addEventListener("copy", (event) => { if (event.target.closest?.(".protected")) event.preventDefault(); });
    new ResizeObserver(() => { if (this.following) this.scrollToEnd(); }).observe(this.node);
    this.following = true;
  }

  fill(messages, more) {
    this.node.setAttribute("aria-live", "off");
    this.messages = new Map(messages.map((message) => [message.message_id, message]));
    this.more = more;
    this.draw();
    this.scrollToEnd();
    requestAnimationFrame(() => this.node.setAttribute("aria-live", "polite"));
  }

  newest() { return Math.max(0, ...this.messages.keys()); }

  last(test) { return [...this.messages.values()].reverse().find(test); }

  draw() {
    const { pane } = this;
    this.node.setAttribute("aria-label", `${pane.t("messages")}: ${pane.title()}`);
    this.toEnd.setAttribute("aria-label", pane.t("to_end"));
    const parts = [];
    if (this.more) parts.push(el("button", { type: "button", class: "older", on: { click: () => this.older() } }, pane.t("older")));
    if (!this.messages.size) parts.push(welcome(pane));
    let before = null;
    for (const message of this.messages.values()) {
      parts.push(...this.parts(message, before));
      before = message;
    }
    this.node.replaceChildren(...parts);
  }

  parts(message, before) {
    const day = dayOf(message.date, this.pane.language);
    const newDay = !before || dayOf(before.date, this.pane.language) !== day;
    const close = !newDay && before?.from.id === message.from.id && message.date - before.date < TOGETHER && !before.forum_topic_created;
    const node = bubble(message, this.pane, close);
    return newDay ? [el("div", { class: "day" }, el("span", {}, day)), node] : [node];
  }

  /** A new or changed message; true when it is new. */
  put(message) {
    const old = this.find(message.message_id);
    const known = this.messages.has(message.message_id);
    const values = [...this.messages.values()];
    const before = known ? values[values.findIndex((one) => one.message_id === message.message_id) - 1] : values.at(-1);
    this.messages.set(message.message_id, message);
    if (old) {
      const focus = old.contains(document.activeElement);
      const [node] = this.parts(message, before).slice(-1);
      old.replaceWith(node);
      if (focus) node.focus({ preventScroll: true });
    } else {
      if (!before) this.node.replaceChildren();
      const parts = this.parts(message, before);
      parts.at(-1).classList.add("new");
      this.node.append(...parts);
    }
    if (this.following || message.from.id === this.pane.person) this.scrollToEnd();
    else if (!known) this.toEnd.classList.add("news");
    return !known;
  }

  remove(numbers) {
    let touched = false;
    for (const number of numbers) touched = this.messages.delete(number) || touched;
    if (!touched) return;
    const inside = this.node.contains(document.activeElement);
    this.draw();
    if (inside) this.node.focus({ preventScroll: true });
  }

  find(number) { return this.node.querySelector(`[data-message="${number}"]`); }

  reveal(number) {
    const node = this.find(number);
    if (!node) return;
    node.scrollIntoView({ block: "center" });
    node.focus({ preventScroll: true });
    node.classList.add("flash");
    setTimeout(() => node.classList.remove("flash"), 1600);
  }

  async older() {
    const first = Math.min(...this.messages.keys());
    const { person, chat, topic } = this.pane;
    const view = await getChat(person, chat, topic, first);
    const height = this.node.scrollHeight;
    this.messages = new Map([...view.messages.map((message) => [message.message_id, message]), ...this.messages]);
    this.more = view.more;
    this.draw();
    this.node.scrollTop += this.node.scrollHeight - height;
    this.find(first)?.focus({ preventScroll: true });
  }

  typing(words) {
    this.node.querySelector(".typing")?.remove();
    if (!words) return;
    const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    this.node.append(el("div", { class: "typing" }, dots, el("span", { class: "hidden" }, words)));
    if (this.following) this.scrollToEnd();
  }

  onScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.node;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR_END;
    this.toEnd.classList.toggle("shown", !this.following);
    if (this.following) this.toEnd.classList.remove("news");
  }

  scrollToEnd(smooth = false) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.following = true;
    this.node.scrollTo({ top: this.node.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  }

  onKey(event) {
    const nodes = [...this.node.querySelectorAll("[data-message]")];
    const now = nodes.indexOf(event.target.closest("[data-message]"));
    const inButton = event.target.matches("button, a, [role=button]");
    const next = { ArrowUp: now < 0 ? nodes.length - 1 : Math.max(0, now - 1), ArrowDown: now < 0 ? nodes.length - 1 : Math.min(nodes.length - 1, now + 1), Home: 0, End: nodes.length - 1 }[event.key];
    if (next !== undefined && nodes.length) {
      event.preventDefault();
      nodes[next].focus();
      nodes[next].scrollIntoView({ block: "nearest" });
    } else if (event.key === "Escape") {
      this.pane.composer.focus();
    } else if (event.key === "Enter" && now >= 0 && !inButton) {
      event.preventDefault();
      this.openMenu(nodes[now]);
    }
  }

  onContext(event) {
    const node = event.target.closest("[data-message]");
    if (!node || getSelection()?.toString()) return;
    event.preventDefault();
    const box = node.getBoundingClientRect();
    messageMenu(this.pane, this.messages.get(Number(node.dataset.message)), event.clientX ? { x: event.clientX, y: event.clientY } : { x: box.left + 20, y: box.top + 20 });
  }

  openMenu(node) {
    const box = (node.querySelector(".bubble") ?? node).getBoundingClientRect();
    messageMenu(this.pane, this.messages.get(Number(node.dataset.message)), { x: box.left + 12, y: box.bottom - 12 });
  }
}
