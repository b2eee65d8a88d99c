"""The key by which a point names the log from which its gaps are healed, and what is wrong with one. Pure.

A field's `backfill: TL5`, or pairs: `{log: TL5, tolerance: 30 s}`; in CSV `log=TL5, tolerance=30 s`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bacnet_bridge.mapping import texts
from bacnet_bridge.mapping.key import Key, read
from bacnet_bridge.mapping.problems import Findings, meant, quoted
from bacnet_bridge.mapping.rows import RawPoint
from bacnet_bridge.model import Backfill, Condition, LogColumn, Meter, Nature, Place, Point, PropertyRef
from bacnet_bridge.vocabulary.objects import TREND_LOG, TREND_LOG_MULTIPLE, parse_object

PARTS: Final = ("log", "tolerance", "age", "interpolate", "unflagged", "condition")
SKIP, SEND = "skip", "send"
_PART: Final = re.compile(r"[,;]\s*(?=[A-Za-z_]+\s*[:=])")
_COLUMN: Final = re.compile(r"(?P<log>.+?)\s+column\s+(?P<column>\d{1,4})", re.ASCII | re.IGNORECASE)


def log_column(text: str) -> LogColumn:
    """`TL5`, `trend-log,5`, or `TLM3 column 2`."""
    match = _COLUMN.fullmatch(text.strip())
    log, column = parse_object(match["log"] if match else text), int(match["column"]) if match else None
    if log.type not in {TREND_LOG, TREND_LOG_MULTIPLE}:
        raise ValueError(f"{log} is no trend log; write one like TL5, or TLM3 column 2")
    if log.type == TREND_LOG and column is not None:
        raise ValueError(f"{log} has no columns; write TL{log.instance}")
    if log.type == TREND_LOG_MULTIPLE and not column:
        raise ValueError(f"{log} has a column for each of its members, from 1; write TLM{log.instance} column 1")
    return LogColumn(log, column)


def backfill(text: str) -> Backfill:
    """`TL5`; `log: TL5, age: 2 h`, with colons or equals signs."""
    if re.match(r"\s*[A-Za-z]+\s*[:=]", text) is None or _is_log(text):
        return Backfill(log_column(text))
    said = _parts(text)
    if "log" not in said:
        raise ValueError("it names no log; write it like TL5, or {log: TL5, age: 2 h}")
    return Backfill(
        log_column(said["log"]),
        _milliseconds(said["tolerance"]) if "tolerance" in said else None,
        **({"age": _milliseconds(said["age"])} if "age" in said else {}),
        interpolate=texts.flag(said.get("interpolate", "no")),
        unflagged=_unflagged(said.get("unflagged", SKIP)),
        condition=log_column(said["condition"]) if "condition" in said else None,
    )


def _is_log(text: str) -> bool:
    try:
        log_column(text)
    except ValueError:
        return False
    return True


def _parts(text: str) -> dict[str, str]:
    said: dict[str, str] = {}
    for part in _PART.split(text):
        name, _, value = (each.strip() for each in re.sub(r"[:=]", "\n", part, count=1).partition("\n"))
        name = name.lower()
        if name not in PARTS:
            raise ValueError(f"{quoted(name)} is nothing that backfill has{meant(name, PARTS)}")
        if name in said:
            raise ValueError(f"{name} is there twice; keep one of them")
        if value:
            said[name] = value
    return said


def _milliseconds(text: str) -> int:
    return int(texts.seconds(text) * 1000)


def _unflagged(text: str) -> bool:
    if text.lower() not in {SKIP, SEND}:
        raise ValueError(f"{quoted(text)} is not what can be done with records without flags; write skip or send")
    return text.lower() == SEND


BACKFILL: Final = Key(
    "backfill",
    backfill,
    "The device's own trend log of this object, from which gaps are healed: TL5, or TLM3 column 2. Or pairs: log; "
    "tolerance, that a record may be off its slot (if not given: the meter's); age, that a value is carried on where "
    "the log writes only what changes (1 h); interpolate: yes, to work a counter out between two records; unflagged: "
    "send, to take records that bear no status flags; condition, the log of the valid_when object.",
    {
        "oneOf": [
            {"type": "string", "examples": ["TL5", "TLM3 column 2"]},
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["log"],
                "properties": {
                    "log": {"type": "string", "examples": ["TL5", "TLM3 column 2"]},
                    "tolerance": {"type": ["number", "string"], "examples": [30, "30 s"]},
                    "age": {"type": ["number", "string"], "examples": ["2 h"]},
                    "interpolate": {"enum": [True, False, "yes", "no"]},
                    "unflagged": {"enum": [SKIP, SEND]},
                    "condition": {"type": "string", "examples": ["TL6"]},
                },
            },
        ]
    },
)


def backfill_of(raw: RawPoint, nature: Nature, valid_when: Condition | None, findings: Findings) -> Backfill | None:
    """What the field says, if its parts go together."""
    cell = raw.cells.get(BACKFILL.name)
    said = read(BACKFILL, cell, findings)
    if said is None or cell is None:
        return None
    if said.interpolate and nature is Nature.INSTANT:
        findings.wrong(cell.place, "backfill: interpolate is for counters; leave it out, a measurement is not guessed")
    if valid_when is not None and said.condition is None:
        findings.odd(
            cell.place,
            f"backfill: whether {valid_when.text} held is not known of the past, so that nothing is healed; name the "
            "log of that object, as in {log: TL5, condition: TL6}",
        )
    if said.source.column is not None and not said.unflagged:
        findings.odd(
            cell.place,
            f"backfill: {said.source.log} keeps no status flags, so that nothing is healed from it; add "
            "unflagged: send to take its records for good",
        )
    if said.condition is not None and valid_when is None:
        findings.wrong(cell.place, "backfill: condition is for the object of a valid_when; leave it out")
    return said


def check_sums(points: Sequence[Point], findings: Findings) -> None:
    """A sum is healed whole or not at all."""
    for field in dict.fromkeys(point.field for point in points):
        registers = [point for point in points if point.field == field]
        without = [point for point in registers if point.backfill is None]
        if without and len(without) < len(registers):
            findings.odd(
                without[0].place,
                f"{without[0].source.object} has no backfill, and other registers of the sum {field} have; without it "
                f"no gap of {field} is healed",
            )


def check_tolerances(meter: Meter, findings: Findings) -> None:
    """A record may serve one slot only."""
    for point in meter.points:
        tolerance = None if point.backfill is None else point.backfill.tolerance
        if tolerance is not None and 2 * tolerance >= meter.interval * 1000:
            findings.wrong(
                point.place,
                f"backfill: a tolerance of {tolerance / 1000:g} s is not less than half the interval, "
                f"{meter.interval / 2:g} s; leave it out to have {min(meter.tolerance, meter.interval / 2):g} s",
            )


def check_logs(meters: Iterable[Meter], findings: Findings) -> None:
    """A log records one property: two points that name the same log, and read different ones, cannot both be right."""
    first: dict[tuple[int, LogColumn], tuple[PropertyRef, Place | None]] = {}
    for meter in meters:
        for point in meter.points:
            for log, what in _logs(point):
                other, place = first.setdefault((meter.device, log), (what, point.place))
                if other != what:
                    findings.wrong(
                        point.place,
                        f"backfill: {log} is named as the log of {what.object} here and of {other.object} at {place}; "
                        "mend one of them",
                    )


def _logs(point: Point) -> Iterable[tuple[LogColumn, PropertyRef]]:
    if point.backfill is not None:
        yield point.backfill.source, point.source
        if point.backfill.condition is not None and point.valid_when is not None:
            yield point.backfill.condition, point.valid_when.source
