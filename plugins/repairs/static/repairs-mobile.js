// A technician's own orders on a phone (REP-3). Everything is shown from what the phone keeps; the network brings it up to date. What is done
// is kept, shown and counted first, and sent when there is a connection.
import { smaller } from "./mobile/photo.js";
import { discard, enqueue, flush, retry } from "./mobile/queue.js";
import { copy, fill, fitting, foreseen, list, moment, row, sum, yuan } from "./mobile/show.js";
import { all, forgetAll, forgetOthers, get, put, remove, waiting } from "./mobile/store.js";

const AGE_MS = 24 * 3600 * 1000; // what was seen longer ago is not shown without a connection
const root = document.querySelector("[data-mobile]");
const words = Object.fromEntries([...document.querySelectorAll("#m-words [data-word]")].map((it) => [it.dataset.word, it.textContent]));
const acts = Object.fromEntries([...document.querySelectorAll("#m-words [data-act]")].map((it) => [it.dataset.act, { ...it.dataset, state: it.textContent }]));
const app = {
  base: root.dataset.mobile,
  tickets: root.dataset.tickets,
  me: `${root.dataset.person}@${root.dataset.mobile}`,
  token: root.dataset.token,
  zone: root.dataset.zone,
  acts,
  word: (name) => words[name],
  async changed(state) {
    root.dataset.state = state;
    await show();
  },
};

const openOrder = () => location.hash.slice(1);

async function show() {
  const items = await waiting(app.me);
  const orders = (await all("orders")).filter((order) => order.me === app.me);
  orders.sort((one, other) => one.rank - other.rank);
  const fresh = await get("kept", "offers");
  const tooOld = fresh?.me === app.me && Date.now() - new Date(fresh.at).getTime() > AGE_MS && root.dataset.state !== "online";
  fill(root, { unsent: items.length ? String(items.length) : "", since: fresh ? moment(app, fresh.at) : "" });
  const shown = tooOld ? [] : orders;
  list(root.querySelector("#m-list"), shown.map((order) => row(app, order, items.filter((item) => item.order === order.id))));
  root.querySelector("#m-empty").hidden = shown.length > 0;
  const order = shown.find(({ id }) => id === openOrder());
  root.querySelector("#m-orders").hidden = Boolean(order);
  const page = root.querySelector("#m-order");
  page.hidden = !order;
  if (order) page.replaceChildren(await orderPage(order, items.filter((item) => item.order === order.id), fresh));
  else page.replaceChildren();
}

async function orderPage(order, items, offers) {
  const now = foreseen(order, items, app);
  const page = fill(copy("m-detail"), {
    ...Object.fromEntries(["number", "place", "spot", "matter", "reporter", "convenient", "signed_by"].map((name) => [name, order[name]])),
    state: now.state,
    visit: moment(app, order.visit_at),
    due: moment(app, order.due_at),
  });
  const call = page.querySelector("[data-call]");
  call.hidden = !order.has_phone;
  if (order.phone) call.dataset.phone = order.phone;
  for (const button of page.querySelectorAll("[data-do]")) button.hidden = !fitting(now).includes(button.dataset.do);
  for (const part of page.querySelectorAll("[data-priced]")) part.hidden = !order.priced || !offers?.prices.length;
  for (const part of page.querySelectorAll("[data-open-only]")) part.hidden = now.status === "resolved";
  list(page.querySelector("[data-pictures]"), order.pictures.map((picture) => {
    const image = copy("m-picture");
    image.querySelector("img").src = `${app.tickets}/${order.id}/attachments/${picture.id}/preview`;
    return fill(image, { moment: app.word(picture.moment || "photo") });
  }));
  list(page.querySelector("[data-used]"), order.used.map(usedLine));
  if (order.priced && offers) fill(page, { to_pay: yuan(sum(order, items, offers).fen), agreed: app.word(order.agreed && `agreed-${order.agreed}`) });
  list(page.querySelector("[data-history]"), order.history.map((each) => fill(copy("m-happened"), { ...each, at: moment(app, each.at) })));
  list(page.querySelector("[data-waiting]"), items.map((item) => waitingLine(order, item)));
  return page;
}

function usedLine({ name, quantity, unit, amount_fen }) {
  return fill(copy("m-used"), { name, quantity: `${quantity / 1000} ${unit}`, amount: yuan(amount_fen) });
}

