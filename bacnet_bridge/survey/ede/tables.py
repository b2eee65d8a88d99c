"""A file's rows → what it says of itself, its headings, its rows of points. Pure.

A list begins with a preamble, `PROJECT_NAME;…` and more, its headings are mostly a comment, and comments stand between.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from bacnet_bridge.sheets.cells import (
    COMMENT,
    DELIMITERS,
    ERRORS,
    BrokenRowError,
    Quotes,
    SheetCell,
    cells,
    said_delimiter,
)
from bacnet_bridge.survey.ede.codes import whole
from bacnet_bridge.survey.ede.columns import COLUMNS, column, is_header, squeeze

AUTHOR: Final = "AUTHOR_OF_LAST_CHANGE"
CHANGED: Final = "TIMESTAMP_OF_LAST_CHANGE"
LAYOUT: Final = "VERSION_OF_LAYOUT"
PROJECT: Final = "PROJECT_NAME"
VERSION: Final = "VERSION_OF_REFERENCEFILE"

_PREAMBLE: Final = {squeeze(name): name for name in (AUTHOR, CHANGED, LAYOUT, PROJECT, VERSION)}
_LOOKED_AT: Final = 300
"""Rows among which the headings are."""
_HEAD: Final = 2000
"""Characters in which a preamble is."""
_YABE: Final = re.compile(r"^PROJECT_NAME\r?\n(?s:.*)^AUTHOR_OF_LAST_CHANGE.YABE", re.MULTILINE)
"""As it writes it: a spreadsheet that saved it anew has filled up the rows, and quotes."""
_BEHIND: Final = 9
"""Cells that YABE writes behind a description: seven blank ones, the state texts' reference, the unit."""

Row = Sequence[SheetCell]


@dataclass(frozen=True, slots=True)
class PointRow:
    """A row of the list; `cells` by column, or by a vendor's heading, without blank ones."""

    line: int
    cells: Mapping[str, SheetCell]
    surplus: SheetCell | None
    """The first cell that has no heading above it: then no cell is sure to stand under its own."""


@dataclass(slots=True)
class Table:
    """One list."""

    said: dict[str, str] = field(default_factory=dict)
    """Of the preamble, by the names above."""
    rows: list[PointRow] = field(default_factory=list)
    commented: list[int] = field(default_factory=list)
    """Lines of points that are commented out."""
    headed: bool = False
    """It has headings; else its columns are taken in EDE's own order."""


class NoListError(ValueError):
    """The file holds no list of points."""

    def __init__(self, why: str = "") -> None:
        super().__init__(
            why
            or "this is no list of points: no row is headed object-type and object-instance, and none looks like "
            "one of EDE's; give the _EDE.csv of the set"
        )


def rows_of(text: str) -> Iterator[Row]:
    """A text's rows, by the delimiter that its headings have. Raises NoListError, at once or on the way."""
    yabe = _YABE.search(text, 0, _HEAD) is not None
    quotes = Quotes.NONE if yabe else Quotes.LENIENT
    said = said_delimiter(text)
    fitting = {sign: _fit(cells(text, sign, quotes)) for sign in said or f"{DELIMITERS}|"}
    best = max(fitting, key=lambda sign: fitting[sign])
    if not fitting[best]:
        raise NoListError
    try:
        for row in cells(text, best, quotes):
            yield _mended(row, best) if yabe else row
    except BrokenRowError as error:
        raise NoListError(f"line {error.line}: {error}") from None


def table(rows: Iterable[Row]) -> Table:
    """Raises NoListError."""
    found = Table()
    headings: list[str] = []
    for row in rows:
        texts = [cell.text.strip() for cell in row]
        first = texts[0].lstrip(f"{COMMENT} ")
        point = _is_point(texts)
        if not point and is_header(texts):
            headings, found.headed = _columns([first, *texts[1:]]), True
        elif not point and squeeze(first) in _PREAMBLE:
            found.said[_PREAMBLE[squeeze(first)]] = next(filter(None, texts[1:]), "")
        elif texts[0].startswith(COMMENT) and texts[0] not in ERRORS:
            found.commented += [row[0].line] if point else []
        elif headings:
            found.rows.append(_point(row, headings))
        elif point:
            headings = list(COLUMNS)
            found.rows.append(_point(row, headings))
    if not headings:
        raise NoListError
    return found


def _fit(rows: Iterable[Row]) -> int:
    """How many columns the headings name under a delimiter; without headings, few for rows that look like points."""
    points = 0
    with suppress(BrokenRowError):
        for row in islice(rows, _LOOKED_AT):
            texts = [cell.text.strip() for cell in row]
            if is_header(texts):
                return 2 + sum(column(text) is not None for text in texts)
            points += _is_point(texts)
    return min(points, 2)


def _is_point(texts: Sequence[str]) -> bool:
    """The row has the shape of EDE's first five columns."""
    return len(texts) >= 5 and all(whole(texts[number]) is not None for number in (1, 3, 4))


def _columns(texts: Sequence[str]) -> list[str]:
    """Columns by position; a heading that is there twice, or is a vendor's own, stands for itself."""
    named: list[str] = []
    for text in texts:
        name = column(text) or text
        shown, times = name, 2
        while shown and shown in named:
            shown, times = f"{text} ({times})", times + 1
        named.append(shown)
    while named and not named[-1]:
        named.pop()
    return named


def _point(row: Row, headings: Sequence[str]) -> PointRow:
    trimmed = [_trimmed(cell) for cell in row]
    headed = {name: cell for name, cell in zip(headings, trimmed, strict=False) if cell.text or cell.quoted}
    unheaded = headed.pop("", None)
    surplus = unheaded or next((cell for cell in trimmed[len(headings) :] if cell.text), None)
    return PointRow(row[0].line, headed, surplus if surplus is not None and surplus.text else None)


def _trimmed(cell: SheetCell) -> SheetCell:
    text = cell.text.strip()
    return cell if cell.quoted or text == cell.text else cell._replace(text=text)


def _mended(row: Row, delimiter: str) -> Row:
    """YABE quotes nothing: a text is what stands there, and with a delimiter in a name or description there are too
    many cells, but both ends are known: `OBJECT_ANALOG_INPUT:7;device;name…;0;7;description…;;;;;;;;reference;unit`.
    """
    row = [cell._replace(quoted=bool(cell.text)) for cell in row]
    if len(row) <= 6 + _BEHIND:
        return row
    number = row[0].text.strip().rpartition(":")[2]
    tail = len(row) - _BEHIND
    at = next((n for n in range(4, tail) if row[n].text.strip() == number and whole(row[n - 1].text) is not None), None)
    if at is None or any(cell.text.strip() for cell in row[tail:-2]):
        return row
    name, description = row[2 : at - 1], row[at + 1 : tail]
    return (*row[:2], _joined(name, delimiter), *row[at - 1 : at + 1], _joined(description, delimiter), *row[tail:])


def _joined(parts: Row, delimiter: str) -> SheetCell:
    """What was one text, before its delimiters parted it."""
    return SheetCell(
        delimiter.join(cell.text for cell in parts),
        parts[0].line,
        parts[0].column,
        quoted=any(cell.text for cell in parts),
    )
