// What was done is kept first and sent then, in order, each with a key of its own: an answer that got lost is asked for again and
// has no second effect. What the server refuses stays, with its reason, until the technician has decided; whatever else waits
// for the same order waits behind it.
import { all, get, put, remove, waiting } from "./store.js";

const PAUSE_MS = 15_000;
let again;

function bodyOf(item) {
  if (!item.file) return JSON.stringify(item.versioned ? { ...item.body, version: item.version } : item.body);
  const form = new FormData();
  form.append("moment", item.body.moment);
  form.append("file", item.file, "photo.jpg");
  return form;
}

async function post(app, item) {
  const headers = { "x-csrf-token": app.token, "hx-request": "true", "idempotency-key": item.key };
  if (!item.file) headers["content-type"] = "application/json";
  const url = `${app.base}/orders/${item.order}/${item.to}`;
  return fetch(url, { method: "POST", headers, body: bodyOf(item), redirect: "error" });
}

function reasonOf(response, otherwise) {
  try {
    return JSON.parse(response.headers.get("hx-trigger")).toast.text;
  } catch {
    return otherwise;
  }
}

// The next action on that order begins where this one ended; if somebody else has changed it meanwhile, where the phone saw it.
async function follow(app, item, before, after) {
  const next = (await waiting(app.me)).find(({ order, seq, versioned }) => order === item.order && versioned && seq !== item.seq);
  if (!next || next.version !== null || !after) return;
  const ours = item.versioned || after.version <= before.version + (["lines", "signature"].includes(item.to) ? 1 : 0);
  await put("queue", { ...next, version: ours ? after.version : before.version });
}

// Send one; "sent", "refused", "later" (no connection, or a server that cannot now) or "signed-out".
async function send(app, item) {
  let response;
  let answer;
  try {
    response = await post(app, item);
    answer = response.ok ? await response.json() : null;
  } catch {
    return "later";
  }
  if (response.status === 401) return "signed-out";
  if (response.status >= 500 || response.status === 429) return "later";
  if (!response.ok) {
    await put("queue", { ...item, refused: reasonOf(response, app.word("refused")), stale: response.status === 412 });
    return "refused";
  }
  const before = (await get("orders", item.order)) ?? answer.order;
  if (answer.order) await put("orders", { ...answer.order, me: app.me, rank: before.rank, phone: before.phone });
  else await remove("orders", item.order);
  await follow(app, item, before, answer.order);
  await remove("queue", item.seq);
  return "sent";
}

// Send everything there is; only one tab does. `app.changed(state)` hears how it went.
export function flush(app) {
  clearTimeout(again);
  return navigator.locks.request("lodge-mobile-queue", async () => {
    const blocked = new Set();
    for (const { seq } of await waiting(app.me)) {
      const item = await get("queue", seq);
      if (!item || blocked.has(item.order)) continue;
      const outcome = item.refused ? "refused" : await send(app, item);
      if (outcome === "refused") blocked.add(item.order);
      if (outcome === "signed-out") return app.changed("signed-out");
      if (outcome === "later") {
        again = setTimeout(() => flush(app), PAUSE_MS);
        return app.changed("offline");
      }
    }
    return app.changed("online");
  });
}

// Keep something that was done to an order. `versioned`: it names the version that was seen; null where something else goes before it.
export async function enqueue(app, order, to, body, { versioned = false, file = null } = {}) {
  const before = (await waiting(app.me)).some((item) => item.order === order.id);
  const version = versioned && !before ? order.version : null;
  const item = { me: app.me, order: order.id, to, body, versioned, version, file, key: crypto.randomUUID(), at: Date.now() };
  await put("queue", item);
  await waiting(app.me);
}

// What was refused is sent again from how the order stands now, under a new key.
export async function retry(app, seq, version) {
  const { refused, stale, ...item } = await get("queue", seq);
  await put("queue", { ...item, key: crypto.randomUUID(), version: item.versioned ? version : null });
}

export async function discard(seq) {
  const item = await get("queue", seq);
  await remove("queue", seq);
  const next = (await all("queue")).find((other) => other.order === item.order && other.versioned && other.version === null);
  if (next && item.versioned) await put("queue", { ...next, version: item.version });
}
