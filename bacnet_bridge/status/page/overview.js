// The overview: all is well, or what is wrong and what to do about it.

import { documentAt } from "./documents.js";
import { card, element, figures, sentences } from "./elements.js";
import { withRemedy } from "./remedies.js";
import { count, localTime } from "./words.js";

const VERDICTS = {
  bad: ["✕", "The bridge does not do all of its work.", "What is wrong, and what to do, stands below."],
  odd: ["!", "The bridge works; something in the building does not.", "All that can be read is delivered."],
  well: ["✓", "All is well.", "Every meter is read, and every packet arrives."],
};

export async function overview() {
  const told = await documentAt("/api/overview");
  return [
    element("header", {}, element("h1", {}, "Overview"),
      element("p", { class: "quiet" }, `In the building it is ${localTime(told.now, told.now)}. Running since ${localTime(told.started, told.now)}, version ${told.version}.`)),
    verdict(told),
    figures(
      ["Meters", element("a", { href: "/meters" }, count(told.meters))],
      ["Packets accepted today", count(told.accepted)],
      ["Packets waiting", element("a", { href: "/delivery" }, count(told.waiting))],
      ["Holes today", told.holes ? element("a", { href: "/meters?only=holes" }, count(told.holes)) : "0", told.holes ? "odd" : ""],
    ),
    list("What is wrong", told.problems, "bad"),
    list("To be looked at", told.attention, "odd"),
    list("Also", [...told.other_queues, ...told.exchanges], ""),
  ];
}

function verdict(told) {
  const kind = told.problems.length ? "bad" : told.attention.length ? "odd" : "well";
  const [sign, said, more] = VERDICTS[kind];
  return element("div", { class: `verdict ${kind}`, role: "status" },
    element("span", { class: "sign", "aria-hidden": "true" }, sign), element("p", {}, element("strong", {}, said), more));
}

function list(heading, told, kind) {
  return told.length ? card(heading, sentences(told.map(withRemedy), kind)) : null;
}
