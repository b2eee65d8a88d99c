"""Ids into the texts of mapping files, in place: comments, order and spacing stay as they were. Pure.

An edit is proven by reading the new texts: they must say the very same, and the ids.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bacnet_bridge.errors import MappingError
from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.csv_rows import METER
from bacnet_bridge.mapping.problems import Findings
from bacnet_bridge.mapping.rows import Cell
from bacnet_bridge.mapping.table_cells import csv_cells
from bacnet_bridge.mapping.yaml_tree import Pairs, Scalar, parse_yaml
from bacnet_bridge.model import Place
from bacnet_bridge.sheets.cells import sniff

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_BLANK_ID: Final = re.compile(r"""(["']?id["']?[ \t]*:)([ \t]*(~|null|Null|NULL|""|'')(?=[\s,}]|$))?""")
_RESERVED: Final = re.compile(r"# id:[ \t]*(\r\n|\n)\Z")
"""The line that a draft keeps for it, just before the meter's first key."""

_Edit = tuple[int, int, str]
"""From, to, and what takes that place; in characters of the text."""


def with_ids(text: str, file: Path, ids: Mapping[str, str]) -> str:
    """The text with the ids of these drafts, by name, where it holds them. Raises MappingError with what cannot be."""
    edits = (_csv_edits if file.suffix.lower() == ".csv" else _yaml_edits)(text, file, ids)
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    return text


def _yaml_edits(text: str, file: Path, ids: Mapping[str, str]) -> list[_Edit]:
    tree = parse_yaml(text, file, Findings())
    top = {key.text: value for key, value in tree.pairs} if isinstance(tree, Pairs) else {}
    meters = top.get(keys.METERS)
    starts = _line_starts(text)
    named = meters.pairs if isinstance(meters, Pairs) else []
    return [
        _yaml_edit(text, starts, node, ids[name.text])
        for name, node in named
        if name.text in ids and isinstance(node, Pairs)
    ]


def _yaml_edit(text: str, starts: list[int], meter: Pairs, identifier: str) -> _Edit:
    scalar = identifier if _PLAIN.fullmatch(identifier) and identifier.lower() not in _WORDS else f'"{identifier}"'
    blank = next((key for key, value in meter.pairs if key.text == keys.ID.name and isinstance(value, Scalar)), None)
    if blank is not None:
        at = _at(starts, blank.place)
        found = _BLANK_ID.match(text, at)
        if found is None:
            raise MappingError(f"{blank.place}: enter the id {identifier} by hand; this `id` cannot be filled in place")
        return at, found.end(), f"{found[1]} {scalar}"
    at = _at(starts, meter.place)
    if text[at] == "{":
        return at + 1, at + 1, f"id: {scalar}, " if meter.pairs else f"id: {scalar}"
    indent = text[starts[meter.place.line - 1] : at]
    if indent.strip(" "):
        raise MappingError(f"{meter.place}: enter the id {identifier} by hand; this line leaves no place for it")
    end = _LINE_END.search(text)
    new = f"id: {scalar}{end[0] if end else chr(10)}{indent}"
    reserved = _RESERVED.search(text, 0, at - len(indent))
    return (at if reserved is None else reserved.start(), at, new)


def _csv_edits(text: str, file: Path, ids: Mapping[str, str]) -> list[_Edit]:
    delimiter = sniff(text)
    lines = list(csv_cells(text, file, delimiter, Findings()))
    names = [re.sub(r"[\s-]+", "_", cell.text.lower()) for cell in lines[0]] if lines else []
    if METER not in names:
        return []
    meter, there = names.index(METER), keys.ID.name in names
    row = _Rows(text, delimiter)
    column = names.index(keys.ID.name) if there else row.width(lines[0])
    edits, left = [], dict(ids)
    for line in lines[1:]:
        name = line[meter].text if meter < len(line) else ""
        if name in left:
            edits.append(row.fill(line, column, left.pop(name)))
    return edits if there or not edits else [row.fill(lines[0], column, keys.ID.name), *edits]


class _Rows:
    """The rows as they are written, blank cells at their ends included."""

    def __init__(self, text: str, delimiter: str) -> None:
        self._text, self._delimiter, self._starts = text, delimiter, _line_starts(text)
        self._raw = re.compile(rf' *"(?:[^"]|"")*" *|[^{re.escape(delimiter)}\r\n]*')

    def width(self, line: Sequence[Cell]) -> int:
        """How many cells it has."""
        return len(self._cells(line))

    def fill(self, line: Sequence[Cell], column: int, said: str) -> _Edit:
        """Set a blank cell, or one behind the row's end."""
        new = f'"{said}"' if self._delimiter in said else said
        cells = self._cells(line)
        if column >= len(cells):
            end = cells[-1][1]
            return end, end, self._delimiter * (column - len(cells) + 1) + new
        begin, end = cells[column]
        if self._text[begin:end].strip(' "'):
            raise MappingError(f"{line[0].place}: the cell is not blank where the id {said} belongs; enter it by hand")
        return begin, end, new

    def _cells(self, line: Sequence[Cell]) -> list[tuple[int, int]]:
        """Where each begins and ends."""
        found: list[tuple[int, int]] = []
        begin = self._starts[line[0].place.line - 1]
        while (cell := self._raw.match(self._text, begin)) is not None:
            found.append(cell.span())
            if self._text[cell.end() : cell.end() + 1] != self._delimiter:
                break
            begin = cell.end() + 1
        return found


def _line_starts(text: str) -> list[int]:
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def _at(starts: list[int], place: Place) -> int:
    return starts[place.line - 1] + place.column - 1
