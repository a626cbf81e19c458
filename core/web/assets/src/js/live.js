// Live updates. One tab per site holds the connection (Web Locks) and passes messages on (BroadcastChannel), because a
// browser opens only six connections to a host. Message: {"type": "ticket.changed", "id": "…"}; the events lodge:ticket and
// lodge:ticket:ID are then fired on body. "ping" (at least every 20 s) shows that the connection lives; after a gap "resync" has all
// fragments fetched again.
import { word } from "./words.js";

const SILENCE_MS = 45_000;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

function announce(message) {
  const name = `lodge:${message.type.split(".")[0]}`;
  for (const event of message.id ? [name, `${name}:${message.id}`] : [name]) {
    document.body.dispatchEvent(new CustomEvent(event, { detail: message, bubbles: true }));
  }
}

// Holds the stream open for ever; `tell` hears every message and every change of state.
function lead(url, tell) {
  let attempts = 0;
  let hadGap = false;

  const connect = () => {
    const source = new EventSource(url);
    let watchdog;
    const stop = () => {
      clearTimeout(watchdog);
      source.close();
      hadGap = true;
      tell({ state: attempts ? "offline" : "connecting" });
      const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempts++);
      setTimeout(connect, wait * (0.75 + Math.random() / 2)); // spread, so that a restart is not met by everybody at once
    };
    const alive = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(stop, SILENCE_MS);
    };
    source.onopen = () => {
      alive();
      attempts = 0;
      tell({ state: "online" });
      if (hadGap) tell({ message: { type: "resync" } });
      hadGap = false;
    };
    source.onmessage = (event) => {
      alive();
      const message = JSON.parse(event.data);
      if (message.type !== "ping") tell({ message });
    };
    source.onerror = stop;
  };
  connect();
}

export function follow(indicator) {
  if (!indicator) return;
  const url = indicator.dataset.live;
  const channel = new BroadcastChannel(`lodge-live:${url}`);
  let state = "connecting";
  let leading = false;

  const hear = (news) => {
    if (news.state) {
      state = news.state;
      indicator.dataset.state = state;
      indicator.querySelector(".word").textContent = word(state);
    }
    if (news.message) announce(news.message);
  };
  const tell = (news) => {
    hear(news);
    channel.postMessage(news);
  };

  channel.onmessage = ({ data }) => {
    if (data.hello) leading && channel.postMessage({ state });
    else hear(data);
  };
  channel.postMessage({ hello: true });

  const takeLead = () => {
    leading = true;
    lead(url, tell);
    return new Promise(() => {}); // the lock is held until the tab goes, then another tab leads
  };
  if (navigator.locks) navigator.locks.request(`lodge-live:${url}`, takeLead);
  else takeLead(); // plain http has no locks: each tab then has a connection of its own

  // A page taken back from the browser's page cache has missed everything since.
  window.addEventListener("pageshow", (event) => event.persisted && announce({ type: "resync" }));
}
