// The one script of the desk's pages: each part looks for its own element and does nothing without.
import { startCountdowns } from "./countdown.js";
import { startDrafts } from "./drafts.js";
import { startHelp } from "./keys.js";
import { startLive } from "./live.js";
import { startPalette } from "./palette.js";
import { startPreferences, startSecret } from "./preferences.js";
import { startQueue } from "./queue.js";
import { startReview } from "./review.js";
import { startToasts } from "./toast.js";
import { startUpdates } from "./updates.js";

startHelp();
startToasts();
startCountdowns(document);
startQueue(document.getElementById("queue-list"));
startReview(document.querySelector("[data-review]"));
startLive(document.querySelector("[data-live]"));
startPalette(document.querySelector("[data-palette]"));
startPreferences(document.querySelector("[data-preferences]"));
startSecret(document.querySelector("[data-secret]"));
startUpdates(document.querySelector("[data-updates]"));
startDrafts(document.getElementById("draft-notes"));
