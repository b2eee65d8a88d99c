// Numbers and times as people read them. Pure.

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const FINEST = 20; // digits after the point that every browser can write

/** 12345 → 12,345 */
export function count(value) {
  return value === null || value === undefined ? "–" : number.format(value);
}

/** Writes values between these two so that they differ where they do: 0.001 and 0.004 are not both 0. */
export function between(least, greatest) {
  const size = greatest - least || Math.abs(greatest) || 1;
  const digits = Math.min(Math.max(2 - Math.floor(Math.log10(size)), 2), FINEST);
  const format = new Intl.NumberFormat("en", { maximumFractionDigits: digits });
  return (value) => format.format(value);
}

/** Seconds → “3 min”; rounded, with one unit. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (seconds >= 2 * length) return `${number.format(Math.round(seconds / length))} ${unit}`;
  }
  return `${number.format(Math.round(seconds))} s`;
}

/** A timestamp of the building, `2026-11-23T10:00:00.000+11:00` → its time of day there, with the day where that is not
 * the building's own of the timestamp `now`, which may be of another zone. */
export function localTime(timestamp, now) {
  if (!timestamp) return "–";
  const [day, time] = timestamp.split("T");
  return day === dayThere(timestamp, now) ? time.slice(0, 8) : `${day} ${time.slice(0, 5)}`;
}

/** The date at the instant `now` where the clocks are set as in this timestamp. */
function dayThere(timestamp, now) {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(timestamp) ?? ["", "+", 0, 0];
  const ahead = (sign === "-" ? -1 : 1) * (60 * hours + Number(minutes));
  const there = new Date(Date.parse(now) + 60000 * ahead);
  return Number.isNaN(there.getTime()) ? "" : there.toISOString().slice(0, 10);
}

/** UTC milliseconds → the reader's own local time. */
export function instant(milliseconds) {
  if (!milliseconds) return "–";
  const then = new Date(milliseconds);
  const day = then.toDateString() === new Date().toDateString() ? "" : `${then.toLocaleDateString("en-CA")} `;
  return day + then.toLocaleTimeString("en-GB");
}

/** “1 meter”, “2 meters” */
export function several(amount, noun) {
  return `${count(amount)} ${noun}${amount === 1 ? "" : "s"}`;
}

/** For a place among many, cut after so many characters: the whole stands in a view of its own. */
export function brief(said, most = 160) {
  return said.length > most ? `${said.slice(0, most - 1)}…` : said;
}