function waitingLine(order, item) {
  const what = item.to === "act" ? acts[item.body.act].label : app.word(item.to);
  const line = fill(copy("m-waiting"), { what, at: moment(app, item.at), refused: item.refused ?? "" });
  line.toggleAttribute("data-refused", Boolean(item.refused));
  line.querySelector("[data-retry]").onclick = async () => {
    const fresh = await load();
    if (!fresh) return show();
    const present = await get("orders", order.id);
    if (!present) return show();
    if (item.to === "signature") return void (await show(), await openDialog("signature", item));
    await retry(app, item.seq, present.version);
    return flush(app);
  };
  line.querySelector("[data-discard]").onclick = async () => {
    if (!confirm(app.word("discard"))) return;
    await discard(item.seq);
    await flush(app);
    await load();
  };
  return line;
}

// Fetch everything anew. An order for which something waits untouched is left as it was seen: what waits is about that.
async function load() {
  let answer;
  try {
    const response = await fetch(`${app.base}/orders`, { headers: { "hx-request": "true" }, redirect: "error" });
    if (response.status === 401) {
      await forgetAll();
      return app.changed("signed-out");
    }
    if (!response.ok) throw new Error(response.status);
    answer = await response.json();
  } catch {
    await app.changed("offline");
    return null;
  }
  const untouched = new Set((await waiting(app.me)).filter((item) => !item.refused).map((item) => item.order));
  const phones = new Map((await all("orders")).map((order) => [order.id, order.phone]));
  const ids = new Set(answer.orders.map((order) => order.id));
  for (const [rank, order] of answer.orders.entries()) {
    if (!untouched.has(order.id)) await put("orders", { ...order, me: app.me, rank, phone: phones.get(order.id) });
  }
  for (const { id } of await all("orders")) if (!ids.has(id) && !untouched.has(id)) await remove("orders", id);
  await keepPictures(ids);
  const { prices, pauses, at } = answer;
  await put("kept", { name: "offers", me: app.me, prices, pauses, at });
  await app.changed("online");
  return answer;
}

// Pictures of orders that are not one's own any more go.
async function keepPictures(ids) {
  const cache = await caches.open("lodge-mobile");
  for (const request of await cache.keys()) {
    const [, ticket] = request.url.match(/\/tickets\/([^/]+)\/attachments\//) ?? [];
    if (ticket && !ids.has(ticket)) await cache.delete(request);
  }
}

// The page itself and what it is made of, for the next time without a connection.
async function keepPage() {
  const cache = await caches.open("lodge-mobile");
  const files = performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.includes("/static/dist/"));
  for (const url of [app.base, ...files]) {
    const response = await fetch(url, { redirect: "error" });
    if (response.ok) await cache.put(url, response);
  }
}

async function refresh() {
  await flush(app);
  if (root.dataset.state !== "signed-out") await load();
}

async function order() {
  return get("orders", openOrder());
}

async function act(name, text) {
  const versioned = true;
  await enqueue(app, await order(), "act", { act: name, text }, { versioned });
}

// A dialog's form: what it says is queued.
const FORMS = {
  resolve: async (form) => act("resolve", form.get("text")),
  pause: async (form) => enqueue(app, await order(), "pause", { reason: form.get("reason"), note: form.get("note") }, { versioned: true }),
  lines: async (form) =>
    enqueue(app, await order(), "lines", { code: form.get("code"), quantity: Math.round(Number(form.get("quantity")) * 1000) }),
  signature: async (form) => {
    const paper = form.get("on_paper") === "true";
    const picture = paper ? null : form.get("signature").replace("data:image/png;base64,", "");
    const signature = { signer: form.get("signer"), picture, on_paper: paper, remark: form.get("remark") };
    const { again, shown } = document.getElementById("m-signature");
    if (again) await discard(again);
    await enqueue(app, await order(), "signature", { signature, shown: shown && { ...shown, kind: form.get("kind") } });
  },
};

