// What a ticket carries. After a change the event lodge:refresh has the ticket fetched again, and empties the form it came from.
// form[data-uploads]: files that are chosen, photographed or dropped on its panel are sent at once, one request each, with a
// bar that shows how far it is. A refusal stays in the list with its reason; at the end the ticket is fetched again.

function line(list, name) {
  const item = document.createElement("li");
  const label = document.createElement("span");
  const bar = document.createElement("progress");
  label.textContent = name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name);
  item.append(label, bar);
  list.append(item);
  return item;
}

function refuse(item, reason) {
  item.dataset.tone = "breach";
  item.querySelector("progress").remove();
  item.append(Object.assign(document.createElement("b"), { textContent: reason }));
}

// The reason in the answer's toast: {"toast": {"text": "…"}}.
function reasonOf(request, otherwise) {
  try {
    return JSON.parse(request.getResponseHeader("HX-Trigger")).toast.text;
  } catch {
    return otherwise;
  }
}

function send(form, file) {
  const list = form.querySelector(".upload-list");
  const item = line(list, file.name);
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("x-csrf-token", form.elements.csrf_token.value);
  request.setRequestHeader("hx-request", "true");
  request.upload.onprogress = ({ loaded, total }) => {
    item.querySelector("progress").value = loaded / total;
  };
  return new Promise((done) => {
    request.onload = () => {
      if (request.status < 400) item.remove();
      else refuse(item, reasonOf(request, list.dataset.failed));
      done();
    };
    request.onerror = () => {
      refuse(item, list.dataset.failed);
      done();
    };
    request.send(body);
  });
}

async function sendAll(form, files) {
  form.querySelectorAll(".upload-list [data-tone]").forEach((old) => old.remove());
  for (const file of files) await send(form, file); // one after the other: the next one waits for its turn anyway
  document.body.dispatchEvent(new CustomEvent("lodge:refresh", { bubbles: true }));
}

const formAt = (element) => element.closest?.(".panel")?.querySelector("form[data-uploads]");

export function watchCarried() {
  document.addEventListener("lodge:refresh", ({ target }) => {
    target.closest?.("form")?.reset();
    target.closest?.("dialog")?.close();
  });
  document.addEventListener("change", ({ target }) => {
    if (target.type !== "file" || !target.form?.matches("[data-uploads]")) return;
    sendAll(target.form, [...target.files]);
    target.value = "";
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => {
      const form = event.dataTransfer?.types.includes("Files") && formAt(event.target);
      if (!form) return;
      event.preventDefault();
      form.toggleAttribute("data-over", type === "dragover");
      if (type === "drop") sendAll(form, [...event.dataTransfer.files]);
    });
  }
}
