// Every sentence of the page, in the language of the person who reads it.

const response = await fetch("/static/texts.json");
const TEXTS = await response.json();

/** say("de")("reply_to", {name}) */
export function say(language) {
  const own = TEXTS[language] ?? TEXTS.en;
  return (key, values = {}) => (own[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

export function timeOf(seconds, language) {
  return new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

export function dayOf(seconds, language) {
  const day = new Date(seconds * 1000);
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(day).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return say(language)("today");
  if (days === 1) return say(language)("yesterday");
  return day.toLocaleDateString(language, { day: "numeric", month: "long", year: days > 300 ? "numeric" : undefined });
}

export function sizeOf(bytes, language) {
  const [value, unit] = bytes < 1024 ? [bytes, "B"] : bytes < 1048576 ? [bytes / 1024, "KB"] : [bytes / 1048576, "MB"];
  return `${value.toLocaleString(language, { maximumFractionDigits: unit === "MB" ? 1 : 0 })} ${unit}`;
}

/** One line that stands for a message in lists and quotes. */
export function summary(message, t) {
  if (!message) return t("no_messages");
  const kind = ["photo", "document", "sticker", "voice", "contact"].find((name) => message[name]);
  const words = message.text ?? message.caption ?? "";
  if (kind === "sticker") return `${message.sticker.emoji ?? ""} ${t("sticker")}`.trim();
  if (kind) return words ? `${t(kind)}: ${words}` : message.document?.file_name ?? t(kind);
  return words || serviceText(message, t) || t("deleted_reply");
}

export function serviceText(message, t) {
  const name = [message.from.first_name, message.from.last_name].filter(Boolean).join(" ");
  const names = (users) => users.map((user) => user.first_name).join(", ");
  if (message.forum_topic_created) return t("service_created", { name, topic: message.forum_topic_created.name });
  if (message.forum_topic_edited) return message.forum_topic_edited.name ? t("service_edited", { name, topic: message.forum_topic_edited.name }) : t("service_icon", { name });
  if (message.forum_topic_closed) return t("service_closed", { name });
  if (message.forum_topic_reopened) return t("service_reopened", { name });
  if (message.pinned_message) return t("service_pinned", { name });
  if (message.new_chat_members) return t("service_joined", { who: names(message.new_chat_members) });
  if (message.left_chat_member) return t("service_left", { who: message.left_chat_member.first_name });
  return "";
}
