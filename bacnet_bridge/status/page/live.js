// Updates without reloading: the bridge says what changed (server-sent events, docs/status.md).

import { forget, take } from "./documents.js";

const AT_LEAST = 500; // milliseconds between two updates
const AT_MOST = 15000; // what no event tells is fetched anew after so long

const sign = document.querySelector(".live");
let running = false, again = false, last = 0, timer = 0, listening = false;

/** Call `update` now, whenever the bridge has news, and every so often. One at a time; none while nobody looks. */
export function follow(update) {
  const run = async () => {
    if (document.hidden) return;
    if (Date.now() - last >= AT_MOST) forget(!listening);
    running = true;
    again = false;
    last = Date.now();
    try {
      await update();
      const now = new Date().toLocaleTimeString("en-GB");
      tell(listening ? "on" : "", listening ? `Live, as of ${now}` : `As of ${now}`);
    } catch (error) {
      console.debug(error);
      tell("off", `No news: ${error instanceof TypeError ? "the bridge cannot be reached" : error.message}`);
      forget(true);
    }
    running = false;
    clearTimeout(timer);
    timer = setTimeout(run, again ? AT_LEAST : AT_MOST);
  };
  const soon = () => {
    again = true;
    if (running) return;
    clearTimeout(timer);
    timer = setTimeout(run, Math.max(0, last + AT_LEAST - Date.now()));
  };
  document.addEventListener("visibilitychange", soon);
  listen(soon);
  run();
}

/** The browser connects again by itself; a bridge with too many listeners is asked every so often instead. */
function listen(soon) {
  const source = new EventSource("/api/events");
  source.addEventListener("hello", () => { listening = true; forget(true); soon(); });
  source.addEventListener("changes", (event) => { take(JSON.parse(event.data)); soon(); });
  source.addEventListener("error", () => { listening = false; forget(true); soon(); });
}

function tell(kind, said) {
  sign.className = `live ${kind}`;
  if (sign.textContent !== said) sign.textContent = said;
}
