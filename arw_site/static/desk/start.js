// The one script of the desk's pages: each part looks for its own element and does nothing without.
import { startCountdowns } from "./countdown.js";
import { startHelp } from "./keys.js";
import { startLive } from "./live.js";
import { startQueue } from "./queue.js";
import { startReview } from "./review.js";

startHelp();
startCountdowns(document);
startQueue(document.querySelector("[data-queue]"));
startReview(document.querySelector("[data-review]"));
startLive(document.querySelector("[data-live]"));
