"""What a cell of a list means: instances, object types, units. Pure; each raises ValueError with what is wrong."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bacnet_bridge.sheets.cells import COMMENT, SheetCell
from bacnet_bridge.survey.ede.columns import squeeze
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, parse_object
from bacnet_bridge.vocabulary.units import parse_unit

_WHOLE: Final = re.compile(r"(\d{1,10})(?:[.,]0+)?", re.ASCII)
_PROPRIETARY: Final = re.compile(r"(?:proprietary|vendor|manufacturer)\D{0,20}(\d{3,4})", re.IGNORECASE)
_LARGEST_UNIT: Final = 65_535
_LARGEST_TYPE: Final = 1023


def whole(text: str) -> int | None:
    """`12`, and `12.0` or `12,0` as spreadsheets write it."""
    match = _WHOLE.fullmatch(text.strip())
    return int(match[1]) if match else None


def device(text: str) -> int:
    number = whole(text)
    if number is None or number > MAX_INSTANCE:
        raise ValueError(f"{text!r:.40} is no device instance")
    return number


def instance(text: str) -> int:
    """Of an object; 4194303, which names none, is found in lists."""
    number = whole(text)
    if number is None or number > MAX_INSTANCE + 1:
        raise ValueError(f"{text!r:.40} is no object instance")
    return number


def object_type(text: str, own: Mapping[str, int]) -> int:
    """`0`, `analog-input`, `OBJECT_ANALOG_INPUT`, `AI`, `Proprietary 130`; `own` are names of a file of types."""
    number = whole(text)
    if number is None and (match := _PROPRIETARY.fullmatch(text.strip())):
        number = int(match[1])
    if number is None:
        number = own.get(squeeze(text))
    if number is None:
        try:
            number = parse_object(f"{re.sub('^object[_ -]', '', text.strip(), flags=re.IGNORECASE)},1").type
        except ValueError:
            raise ValueError(f"{text!r:.40} is no object type that is known") from None
    if number > _LARGEST_TYPE:
        raise ValueError(f"object type {number} is larger than BACnet allows ({_LARGEST_TYPE})")
    return number


def unit(text: str, own: Mapping[str, int]) -> int:
    """`48`, `kW`, `kilowatts`, `UNITS_KILOWATTS`; `own` are texts of a file of units."""
    number = whole(text)
    if number is None:
        number = own.get(squeeze(text))
    if number is None:
        try:
            number = parse_unit(re.sub("^units?[_ ]", "", text.strip(), flags=re.IGNORECASE)).code
        except ValueError:
            number = None
    if number is None or number > _LARGEST_UNIT:
        raise ValueError(f"{text!r:.40} is no unit that BACnet has a number for")
    return number


def codes(rows: Iterable[Sequence[SheetCell]]) -> dict[str, int]:
    """A file `code;text`, of units or of object types: the codes by their squeezed texts, each text's first."""
    found: dict[str, int] = {}
    for row in rows:
        number = whole(row[0].text)
        if number is None or row[0].text.startswith(COMMENT):
            continue
        for cell in row[1:3]:
            if squeezed := squeeze(cell.text):
                found.setdefault(squeezed, number)
    return found
