// The workbench: carries a call into the intake form, and keeps the place in the script.

const steps = new Map(); // call id -> index of the script's current step; a refreshed card starts from it

function showStep(script) {
  const at = steps.get(script.dataset.script);
  if (at === undefined) return;
  [...script.children].forEach((line, index) => {
    line.toggleAttribute("data-done", index < at);
    if (index === at) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  });
}

function goTo(script, index) {
  steps.set(script.dataset.script, Math.min(index, script.children.length - 1));
  showStep(script);
}

function nextStep(script) {
  const current = [...script.children].findIndex((line) => line.matches("[aria-current]"));
  goTo(script, current + 1);
}

const intake = () => document.getElementById("intake");
const describe = () => document.getElementById("f-description").focus();

// Loads the form filled in from the call. What was being typed stays as the other call's draft.
const load = (button) => window.htmx.ajax("GET", button.dataset.from, { target: "#intake", swap: "outerHTML" });

async function takeIn(button) {
  if (intake().dataset.call !== button.dataset.takeIn) await load(button);
  describe();
}

// A new call fills the form by itself, unless somebody is typing into it.
function followCall() {
  const button = document.querySelector("#call-card:is([data-state=ringing], [data-state=answered]) [data-take-in]");
  const form = intake();
  if (!button || form.dataset.call === button.dataset.takeIn || "dirty" in form.dataset) return;
  load(button);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-in]");
  if (button) {
    event.preventDefault();
    takeIn(button);
  }
  const step = event.target.closest("[data-step]");
  if (step) goTo(step.closest("[data-script]"), Number(step.dataset.step));
  if (event.target.closest("[data-next-step]")) nextStep(document.querySelector("[data-script]"));
});

document.addEventListener("htmx:after:swap", () => {
  const script = document.querySelector("[data-script]");
  if (script) showStep(script);
  document.querySelector('#intake [aria-invalid="true"]')?.focus();
  followCall();
});
