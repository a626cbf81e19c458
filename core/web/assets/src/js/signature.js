// [data-signature]: what is drawn on its canvas goes with the form, as a PNG on white paper in the field "signature". A form
// with neither a signature nor the tick that it is on paper is not sent: the browser says so at the tick.

const INK = "#14213d";
const SHORTEST = 60; // canvas pixels: less is a slip of the hand

const padOf = (element) => element.closest?.("[data-signature]");

function clear(pad) {
  const canvas = pad.querySelector("canvas");
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  pad.drawn = 0;
  settle(pad);
}

// Tells the form what it may send.
function settle(pad) {
  const signed = pad.drawn >= SHORTEST;
  pad.querySelector("[name=signature]").value = signed ? pad.querySelector("canvas").toDataURL("image/png") : "";
  const tick = pad.querySelector("[name=on_paper]");
  tick.setCustomValidity(signed || tick.checked ? "" : tick.dataset.unsigned);
}

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * canvas.width) / box.width, ((event.clientY - box.top) * canvas.height) / box.height];
}

function start(pad, event) {
  const canvas = event.target;
  if (pad.drawn === undefined) clear(pad);
  canvas.setPointerCapture(event.pointerId);
  pad.at = place(canvas, event);
  event.preventDefault();
}

function draw(pad, event) {
  const canvas = pad.querySelector("canvas");
  const context = canvas.getContext("2d");
  Object.assign(context, { strokeStyle: INK, lineWidth: 5, lineCap: "round", lineJoin: "round" });
  context.beginPath();
  context.moveTo(...pad.at);
  for (const each of event.getCoalescedEvents?.() ?? [event]) {
    const next = place(canvas, each);
    pad.drawn += Math.hypot(next[0] - pad.at[0], next[1] - pad.at[1]);
    pad.at = next;
    context.lineTo(...next);
  }
  context.stroke();
}

function end(pad) {
  pad.at = null;
  settle(pad);
}

export function watchSignatures() {
  const settleAll = () => document.querySelectorAll("[data-signature]").forEach(settle);
  document.addEventListener("pointerdown", (event) => {
    if (event.target.matches?.("[data-signature] canvas") && event.isPrimary) start(padOf(event.target), event);
  });
  document.addEventListener("pointermove", (event) => {
    const pad = padOf(event.target);
    if (pad?.at) draw(pad, event);
  });
  for (const type of ["pointerup", "pointercancel"]) {
    document.addEventListener(type, (event) => {
      const pad = padOf(event.target);
      if (pad?.at) end(pad);
    });
  }
  document.addEventListener("click", ({ target }) => {
    if (target.closest?.("[data-signature-clear]")) clear(padOf(target));
  });
  document.addEventListener("change", ({ target }) => {
    if (target.name === "on_paper" && padOf(target)) settle(padOf(target));
  });
  document.addEventListener("reset", ({ target }) => target.querySelectorAll("[data-signature]").forEach(clear));
  document.addEventListener("htmx:after:swap", settleAll);
  settleAll();
}
