// Short messages. The server sends the header HX-Trigger: {"toast": {"text": "…", "kind": "ok"}}.
import { word } from "./words.js";

const SHOWN_MS = 6000;

export function toast(text, kind = "ok") {
  const item = document.createElement("div");
  item.className = "toast-item";
  item.dataset.tone = kind;
  item.textContent = text;
  const shown = document.getElementById("toasts");
  for (const same of [...shown.children]) if (same.textContent === text) same.remove(); // several steps in a row: one word
  shown.append(item);
  setTimeout(() => item.remove(), SHOWN_MS);
}

export function watchToasts() {
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind));
  document.addEventListener("htmx:error", () => toast(word("unreachable"), "breach"));
  // A failure is not a fragment: keep the page as it is. The server's own errors bring their text as a toast.
  document.addEventListener("htmx:after:request", (event) => {
    const { response, hx } = event.detail.ctx;
    if (response.status < 500 || hx.reswap) return;
    hx.reswap = "none";
    if (!hx.trigger) toast(word("unreachable"), "breach");
  });
}
