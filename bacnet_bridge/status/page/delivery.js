// What waits, for what, and how fast it leaves.

import { documentAt, viewOf } from "./documents.js";
import { card, element, facts, figures, sentences, table } from "./elements.js";
import { count, duration, instant } from "./words.js";

const MOST = 200; // queues that are listed

export async function delivery() {
  const told = await documentAt("/api/delivery");
  return [
    element("header", {}, element("h1", {}, "Delivery"), element("p", { class: told.platforms.length ? "bad" : "quiet" }, sentence(told))),
    figures(
      ["Packets waiting", count(told.waiting)],
      ["Oldest waits for", told.waiting ? duration(told.oldest_seconds) : "–"],
      ["Gone in about", told.waiting ? duration(told.seconds_to_drain) : "–"],
      ["Accepted per second", count(told.accepted_per_second)],
      ["New per second", count(told.put_per_second)],
      ["Accepted since the start", count(told.accepted)],
    ),
    troubles(told),
    card("Ways to the platform", breakers(told.breakers ?? [])),
    card("Attempts since the start", facts(...Object.entries(told.attempts).map(([verdict, number]) => [verdict, count(number)]), ["under way now", count(told.in_flight)])),
    card("Queues with packets waiting", queues(told.queues)),
  ];
}

function sentence(told) {
  if (told.platforms.length) return "The platform is away; whatever is read waits, and nothing is lost.";
  if (!told.waiting) return "Nothing waits.";
  return told.seconds_to_drain === null ? "What waits does not get less at this rate." : `What waits is gone in about ${duration(told.seconds_to_drain)}.`;
}

function troubles(told) {
  const found = [
    ...told.platforms.map(({ host, retry }) => `${host} is away: ${retry.reason}. Tried again at ${instant(retry.next_attempt)}.`),
    ...told.accounts.map(({ credentials, retry }) => `Account ${credentials}: ${retry.reason}. Tried again at ${instant(retry.next_attempt)}.`),
  ];
  return found.length ? card("What is wrong", sentences(found, "bad")) : null;
}

function breakers(told) {
  if (!told.length) return element("p", { class: "quiet" }, "Nothing was sent since the start.");
  const heads = [["Host", ""], ["Breaker", "short"], ["Failing", "number"], ["Under way", "number"], ["Next probe", "short"], ["Why", ""]];
  return table("Ways to the platform", heads, told.map((way) => element("tr", {},
    element("th", { scope: "row" }, way.host),
    element("td", { class: `short ${way.open ? "bad" : "well"}` }, way.open ? "open: nothing is sent" : "closed: sending"),
    element("td", { class: "number" }, way.open ? "all" : `${Math.round(way.share_failing * 100)} %`),
    element("td", { class: "number" }, count(way.under_way)),
    element("td", { class: "short" }, instant(way.next_probe)),
    element("td", { class: "words" }, way.reason))));
}

function queues(told) {
  if (!told.length) return element("p", { class: "quiet" }, "None.");
  const heads = [["Meter", ""], ["Waiting", "number"], ["Oldest", "short"], ["Last accepted", "extra short"], ["Next attempt", "short"], ["Why", ""]];
  const rows = told.slice(0, MOST).map((queue) => element("tr", {},
    element("th", { scope: "row" }, element("a", { href: viewOf(queue.id) }, queue.id)),
    element("td", { class: "number" }, count(queue.waiting)),
    element("td", { class: "short" }, instant(queue.oldest)),
    element("td", { class: "extra short" }, instant(queue.last_accepted)),
    element("td", { class: "short" }, queue.retry ? instant(queue.retry.next_attempt) : queue.held_until ? instant(queue.held_until) : "–"),
    element("td", { class: "words" }, queue.alarm || queue.retry?.reason || (queue.held_until ? "held" : queue.under_way ? "under way" : ""))));
  return [table("Queues", heads, rows), told.length > MOST ? element("p", { class: "quiet" }, `and ${count(told.length - MOST)} more`) : null];
}
