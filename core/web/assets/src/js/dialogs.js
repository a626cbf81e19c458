// data-open="#id" opens a <dialog> (data-close closes it; data-show: it opens by itself, data-once: it goes when it
// is closed); a <details class="menu"> closes when the attention goes elsewhere.

function open(dialog) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
  dialog.dispatchEvent(new CustomEvent("lodge:open"));
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

export function watchDialogs() {
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest("details.menu"));
    const opener = event.target.closest("[data-open]");
    if (opener) open(document.querySelector(opener.dataset.open));
    if (event.target.closest("[data-close]") || event.target.matches("dialog")) event.target.closest("dialog")?.close();
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  // What was closed stays closed, whatever is swapped next. The event does not bubble.
  document.addEventListener("close", ({ target }) => {
    target.removeAttribute("data-show");
    if ("once" in target.dataset) target.remove();
  }, true);
  // A form that the server refused comes back with its errors, in a dialog that shall be open.
  const openAll = () => document.querySelectorAll("dialog[data-show]").forEach(open);
  document.addEventListener("htmx:after:swap", () => {
    openAll();
    document.querySelector('dialog[open] [aria-invalid="true"]')?.focus();
  });
  // What is unfolded to be filled in is filled in next. This event does not bubble either.
  document.addEventListener("toggle", ({ target }) => {
    if (target.matches("details.reveal[open]")) target.querySelector("input:not([type=hidden])").focus();
  }, true);
  openAll();
}
