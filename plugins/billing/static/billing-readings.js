// Readings entered one after another: Enter and the arrows go from field to field, and what was typed is sent on the way.

const fields = () => [...document.querySelectorAll("input[data-reading]")];

function go(from, by) {
  const all = fields();
  const next = all[all.indexOf(from) + by];
  if (next) {
    next.focus();
    next.select();
  } else from.blur(); // the last one is sent too
}

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input[data-reading]");
  const by = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!field || !by || event.isComposing || event.keyCode === 229) return;
  event.preventDefault();
  go(field, by);
});
