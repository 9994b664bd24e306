// What one can do with a conversation: block the bot, keep topics, seat the bot.

import { chatOf } from "./desk.js";
import { askText, confirm, menu, toast } from "./overlay.js";
import { act } from "./server.js";

export function chatMenu(pane, at) {
  const { t, owner } = pane;
  const chat = chatOf(pane.person, pane.chat);
  const entries = [];
  if (pane.view.commands.length) entries.push({ icon: "slash", text: t("commands"), run: () => pane.composer.type("/") });
  if (pane.chat > 0 && owner.started) {
    entries.push({ icon: "block", text: t(owner.blocked ? "unblock" : "block"), danger: !owner.blocked, run: () => run(pane, "block", { blocked: !owner.blocked }) });
  }
  if (chat.is_forum && chat.leads) entries.push(...topicEntries(pane));
  if (pane.chat < 0 && chat.leads) {
    entries.push({ icon: chat.bot_inside ? "block" : "plus", text: t(chat.bot_inside ? "bot_remove" : "bot_add"), danger: chat.bot_inside, run: () => run(pane, "seat_bot", { inside: !chat.bot_inside }) });
  }
  if (entries.length) menu(entries, at, t("menu"), pane.language);
}

function topicEntries(pane) {
  const { t } = pane;
  const topic = pane.currentTopic;
  const entries = [{ icon: "plus", text: t("topic_new"), run: () => newTopic(pane) }];
  if (topic?.thread) {
    entries.push({ icon: "edit", text: t("topic_rename"), run: () => rename(pane, topic) });
    entries.push({ icon: "lock", text: t(topic.closed ? "topic_reopen" : "topic_close"), run: () => run(pane, "close_topic", { thread: topic.thread, closed: !topic.closed }) });
    entries.push({ icon: "trash", text: t("topic_delete"), danger: true, run: () => removeTopic(pane, topic) });
  }
  return entries;
}

export async function newTopic(pane) {
  const name = await askText(pane.t("topic_new"), pane.t("topic_name"), pane.t("create"), pane.t, pane.language);
  if (!name) return;
  const topic = await run(pane, "create_topic", { name });
  if (topic) { await pane.show(pane.person, pane.chat, { topic }); pane.focus(); }
}

async function rename(pane, topic) {
  const name = await askText(pane.t("topic_rename"), pane.t("topic_name"), pane.t("rename"), pane.t, pane.language, topic.name);
  if (name && name !== topic.name) await run(pane, "rename_topic", { thread: topic.thread, name });
}

async function removeTopic(pane, topic) {
  if (!(await confirm(pane.t("topic_delete_sure"), topic.name, pane.t("topic_delete"), pane.t, pane.language, "danger"))) return;
  await run(pane, "delete_topic", { thread: topic.thread });
  await pane.show(pane.person, pane.chat);
}

async function run(pane, name, body) {
  try {
    return await act(name, { person: pane.person, chat: pane.chat, ...body });
  } catch (error) {
    toast(pane.t("failed", { reason: error.message }));
    return null;
  }
}
