// [data-rows]: j and k walk along the rows of a list, each by its link; Enter follows it, as it does any link. x ticks the row's box.

const isBusy = (event) =>
  event.isComposing || event.keyCode === 229 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey ||
  document.querySelector("dialog[open]") || event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");

function walk(links, by) {
  const at = links.indexOf(document.activeElement);
  const next = links[at === -1 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(at + by, 0), links.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export function watchRows() {
  document.addEventListener("keydown", (event) => {
    const rows = document.querySelector("[data-rows]");
    if (!rows || isBusy(event) || !["j", "k", "x"].includes(event.key)) return;
    if (event.key === "x") document.activeElement.closest("[data-rows] tr")?.querySelector("input[type=checkbox]")?.click();
    else walk([...rows.querySelectorAll("tr a")], event.key === "j" ? 1 : -1);
    event.preventDefault();
  });
}
