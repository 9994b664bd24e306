// Talking to the messenger: acts of people, views, and the stream of what changes.

const OWN = { "X-Messenger": "page" };

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(String(body.description ?? response.status).replace(/^[^:]*: /, ""));
  return body;
}

export async function act(name, body) {
  const headers = { ...OWN, "Content-Type": "application/json" };
  return (await answer(await fetch(`/page/act/${name}`, { method: "POST", headers, body: JSON.stringify(body) }))).result;
}

export async function upload(query, file) {
  const headers = { ...OWN, "Content-Type": "application/octet-stream" };
  return (await answer(await fetch(`/page/upload?${new URLSearchParams(query)}`, { method: "POST", headers, body: file }))).result;
}

export async function getHome() {
  return answer(await fetch("/page/home"));
}

export async function getChat(person, chat, thread, before = 0) {
  const query = new URLSearchParams({ person, chat });
  if (thread !== null) query.set("thread", thread);
  if (before) query.set("before", before);
  return answer(await fetch(`/page/chat?${query}`));
}

export function fileAddress(id, download = false) {
  return `/page/files/${encodeURIComponent(id)}${download ? "?download=1" : ""}`;
}

/** Follows what changes; the browser reconnects by itself and names the last event it saw. */
export function follow(cursor, { event, reset, online, offline }) {
  const source = new EventSource(`/page/events?after=${encodeURIComponent(cursor)}`);
  source.addEventListener("message", (message) => event(JSON.parse(message.data)));
  source.addEventListener("ready", online);
  source.addEventListener("reset", () => { online(); reset(); });
  source.addEventListener("error", () => {
    offline();
    if (source.readyState === EventSource.CLOSED) setTimeout(() => follow("", { event, reset, online, offline }), 2000);
  });
  return source;
}
