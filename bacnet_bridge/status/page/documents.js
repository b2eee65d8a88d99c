// The bridge's documents, as docs/status.md lists them: fetched once, and kept up to date by the bridge's events.

import { brief } from "./words.js";

const PATIENCE = 30000; // milliseconds for a document of thousands of meters over a slow line

const OLDEST = 5000; // milliseconds that a document may be older than the question: several share one

const kept = new Map(); // address → document
let forgotten = 0; // how often everything was
let recent = []; // [when, changes], which a document that comes now may lack

/** There is nothing of this name (any more). */
export class Gone extends Error {}

/** The bridge took the question, and did not answer in time. */
export class Unanswered extends Error {}

/** The document at this address. Throws Gone, Unanswered, TypeError where nobody is there, or an Error in words. */
export async function documentAt(address) {
  if (kept.has(address)) return kept.get(address);
  const asked = forgotten, at = Date.now();
  const told = await fetched(address).catch((error) => {
    throw error.name === "TimeoutError" ? new Unanswered() : error;
  });
  if (asked !== forgotten) return told; // it may lack what no event tells any more
  kept.set(address, told);
  for (const [when, changes] of recent) if (when >= at - OLDEST) correct(changes);
  return kept.get(address);
}

async function fetched(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status === 404) throw new Gone((await answer.text()).trim());
  if (answer.status === 503) throw new Error(brief((await answer.text()).trim()));
  if (!answer.ok) throw new Error(`the bridge answered ${answer.status}`);
  return await answer.json();
}

/** Fetch everything anew, or only what no event tells of in full: counters, queues, a meter's packets. */
export function forget(everything) {
  if (everything) forgotten += 1;
  for (const address of [...kept.keys()]) {
    if (everything || !["/api/overview", "/api/meters"].includes(address)) kept.delete(address);
  }
}

/** The events begin anew, or have ended: what they told before is no correction of what comes. */
export function begin() {
  recent = [];
  forget(true);
}

/** What an event `changes` tells. A member that is absent is unchanged. */
export function take(changes) {
  recent = [...recent.filter(([when]) => when >= Date.now() - PATIENCE - OLDEST), [Date.now(), changes]];
  correct(changes);
  for (const { id } of changes.meters ?? []) {
    for (const address of [...kept.keys()]) if (address.startsWith(documentOf(id))) kept.delete(address);
  }
  if (changes.delivery) kept.delete("/api/delivery");
  if (changes.mapping) kept.delete("/api/mapping");
}

/** Documents of which events tell in full. */
function correct(changes) {
  const overview = kept.get("/api/overview");
  if (overview && changes.overview) kept.set("/api/overview", { ...overview, ...changes.overview });
  merge("/api/meters", "id", changes.meters ?? [], changes.gone ?? []);
  merge("/api/devices", "device", changes.devices ?? [], []);
}

/** Rows that changed, by what names them; new ones come last. */
function merge(address, name, changed, gone) {
  const rows = kept.get(address);
  if (!rows || !(changed.length || gone.length)) return;
  const left = new Map(rows.map((row) => [row[name], row]));
  for (const row of changed) left.set(row[name], row);
  for (const each of gone) left.delete(each);
  kept.set(address, [...left.values()]);
}

/** The address of a meter's document. */
export function documentOf(id) {
  return `/api/meters/${encodeURIComponent(id)}`;
}

/** The address of a meter's view. */
export function viewOf(id) {
  return `/meters/${encodeURIComponent(id)}`;
}
