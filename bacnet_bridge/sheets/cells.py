"""A CSV text → rows of cells with their places. Pure.

The csv module knows no columns, and takes broken quotes for content; hence a scanner of its own, after RFC 4180.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

DELIMITERS: Final = ";,\t"
COMMENT: Final = "#"
"""A row whose first cell begins so is for people."""
ERRORS: Final = frozenset(
    {"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#N/A", "#NUM!", "#NULL!"}
    | {"#BEZUG!", "#WERT!", "#NV", "#ZAHL!", "#VALEUR!", "#NOM?", "#¡REF!", "#¡VALOR!", "#¿NOMBRE?"}
)
"""What a spreadsheet writes where a formula failed: no comments."""

_SEP: Final = re.compile(r'"?sep=(.)"?[^\S\r\n]*(\r\n|\n|\r|$)', re.IGNORECASE)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*+)"')
_BLANKS: Final = re.compile(" *")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class SheetCell:
    """A cell's text, and where it begins, from 1: in a CSV text by line and character, in a sheet by row and column."""

    text: str
    """Trimmed, but not within quotes."""
    line: int
    column: int
    quoted: bool = False


class BrokenQuoteError(ValueError):
    """A quote that opens a cell does not close where the cell ends."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__("this cell's quotes do not close where the cell ends; double a quote within a cell")
        self.line = line
        self.column = column


def said_delimiter(text: str) -> str | None:
    """That of a spreadsheet's `sep=;` line, if the text begins with one."""
    said = _SEP.match(text)
    return said[1] if said else None


def sniff(text: str) -> str:
    """The delimiter that the header, the first row that is no comment, has most of; Excel's `sep=` line decides."""
    if said := said_delimiter(text):
        return said
    lines = (line for line in _LINE_END.split(text) if line.strip() and not line.lstrip('" ').startswith(COMMENT))
    header = next(lines, "")
    return max(DELIMITERS, key=header.count)


def cells(text: str, delimiter: str, *, strict: bool = True) -> Iterator[tuple[SheetCell, ...]]:
    """Rows of cells, without blank rows and the `sep=` line.

    Strict: a broken quote raises BrokenQuoteError, since it cannot be told what belongs where. Otherwise it is content,
    for tools that write names as they are.
    """
    said = _SEP.match(text)
    position, line, start = (said.end(), 2, said.end()) if said else (0, 1, 0)
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    row: list[SheetCell] = []
    while position <= len(text):
        where = line, position - start + 1
        opening = _BLANKS.match(text, position)
        quote = _QUOTED.match(text, opening.end() if opening else position)
        closed = quote is not None and text[quote.end() : quote.end() + 1] in {"", delimiter, "\r", "\n"}
        match = quote if quote and (closed or strict) else plain.match(text, position)
        assert match is not None  # noqa: S101 - `plain` also matches nothing
        if strict and (not closed if quote else match[0].lstrip().startswith('"')):
            raise BrokenQuoteError(*where)
        content = match[1].replace('""', '"') if match is quote else match[0].strip()
        row.append(SheetCell(content, *where, quoted=match is quote))
        position = match.end()
        for inner in _LINE_END.finditer(match[0]):
            line, start = line + 1, match.start() + inner.end()
        if text[position : position + 1] == delimiter:
            position += 1
            continue
        if any(cell.text or cell.quoted for cell in row):
            yield tuple(row)
        row = []
        end = _LINE_END.match(text, position)
        position = end.end() if end else position + 1
        line, start = line + 1, position
