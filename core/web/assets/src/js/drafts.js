// form[data-draft="key"]: what is typed survives a reload, a lost session or another call; it is dropped once the server
// has accepted the form. Kept in this tab only (sessionStorage), because it holds residents' data.

const PREFIX = "lodge-draft:";
const SKIPPED = new Set(["csrf_token", "idempotency_key", "id_number"]); // a document's number is kept nowhere

const keyOf = (form) => PREFIX + form.dataset.draft;

function save(form) {
  if ("accepted" in form.dataset) return; // its focused field still reports a change while the form is replaced
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !SKIPPED.has(name));
  sessionStorage.setItem(keyOf(form), JSON.stringify(fields));
  form.dataset.dirty = "";
}

function restore(form) {
  const saved = sessionStorage.getItem(keyOf(form));
  if (!saved || "dirty" in form.dataset) return;
  form.dataset.dirty = "";
  for (const [name, value] of JSON.parse(saved)) {
    const field = form.elements.namedItem(name);
    if (field?.type === "checkbox") field.checked = true;
    else if (field) field.value = value; // a RadioNodeList takes a value too
  }
}

export function watchDrafts() {
  const restoreAll = () => document.querySelectorAll("form[data-draft]").forEach(restore);
  for (const type of ["input", "change", "lodge:taken"]) {
    document.addEventListener(type, (event) => {
      const form = event.target.closest?.("form[data-draft]");
      if (form) save(form);
    });
  }
  document.addEventListener("htmx:after:request", (event) => {
    const { response, sourceElement } = event.detail.ctx;
    if (!sourceElement.matches("form[data-draft]") || response.status >= 400) return;
    sourceElement.dataset.accepted = "";
    sessionStorage.removeItem(keyOf(sourceElement));
  });
  document.addEventListener("htmx:after:swap", restoreAll);
  restoreAll();
}
