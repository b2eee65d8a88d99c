"""A draft as a CSV file of the mapping, to be finished in a spreadsheet. Pure; docs/mapping.md has the format."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from bacnet_bridge.survey.draft import Draft, DraftMeter, DraftPoint

_METER: Final = ("meter", "id", "device", "address", "as", "valid_when")
COLUMNS: Final = (*_METER, "field", "object", "name", "unit", "backfill", "note")
_FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet would take for a formula; a name that begins so goes into the note instead."""


def as_csv(draft: Draft) -> str:
    """The file's text, parted by semicolons; what is unsure follows as rows that begin with `#`."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerows([f"# {sentence.replace(';', ',')}"] for sentence in draft.about)
    writer.writerow(COLUMNS)
    for meter in draft.meters:
        writer.writerows(_rows(meter))
    for meter in draft.unsure:
        writer.writerows([f"# {row[0]}", *row[1:]] for row in _rows(meter))
    return text.getvalue()


def _rows(meter: DraftMeter) -> Iterator[list[str]]:
    for at, point in enumerate(meter.points):
        name = point.name or ""
        note = point.note if at or not meter.heard else f"{point.note}; valid_when: {meter.heard}"
        if name.startswith(_FORMULA):
            name, note = "", f"name {name}; {note}"
        first = [
            "",
            str(meter.device),
            meter.address or "",
            "index" if meter.counter else "",
            meter.valid_when or "",
        ]
        shared = first if at == 0 else ["", "", "", "", meter.valid_when or ""]
        own = (point.field, point.object, name, point.unit or "", _log(point))
        yield [_cell(meter.name), *shared, *own, _cell(note)]


def _log(point: DraftPoint) -> str:
    if point.backfill is None or point.condition is None:
        return point.backfill or ""
    return f"log={point.backfill}, condition={point.condition}"


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
