// Orders on the screen: the page's <template>s filled in. A slot is an element with data-slot; nothing is made from text.

const fit = (root, name) => root.querySelector(`[data-slot="${name}"]`);

export function copy(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

export function fill(root, values) {
  for (const [name, value] of Object.entries(values)) {
    const slot = fit(root, name);
    if (!slot) continue;
    slot.textContent = value ?? "";
    slot.closest("[data-optional]")?.toggleAttribute("hidden", !value);
  }
  return root;
}

// As the order will be once what waits has been sent.
export function foreseen(order, items, app) {
  let { status, stage, state } = order;
  for (const item of items) {
    const act = item.to === "pause" ? "pause" : item.body.act === "resume" ? "arrive" : item.body.act;
    if (act && !item.refused) ({ status, stage, state } = app.acts[act]);
  }
  return { ...order, status, stage, state };
}

// What an order comes to once what waits has been sent, in fen, and at which revision: thousandths of a unit at their price,
// half a fen rounded up, as the server does.
export function sum(order, items, offers) {
  let { due_fen: fen, revision } = order;
  for (const { to, body, refused } of items) {
    if (to !== "lines" || refused) continue;
    const price = offers.prices.find(({ code }) => code === body.code);
    if (!order.free) fen += price ? Math.floor((price.price_fen * body.quantity + 500) / 1000) : 0;
    revision += 1;
  }
  return { fen, revision };
}

export const yuan = (fen) => `¥ ${(fen / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

// Which actions fit where the order stands.
export function fitting({ status, stage, priced }) {
  if (status === "new") return ["accept"];
  if (status === "accepted") return stage === "on_way" || !priced ? ["arrive", "pause"] : ["set_off", "arrive", "pause"];
  if (status === "arrived") return stage === "working" || !priced ? ["resolve", "pause"] : ["start_work", "resolve", "pause"];
  return status === "paused" ? ["resume"] : [];
}

export function moment(app, text) {
  if (!text) return "";
  const options = { month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: app.zone };
  return new Intl.DateTimeFormat(document.documentElement.lang, options).format(new Date(text));
}

export function row(app, order, items) {
  const shown = foreseen(order, items, app);
  const line = fill(copy("m-row"), {
    place: `${order.place} ${order.spot}`.trim(),
    matter: order.matter.split("\n")[0],
    state: shown.state,
    number: order.number,
    visit: moment(app, order.visit_at),
    due: moment(app, order.due_at),
    waiting: items.length ? String(items.length) : "",
  });
  line.querySelector("a").href = `#${order.id}`;
  line.dataset.severity = order.severity;
  line.toggleAttribute("data-refused", items.some((item) => item.refused));
  return line;
}

export function list(slot, lines) {
  slot.replaceChildren(...lines);
  slot.closest("[data-optional]")?.toggleAttribute("hidden", !lines.length);
}
