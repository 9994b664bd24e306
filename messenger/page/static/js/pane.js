// One conversation: head, messages or topics, composer.

import { chatName, chatOf, desk, personOf } from "./desk.js";
import { avatar, el, fullName, icon, iconButton, keepFocus } from "./dom.js";
import { Composer } from "./composer.js";
import { drawHandouts } from "./handouts.js";
import { Log } from "./log.js";
import { chatMenu } from "./chatmenu.js";
import { openLink } from "./links.js";
import { below } from "./overlay.js";
import { act, getChat } from "./server.js";
import { say, summary } from "./texts.js";
import { topicList } from "./topics.js";

const ACTION_FOR = 5000; // milliseconds; bots/api#sendchataction

export class Pane {
  constructor(parent) {
    Object.assign(this, { person: 0, chat: 0, topic: null, start: null, view: null, held: null, action: "", turn: 0 });
    this.node = el("section", { class: "pane" });
    this.head = el("header", { class: "head" });
    this.handouts = el("div", { class: "handouts" });
    this.pinned = el("div", { class: "pinned" });
    this.body = el("div", { class: "body" });
    this.log = new Log(this);
    this.composer = new Composer(this);
    this.node.append(this.head, this.handouts, this.pinned, this.body, this.composer.node);
    parent.append(this.node);
    this.node.addEventListener("focusin", () => this.read());
  }

  close() { this.node.remove(); }

  place() { return { person: this.person, chat: this.chat, topic: this.topic }; }

  get owner() { return personOf(this.person); }

  get language() { return this.owner?.language_code ?? "de"; }

  get t() { return say(this.language); }

  get forum() { return Boolean(this.view?.chat.is_forum); }

  get listing() { return this.forum && this.topic === null; }

  async show(person, chat, { topic = null, start = null } = {}) {
    const same = this.person === person && this.chat === chat && this.topic === topic;
    Object.assign(this, { person, chat, topic, start, action: "" });
    this.node.lang = this.language;
    this.node.dataset.role = this.owner.role;
    if (!same) this.composer.clear();
    await this.reload();
  }

  async reload() {
    if (!this.person) return;
    const turn = ++this.turn;
    this.held = []; // what happens while the view is on its way comes after it
    const view = await getChat(this.person, this.chat, this.topic).catch((error) => {
      if (turn === this.turn) this.held = null;
      throw error;
    });
    if (turn !== this.turn) return;
    this.view = view;
    this.draw();
    this.log.fill(view.messages, view.more);
    this.composer.draw();
    const held = this.held;
    this.held = null;
    held.forEach((event) => this.event(event));
    this.read();
  }

  /** Only what surrounds the messages. */
  async refreshFrame() {
    const turn = this.turn;
    const view = await getChat(this.person, this.chat, this.topic);
    if (turn !== this.turn) return;
    this.view = view;
    this.draw();
  }

  draw() {
    const gone = this.topic && !this.view.topics?.some((topic) => topic.thread === this.topic);
    if (gone) { this.show(this.person, this.chat); return; }
    this.drawAround();
    this.drawPinned();
    const wanted = this.listing ? topicList(this) : this.log.node;
    if (this.body.firstChild === wanted) return;
    keepFocus(this.body, () => this.body.replaceChildren(wanted, ...(this.listing ? [] : [this.log.toEnd])));
  }

  /** Head and composer, which depend on the person and the chat. */
  drawAround() {
    if (!this.view) return;
    keepFocus(this.head, () => this.drawHead());
    drawHandouts(this, this.handouts);
    keepFocus(this.composer.node, () => this.composer.draw());
  }

  get currentTopic() { return this.view?.topics?.find((topic) => topic.thread === this.topic); }

  title() {
    const topic = this.currentTopic;
    if (topic) return topic.thread ? topic.name : this.t("general");
    return this.view.chat.type === "private" ? this.view.bot_name : this.view.chat.title;
  }

