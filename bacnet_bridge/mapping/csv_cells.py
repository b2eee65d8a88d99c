"""A CSV text → rows of cells with their places. Pure.

The csv module knows no columns, and takes broken quotes for content; hence a scanner of its own, after RFC 4180.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bacnet_bridge.mapping.problems import Findings
from bacnet_bridge.mapping.rows import Cell
from bacnet_bridge.model import Place

DELIMITERS: Final = ";,\t"
COMMENT: Final = "#"
"""A row whose first cell begins so is for people."""

_SEP: Final = re.compile(r"sep=(.)\r?(\n|$)")
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"')
_BLANKS: Final = re.compile(" *")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


def sniff(text: str) -> str:
    """The delimiter that the header, the first row that is no comment, has most of; Excel's `sep=` line decides."""
    if said := _SEP.match(text):
        return said[1]
    lines = (line for line in _LINE_END.split(text) if line.strip() and not line.lstrip('" ').startswith(COMMENT))
    header = next(lines, "")
    return max(DELIMITERS, key=header.count)


def csv_cells(text: str, file: Path, delimiter: str, findings: Findings) -> Iterator[list[Cell]]:
    """Rows of cells, texts trimmed, blank cells with an empty text; without comments and without blank rows.

    A broken quote is a problem, and the rest of the file is not read, since it cannot be told what belongs where.
    """
    said = _SEP.match(text)
    position, line, start = (said.end(), 2, said.end()) if said else (0, 1, 0)
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    row: list[Cell] = []
    while position <= len(text):
        place = Place(file, line, position - start + 1)
        opening = _BLANKS.match(text, position)
        quote = _QUOTED.match(text, opening.end() if opening else position)
        match = quote or plain.match(text, position)
        assert match is not None  # noqa: S101 - `plain` also matches nothing
        content = match[1].replace('""', '"') if quote else match[0]
        position = match.end()
        if _broken(text, position, delimiter, content, quoted=quote is not None):
            findings.wrong(place, "this cell's quotes do not close where the cell ends; double a quote within a cell")
            return
        row.append(Cell(content.strip(), place))
        for inner in _LINE_END.finditer(match[0]):
            line, start = line + 1, match.start() + inner.end()
        if text[position : position + 1] == delimiter:
            position += 1
            continue
        if any(cell.text for cell in row) and not row[0].text.startswith(COMMENT):
            yield row
        row = []
        end = _LINE_END.match(text, position)
        position = end.end() if end else position + 1
        line, start = line + 1, position


def _broken(text: str, position: int, delimiter: str, content: str, *, quoted: bool) -> bool:
    if not quoted:
        return content.lstrip().startswith('"')
    return text[position : position + 1] not in {"", delimiter, "\r", "\n"}
