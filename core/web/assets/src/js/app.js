// The console's script: htmx and our small modules. Behaviour is declared in data attributes; nothing is inline.
import htmx from "htmx.org/dist/htmx.esm.js";
import "./clock.js";
import { watchCarried } from "./carried.js";
import { watchClicks } from "./clicks.js";
import { watchCombos } from "./combobox.js";
import { watchDialogs } from "./dialogs.js";
import { watchDrafts } from "./drafts.js";
import { watchLeaving } from "./forget.js";
import { watchHelp } from "./help.js";
import { watchKeys } from "./hotkeys.js";
import { follow } from "./live.js";
import { showPlace } from "./navigation.js";
import { watchPalette } from "./palette.js";
import { watchRepeats } from "./repeats.js";
import { watchRows } from "./rows.js";
import { watchSignatures } from "./signature.js";
import { watchToasts } from "./toasts.js";
import { watchWhen } from "./when.js";

window.htmx = htmx; // plugins' own scripts use it

watchKeys();
watchHelp();
watchLeaving();
watchClicks();
watchCarried();
watchDialogs();
watchCombos();
watchDrafts();
watchPalette();
showPlace();
watchRepeats();
watchRows();
watchSignatures();
watchToasts();
watchWhen(); // after drafts, whose values it follows
follow(document.querySelector("[data-live]"));
