"""The sheet by which drafts are registered with the platform: what its staff need, and the ids that they return. Pure.

A row per draft. The first column is our key, by which an id finds its draft again: it is made of the draft's name
alone, holds nothing that a spreadsheet would make a number or a date of, and survives a move to another file.
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bacnet_bridge.mapping.meters import Draft
from bacnet_bridge.mapping.problems import Findings, quoted
from bacnet_bridge.mapping.rows import Cell
from bacnet_bridge.mapping.table_cells import csv_cells
from bacnet_bridge.model import Meter, Nature, Point
from bacnet_bridge.sheets.cells import sniff
from bacnet_bridge.vocabulary.objects import ObjectId

KEY, ID = "key", "id"
COLUMNS: Final = (KEY, "name", "kind", "unit", "interval_s", "zone", "fields", "account", ID)
_LETTERS: Final = "bcdfghjkmnpqrstvwxyz"
"""No vowels, so no words; no digits, so no numbers, dates or exponents."""
_LENGTH: Final = 10
Claimed = Mapping[tuple[int, ObjectId], str]
"""Device and object → the unit's symbol that the object claims."""
_NOTHING: Final[Claimed] = {}
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Returned:
    """A row of the sheet that came back; `id` is None where it is still blank."""

    key: Cell
    id: Cell | None


def key_of(name: str) -> str:
    """Our key of the meter with this name."""
    number, letters = int.from_bytes(hashlib.sha256(name.encode()).digest()), []
    for _ in range(_LENGTH):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return "bb-" + "".join(letters)


def write_sheet(drafts: Iterable[Draft], claimed: Claimed = _NOTHING) -> str:
    """As CSV (RFC 4180). Drafts without a device or a field are left out."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for draft in drafts:
        if draft.meter is not None:
            meter = draft.meter
            row = (meter.name, kind(meter), _units(meter, claimed), str(meter.interval), meter.zone, _fields(meter))
            writer.writerow((key_of(meter.name), *map(_inert, row), _inert(meter.account), ""))
    return out.getvalue()


def read_sheet(text: str, file: Path, findings: Findings) -> list[Returned]:
    """What came back, in whatever order of columns and with whatever columns beside."""
    lines = list(csv_cells(text, file, sniff(text), findings))
    header = [cell.text.lower() for cell in lines[0]] if lines else []
    if KEY not in header or ID not in header:
        findings.wrong(None, f"{file} has no columns {KEY} and {ID}; take the sheet that `register export` wrote")
        return []
    key, identifier = header.index(KEY), header.index(ID)
    found: list[Returned] = []
    for line in lines[1:]:
        cells = {at: cell for at, cell in enumerate(line) if cell.text}
        if key in cells:
            found.append(Returned(cells[key], cells.get(identifier)))
        elif identifier in cells:
            cell = cells[identifier]
            findings.wrong(cell.place, f"the id {quoted(cell.text)} stands in a row without our key; fill the key in")
    return found


def lacking_unit(meter: Meter, claimed: Claimed = _NOTHING) -> bool:
    """The platform's staff will ask: a single value whose unit only the device knows."""
    return meter.single and not _units(meter, claimed)


def kind(meter: Meter) -> str:
    """As `check` calls it."""
    if not meter.single:
        return "electrical"
    nature = meter.points[0].nature
    return "value" if nature is Nature.INSTANT else f"value, {nature.value}"


def _units(meter: Meter, claimed: Claimed) -> str:
    units = (point.required_unit or _stated(point, meter.device, claimed) for point in meter.points)
    return " ".join(dict.fromkeys(filter(None, units)))


def _stated(point: Point, device: int, claimed: Claimed) -> str:
    if point.unit is not None:
        return point.unit.symbol
    as_it_is = point.multiplier == 1 and point.offset == 0  # else a person has to say what it becomes
    return claimed.get((device, point.source.object), "") if as_it_is else ""


def _fields(meter: Meter) -> str:
    return " ".join(dict.fromkeys(point.field for point in meter.points))


def _inert(text: str) -> str:
    """A name that a spreadsheet would compute is kept a text."""
    return f"'{text}" if _FORMULA.match(text) else text
