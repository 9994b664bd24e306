// Text with entities (offsets in UTF-16 units, as JavaScript counts) into elements.

import { el } from "./dom.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote" };
const BLOCKS = new Set(["blockquote", "expandable_blockquote", "pre"]); // they stand on lines of their own
const COLLAPSED_FROM = 160; // characters from which an expandable quote is worth folding

/** context: {t, command(text), link(url), mention(name)} */
export function formatted(text, entities, context) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(text, 0, text.length, sorted, context);
}

function build(text, from, to, entities, context) {
  const fragment = document.createDocumentFragment();
  let at = from;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at || end <= entity.offset) continue;
    const before = text.slice(at, entity.offset);
    fragment.append(BLOCKS.has(entity.type) ? before.replace(/\n$/, "") : before);
    const inner = entities.slice(index + 1).filter((one) => one.offset < end);
    fragment.append(wrap(entity, text.slice(entity.offset, end), build(text, entity.offset, end, inner, context), context));
    at = BLOCKS.has(entity.type) && text[end] === "\n" ? end + 1 : end;
  }
  fragment.append(text.slice(at, to));
  return fragment;
}

function wrap(entity, words, inner, context) {
  if (TAGS[entity.type]) return el(TAGS[entity.type], { "data-language": entity.language }, inner);
  switch (entity.type) {
    case "spoiler": return spoiler(inner, context);
    case "expandable_blockquote": return expandable(words, inner, context);
    case "text_link": return link(entity.url, inner, context);
    case "url": return link(/^[a-z]+:/i.test(words) ? words : `https://${words}`, inner, context);
    case "email": return link(`mailto:${words}`, inner, context);
    case "bot_command": return el("button", { type: "button", class: "wordlink", on: { click: () => context.command(words) } }, inner);
    case "mention": return el("span", { class: "mention" }, inner);
    case "date_time": return el("time", { datetime: new Date(entity.unix_time * 1000).toISOString() }, inner);
    default: return inner;
  }
}

function link(url, inner, context) {
  if (!/^(https?|tg|mailto|tel):/i.test(url)) return el("span", {}, inner);
  const open = (event) => { event.preventDefault(); context.link(url); };
  return el("a", { href: url, rel: "noopener noreferrer", target: "_blank", on: { click: open } }, inner);
}

function spoiler(inner, context) {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", label: context.t("spoiler") }, el("span", { "aria-hidden": "true" }, inner));
  const reveal = (event) => {
    if (node.classList.contains("shown") || (event.type === "keydown" && !["Enter", " "].includes(event.key))) return;
    event.preventDefault();
    event.stopPropagation();
    node.classList.add("shown");
    ["role", "tabindex", "aria-label"].forEach((name) => node.removeAttribute(name));
    node.firstElementChild.removeAttribute("aria-hidden");
  };
  node.addEventListener("click", reveal);
  node.addEventListener("keydown", reveal);
  return node;
}

function expandable(words, inner, context) {
  const quote = el("blockquote", { class: "expandable" }, el("div", { class: "folded" }, inner));
  if (words.length < COLLAPSED_FROM && words.split("\n").length <= 3) return quote;
  const toggle = el("button", { type: "button", class: "unfold", "aria-expanded": "false" }, context.t("show_more"));
  toggle.addEventListener("click", (event) => {
    event.stopPropagation();
    const open = quote.classList.toggle("open");
    toggle.setAttribute("aria-expanded", String(open));
    toggle.textContent = context.t(open ? "show_less" : "show_more");
  });
  quote.classList.add("long");
  quote.append(toggle);
  return quote;
}
