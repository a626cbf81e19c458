// A text field with suggestions fetched by htmx: .combobox > input[role=combobox] + input[type=hidden] + ul[role=listbox].
// An option's data-value goes into the hidden field, data-text into the visible one, data-fill (JSON of field name -> text)
// into fields of the form that are still empty.
import { choose, chosen, options, step } from "./lists.js";

const parts = (box) => ({
  field: box.querySelector("[role=combobox]"),
  id: box.querySelector("input[type=hidden]"),
  list: box.querySelector("[role=listbox]"),
});

function close({ field, list }) {
  list.replaceChildren();
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function take(box, option) {
  const { field, id, list } = parts(box);
  field.value = option.dataset.text;
  id.value = option.dataset.value;
  for (const [name, text] of Object.entries(JSON.parse(option.dataset.fill || "{}"))) {
    const other = field.form?.elements.namedItem(name);
    if (other && !other.value) other.value = text;
  }
  close({ field, list });
  field.dispatchEvent(new Event("lodge:taken", { bubbles: true }));
}

function onKey(event, box) {
  const { field, list } = parts(box);
  if (event.isComposing || event.target !== field || !options(list).length) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(field, list, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && !event.ctrlKey && chosen(list)) take(box, chosen(list));
  else if (event.key === "Escape") close({ field, list });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

export function watchCombos() {
  const within = (handler) => (event) => {
    const box = event.target.closest?.(".combobox");
    if (box) handler(event, box);
  };
  document.addEventListener("keydown", within(onKey), true);
  document.addEventListener("input", within((event, box) => {
    if (event.target === parts(box).field) parts(box).id.value = "";
  }));
  document.addEventListener("mousedown", within((event, box) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault(); // keeps the focus in the field
    take(box, option);
  }));
  document.addEventListener("focusout", within((event, box) => {
    if (!box.contains(event.relatedTarget)) close(parts(box));
  }));
  document.addEventListener("htmx:after:swap", (event) => {
    const box = event.detail.ctx.sourceElement?.closest?.(".combobox");
    if (!box) return;
    const { field, list } = parts(box);
    if (document.activeElement !== field) return close({ field, list });
    field.setAttribute("aria-expanded", String(options(list).length > 0));
    choose(field, list, options(list)[0]);
  });
  // The lookup asks for `q`, whatever the field is called in its form.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement, request } = event.detail.ctx;
    if (!sourceElement.matches(".combobox [role=combobox]")) return;
    request.body = new FormData();
    request.body.set("q", sourceElement.value);
  });
  // Half-typed syllables of an input method are not worth a request; what it ends with is.
  document.addEventListener("input", (event) => event.isComposing && event.stopPropagation(), true);
  document.addEventListener("compositionend", (event) => {
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
