// Updates without reloading: the bridge says what changed (server-sent events, docs/status.md).

import { Unanswered, begin, forget, take } from "./documents.js";

const AT_LEAST = 500; // milliseconds between two updates
const AT_MOST = 15000; // what no event tells is fetched anew after so long
const SILENCE = 35000; // a bridge that works says at least every 15 s that it does
const LOOK = 5000;
const ANEW = 10000; // a refused listener comes again after so long, and up to twice as long more: not all at once

const sign = document.querySelector(".live");
let running = false, again = false, last = 0, timer = 0;
let source = null, listening = false, heard = 0; // when an event came last, or listening began
let anew = Infinity; // when to listen again after a refusal

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
      tell(listening ? "on" : "", listening ? `Live, as of ${time(heard)}` : `As of ${time(last)}`);
    } catch (error) {
      console.debug(error);
      tell("off", `No news: ${reason(error)}`);
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
  setInterval(() => suspect(soon), LOOK);
  run();
}

/** Where the bridge goes, the browser connects again by itself; where it refuses (too many listen, or ask), never. */
function listen(soon) {
  source?.close();
  source = new EventSource("/api/events");
  heard = Date.now();
  anew = Infinity;
  on("hello", () => { listening = true; begin(); soon(); });
  on("changes", (changes) => { take(changes); soon(); });
  on("alive", ({ now }) => { take({ overview: { now } }); soon(); });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) anew = Date.now() + ANEW * (1 + 2 * Math.random());
    lost();
    soon();
  });
}

/** An event and its data; whatever comes shows that the bridge works. */
function on(name, then) {
  source.addEventListener(name, (event) => { heard = Date.now(); then(JSON.parse(event.data)); });
}

/** Listen again after a refusal; and a connection that says nothing is none: the bridge may hang, or the network be gone. */
function suspect(soon) {
  const refused = anew < Infinity;
  if (Date.now() < (refused ? anew : heard + SILENCE)) return;
  if (listening) tell("off", `No news: nothing was heard since ${time(heard)}`);
  lost();
  listen(soon);
  soon();
}

/** What was told so far may have changed since without a word. */
function lost() {
  listening = false;
  begin();
}

function reason(error) {
  if (error instanceof Unanswered) return "the bridge does not answer";
  return error instanceof TypeError ? "the bridge cannot be reached" : error.message;
}

function time(instant) {
  return new Date(instant).toLocaleTimeString("en-GB");
}

function tell(kind, said) {
  sign.className = `live ${kind}`;
  if (sign.textContent !== said) sign.textContent = said;
}
