// What came to a person outside the messenger: to look at, and to scan its code as a phone's camera would.

import { desk } from "./desk.js";
import { el, icon, keepFocus } from "./dom.js";

let count = 0;

export function drawHandouts(pane, place) {
  const handouts = pane.view.handouts ?? [];
  const drawn = JSON.stringify([pane.person, handouts]);
  if (place.dataset.drawn === drawn) return;
  place.dataset.drawn = drawn;
  keepFocus(place, () => place.replaceChildren(...handouts.map((handout) => card(pane, handout))));
}

function card(pane, { address, title, note, start }) {
  const { t } = pane;
  const id = `handout-${count += 1}`;
  const open = el("a", { href: address, target: "_blank", rel: "noopener", "aria-describedby": note ? id : undefined },
    t("handout_open", { title }), el("span", { class: "hidden" }, t("new_tab")));
  const words = el("div", { class: "handout-text" }, open, note ? el("p", { id }, note) : null);
  const scan = start === null ? null : el("button", { type: "button", class: "plain", on: { click: () => pane.link(botLink(start)) } }, icon("scan"), t("handout_scan"));
  return el("section", { class: "handout", label: title }, el("span", { class: "handout-face", "aria-hidden": "true" }, icon("letter")), words, scan);
}

/** What a camera reads from the code. */
function botLink(start) {
  return `https://t.me/${desk.home.bot.username}?start=${encodeURIComponent(start)}`;
}
