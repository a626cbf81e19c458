// Arrow keys in a list of options that belongs to a text field (WAI-ARIA combobox, list autocomplete).

export const options = (list) => [...list.querySelectorAll("[role=option]")];
export const chosen = (list) => list.querySelector('[role=option][aria-selected="true"]');

export function choose(field, list, option) {
  for (const each of options(list)) each.setAttribute("aria-selected", each === option);
  if (option) field.setAttribute("aria-activedescendant", option.id);
  else field.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

export function step(field, list, by) {
  const all = options(list);
  if (!all.length) return;
  const at = all.indexOf(chosen(list));
  choose(field, list, all[(at + by + all.length) % all.length] ?? all[0]);
}
