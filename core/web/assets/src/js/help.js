// The dialog of keys: what the page takes and says nowhere in it is read off the page, so that no page goes without help.

const isShown = (element) => element.getClientRects().length > 0;

function label(element) {
  const text = element.cloneNode(true);
  for (const part of text.querySelectorAll("kbd, svg")) part.remove();
  return (element.ariaLabel || element.placeholder || text.textContent).replace(/\s+/g, " ").trim();
}

function line(keys, words) {
  const [term, meaning] = [document.createElement("dt"), document.createElement("dd")];
  keys.split(" ").forEach((key, n) => {
    const kbd = document.createElement("kbd");
    kbd.textContent = key;
    term.append(n ? " " : "", kbd);
  });
  meaning.textContent = words;
  return [term, meaning];
}

export function watchHelp() {
  const dialog = document.getElementById("keys");
  dialog?.addEventListener("lodge:open", () => {
    const own = dialog.querySelector("[data-own-keys]");
    const [rows, found] = own.querySelectorAll("dl");
    const told = new Set([...dialog.querySelectorAll("section:not([data-own-keys]) kbd")].map((kbd) => kbd.textContent));
    const fresh = new Map();
    for (const element of document.querySelectorAll("main [data-hotkey]")) {
      const keys = element.dataset.hotkey;
      if (!keys.startsWith("ctrl+") && keys !== "Escape" && !told.has(keys) && !fresh.has(keys) && isShown(element)) {
        fresh.set(keys, label(element));
      }
    }
    found.replaceChildren(...[...fresh].flatMap(([keys, words]) => line(keys, words)));
    rows.hidden = told.has("j") || !document.querySelector("main [data-rows]");
    own.hidden = rows.hidden && !fresh.size;
  });
}
