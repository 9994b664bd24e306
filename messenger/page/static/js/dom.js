// Small helpers to build elements; text is always text, never markup.

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  back: "M15 5l-7 7 7 7",
  more: "M12 5.500h.01M12 12h.01M12 18.500h.01",
  send: "M4 4.500l17 7.500-17 7.500 3-7.500zM7 12h6",
  clip: "M8 12.500l6-6a3 3 0 0 1 4.200 4.200l-7.700 7.700a5 5 0 0 1-7-7l7.200-7.200",
  slash: "M5 5h14v14H5zM13.500 8.500l-3 7",
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  reply: "M10 7L4 12l6 5v-3.500c5 0 8 1.500 10 4.500-.500-5-3.500-8-10-8z",
  edit: "M4 20l4.500-1L19 8.500 15.500 5 5 15.500zM13.500 7l3.500 3.500",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  forward: "M14 7l6 5-6 5v-3.500c-5 0-8 1.500-10 4.500.500-5 3.500-8 10-8z",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.500 11v5M13.500 11v5",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.500 9h.01",
  file: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 10h.01M15 10h.01M8.500 14.500a4.500 4.500 0 0 0 7 0",
  mic: "M12 4a2.500 2.500 0 0 1 2.500 2.500v5a2.500 2.500 0 0 1-5 0v-5A2.500 2.500 0 0 1 12 4M6.500 11.500a5.500 5.500 0 0 0 11 0M12 17v3",
  lock: "M7 11h10v9H7zM9 11V8a3 3 0 0 1 6 0v3",
  block: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M5.700 5.700l12.600 12.600",
  plus: "M12 5v14M5 12h14",
  pin: "M9 4h6l-1 6 3 3H7l3-3zM12 13v7",
  split: "M4 5h16v14H4zM12 5v14",
  single: "M4 5h16v14H4z",
  shield: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4",
  link: "M9 6h9v9M18 6L7 17",
  user: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500",
  save: "M12 4v11M7 10.500l5 5 5-5M5 20h14",
  check: "M5 12.500l4.500 4.500L19 7.500",
  play: "M8 5l11 7-11 7z",
  letter: "M3.500 6h17v12.500h-17zM3.500 7l8.500 6.500L20.500 7",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M8.500 8.500h2.500v2.500H8.500zM13.500 13.500h2v2h-2zM15 8.500h.01M9 15.500h.01",
  hash: "M9 4L7 20M17 4l-2 16M5 9h15M4 15h15",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? "");
  svg.append(path);
  return svg;
}

/** el("button", {class: "x", label: "aria-label", on: {click}}, ...children) */
export function el(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "on") Object.entries(value).forEach(([event, run]) => node.addEventListener(event, run));
    else if (key === "data") Object.assign(node.dataset, value);
    else if (key === "label") node.setAttribute("aria-label", value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function iconButton(name, label, click, options = {}) {
  return el("button", { type: "button", label, title: label, on: { click }, ...options, class: `round ${options.class ?? ""}` }, icon(name));
}

export function fullName(user) {
  return [user.first_name, user.last_name].filter(Boolean).join(" ");
}

export function shortName(user) {
  return [user.first_name.split(" ")[0], user.last_name].filter(Boolean).join(" ");
}

const TITLES = new Set(["Dr.", "Prof.", "Frau", "Herr"]);

export function initials(name) {
  const words = name.split(/[\s–-]+/).filter((word) => word && !TITLES.has(word));
  return words.length > 1 ? words[0][0] + words[1][0] : (words[0] ?? "?").slice(0, 2);
}

/** `emoji`: the icon of a topic that has one. */
export function avatar(name, number, kind = "person", emoji = "") {
  const node = el("span", { class: `avatar ${kind} ${emoji ? "emoji" : ""}`, "aria-hidden": "true", data: { colour: Math.abs(number) % 7 } });
  node.append(emoji || (kind === "bot" ? icon("shield") : kind === "topic" ? icon("hash") : initials(name)));
  return node;
}

export function badge(count, label) {
  if (!count) return null;
  return el("span", { class: "badge" }, el("span", { "aria-hidden": "true" }, count > 99 ? "99+" : String(count)), el("span", { class: "hidden" }, label));
}

/** Draws anew what is in a place; who had the focus on its third button has it there again. */
export function keepFocus(place, draw) {
  const controls = () => [...place.querySelectorAll("button, textarea, a[href]")];
  const index = place.contains(document.activeElement) ? controls().indexOf(document.activeElement) : -1;
  draw();
  if (index >= 0 && !place.contains(document.activeElement)) controls()[Math.min(index, controls().length - 1)]?.focus({ preventScroll: true });
}
