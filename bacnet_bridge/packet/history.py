"""A table of old values (CSV) → rows in the order of their instants, or every mistake at once, with its line. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from bacnet_bridge.packet.local_times import parse_time, resolve
from bacnet_bridge.vocabulary.fields import ELECTRICAL, FIELDS, SINGLE

_TIMES: Final = frozenset({"timestamp", "time", "datetime", "date", "ts", "tsiso8601"})
_KEYS: Final = {key.lower(): key for key in FIELDS}
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d{1,3})?", re.ASCII)
_COLUMNS: Final = f"timestamp, then {SINGLE.key} or any of {', '.join(each.key for each in ELECTRICAL)}"


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one instant, and the line of the file that they stand in."""

    line: int
    instant: int
    fields: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one line."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class History:
    """`rows` are those that are sound, by instant, no two of one; `faults` by line; `notes` are for people."""

    rows: tuple[Row, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Raw:
    """A line with its time and its cells by field."""

    line: int
    time: datetime
    cells: dict[str, str] = field(default_factory=dict)


def read_history(text: str, zone: str) -> History:
    """`zone` is the one of times without an offset. Semicolon, comma or tab, whichever the header has most of.

    A decimal comma is understood in cells; a table that has decimal points, too, is refused at its commas.
    """
    delimiter = max(";,\t", key=text.lstrip().partition("\n")[0].count)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    header = next((cells for cells in lines if _said(cells)), [])
    try:
        columns = _columns(header)
    except ValueError as error:
        return History(faults=(Fault(max(1, lines.line_num), str(error)),))
    raw: list[_Raw] = []
    faults: list[Fault] = []
    for cells in lines:
        if _said(cells):
            try:
                raw.append(_raw(lines.line_num, cells, columns))
            except ValueError as error:
                faults.append(Fault(lines.line_num, str(error)))
    rows, more, notes = _timed(raw, zone)
    return History(tuple(rows), tuple(sorted([*faults, *more], key=lambda fault: fault.line)), tuple(notes))


def _said(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#")


def _columns(header: Sequence[str]) -> list[str]:
    """By column: `time` or a field's key."""
    names = [name.strip().lower() for name in header]
    if len(names) < 2:
        raise ValueError(f"the header has no two columns: {_COLUMNS}")
    columns = ["time" if name in _TIMES else _KEYS.get(name, "") for name in names]
    if len(columns) == 2 and columns[0] == "time" and not columns[1] and not _NUMBER.match(names[1]):
        columns[1] = SINGLE.key  # whatever it is called
    for column, name in zip(columns, header, strict=True):
        if not column:
            raise ValueError(
                f"the column {name.strip()!r} is none that is known; the first line is a header: {_COLUMNS}"
            )
    if columns.count("time") != 1 or len(set(columns)) != len(columns):
        raise ValueError(f"one column of times, and each other once: {_COLUMNS}")
    if SINGLE.key in columns and len(columns) > 2:
        raise ValueError(f"{SINGLE.key} stands alone, without electrical columns")
    return columns


def _raw(line: int, cells: Sequence[str], columns: Sequence[str]) -> _Raw:
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} cells, where the header has {len(columns)}")
    named = dict(zip(columns, (cell.strip() for cell in cells), strict=True))
    raw = _Raw(line, parse_time(named.pop("time")))
    raw.cells = {key: text for key, text in named.items() if text}
    if not raw.cells:
        raise ValueError("no value")
    for key, text in raw.cells.items():
        if not _NUMBER.fullmatch(text.replace(",", ".", 1)):
            raise ValueError(f"{key}: {text!r} is no number: write 1234.5 or 1234,5")
    return raw


def _timed(raw: Sequence[_Raw], zone: str) -> tuple[list[Row], list[Fault], list[str]]:
    rows: dict[int, Row] = {}
    faults: list[Fault] = []
    twice: list[int] = []
    points = any("." in text for each in raw for text in each.cells.values())
    for each, resolved in zip(raw, resolve([each.time for each in raw], zone), strict=True):
        if resolved.instant is None:
            faults.append(Fault(each.line, resolved.problem))
        elif resolved.instant in rows:
            faults.append(Fault(each.line, f"{each.time} is the instant of line {rows[resolved.instant].line}, too"))
        elif points and (comma := next((text for text in each.cells.values() if "," in text), "")):
            faults.append(Fault(each.line, f"{comma!r} has a comma, other lines have decimal points: which is it?"))
        else:
            fields = {key: Decimal(text.replace(",", ".")) for key, text in each.cells.items()}
            rows[resolved.instant] = Row(each.line, resolved.instant, fields)
            twice += [each.line] if resolved.twice else []
    return [rows[instant] for instant in sorted(rows)], faults, list(_told(twice, zone))


def _told(twice: Sequence[int], zone: str) -> Iterator[str]:
    if twice:
        yield (
            f"{ranges(twice)}: times that exist twice in {zone}, when clocks were set back, are taken by their order; "
            "write an offset to say which is meant"
        )


def ranges(lines: Iterable[int]) -> str:
    """`line 7`, `lines 2-5, 9`."""
    spans: list[list[int]] = []
    for line in sorted(lines):
        if spans and line == spans[-1][1] + 1:
            spans[-1][1] = line
        else:
            spans.append([line, line])
    said = [str(first) if first == last else f"{first}-{last}" for first, last in spans]
    return f"line{'' if len(spans) == 1 and spans[0][0] == spans[0][1] else 's'} {', '.join(said)}"
