// .repeat[data-name]: rows of fields that can be added, removed and moved; field names are numbered again after each change.

function renumber(repeat) {
  repeat.querySelectorAll(":scope > .repeat-rows > .repeat-row").forEach((row, index) => {
    for (const field of row.querySelectorAll("[data-column]")) {
      field.name = `${repeat.dataset.name}.${index}.${field.dataset.column}`;
      field.id = `f-${field.name}`;
      field.closest(".cell").querySelector("label").htmlFor = field.id;
    }
  });
}

const ACTIONS = {
  add(repeat) {
    const row = repeat.querySelector("template").content.cloneNode(true);
    repeat.querySelector(".repeat-rows").append(row);
    repeat.querySelector(".repeat-rows").lastElementChild.querySelector("[data-column]").focus();
  },
  remove: (_, row) => row.remove(),
  up: (_, row) => row.previousElementSibling?.before(row),
  down: (_, row) => row.nextElementSibling?.after(row),
};

export function watchRepeats() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-repeat]");
    if (!button) return;
    const repeat = button.closest(".repeat");
    ACTIONS[button.dataset.repeat](repeat, button.closest(".repeat-row"));
    renumber(repeat);
    if (button.isConnected) button.focus();
  });
}
