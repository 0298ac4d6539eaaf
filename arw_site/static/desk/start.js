// What every page of the desk runs: each part looks for its own element and does nothing without.
// What one page alone needs it brings itself, before this: drafts come back into forms that work.
import { startCountdowns } from "./countdown.js";
import { startDrafts } from "./drafts.js";
import { startHelp } from "./keys.js";
import { startPalette } from "./palette.js";
import { startToasts } from "./toast.js";
import { startUpdates } from "./updates.js";

startHelp();
startToasts();
startCountdowns(document);
startPalette(document.querySelector("[data-palette]"));
startUpdates(document.querySelector("[data-updates]"));
startDrafts(document.getElementById("draft-notes"));
