// Every meter: search, filter and sort thousands of them here in the browser, and show the first of what is found.

import { documentAt, viewOf } from "./documents.js";
import { element, show, table } from "./elements.js";
import { spark } from "./spark.js";
import { brief, count, localTime, several } from "./words.js";

const ROWS = 100;

const FILTERS = {
  all: ["All", () => true],
  wrong: ["With something wrong", (meter) => meter.problem || meter.attention],
  waiting: ["With packets waiting", (meter) => meter.waiting],
  holes: ["With holes today", (meter) => meter.holes],
};

const text = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
const plain = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// name → [heading, what it is sorted by, how, class]
const COLUMNS = {
  name: ["Meter", (meter) => meter.name, text, ""],
  last: ["Last value", (meter) => meter.value === null || meter.value === undefined ? -Infinity : Number(meter.value), plain, "short"],
  slot: ["Slot", (meter) => meter.slot ?? "", plain, "extra short"],
  accepted_at: ["Last accepted", (meter) => meter.last_accepted ?? "", plain, "extra short"],
  waiting: ["Waiting", (meter) => meter.waiting, plain, "number"],
  holes: ["Holes today", (meter) => meter.holes, plain, "number"],
};

const asked = new URLSearchParams(location.search);
const state = {
  search: asked.get("search") ?? "",
  only: asked.get("only") in FILTERS ? asked.get("only") : "all",
  sort: asked.get("sort") in COLUMNS ? asked.get("sort") : "",
  down: asked.has("down"),
  rows: ROWS,
};
let all = [], place = null;

export async function meters() {
  all = await documentAt("/api/meters");
  for (const meter of all) meter.found ??= `${meter.name}\n${meter.id}\n${meter.device}\n${meter.last}`.toLowerCase();
  place ??= [
    element("header", { "data-own": "head" }, element("h1", {}, "Meters")),
    element("section", { class: "card", "data-own": "meters" }, tools(), element("div"), element("p")),
  ];
  list();
  return place;
}

function tools() {
  const search = element("input", { type: "search", name: "search", autocomplete: "off", spellcheck: "false",
    placeholder: "name, id, device or value", input: (event) => ask({ search: event.target.value }) });
  search.value = state.search;
  const only = element("select", { name: "only", change: (event) => ask({ only: event.target.value }) },
    Object.entries(FILTERS).map(([name, [label]]) => element("option", { value: name, selected: name === state.only }, label)));
  return element("div", { class: "tools" }, element("label", {}, "Search", search), element("label", {}, "Show", only),
    element("output", { "aria-live": "polite" }));
}

/** Another question: it stands in the address, so that it can be kept and passed on. */
function ask(change) {
  Object.assign(state, { rows: ROWS }, change);
  const kept = new URLSearchParams();
  if (state.search) kept.set("search", state.search);
  if (state.only !== "all") kept.set("only", state.only);
  if (state.sort) kept.set("sort", state.sort);
  if (state.down) kept.set("down", "");
  history.replaceState(null, "", `${location.pathname}${kept.size ? `?${kept}` : ""}`);
  list();
}

function list() {
  const [toolbar, region, more] = place[1].children;
  const found = matching();
  const now = new Date().toISOString();
  show(region, found.length ? [table("Meters", heads(), found.slice(0, state.rows).map((meter) => row(meter, now)))]
    : [element("p", { class: "quiet" }, all.length ? "No meter is like this." : "No meter is read.")]);
  show(toolbar.querySelector("output"), [found.length === all.length ? several(all.length, "meter") : `${count(found.length)} of ${several(all.length, "meter")}`]);
  show(more, found.length > state.rows ? [element("button", { class: "more", type: "button", click: () => { state.rows += ROWS; list(); } },
    `Show ${count(Math.min(ROWS, found.length - state.rows))} more of ${count(found.length - state.rows)}`)] : []);
}

/** What is wrong comes first, unless somebody sorts. */
function matching() {
  const words = state.search.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = FILTERS[state.only][1];
  const found = all.filter((meter) => fits(meter) && words.every((word) => meter.found.includes(word)));
  if (!state.sort) return found.sort((a, b) => gravity(b) - gravity(a));
  const [, of, compare] = COLUMNS[state.sort];
  const turn = state.down ? -1 : 1;
  return found.map((meter) => [of(meter), meter]).sort(([a], [b]) => turn * compare(a, b)).map(([, meter]) => meter);
}

function gravity(meter) {
  return meter.problem ? 2 : meter.attention ? 1 : 0;
}

function heads() {
  const sortable = Object.entries(COLUMNS).map(([name, [label, , , kind]]) =>
    element("th", { scope: "col", class: kind, "data-own": name, "aria-sort": state.sort === name && (state.down ? "descending" : "ascending") },
      element("button", { type: "button", click: () => ask({ sort: name, down: state.sort === name && !state.down }) }, label)));
  return [...sortable, ["Last 24 h", "extra"]];
}

function row(meter, now) {
  const why = brief(meter.problem || meter.attention), kind = meter.problem ? "bad" : "odd";
  return element("tr", {},
    element("th", { scope: "row" }, element("a", { href: viewOf(meter.id) }, brief(meter.name)), why && element("span", { class: `why ${kind}` }, why)),
    element("td", { class: "short" }, brief(meter.last, 40) || "–"),
    element("td", { class: "extra short" }, localTime(meter.slot, now)),
    element("td", { class: "extra short" }, localTime(meter.last_accepted, now)),
    element("td", { class: "number" }, count(meter.waiting)),
    element("td", { class: `number ${meter.holes ? "odd" : ""}` }, count(meter.holes)),
    element("td", { class: "extra" }, spark(meter)));
}
