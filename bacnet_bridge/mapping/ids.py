"""Ids into the texts of mapping files, in place: comments, order and spacing stay as they were. Pure.

An edit is proven by reading the new texts: they must say the very same, and the ids.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bacnet_bridge.errors import MappingError
from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.csv_rows import METER
from bacnet_bridge.mapping.problems import Findings, quoted
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
    meter, edit = names.index(METER), _cells(text, delimiter)
    there = keys.ID.name in names
    column = names.index(keys.ID.name) if there else len(names)
    edits, left = [], dict(ids)
    for line in lines[1:]:
        name = line[meter].text if meter < len(line) else ""
        if name in left:
            edits.append(edit(line, column, left.pop(name)))
    return edits if there or not edits else [edit(lines[0], column, keys.ID.name), *edits]


def _cells(text: str, delimiter: str) -> Callable[[list[Cell], int, str], _Edit]:
    """Sets a blank cell of a line, or one behind its end."""
    starts = _line_starts(text)
    raw = re.compile(rf' *"(?:[^"]|"")*"|[^{re.escape(delimiter)}\r\n]*')

    def edit(line: list[Cell], column: int, said: str) -> _Edit:
        new = f'"{said}"' if delimiter in said else said
        cell = line[min(column, len(line) - 1)]
        begin = _at(starts, cell.place)
        found = raw.match(text, begin)
        end = begin if found is None else found.end()
        if column < len(line):
            if cell.text:
                raise MappingError(f"{cell.place}: {quoted(cell.text)} stands where the id {said} belongs; mend it")
            return begin, end, new
        return end, end, delimiter * (column - len(line) + 1) + new

    return edit


def _line_starts(text: str) -> list[int]:
    return [0, *(end.end() for end in _LINE_END.finditer(text))]


def _at(starts: list[int], place: Place) -> int:
    return starts[place.line - 1] + place.column - 1