// What the resident signs for is what they are shown: it goes with the signature, and the server refuses it if the order comes to
// something else by then. A refused one is signed anew: `again` is dropped once that is kept.
async function prepareSignature(dialog, again) {
  const now = await order();
  const items = (await waiting(app.me)).filter((item) => item.order === now.id && item.seq !== again?.seq);
  const offers = await get("kept", "offers");
  const { fen, revision } = now.priced ? sum(now, items, offers) : { fen: 0, revision: 0 };
  dialog.again = again?.seq;
  dialog.shown = now.priced ? { amount_fen: fen, revision } : null;
  dialog.querySelector("[data-sum]").hidden = !now.priced;
  dialog.querySelector("[data-kinds]").hidden = !fen;
  dialog.querySelector("[data-nothing]").hidden = fen > 0;
  fill(dialog, { sum: yuan(fen) });
  const queued = items.filter(({ to, refused }) => to === "lines" && !refused).map(({ body: { code, quantity } }) => {
    const { name, unit, price_fen } = offers.prices.find((price) => price.code === code) ?? { name: code, unit: "", price_fen: 0 };
    return { name, unit, quantity, amount_fen: Math.floor((price_fen * quantity + 500) / 1000) };
  });
  list(dialog.querySelector("[data-used]"), [...now.used, ...queued].map(usedLine));
  const { status, stage } = foreseen(now, items, app);
  const ahead = fen > offers.estimate_above_fen && stage !== "working" && status !== "resolved" && !now.agreed;
  dialog.querySelector(`[name=kind][value=${ahead ? "estimate" : "charge"}]`).checked = true;
  dialog.querySelector("[name=signer]").value = again?.body.signature.signer ?? now.reporter;
}

async function openDialog(name, again) {
  const dialog = document.getElementById(`m-${name}`);
  if (name === "signature") await prepareSignature(dialog, again);
  else await prepare(dialog);
  dialog.showModal();
}

async function prepare(dialog) {
  const offers = await get("kept", "offers");
  const option = (value, label) => Object.assign(document.createElement("option"), { value, textContent: label });
  dialog.querySelector("[name=reason]")?.replaceChildren(...offers.pauses.map((reason) => option(reason, reason)));
  dialog.querySelector("[name=code]")?.replaceChildren(
    ...offers.prices.map((price) => option(price.code, `${price.name} ¥${(price.price_fen / 100).toFixed(2)}/${price.unit}`)),
  );
}

async function call(button) {
  let { phone } = button.dataset;
  if (!phone) {
    try {
      const headers = { "x-csrf-token": app.token, "hx-request": "true" };
      const response = await fetch(`${app.base}/orders/${openOrder()}/phone`, { method: "POST", headers, redirect: "error" });
      if (!response.ok) throw new Error(response.status);
      ({ phone } = await response.json());
    } catch {
      fill(root, { notice: app.word("no-number") });
      return;
    }
    await put("orders", { ...(await order()), phone });
  }
  location.href = `tel:${phone}`;
}

root.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-do]");
  if (button) {
    if (document.getElementById(`m-${button.dataset.do}`)) return openDialog(button.dataset.do);
    await act(button.dataset.do, "");
    await show();
    return void flush(app);
  }
  const opener = target.closest("[data-dialog]");
  if (opener) await openDialog(opener.dataset.dialog);
  const camera = target.closest("[data-photo]");
  if (camera) {
    photographed = await order();
    document.getElementById(`m-photo-${camera.dataset.photo}`).click();
  }
  if (target.closest("[data-call]")) await call(target.closest("[data-call]"));
  if (target.closest("[data-refresh]")) await refresh();
});

// The camera may take its time, and the order be shown anew meanwhile: the fields stay outside of it.
let photographed;
root.addEventListener("change", async ({ target }) => {
  if (!target.matches("input[type=file][data-moment]")) return;
  const [file] = target.files;
  if (!file || !photographed) return;
  const picture = await smaller(file);
  target.value = "";
  await enqueue(app, photographed, "photos", { moment: target.dataset.moment }, { file: picture });
  await show();
  await flush(app);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-queue]")) {
    event.preventDefault();
    await FORMS[form.dataset.queue](new FormData(form));
    form.closest("dialog").close();
    form.reset();
    await show();
    await flush(app);
  } else if (form.matches("[data-sign-out]") && !("sure" in form.dataset)) {
    event.preventDefault();
    const unsent = (await waiting(app.me)).length;
    if (unsent && !confirm(app.word("unsent"))) return;
    await forgetAll();
    form.dataset.sure = "";
    form.requestSubmit();
  }
});

window.addEventListener("hashchange", show);
window.addEventListener("online", refresh);
window.addEventListener("offline", () => app.changed("offline"));
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());

async function start() {
  await forgetOthers(app.me);
  await show();
  await navigator.serviceWorker?.register(`${app.base}/worker.js`, { scope: app.base });
  await refresh();
  if (root.dataset.state === "online") await keepPage();
}

start();
