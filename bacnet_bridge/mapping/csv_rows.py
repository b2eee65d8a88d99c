"""A CSV file, or a spreadsheet, of points → raw meters. Pure.

One row per point. The columns bear the names of the YAML keys, in any order and case, besides:

- `meter`: the meter's name. Rows of one name (or, without a name, of one id) are one meter; a row without both
  belongs to the meter above.
- `field`: `value`, or one of the electrical keys; `sum aP_1` in each of several rows that are added up.
- `note`: for people.

A column of the meter (id, device, interval …) may be left blank in all rows of the meter but one.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.problems import Findings, meant, quoted
from bacnet_bridge.mapping.rows import Cell, RawMeter, RawPoint
from bacnet_bridge.mapping.table_cells import csv_cells, workbook_cells
from bacnet_bridge.sheets.cells import sniff

METER: Final = "meter"
FIELD: Final = "field"
NOTE: Final = "note"
_OF_METERS: Final = tuple(name for name in keys.METER_KEYS if name not in keys.POINT_KEYS)
"""What may stand with a meter or with a field is the row's own here."""
COLUMNS: Final = (METER, FIELD, NOTE, *_OF_METERS, *keys.POINT_KEYS)
"""Every column that a file may have."""

_KNOWN: Final = f"; known are {', '.join(COLUMNS)}"
_DECIMALS: Final = frozenset({"multiplier", "offset", "ct", "vt", "tolerance", "max_rate", "rollover"})
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d*,\d+", re.ASCII)
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3}|\.000)", re.ASCII)
"""Where a comma may be the decimal sign, `1.000` is how a spreadsheet writes a thousand."""

Row = dict[str, Cell]


def csv_rows(text: str, file: Path, findings: Findings) -> list[RawMeter]:
    """The meters of a CSV file; what is wrong with its form goes to the findings."""
    delimiter = sniff(text)
    return _meters(csv_cells(text, file, delimiter, findings), delimiter, findings)


def workbook_rows(content: bytes, file: Path, findings: Findings) -> list[RawMeter]:
    """The same of a spreadsheet's first sheet; a place's column is the cell's: C is 3."""
    return _meters(workbook_cells(content, file, findings), "", findings)


def _meters(lines: Iterator[list[Cell]], delimiter: str, findings: Findings) -> list[RawMeter]:
    header = next(lines, None)
    columns = None if header is None else _columns(header, findings)
    if columns is None:
        return []
    rows = [_row(columns, line, delimiter, findings) for line in lines]
    return [_meter(group, findings) for group in _grouped([row for row in rows if row], findings)]


def _columns(header: list[Cell], findings: Findings) -> list[str] | None:
    """The column names; None where the header does not do, so that its rows would only repeat the complaint."""
    names = [re.sub(r"[\s-]+", "_", cell.text.lower()) for cell in header]
    if not set(names) & set(COLUMNS):
        findings.wrong(header[0].place, "this row names no column; begin with a row like meter;id;device;field;object")
        return None
    sound = True
    for number, (name, cell) in enumerate(zip(names, header, strict=True)):
        if name and name not in COLUMNS:
            findings.wrong(cell.place, f"there is no column {quoted(cell.text)}{meant(name, COLUMNS, _KNOWN)}")
            sound = False
        elif name and name in names[:number]:
            findings.wrong(cell.place, f"the column {quoted(cell.text)} is there twice; keep one of them")
    missing = [name for name in (FIELD, keys.OBJECT.name) if name not in names]
    if missing and sound:
        findings.wrong(header[0].place, f"the column {missing[0]} is missing; add it to the header")
    return None if missing else names


def _row(columns: list[str], line: list[Cell], delimiter: str, findings: Findings) -> Row:
    surplus = next((cell for cell in line[len(columns) :] if cell.text), None)
    if surplus is not None:
        findings.wrong(surplus.place, "this cell has no column above it; mind a delimiter too many before it")
    row = {name: cell for name, cell in zip(columns, line, strict=False) if cell.text}
    for name in _DECIMALS & row.keys():
        row[name] = _pointed(row[name], delimiter, findings)
    return row


def _pointed(cell: Cell, delimiter: str, findings: Findings) -> Cell:
    """A decimal comma as a point, where commas do not part the cells."""
    if delimiter == ",":
        return cell
    pointed = cell.text.replace(",", ".")
    if _THOUSANDS.fullmatch(cell.text):
        small, large = pointed.rstrip("0").rstrip("."), pointed.replace(".", "")
        findings.wrong(cell.place, f"{quoted(cell.text)} can be read in two ways; write {small} or {large}")
    return Cell(pointed, cell.place) if _DECIMAL_COMMA.fullmatch(cell.text) else cell


def _grouped(rows: list[Row], findings: Findings) -> list[list[Row]]:
    """Rows by meter, in the order of the meters' first rows."""
    groups: list[list[Row]] = []
    known: dict[tuple[str, str], list[Row]] = {}
    group: list[Row] | None = None
    for row in rows:
        marks = [(name, row[name].text) for name in (METER, keys.ID.name) if name in row]
        group = known.get(marks[0]) if marks else group
        if group is None:
            group = []
            groups.append(group)
            if not marks:
                findings.wrong(_first(row).place, "this row belongs to no meter; give it a meter's name or an id")
        for mark in marks:
            known.setdefault(mark, group)
        group.append(row)
    return groups


def _meter(group: list[Row], findings: Findings) -> RawMeter:
    shared: Row = {}
    for row in group:
        for name in (METER, *_OF_METERS):
            if name not in row:
                continue
            first = shared.setdefault(name, row[name])
            if first.text != row[name].text:
                findings.wrong(
                    row[name].place,
                    f"{name} {quoted(row[name].text)} contradicts {quoted(first.text)} of the same meter in line "
                    f"{first.place.line}; leave it blank, or give the row a meter of its own",
                )
    title = shared.pop(METER, None) or shared.get(keys.ID.name) or _first(group[0])
    points = tuple(point for row in group for point in _point(row, findings))
    tried = any(row.keys() & {FIELD, *keys.POINT_KEYS} for row in group)
    return RawMeter(title, shared, points, tried)


def _point(row: Row, findings: Findings) -> list[RawPoint]:
    """The row's point; none where it has neither field nor object, as a draft's may."""
    cells = {name: cell for name, cell in row.items() if name in keys.POINT_KEYS}
    if FIELD not in row:
        if cells:
            findings.wrong(_first(cells).place, "this row names no field; fill the column field, with value or aP_1 …")
        return []
    field = row[FIELD]
    if keys.OBJECT.name not in cells:
        findings.wrong(field.place, f"{quoted(field.text)} names no object; fill the column object, like AI1")
        return []
    head, _, tail = field.text.partition(" ")
    summed = head.lower() == keys.SUM and bool(tail.strip())
    return [RawPoint(Cell(tail.strip(), field.place) if summed else field, cells, summed)]


def _first(row: Row) -> Cell:
    return min(row.values(), key=lambda cell: (cell.place.line, cell.place.column))
