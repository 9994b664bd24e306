// Where one writes; also START, "unblock", and the answers the bot offers to choose from.

import { chatOf, desk } from "./desk.js";
import { attachMenu, sendFiles } from "./attach.js";
import { el, fullName, icon, iconButton } from "./dom.js";
import { confirm, toast } from "./overlay.js";
import { act } from "./server.js";
import { Suggest } from "./suggest.js";
import { editable } from "./messagemenu.js";
import { summary } from "./texts.js";

const TALLEST = 180; // pixels

export class Composer {
  constructor(pane) {
    Object.assign(this, { pane, replying: null, editing: null, asked: 0 });
    this.node = el("footer", { class: "composer" });
    this.bar = el("div", { class: "bar" });
    this.input = el("textarea", { rows: "1", maxlength: "4096", enterkeyhint: "send", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off" });
    this.suggest = new Suggest(this);
    this.keyboard = el("div", { class: "reply-keyboard", role: "group" });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("paste", (event) => { if (event.clipboardData.files.length) { event.preventDefault(); sendFiles(this.pane, event.clipboardData.files, "photo"); } });
  }

  clear() { Object.assign(this, { replying: null, editing: null }); this.input.value = ""; this.suggest.hide(); }

  botUsername() { return desk.home.bot.username; }

  /** Whether a large button stands in place of the input. */
  get waiting() { return Boolean(this.node.querySelector(".big")); }

  focus() { (this.node.querySelector(".big") ?? this.input).focus({ preventScroll: true }); }

  draw() {
    const { pane } = this;
    this.node.hidden = pane.listing || !pane.view;
    if (this.node.hidden) return;
    const big = this.bigButton();
    if (big) { this.suggest.hide(); this.node.replaceChildren(...big); return; }
    if (!this.node.contains(this.input)) this.build();
    this.drawBar();
    this.drawKeyboard();
    this.relabel();
    this.changed();
  }

  /** What stands in place of the input: START, unblock, or why one cannot write. */
  bigButton() {
    const { pane } = this;
    const { t, owner } = pane;
    const note = (words) => el("p", { class: "note" }, words);
    const button = (words, run) => el("button", { type: "button", class: "big", on: { click: run } }, words);
    if (pane.chat > 0 && (!owner.started || pane.start !== null)) {
      return [...(pane.start ? [note(t("start_link"))] : []), button(t("start"), () => this.startBot())];
    }
    if (pane.chat > 0 && owner.blocked) return [note(t("blocked")), button(t("unblock"), () => act("block", { person: pane.person, blocked: false }))];
    if (pane.currentTopic?.closed && !chatOf(pane.person, pane.chat)?.leads) return [note(t("topic_closed_note"))];
    return null;
  }

  async startBot() {
    const { pane } = this;
    const payload = pane.start ?? "";
    pane.start = null;
    try { await act("start", { person: pane.person, payload }); } catch (error) { toast(pane.t("failed", { reason: error.message })); }
    history.replaceState(null, "", `?person=${pane.person}&chat=${pane.chat}`);
    pane.owner.started = true;
    this.draw();
    this.focus();
  }

  build() {
    const { t } = this.pane;
    const attach = iconButton("clip", t("attach"), () => attachMenu(this.pane, attach), { "aria-haspopup": "menu" });
    this.commands = iconButton("slash", t("commands"), () => this.type("/"));
    this.sendButton = iconButton("send", t("send"), () => this.send(), { class: "send" });
    this.node.replaceChildren(this.suggest.node, this.bar, el("div", { class: "line" }, attach, el("div", { class: "field" }, this.input, this.commands), this.sendButton), this.keyboard);
  }

  relabel() {
    const { t } = this.pane;
    const forced = this.offered()?.input_field_placeholder;
    const words = forced ?? t(this.replying ? "write_reply" : "write");
    this.input.placeholder = words;
    this.input.setAttribute("aria-label", `${words}, ${this.pane.title()}`);
    this.commands.hidden = !this.pane.view.commands.length;
    this.commands.setAttribute("aria-label", t("commands"));
    this.commands.title = t("commands");
    this.sendButton.setAttribute("aria-label", t("send"));
  }

  drawBar() {
    const { t } = this.pane;
    const message = this.editing ?? this.replying;
    this.bar.replaceChildren();
    if (!message) return;
    const name = message.from.is_bot ? this.pane.view.bot_name : fullName(message.from);
    const cancel = iconButton("close", t("cancel"), () => this.cancel());
    this.bar.append(icon(this.editing ? "edit" : "reply"), el("div", { class: "bar-text" }, el("b", {}, this.editing ? t("editing") : t("reply_to", { name })), el("span", {}, summary(message, t))), cancel);
  }

  /** The reply keyboard or forced reply that the bot offers now. */
  offered() {
    const keyboard = this.pane.view?.keyboard;
    if (!keyboard) return null;
    const own = this.pane.log.last((message) => message.from.id === this.pane.person)?.message_id ?? 0;
    const used = (keyboard.one_time_keyboard || keyboard.force_reply) && own > keyboard.message_id;
    return used ? null : keyboard;
  }

  drawKeyboard() {
    const offered = this.offered();
    this.keyboard.setAttribute("aria-label", this.pane.t("keyboard"));
    this.keyboard.replaceChildren(...(offered?.keyboard ?? []).map((row) => el("div", { class: "inline-row" }, row.map((button) =>
      el("button", { type: "button", class: "inline", on: { click: () => this.answer(button) } }, button.text)))));
    if (offered?.force_reply && !this.replying && !this.editing) this.replyToAsking(offered);
  }

  replyToAsking(offered) {
    const asked = this.pane.log.messages.get(offered.message_id);
    if (!asked || this.asked === offered.message_id) return;
    this.asked = offered.message_id;
    this.replying = asked;
    this.drawBar();
  }

  async answer(button) {
    const { pane } = this;
    if (button.request_contact) {
      if (await confirm(pane.t("share_contact"), "", pane.t("send"), pane.t, pane.language)) await this.perform("contact", {});
    } else await this.perform("send", { text: button.text });
    this.focus();
  }

  type(text) {
    if (!this.node.contains(this.input)) return;
    this.input.value = text;
    this.input.focus();
    this.changed();
  }

  changed() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST)}px`;
    this.sendButton?.classList.toggle("ready", Boolean(this.input.value.trim()));
    this.suggest.update(this.input.value);
  }

  onKey(event) {
    if (this.suggest.onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); this.send(); }
    else if (event.key === "Escape" && (this.replying || this.editing)) { event.preventDefault(); this.cancel(); }
    else if (event.key === "ArrowUp" && !this.input.value) this.editLast(event);
  }

  editLast(event) {
    const message = this.pane.log.last((one) => editable(one, this.pane));
    if (!message) return;
    event.preventDefault();
    this.edit(message);
  }

  reply(message) {
    Object.assign(this, { replying: message, editing: null });
    this.drawBar();
    this.relabel();
    this.input.focus();
  }

  edit(message) {
    Object.assign(this, { editing: message, replying: null });
    this.drawBar();
    this.type(message.text ?? message.caption ?? "");
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
  }

  cancel() {
    if (this.editing) this.input.value = "";
    Object.assign(this, { replying: null, editing: null });
    this.drawBar();
    this.relabel();
    this.changed();
    this.input.focus();
  }

  /** The message that what is sent now replies to; only what is sent first does. */
  takeReply() {
    const to = this.replying?.message_id ?? 0;
    if (to) this.cancel();
    return to;
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) return;
    const { editing, replying } = this;
    this.clear();
    this.drawBar();
    this.changed();
    const done = editing ? await this.perform("edit", { message: editing.message_id, text }) : await this.perform("send", { text, reply: replying?.message_id ?? 0 });
    if (!done) this.type(text);
    this.relabel();
    this.input.focus();
  }

  /** Does something in this conversation; false, with a note, when it is refused. */
  async perform(name, body) {
    const { pane } = this;
    try {
      await act(name, { person: pane.person, chat: pane.chat, thread: pane.topic ?? 0, ...body });
      return true;
    } catch (error) {
      toast(pane.t("failed", { reason: error.message }));
      return false;
    }
  }
}
