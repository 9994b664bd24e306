// Puts the page together and keeps it alive.

import { changed, desk, onChange, personOf, placeOf, refresh, refreshSoon, splitShown, words } from "./desk.js";
import { el, icon } from "./dom.js";
import { answered } from "./buttons.js";
import { Pane } from "./pane.js";
import { follow } from "./server.js";
import { drawSidebar } from "./sidebar.js";

const FIRST_PRIVATE = 0; // in a person's list of chats the private one comes first

const roomy = () => matchMedia("(min-width: 701px)").matches;

function panesNeeded() {
  const count = splitShown() ? 2 : 1;
  const main = document.getElementById("panes");
  while (desk.panes.length < count) desk.panes.push(new Pane(main));
  while (desk.panes.length > count) desk.panes.pop().close();
  main.classList.toggle("split", count === 2);
}

export async function open(personId, chatId, { topic = null, start = null, focus = true } = {}) {
  desk.person = personId;
  const pane = desk.panes[placeOf(personId)];
  document.body.dataset.view = "chat";
  await pane.show(personId, chatId, { topic, start });
  changed();
  remember(pane);
  if (focus) pane.focus();
}

/** Choosing a person shows the chats; on a wide screen the first of them at once. */
export function choose(personId) {
  desk.person = personId;
  const pane = desk.panes[placeOf(personId)];
  if (roomy() && pane.person !== personId) {
    const person = personOf(personId);
    const preferred = person.role === "staff" ? person.chats.find((chat) => chat.is_forum) : person.chats[FIRST_PRIVATE];
    open(personId, (preferred ?? person.chats[FIRST_PRIVATE]).id, { focus: false });
  }
  changed();
}

export function remember(pane) {
  const query = new URLSearchParams({ person: pane.person, chat: pane.chat });
  if (pane.topic !== null) query.set("topic", pane.topic);
  history.replaceState(null, "", `?${query}`);
}

export function toggleSplit() {
  desk.split = !desk.split;
  localStorage.setItem("split", desk.split ? "yes" : "no");
  arrange();
}

async function arrange() {
  const shown = desk.panes.map((pane) => pane.place()).filter((place) => place.person);
  panesNeeded();
  if (splitShown()) {
    const staff = desk.home.people.find((person) => person.role === "staff");
    const member = desk.home.people.find((person) => person.role === "member");
    const fits = (role) => shown.find((place) => personOf(place.person).role === role);
    const left = fits("member") ?? { person: member.id, chat: member.chats[0].id, topic: null };
    const right = fits("staff") ?? { person: staff.id, chat: (staff.chats.find((chat) => chat.is_forum) ?? staff.chats[0]).id, topic: null };
    await Promise.all([left, right].map((place, index) => desk.panes[index].show(place.person, place.chat, { topic: place.topic })));
  }
  changed();
}

function onEvent(event) {
  desk.panes.forEach((pane) => pane.event(event));
  if (event.kind === "answer") answered(event);
  if (["message", "deleted", "chats", "read", "topics"].includes(event.kind)) refreshSoon();
}

async function again() {
  await refresh();
  await Promise.all(desk.panes.map((pane) => pane.reload()));
}

function drawFrame() {
  const t = words();
  document.documentElement.lang = personOf(desk.person)?.language_code ?? "de";
  document.getElementById("skip").textContent = t("skip");
  const notice = document.getElementById("notice");
  notice.replaceChildren(icon("shield"), el("span", {}, t(desk.offline ? "offline" : "notice")));
  notice.classList.toggle("offline", desk.offline);
}

function setOffline(offline) {
  if (desk.offline === offline) return;
  desk.offline = offline;
  drawFrame();
}

let wasWide = desk.wide;
function onDesk() {
  if (wasWide !== desk.wide) { wasWide = desk.wide; arrange(); }
  drawFrame();
  desk.panes.forEach((pane) => pane.drawAround());
  drawSidebar({ open, choose, toggleSplit });
}

async function begin() {
  const asked = new URLSearchParams(location.search);
  await refresh();
  const { cursor } = desk.home;
  const person = personOf(Number(asked.get("person"))) ?? desk.home.people[0];
  desk.person = person.id;
  panesNeeded();
  onChange(onDesk);
  await arrange();
  const chat = Number(asked.get("chat")) || person.id;
  const topic = asked.has("topic") ? Number(asked.get("topic")) : null;
  if (asked.has("start")) await open(person.id, person.id, { start: asked.get("start") });
  else if (asked.has("person")) await open(person.id, chat, { topic, focus: roomy() });
  else if (!splitShown() && roomy()) await open(person.id, chat, { focus: false });
  changed();
  follow(cursor, { event: onEvent, reset: again, online: () => setOffline(false), offline: () => setOffline(true) });
  document.body.dataset.ready = "yes";
}

begin();
