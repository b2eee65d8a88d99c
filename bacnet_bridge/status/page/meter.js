// One meter: its trend, its points, the exact last packet and the platform's answer, its queue, its days.

import { Gone, documentAt, documentOf } from "./documents.js";
import { card, element, facts, sentences, table } from "./elements.js";
import { withRemedy } from "./remedies.js";
import { between, count, duration, instant, localTime, several } from "./words.js";

export async function meter(id) {
  const told = await documentAt(documentOf(id));
  const history = await documentAt(`${documentOf(id)}/history`).catch(forgiven);
  const now = new Date().toISOString();
  return [
    element("header", {}, element("p", {}, element("a", { href: "/meters" }, "← All meters")), element("h1", {}, told.name),
      element("p", { class: "quiet" }, `Meter ${told.id}, device ${told.device}, every ${duration(told.interval)}.`)),
    wrong(told),
    history && trend(told, history),
    card("Points", points(told, now)),
    card("Last packet", packet(told.packet), told.answer && answer(told.answer)),
    card("Queue", queue(told.queue)),
    card("Day by day", days(told.days)),
    card("Mapped as", facts(["Account", told.account], ["Device", told.address ? `${told.device} at ${told.address}` : String(told.device)],
      ["Time zone", told.zone], ["Tolerance", duration(told.tolerance)], ["Written in", told.place])),
  ];
}

/** A meter of which nothing is remembered has no history, and all the rest. */
function forgiven(error) {
  if (error instanceof Gone) return null;
  throw error;
}

function wrong(told) {
  const found = [[told.problem, "bad"], [told.attention, "odd"]].filter(([said]) => said);
  return found.length ? card("To be looked at", found.map(([said, kind]) => sentences([withRemedy(said)], kind))) : null;
}

/** Drawn by the bridge, once for each ground; told in words to those who do not see it. */
function trend(told, history) {
  const known = history.values.filter((value) => value !== null);
  const heading = `Last 24 hours: ${told.field ?? history.field}${history.unit ? ` in ${history.unit}` : ""}`;
  if (!known.length) return card(heading, element("p", { class: "quiet" }, "No value is remembered."));
  const holes = history.holes.reduce((sum, each) => sum + each, 0);
  const least = known.reduce((a, b) => Math.min(a, b)), greatest = known.reduce((a, b) => Math.max(a, b));
  const figure = between(least, greatest);
  const words = `From ${figure(least)} to ${figure(greatest)} ${history.unit}, ${figure(known.at(-1))} at last; ${holes ? several(holes, "hole") : "no hole"}.`;
  const address = (dark) => `/meters/${encodeURIComponent(told.id)}/trend.svg?until=${history.first + history.step * history.values.length * 1000}&width=${width()}${dark}`;
  return card(heading,
    element("picture", {}, element("source", { media: "(prefers-color-scheme: dark)", srcset: address("&dark") }),
      element("img", { class: "plot", src: address(""), alt: `Trend of the last 24 hours. ${words}`, width: width(), height: 260 })),
    element("p", { class: "quiet" }, words, history.complete === false && " What was read before the restart is still being looked up."));
}

function width() {
  return window.innerWidth < 640 ? 360 : 900;
}

function points(told, now) {
  const heads = [["Field", ""], ["Value", "number"], ["Raw value", "short"], ["Flags", "short"], ["Read at", "short"], ["Read from", "short"], ["Remark", ""]];
  return table("Points", heads, told.points.map((point) => element("tr", {},
    element("th", { scope: "row" }, point.field),
    element("td", { class: "number" }, quantity(point.value, point.value_unit)),
    element("td", { class: "short" }, element("code", {}, quantity(point.raw, point.unit))),
    element("td", { class: "short" }, (point.flags ?? []).join(", ") || "–"),
    element("td", { class: "short" }, localTime(point.at, now)),
    element("td", { class: "short" }, point.source),
    element("td", { class: `words ${point.problem ? "bad" : "odd"}` }, point.problem || point.notice || ""))));
}

function quantity(value, unit) {
  return value === null || value === undefined || value === "" ? "–" : `${value} ${unit ?? ""}`.trim();
}

function packet(told) {
  if (!told) return element("p", { class: "quiet" }, "No slot was read since the start.");
  const slot = instant(told.slot);
  if (told.hole) return element("p", { class: "odd" }, `The slot of ${slot} has no packet. ${told.hole}: ${told.detail}`);
  return [element("p", {}, `Of the slot of ${slot}, exactly as it is sent:`), element("pre", { tabindex: "0" }, told.body)];
}

function answer(told) {
  const status = told.status === null ? "no answer" : `HTTP ${told.status}`;
  return [
    element("p", {}, `Sent last, for the slot of ${instant(told.instant)}; answered at ${instant(told.at)} after ${told.seconds.toFixed(2)} s: `,
      element("strong", { class: told.action === "accepted" ? "well" : "bad" }, `${told.action} (${status})`)),
    told.text && element("p", {}, told.text),
    element("details", {}, element("summary", {}, "The line that was sent"), element("pre", { tabindex: "0" }, told.body)),
  ];
}

function queue(told) {
  if (!told) return element("p", { class: "quiet" }, "Nothing was put into its queue yet.");
  return [
    facts(["Waiting", count(told.waiting)], ["Oldest", told.oldest && instant(told.oldest)], ["Last accepted", instant(told.last_accepted)],
      [told.heals ? "Held for its log until" : "Held until", told.held_until && instant(told.held_until)], ["Alarm", told.alarm],
      ["Next attempt", told.retry && `${instant(told.retry.next_attempt)}: ${told.retry.reason}`]),
    told.answers?.length ? [element("h3", {}, "Latest refusals"), sentences(told.answers.map(said), "bad")] : null,
    told.next?.length ? element("details", {}, element("summary", {}, `The first ${told.next.length} that wait`),
      element("pre", { tabindex: "0" }, told.next.map((each) => each.body).join("\n"))) : null,
  ];
}

function said([at, sentence]) {
  return `${instant(at)}: ${sentence}`;
}

function origins(day) {
  return Object.fromEntries(["healed", "pushed"].filter((origin) => day[origin]).map((origin) => [origin, day[origin]]));
}

function days(told) {
  if (!told.length) return element("p", { class: "quiet" }, "Nothing is counted before the clock is believed.");
  const heads = [["Day", ""], ["Due", "number"], ["Accepted", "number"], ["Waiting", "number"], ["Set aside", "number extra"], ["Holes", "number"], ["Why", "extra"]];
  return table("Day by day", heads, told.map((day) => element("tr", {},
    element("th", { scope: "row", class: "short" }, day.day),
    ...["due", "accepted", "waiting"].map((name) => element("td", { class: "number" }, count(day[name]))),
    element("td", { class: "number extra" }, count(day.set_aside)),
    element("td", { class: `number ${day.holes ? "odd" : ""}` }, count(day.holes)),
    element("td", { class: "extra" }, Object.entries({ ...origins(day), ...day.reasons }).map(([reason, number]) => `${reason}: ${count(number)}`).join(", ")))));
}
