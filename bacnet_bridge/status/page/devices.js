// Every device that is read, by network.

import { documentAt, viewOf } from "./documents.js";
import { card, element, facts } from "./elements.js";
import { brief, count, instant, several } from "./words.js";

const MOST = 50; // meters that are named under a device

export async function devices() {
  const told = await documentAt("/api/devices");
  const silent = told.filter((device) => device.silent_since).length;
  const networks = new Map();
  for (const each of [...told].sort((a, b) => a.instance - b.instance)) {
    networks.set(each.network ?? 0, [...(networks.get(each.network ?? 0) ?? []), each]);
  }
  return [
    element("header", {}, element("h1", {}, "Devices"),
      element("p", { class: silent ? "bad" : "quiet" }, told.length ? `${several(told.length, "device")}, ${silent ? `${count(silent)} silent` : "all answer"}.` : "No device is read.")),
    ...[...networks].sort(([a], [b]) => a - b).map(([network, members]) =>
      card(network ? `Network ${network}` : "The bridge's own network", element("div", { class: "tree" }, members.map(device)))),
  ];
}

function device(told) {
  return element("details", { "data-own": told.device },
    element("summary", {}, element("strong", {}, `Device ${told.device}`), mark(told),
      element("span", { class: "quiet" }, [brief(told.address, 60), told.round_trip ? `${told.round_trip.toFixed(0)} ms` : "", several((told.meters ?? []).length, "meter")].filter(Boolean).join(" · "))),
    facts(
      ["Silent since", told.silent_since ? instant(told.silent_since) : ""],
      ["Conflicts", told.conflicts?.length ? told.conflicts.map((said) => element("p", { class: "bad" }, said)) : ""],
      ["Address", told.address || "not found yet"],
      ["Mapped by address", told.mapped_address],
      ["Last I-Am", told.last_i_am ? instant(told.last_i_am) : "not heard since the start"],
      ["Round trip", told.round_trip ? `${told.round_trip.toFixed(1)} ms` : "–"],
      ["Longest message", told.max_apdu ? `${told.max_apdu} octets` : "–"],
      ["Requests a slot", `${count(told.requests)}, ${count(told.in_flight)} at once`],
      ["Questions", `${count(told.asked)} asked, ${count(told.unanswered)} unanswered, ${count(told.refused)} refused since the start`],
      ["Last refusal", told.refusal && `${told.refusal} (${instant(told.refused_at)})`],
      ["Reads one by one", told.multiple_refused_at ? `since ${instant(told.multiple_refused_at)}: it refuses ReadPropertyMultiple` : ""],
      ["Read apart", Object.keys(told.spoiling ?? {}).join(", ")],
      ["Not answered about", (told.dumb ?? []).join(", ")],
      ["Meters", links(told.meters ?? [])],
    ));
}

function mark(told) {
  if (told.silent_since) return element("span", { class: "badge bad" }, "silent");
  if (told.conflicts?.length) return element("span", { class: "badge bad" }, "in conflict");
  return told.unanswered || told.refused ? element("span", { class: "badge odd" }, "had errors") : element("span", { class: "badge well" }, "answers");
}

function links(meters) {
  if (!meters.length) return null;
  const named = meters.slice(0, MOST).flatMap((id, at) => [at ? ", " : "", element("a", { href: viewOf(id) }, id)]);
  return element("span", {}, named, meters.length > MOST ? ` and ${count(meters.length - MOST)} more` : "");
}
