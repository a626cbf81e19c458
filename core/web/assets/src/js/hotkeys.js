// data-hotkey="F2" | "ctrl+k" | "ctrl+Enter" | "1" | "g t": clicks the element, or focuses it if it is a field.
// Plain keys are for moving about and never steal what somebody types; an input method's keys are left alone.

const PAUSE_MS = 900; // longest pause inside a sequence such as "g t"

const isField = (element) => element.matches("input:not([type=radio], [type=checkbox]), textarea, select");
const isTyping = (element) => isField(element) || element.isContentEditable;
const isUsable = (element) => !element.disabled && element.getClientRects().length > 0;

function nameOf(event) {
  const held = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "");
  return held + (event.key.length === 1 ? event.key.toLowerCase() : event.key);
}

function find(...names) {
  const dialog = document.querySelector("dialog[open]");
  const candidates = [...(dialog ?? document).querySelectorAll("[data-hotkey]")];
  return candidates.find((element) => names.includes(element.dataset.hotkey) && isUsable(element));
}

export function watchKeys() {
  let sequence = [];
  let timer;
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || !(event.target instanceof Element)) return;
    const name = nameOf(event);
    const plain = name.length === 1;
    if (plain && isTyping(event.target)) return;
    sequence = plain ? [...sequence, name].slice(-2) : [];
    clearTimeout(timer);
    timer = setTimeout(() => (sequence = []), PAUSE_MS);
    const element = (sequence.length === 2 && find(sequence.join(" "))) || find(name);
    if (!element) return;
    event.preventDefault();
    sequence = [];
    if (isField(element)) {
      element.focus();
      element.select?.();
    } else {
      if (element.matches("summary")) element.focus(); // Tab goes on into what it unfolds
      element.click();
    }
  });
}