  drawHead() {
    const t = this.t;
    const chat = chatOf(this.person, this.chat);
    const isBot = this.view.chat.type === "private";
    const back = iconButton("back", t("back"), () => this.back(), { class: this.topic === null ? "back only-phone" : "back" });
    const face = avatar(this.title(), this.chat, isBot ? "bot" : this.topic === null ? "group" : "topic", this.currentTopic?.icon);
    const kind = this.action || (isBot ? t("bot") : this.topic !== null ? this.view.chat.title : t("group_members", { count: chat?.members ?? 0 }));
    const who = el("span", { class: "as" }, t("as", { name: fullName(this.owner) }));
    const title = el("h2", {}, el("span", {}, this.title()), this.currentTopic?.closed ? icon("lock") : null);
    const subtitle = el("p", { class: this.action ? "active" : "" }, who, " · ", kind);
    const more = iconButton("more", t("menu"), () => chatMenu(this, below(more)), { "aria-haspopup": "menu" });
    this.node.setAttribute("aria-label", `${t("conversation")}: ${this.title()}, ${fullName(this.owner)}`);
    this.head.replaceChildren(back, face, el("div", { class: "titles" }, title, subtitle), more);
  }

  drawPinned() {
    const pinned = this.view.pinned;
    const shown = pinned && !this.listing && (this.topic === null || (pinned.message_thread_id ?? 0) === this.topic);
    this.pinned.replaceChildren(...(shown ? [el("button", { type: "button", on: { click: () => this.log.reveal(pinned.message_id) } },
      icon("pin"), el("span", {}, el("b", {}, this.t("pinned")), el("span", {}, summary(pinned, this.t))))] : []));
  }

  back() {
    if (this.topic !== null) this.show(this.person, this.chat).then(() => this.focus());
    else { document.body.dataset.view = "list"; document.querySelector(".chat[aria-current]")?.focus(); }
  }

  focus() {
    if (this.listing) this.body.querySelector("button")?.focus();
    else if (matchMedia("(min-width: 701px)").matches || this.composer.waiting) this.composer.focus();
    else this.log.node.focus({ preventScroll: true });
  }

  event(event) {
    if (event.kind === "chats") { this.refreshFrameIfShown(); return; }
    if (event.chat !== this.chat) return;
    if (this.held) { this.held.push(event); return; }
    if (!this.view) return;
    if (event.kind === "message") this.onMessage(event.message);
    else if (event.kind === "deleted") this.log.remove(event.messages);
    else if (event.kind === "action") this.onAction(event);
    else if (["keyboard", "topics", "read"].includes(event.kind)) this.refreshFrameIfShown();
  }

  refreshFrameIfShown() {
    if (this.person) this.refreshFrame().catch(() => this.reload());
  }

  onMessage(message) {
    const thread = message.message_thread_id ?? 0;
    if (this.listing) { this.refreshFrame(); return; }
    if (this.topic !== null && thread !== this.topic) return;
    if (message.from.is_bot) this.setAction("");
    const fresh = this.log.put(message);
    if (fresh) this.composer.draw();
    this.read();
  }

  onAction({ action, thread }) {
    if (this.topic !== null && thread !== this.topic) return;
    this.setAction(this.t(action === "typing" ? "typing" : "uploading"));
    clearTimeout(this.actionTimer);
    this.actionTimer = setTimeout(() => this.setAction(""), ACTION_FOR);
  }

  setAction(words) {
    if (this.action === words) return;
    this.action = words;
    this.log.typing(words);
    keepFocus(this.head, () => this.drawHead());
  }

  read() {
    const newest = this.log.newest();
    const seen = document.visibilityState === "visible" && !this.listing && newest > (this.seen?.[this.key()] ?? 0);
    const shown = this.node.offsetParent !== null;
    if (!seen || !shown || !this.person) return;
    this.seen = { ...this.seen, [this.key()]: newest };
    act("read", { person: this.person, chat: this.chat, thread: this.topic ?? 0, message: newest }).catch(() => {});
  }

  key() { return `${this.person}:${this.chat}:${this.topic}`; }

  link(url) { openLink(this, url); }

  name() { return chatName(chatOf(this.person, this.chat)); }
}

document.addEventListener("visibilitychange", () => desk.panes.forEach((pane) => pane.read()));
