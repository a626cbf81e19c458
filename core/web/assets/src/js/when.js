// fieldset[data-when="category"][data-is="lift noise"]: asked only while the form's field of that name has one of the values.
// What is not asked is neither shown nor sent, and keeps what was typed.

function follow(form) {
  for (const part of form.querySelectorAll("fieldset[data-when]")) {
    const asked = part.dataset.is.split(" ").includes(form.elements.namedItem(part.dataset.when)?.value);
    part.hidden = part.disabled = !asked;
  }
}

const followAll = () => document.querySelectorAll("form:has(fieldset[data-when])").forEach(follow);

export function watchWhen() {
  document.addEventListener("change", (event) => event.target.form && follow(event.target.form));
  document.addEventListener("htmx:after:swap", followAll);
  followAll();
}
