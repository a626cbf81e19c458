// .repeat: rows of fields that can be added, removed and moved. The fields of a column share their name; order is the value.

const ACTIONS = {
  add(repeat) {
    const rows = repeat.querySelector(".repeat-rows");
    rows.append(repeat.querySelector("template").content.cloneNode(true));
    rows.lastElementChild.querySelector("input, select, textarea").focus();
  },
  remove: (_, row) => row.remove(),
  up: (_, row) => row.previousElementSibling?.before(row),
  down: (_, row) => row.nextElementSibling?.after(row),
};

export function watchRepeats() {
  // what is ticked is posted as the lines of one field, which a row may hold like any other
  document.addEventListener("change", (event) => {
    const choices = event.target.closest("[data-choices]");
    if (!choices) return;
    const ticked = [...choices.querySelectorAll("input:checked")].map((box) => box.value);
    choices.querySelector("input[type=hidden]").value = ticked.join("\n");
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-repeat]");
    if (!button) return;
    const action = button.dataset.repeat;
    ACTIONS[action](button.closest(".repeat:not(.repeat-rows)"), button.closest(".repeat-row"));
    if (action === "up" || action === "down") button.focus();
  });
}
