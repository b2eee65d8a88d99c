"""A workbook's cells as texts; what it cannot say as it stands; and what is no workbook, in bounded time."""

import io
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from bacnet_bridge.sheets import workbook
from bacnet_bridge.sheets.workbook import WorkbookError, sheets


def _saved(fill: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _changed(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))
    return out.getvalue()


def _texts(content: bytes) -> list[list[str]]:
    return [[cell.text for cell in row] for row in sheets(content)[0].rows]


def test_cells_are_texts() -> None:
    def fill(sheet: Any) -> None:
        sheet.append(["id", "number", "flag", "day"])
        sheet.append(["0012", 0.1, True, datetime(2026, 5, 20)])  # noqa: DTZ001 - a cell has no zone
        sheet.append([1200000000000, 1001.0, False, datetime(2026, 5, 20, 1, 2)])  # noqa: DTZ001
        sheet.append([7])
        sheet["A4"].number_format = "0000"

    assert _texts(_saved(fill)) == [
        ["id", "number", "flag", "day"],
        ["0012", "0.1", "yes", "2026-05-20"],
        ["1200000000000", "1001", "no", "2026-05-20 01:02:00"],
        ["0007"],
    ]


def _merge(sheet: Any) -> None:
    sheet.append(["a", "b"])
    sheet.merge_cells("B2:B4")


@pytest.mark.parametrize(
    ("fill", "place", "says"),
    [
        (_merge, (2, 2), "the cells B2:B4 are merged"),
        (lambda sheet: sheet.append(["a", "=1+1"]), (1, 2), "the formula in B1 has no value"),
        (lambda sheet: sheet.append([1234567890123456]), (1, 1), "A1 is a number of more than 15 digits"),
        (lambda sheet: sheet.append(["#REF!"]), (1, 1), "A1 holds the error #REF!"),
    ],
    ids=["merged", "formula", "long number", "error"],
)
def test_what_a_sheet_cannot_say(fill: Callable[[Any], None], place: tuple[int, int], says: str) -> None:
    (trouble,) = sheets(_saved(fill))[0].troubles
    assert (trouble.line, trouble.column) == place
    assert trouble.sentence.startswith(says)


def test_a_formula_with_its_value() -> None:
    content = _saved(lambda sheet: sheet.append(["a", "=1+1"]))
    content = _changed(content, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<v />", b"<v>2</v>"))
    assert sheets(content)[0].troubles == ()
    assert _texts(content) == [["a", "2"]]


def test_hidden_sheets_are_left_alone() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("old").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert [sheet.title for sheet in sheets(out.getvalue())] == ["Sheet"]


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"a" * 10_000 + b'">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 50) for n in range(6)
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no workbook"),
        (b"meter;id\n", "no workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "with a password, or of a spreadsheet program before 2007"),
        (_saved(lambda _: None)[:-200], "no workbook"),
        (_changed(_saved(lambda _: None), "xl/workbook.xml", lambda _: b"<workbook"), "no workbook"),
        (
            _changed(
                _saved(lambda _: None),
                "xl/worksheets/sheet1.xml",
                lambda xml: LAUGHS + b"]>" + xml.replace(b"<sheetData />", b"<sheetData>&g;</sheetData>"),
            ),
            "no spreadsheet program writes",
        ),
        (
            _changed(_saved(lambda _: None), "xl/styles.xml", lambda _: bytes(workbook.LARGEST)),
            "unpacks to 100 MB",
        ),
    ],
    ids=["empty", "text", "password", "cut", "broken XML", "entities", "zip bomb"],
)
def test_what_is_no_workbook(content: bytes, says: str) -> None:
    began = time.monotonic()
    with pytest.raises(WorkbookError, match=says):
        sheets(content)
    assert time.monotonic() - began < 20


def test_a_cell_far_away_costs_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 2000)
    content = _saved(lambda sheet: sheet.cell(1_048_576, 1, "x"))
    with pytest.raises(WorkbookError, match="more than 2000 rows"):
        sheets(content)
