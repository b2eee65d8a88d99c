"""Texts of states: from EDE's file of them, or beside the object. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bacnet_bridge.sheets.cells import COMMENT, SheetCell

_LARGEST: Final = 1024
"""States that an object may number."""
_NUMBERED: Final = re.compile(r"(\d{1,4})\s?[=:.)-]\s?(.*)", re.DOTALL)
_PARTS: Final = ("\n", "|", ";", ",", "/")


def state_texts(rows: Iterable[Sequence[SheetCell]]) -> dict[str, tuple[str, ...]]:
    """A file `reference;text;text …`: the texts by their reference. Its headings are comments, or have no number."""
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        reference = row[0].text.strip()
        if not reference or reference.startswith(COMMENT) or _is_heading(row):
            continue
        texts = list(row[1:])
        while texts and not texts[-1].quoted and not texts[-1].text.strip():
            texts.pop()
        found.setdefault(
            number_or_name(reference), tuple(cell.text if cell.quoted else cell.text.strip() for cell in texts)
        )
    return found


def number_or_name(reference: str) -> str:
    """`7`, `007` and `7.0` are one reference."""
    match = re.fullmatch(r"0*(\d{1,9})([.,]0+)?", reference.strip(), re.ASCII)
    return match[1] if match else reference.strip().lower()


def inline(text: str) -> tuple[str, ...]:
    """`Off|On`, `1=Off, 2=On`, `0: Aus / 1: Ein` → the texts in order; numbered ones by their numbers."""
    parts = next((text.split(sign) for sign in _PARTS if sign in text), [text])
    stripped = [part.strip() for part in parts]
    matches = [match for part in stripped if (match := _NUMBERED.fullmatch(part))]
    if len(matches) < len(stripped):
        return tuple(stripped)
    numbered = {int(match[1]): match[2] for match in matches}
    first = 0 if 0 in numbered else 1
    return in_order({number - first + 1: said for number, said in numbered.items()})


def in_order(numbered: Mapping[int, str]) -> tuple[str, ...]:
    """The texts of states 1, 2 …, empty where there is none between."""
    last = min(max(numbered, default=0), _LARGEST)
    return tuple(numbered.get(number, "") for number in range(1, last + 1))


def is_list(text: str) -> bool:
    """The cell holds several texts, not a reference."""
    return any(sign in text for sign in _PARTS)


def _is_heading(row: Sequence[SheetCell]) -> bool:
    return "reference" in row[0].text.lower() and not row[0].text.strip().isdigit()
