"""A CSV text → rows of cells with their places. Pure.

The csv module knows no columns, and takes broken quotes for content; hence a scanner of its own, after RFC 4180.
"""

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final, NamedTuple

DELIMITERS: Final = ";,\t"
COMMENT: Final = "#"
"""A row whose first cell begins so is for people."""
ERRORS: Final = frozenset(
    {"#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#N/A", "#NUM!", "#NULL!"}
    | {"#BEZUG!", "#WERT!", "#NV", "#ZAHL!", "#VALEUR!", "#NOM?", "#¡REF!", "#¡VALOR!", "#¿NOMBRE?"}
)
"""What a spreadsheet writes where a formula failed: no comments."""

WIDEST: Final = 1000
"""Cells of a row."""

_QUOTE: Final = "this cell's quotes do not close where the cell ends; double a quote within a cell"
_OPENING: Final = frozenset('" ')
_SEP: Final = re.compile(r'"?sep=(.)"?[^\S\r\n]*(\r\n|\n|\r|$)', re.IGNORECASE)
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*+)"')
_BLANKS: Final = re.compile(" *")
_LINE_END: Final = re.compile(r"\r\n|\n|\r")


class SheetCell(NamedTuple):
    """A cell's text, and where it begins, from 1: in a CSV text by line and character, in a sheet by row and column."""

    text: str
    """As it stands; of a quoted cell what is within the quotes."""
    line: int
    column: int
    quoted: bool = False


class BrokenRowError(ValueError):
    """A row that cannot be parted into cells. Behind the first semicolon stands what to do."""

    def __init__(self, line: int, column: int, sentence: str) -> None:
        super().__init__(sentence)
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


class Quotes(Enum):
    """What a quote means that opens a cell."""

    STRICT = auto()
    """One that is broken raises BrokenRowError, since it cannot be told what belongs where."""
    LENIENT = auto()
    """One that is broken is content."""
    NONE = auto()
    """It is content: the tool that wrote the file quotes nothing."""


def cells(text: str, delimiter: str, quotes: Quotes = Quotes.STRICT) -> Iterator[tuple[SheetCell, ...]]:
    """Rows of cells, without blank rows and the `sep=` line.

    Raises BrokenRowError for more than WIDEST cells, and as `quotes` says.
    """
    said = _SEP.match(text)
    position, line, start = (said.end(), 2, said.end()) if said else (0, 1, 0)
    plain = re.compile(f"[^{re.escape(delimiter)}\r\n]*")
    row: list[SheetCell] = []
    while position <= len(text):
        column = position - start + 1
        if len(row) == WIDEST:
            raise BrokenRowError(line, column, f"this row has more than {WIDEST} cells; is this a list of points?")
        match, quoted = _cell(text, position, plain, delimiter, quotes)
        if match is None:
            raise BrokenRowError(line, column, _QUOTE)
        content = match[1].replace('""', '"') if quoted else match[0]
        row.append(SheetCell(content, line, column, quoted))
        position = match.end()
        for inner in _LINE_END.finditer(match[0]) if quoted else ():
            line, start = line + 1, match.start() + inner.end()
        if text[position : position + 1] == delimiter:
            position += 1
            continue
        if any(cell.quoted or cell.text.strip() for cell in row):
            yield tuple(row)
        row = []
        end = _LINE_END.match(text, position)
        position = end.end() if end else position + 1
        line, start = line + 1, position


def _cell(
    text: str, position: int, plain: re.Pattern[str], delimiter: str, quotes: Quotes
) -> tuple[re.Match[str] | None, bool]:
    """The cell that begins here, and whether it is quoted; no match for a broken quote that is not content."""
    if quotes is not Quotes.NONE and text[position : position + 1] in _OPENING:
        opening = _BLANKS.match(text, position)
        begins = opening.end() if opening else position
        quote = _QUOTED.match(text, begins)
        if quote and text[quote.end() : quote.end() + 1] in {"", delimiter, "\r", "\n"}:
            return quote, True
        if quotes is Quotes.STRICT and text[begins : begins + 1] == '"':
            return None, False
    return plain.match(text, position), False
