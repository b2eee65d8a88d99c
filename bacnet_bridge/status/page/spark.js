// The last 24 hours of a meter as a line of the height of a word. Pure.

import { between } from "./words.js";

const LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const MOST = 48;

/** From `spark`, `low`, `high` and `unit` of a meter's row; null where nothing is known. */
export function spark(meter) {
  if (!meter.spark) return null;
  const start = MOST - meter.spark.length; // the newest stands at the right
  const levels = [...meter.spark].map((sign) => LEVELS.indexOf(sign));
  const runs = [];
  levels.forEach((level, at) => {
    if (level < 0) return;
    if (!(levels[at - 1] >= 0)) runs.push([]);
    runs.at(-1).push(`${(start + at) * 2.5 + 1} ${26 - (level * 24) / 61}`);
  });
  const holes = [...meter.spark].flatMap((sign, at) => (sign === "!" ? [`M${(start + at) * 2.5 + 1} 24v4`] : []));
  const lines = runs.map((run) => (run.length > 1 ? `M${run.join("L")}` : `M${run[0]}h-2`));
  return svg("svg", { class: "spark", viewBox: "0 0 120 28", role: "img", "aria-label": spoken(meter, holes.length) },
    svg("path", { class: "line", d: lines.join("") }), svg("path", { class: "holes", d: holes.join("") }));
}

function spoken(meter, holes) {
  const figure = between(meter.low, meter.high);
  const range = meter.low === null ? "no value" : `between ${figure(meter.low)} and ${figure(meter.high)} ${meter.unit}`;
  return `Last 24 hours: ${range}${holes ? ", with holes" : ""}`;
}

function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}
