// <sla-clock due span [paused|met]> counts down to a deadline; <elapsed-clock since> counts up. One timer for the page.
// `due` and `since` are instants (epoch seconds or ISO 8601), `span` the goal's length in seconds; time is the server's.
import { word } from "./words.js";

const skew = Number(document.documentElement.dataset.serverMs || Date.now()) - Date.now();
const running = new Set();

const instant = (text) => (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text));
const two = (n) => String(n).padStart(2, "0");

function spelled(seconds) {
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days) return `${days} ${word("days")} ${hours % 24} ${word("hours")}`;
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}

function levelOf(clock, left, span) {
  if (clock.hasAttribute("met")) return "met";
  if (clock.hasAttribute("paused")) return "paused";
  if (left < 0) return "breach";
  if (left < span * 0.15) return "risk";
  return left < span * 0.35 ? "warn" : "ok";
}

class SlaClock extends HTMLElement {
  static observedAttributes = ["due", "span", "paused", "met"];

  connectedCallback() {
    running.add(this);
    this.tick();
  }

  disconnectedCallback() {
    running.delete(this);
  }

  attributeChangedCallback() {
    if (this.isConnected) this.tick();
  }

  // State lives on a child, because a morph puts the element's own attributes back to what the server sent.
  tick() {
    const due = instant(this.getAttribute("due") ?? "");
    const span = Number(this.getAttribute("span")) || 1;
    const left = Math.round((due - Date.now() - skew) / 1000);
    const level = levelOf(this, left, span);
    if (!this.face?.isConnected) {
      this.face = document.createElement("span");
      this.face.className = "clock";
      this.face.append(document.createElement("span"), document.createElement("span"));
      this.face.lastChild.className = "num";
      this.replaceChildren(this.face);
    }
    const [label, time] = this.face.children;
    this.face.dataset.level = level;
    label.textContent = word(level);
    time.textContent = level === "paused" || level === "met" || Number.isNaN(left) ? "" : spelled(Math.abs(left));
    const used = level === "paused" || level === "met" ? 0 : Math.min(100, Math.max(4, 100 - (left / span) * 100));
    this.face.style.setProperty("--used", `${used}%`);
  }
}

class ElapsedClock extends HTMLElement {
  connectedCallback() {
    running.add(this);
    this.tick();
  }

  disconnectedCallback() {
    running.delete(this);
  }

  tick() {
    const seconds = Math.max(0, Math.round((Date.now() + skew - instant(this.getAttribute("since") ?? "")) / 1000));
    this.textContent = seconds < 60 ? `${seconds} ${word("seconds")}` : spelled(seconds);
  }
}

customElements.define("sla-clock", SlaClock);
customElements.define("elapsed-clock", ElapsedClock);

const tickAll = () => document.hidden || running.forEach((clock) => clock.tick());
setInterval(tickAll, 1000);
document.addEventListener("visibilitychange", tickAll);
