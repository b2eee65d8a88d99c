// The mapping: which files, what is wrong in them and where, and whether it is in force.

import { documentAt } from "./documents.js";
import { card, element, facts, figures, sentences, table } from "./elements.js";
import { count, instant } from "./words.js";

const KINDS = { "in force": "well", "in force, touched": "well", wrong: "bad", "waits for apply": "odd", "comes into force": "odd" };

export async function mapping() {
  const told = await documentAt("/api/mapping");
  return [
    element("header", {}, element("h1", {}, "Mapping"), element("p", { class: "quiet" }, told.folder)),
    element("div", { class: `verdict ${KINDS[told.state] ?? "odd"}`, role: "status" },
      element("span", { class: "sign", "aria-hidden": "true" }, KINDS[told.state] === "well" ? "✓" : "!"),
      element("p", {}, element("strong", {}, `The files are ${told.state}.`), told.sentence || "")),
    figures(["Meters in force", count(told.meters)], ["Drafts", count(told.drafts.length)], ["In force since", instant(told.in_force_since)], ["Looked at", instant(told.judged_at)]),
    told.problems.length ? card("Problems", problems("Problems", told.problems, "bad")) : null,
    told.waiting ? card("What the edit would change", sentences(told.waiting.sentences, told.waiting.takes_away ? "odd" : "")) : null,
    told.warnings.length ? card("Warnings", problems("Warnings", told.warnings, "odd")) : null,
    card("Files", table("Files", [["File", ""], ["Bytes", "number"], ["Changed", "short"]], told.files.map((file) => element("tr", {},
      element("th", { scope: "row" }, file.file), element("td", { class: "number" }, count(file.size)), element("td", { class: "short" }, instant(file.modified)))))),
    told.drafts.length ? card("Drafts, which are not read", facts(...told.drafts.map((name) => ["Meter", name]))) : null,
  ];
}

function problems(caption, told, kind) {
  return table(caption, [["Where", ""], ["What", ""], ["What to do", ""]], told.map((each) => element("tr", {},
    element("th", { scope: "row" }, place(each)), element("td", { class: `words ${kind}` }, each.message), element("td", { class: "words" }, each.suggestion ?? ""))));
}

function place({ file, line, column }) {
  if (!file) return "the mapping";
  return [file, line, line && column].filter(Boolean).join(":");
}
