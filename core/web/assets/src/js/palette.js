// The command palette: arrow keys choose, Enter follows the option's link.
import { choose, chosen, options, step } from "./lists.js";

export function watchPalette() {
  const dialog = document.querySelector("dialog.palette");
  if (!dialog) return;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const follow = (option) => option && location.assign(option.dataset.href);

  dialog.addEventListener("lodge:open", () => {
    field.select();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing || !["ArrowDown", "ArrowUp", "Enter"].includes(event.key)) return;
    event.preventDefault();
    if (event.key === "Enter") follow(chosen(list));
    else step(field, list, event.key === "ArrowDown" ? 1 : -1);
  });
  list.addEventListener("click", (event) => follow(event.target.closest("[role=option]")));
  dialog.addEventListener("htmx:after:swap", () => choose(field, list, options(list)[0]));
}
