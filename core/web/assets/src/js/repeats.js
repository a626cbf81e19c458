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
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-repeat]");
    if (!button) return;
    const action = button.dataset.repeat;
    ACTIONS[action](button.closest(".repeat:not(.repeat-rows)"), button.closest(".repeat-row"));
    if (action === "up" || action === "down") button.focus();
  });
}
