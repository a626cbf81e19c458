// The workbench: carries a call into the intake form, keeps the place in the script, and shows what is said in a situation.

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

let situation; // the key of the text that is shown, over refreshed cards

// Shows the text of a situation, or puts it away again.
function showSituation() {
  for (const button of document.querySelectorAll("[data-situation]"))
    button.setAttribute("aria-pressed", String(button.dataset.situation === situation));
  for (const said of document.querySelectorAll("[data-said]")) said.hidden = said.dataset.said !== situation;
}

function choose(key) {
  situation = key === situation ? undefined : key;
  showSituation();
}

function nextSituation() {
  const keys = [...document.querySelectorAll("[data-situation]")].map((button) => button.dataset.situation);
  choose(keys[(keys.indexOf(situation) + 1) % keys.length]);
}

const LANGUAGE = "reception.speaks";

function speak(language) {
  document.body.dataset.speaks = language;
  localStorage.setItem(LANGUAGE, language);
}

speak(localStorage.getItem(LANGUAGE) ?? "zh");

const intake = () => document.getElementById("intake");
const describe = () => document.getElementById("f-description").focus();

// Loads the form from that address. What was being typed stays as the other call's draft.
const load = (address) => window.htmx.ajax("GET", address, { target: "#intake", swap: "outerHTML" });

async function takeIn(button) {
  if (intake().dataset.call !== button.dataset.takeIn) await load(button.dataset.from);
  describe();
}

let ringing; // the call that rang when the card was last looked at

// A new call fills the form by itself, and leaves it again when somebody else answers; neither while it is typed into.
function followCall() {
  const card = document.getElementById("call-card");
  if (!card) return; // a page of letters
  const { state, call } = card.dataset;
  const button = document.querySelector("#call-card:is([data-state=ringing], [data-state=answered]) [data-take-in]");
  const form = intake();
  if (!("dirty" in form.dataset)) {
    if (button && form.dataset.call !== call) load(button.dataset.from);
    else if (state === "none" && form.dataset.call === ringing) load(form.getAttribute("action"));
  }
  ringing = state === "ringing" ? call : undefined;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-in]");
  if (button) {
    event.preventDefault();
    takeIn(button);
  }
  const step = event.target.closest("[data-step]");
  if (step) goTo(step.closest("[data-script]"), Number(step.dataset.step));
  const chosen = event.target.closest("[data-situation]");
  if (chosen) choose(chosen.dataset.situation);
  if (event.target.closest("[data-next-situation]")) nextSituation();
  if (event.target.closest("[data-speak]")) speak(document.body.dataset.speaks === "en" ? "zh" : "en");
  if (event.target.closest("[data-next-step]")) nextStep(document.querySelector("[data-script]"));
});

document.addEventListener("htmx:after:swap", () => {
  const script = document.querySelector("[data-script]");
  if (script) showStep(script);
  showSituation();
  document.querySelector('#intake [aria-invalid="true"]')?.focus();
  followCall();
});
