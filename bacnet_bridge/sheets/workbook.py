"""An .xlsx file → its sheets as rows of cells, numbers as texts. Pure; the only import of openpyxl.

A workbook is a zip archive of XML: what it unpacks to is bounded before anything is read, and so are rows and columns.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time
from io import BytesIO
from typing import Any, Final

import openpyxl
from openpyxl.utils import get_column_letter

from bacnet_bridge.sheets.cells import SheetCell

LARGEST: Final = 100 * 1024 * 1024
"""Octets that the archive may unpack to."""
ROWS: Final = 300_000
COLUMNS: Final = 256
"""Cells behind them are left alone."""

_OLD: Final = b"\xd0\xcf\x11\xe0"
"""How .xls files begin, and workbooks with a password."""
_MERGED: Final = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]+\d+:[A-Z]+\d+)"')
_FORMULA: Final = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ZEROS: Final = re.compile(r"0{2,30}")
_EXACT: Final = 10**15
"""A spreadsheet keeps 15 digits of a number; those behind are zeros."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a sheet cannot say as it stands. Behind the first semicolon stands what to do."""

    line: int
    column: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet that can be seen."""

    title: str
    rows: tuple[tuple[SheetCell, ...], ...]
    """Without blank rows; a number is its shortest text, an instant ISO 8601, a truth `yes` or `no`."""
    troubles: tuple[Trouble, ...]


class WorkbookError(ValueError):
    """The file cannot be read as a workbook. Behind the first semicolon stands what to do."""


def sheets(content: bytes) -> tuple[Sheet, ...]:
    """The sheets that can be seen, in their order. Raises WorkbookError."""
    if content.startswith(_OLD):
        raise WorkbookError(
            "this is a workbook with a password, or of a spreadsheet program before 2007; save it anew as .xlsx"
        )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            _bounded(archive)
            formulas = _has_formulas(archive)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what openpyxl leaves aside: filters, drawings, extensions
            return tuple(_sheets(content, formulas=formulas))
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged file makes of it: KeyError, TypeError …
        raise WorkbookError("this is no workbook, or it is damaged; save it anew as .xlsx, or as CSV UTF-8") from error


def _bounded(archive: zipfile.ZipFile) -> None:
    """No more is ever unpacked of a member than it states here."""
    unpacked = sum(each.file_size for each in archive.infolist())
    if unpacked > LARGEST:
        raise WorkbookError(
            f"the workbook unpacks to {unpacked / 1024 / 1024:.0f} MB, more than a list of points needs; split it"
        )


def _has_formulas(archive: zipfile.ZipFile) -> bool:
    """Says whether sheets hold formulas. Entities, by which XML grows while it is read, are in no honest workbook."""
    found = False
    for name in archive.namelist():
        content = archive.read(name) if name.endswith((".xml", ".rels")) else b""
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise WorkbookError("no spreadsheet program writes such a workbook; save it anew as .xlsx, or as CSV UTF-8")
        found = found or ("worksheets/" in name and _FORMULA.search(content) is not None)
    return found


def _sheets(content: bytes, *, formulas: bool) -> Iterator[Sheet]:
    values = openpyxl.load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
    written = openpyxl.load_workbook(BytesIO(content), read_only=True, keep_links=False) if formulas else None
    for values_of in values.worksheets:
        if values_of.sheet_state != "visible":
            continue
        rows = []
        troubles = list(_merged(values_of))
        known: set[tuple[int, int]] = set()
        for row in _rows(values_of):
            rows.append(tuple(_cell(each, troubles) for each in row))
            known.update((line, column) for line, column, cell in row if cell.value is not None)
        if written:
            troubles += _unsaved(written[values_of.title], known)
        kept = tuple(row for row in rows if any(cell.text for cell in row))
        yield Sheet(values_of.title, kept, tuple(sorted(troubles, key=lambda each: (each.line, each.column))))
    values.close()


def _rows(sheet: Any) -> Iterator[list[tuple[int, int, Any]]]:
    sheet.reset_dimensions()  # what the file says of its size may be wrong
    for number, row in enumerate(sheet.iter_rows(max_row=ROWS + 1, max_col=COLUMNS), 1):
        if number > ROWS:
            raise WorkbookError(f"the sheet {sheet.title!r:.60} has more than {ROWS} rows; split it")
        filled = next((n for n in range(len(row), 0, -1) if row[n - 1].value is not None), 0)
        yield [(number, column, cell) for column, cell in enumerate(row[:filled], 1)]


def _cell(found: tuple[int, int, Any], troubles: list[Trouble]) -> SheetCell:
    line, column, cell = found
    name = f"{get_column_letter(column)}{line}"
    if getattr(cell, "data_type", "n") == "e":
        troubles.append(Trouble(line, column, f"{name} holds the error {cell.value}; mend its formula"))
    elif isinstance(cell.value, int | float) and abs(cell.value) >= _EXACT:
        troubles.append(
            Trouble(
                line,
                column,
                f"{name} is a number of more than 15 digits, whose last ones a spreadsheet loses; "
                "format the column as text and enter it again",
            )
        )
    return SheetCell(_text(cell), line, column)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and _ZEROS.fullmatch(cell.number_format or ""):
        return str(value).zfill(len(cell.number_format))
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return str(value).strip()


def _unsaved(sheet: Any, known: set[tuple[int, int]]) -> Iterator[Trouble]:
    """Formulas whose value no program has put into the file. `known` are the cells that have one."""
    for row in _rows(sheet):
        for line, column, cell in row:
            if getattr(cell, "data_type", "n") == "f" and (line, column) not in known:
                name = f"{get_column_letter(column)}{line}"
                yield Trouble(
                    line,
                    column,
                    f"the formula in {name} has no value in the file; open and save it in a spreadsheet program, "
                    "or put the value in its place",
                )


def _merged(sheet: Any) -> Iterator[Trouble]:
    """What openpyxl does not say of a sheet that it only reads."""
    with sheet.parent._archive.open(sheet._worksheet_path) as source:  # noqa: SLF001 - see above
        found = _MERGED.findall(source.read())
    for each in found[:20]:
        area = each.decode()
        line = int(re.sub(r"\D", "", area.partition(":")[0]))
        column = openpyxl.utils.column_index_from_string(re.sub(r"[^A-Z]", "", area.partition(":")[0]))
        yield Trouble(
            line, column, f"the cells {area} are merged, so that only the first has a text; part them and fill each"
        )
