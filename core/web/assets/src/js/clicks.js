// Small things a click does: put a phrase or a placeholder into a field, choose of a select, focus a field, switch the theme before the server has answered.

function addPhrase(button) {
  const field = document.querySelector(button.dataset.into);
  field.value += (field.value ? "，" : "") + button.dataset.phrase;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

// A placeholder at the caret, in place of what is selected.
function insert(button) {
  const field = document.querySelector(button.dataset.into);
  field.setRangeText(button.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function choose(button) {
  const field = document.querySelector(button.dataset.into);
  field.value = button.dataset.choose;
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function switchTheme(button) {
  document.documentElement.dataset.bsTheme = button.value;
}

export function watchClicks() {
  document.addEventListener("click", (event) => {
    const phrase = event.target.closest("[data-phrase]");
    if (phrase) addPhrase(phrase);
    const placeholder = event.target.closest("[data-insert]");
    if (placeholder) insert(placeholder);
    const chooser = event.target.closest("[data-choose]");
    if (chooser) choose(chooser);
    const focuser = event.target.closest("[data-focus]");
    if (focuser) document.querySelector(focuser.dataset.focus)?.focus();
    const theme = event.target.closest("button[name=theme]");
    if (theme) switchTheme(theme);
    if (event.target.closest("[data-print]")) window.print();
  });
}
