// What pops up while one types: commands behind "/", the bot's inline results behind "@bot".

import { el } from "./dom.js";
import { act } from "./server.js";

const PAUSE = 250; // milliseconds without a key before the bot is asked
let count = 0;

export class Suggest {
  constructor(composer) {
    count += 1;
    Object.assign(this, { composer, entries: [], chosen: 0, asked: "", timer: 0, id: `suggest-${count}` });
    this.node = el("div", { class: "suggest", hidden: true });
    composer.input.setAttribute("aria-controls", this.id);
  }

  hide() {
    clearTimeout(this.timer);
    this.asked = "";
    this.entries = [];
    this.node.hidden = true;
    this.composer.input.setAttribute("aria-expanded", "false");
    this.composer.input.removeAttribute("aria-activedescendant");
  }

  update(text) {
    const { pane } = this.composer;
    if (this.composer.editing || !pane.view) { this.hide(); return; }
    if (text === this.seen && !this.node.hidden) return;
    this.seen = text;
    const bot = `@${this.composer.botUsername()} `.toLowerCase();
    if (/^\/\w*$/.test(text)) this.commands(text.slice(1).toLowerCase());
    else if (text.toLowerCase().startsWith(bot)) this.inline(text.slice(bot.length));
    else this.hide();
  }

  commands(begin) {
    const { pane } = this.composer;
    const found = pane.view.commands.filter((one) => one.command.startsWith(begin));
    if (!found.length) { this.hide(); return; }
    this.show(pane.t("commands"), found.map((one) => ({ title: `/${one.command}`, text: one.description, run: (reply) => this.composer.perform("send", { text: `/${one.command}`, reply }) })));
  }

  inline(query) {
    if (this.asked === `?${query}`) return;
    this.asked = `?${query}`;
    clearTimeout(this.timer);
    this.message(this.composer.pane.t("inline_wait"));
    this.timer = setTimeout(() => this.ask(query), PAUSE);
  }

  async ask(query) {
    const { pane } = this.composer;
    const answer = await act("inline", { person: pane.person, chat: pane.chat, query }).catch(() => ({ answered: false, results: [] }));
    if (this.asked !== `?${query}`) return;
    if (!answer.results.length) { this.message(pane.t(answer.answered ? "inline_none" : "no_answer")); return; }
    this.show(pane.t("inline_results", { name: this.composer.botUsername() }), answer.results.map((one) => ({
      title: one.title, text: one.description, run: () => this.composer.perform("choose", { query: answer.id, result: one.id }),
    })));
  }

  message(words) {
    this.entries = [];
    this.node.hidden = false;
    this.node.replaceChildren(el("p", { role: "status" }, words));
  }

  show(label, entries) {
    Object.assign(this, { entries, chosen: 0 });
    this.node.hidden = false;
    const items = entries.map((entry, index) => el("li", { role: "option", id: `${this.id}-${index}`, on: { pointerdown: (event) => { event.preventDefault(); this.pick(index); } } },
      el("b", {}, entry.title), el("span", {}, entry.text)));
    this.node.replaceChildren(el("ul", { role: "listbox", id: this.id, label }, items));
    this.composer.input.setAttribute("aria-expanded", "true");
    this.mark();
  }

  mark() {
    this.node.querySelectorAll("[role=option]").forEach((node, index) => {
      node.setAttribute("aria-selected", String(index === this.chosen));
      if (index === this.chosen) node.scrollIntoView({ block: "nearest" });
    });
    this.composer.input.setAttribute("aria-activedescendant", `${this.id}-${this.chosen}`);
  }

  pick(index) {
    const entry = this.entries[index];
    const reply = this.composer.replying?.message_id ?? 0;
    this.composer.clear();
    this.composer.drawBar();
    this.composer.changed();
    entry.run(reply);
    this.composer.input.focus();
  }

  /** True when the key was meant for the list. */
  onKey(event) {
    if (this.node.hidden) return false;
    if (event.key === "Escape") { event.preventDefault(); this.hide(); return true; }
    if (!this.entries.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { this.chosen = (this.chosen + step + this.entries.length) % this.entries.length; this.mark(); }
    else if (event.key === "Tab" && this.entries[0].title.startsWith("/")) { this.composer.type(`${this.entries[this.chosen].title} `); }
    else if (event.key === "Enter" && !event.shiftKey) this.pick(this.chosen);
    else return false;
    event.preventDefault();
    return true;
  }
}
