"""A spreadsheet of points means the same as the CSV file of it."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bacnet_bridge.mapping import BrokenMappingError, Defaults, parse
from bacnet_bridge.model import Meter

DEFAULTS = Defaults("Europe/Dublin", 300)
HEADER = ("Meter", "ID", "device", "interval", "as", "field", "object", "name", "multiplier", "require all")


def workbook(*rows: tuple[Any, ...], **others: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    for title, row in others.items():
        book.create_sheet(title).append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _meters(name: str, content: bytes) -> list[Meter]:
    meters = parse([(Path(name), content)], DEFAULTS).meters
    return [
        replace(meter, place=None, points=tuple(replace(point, place=None) for point in meter.points))
        for meter in meters
    ]


def test_a_workbook_means_the_same_as_csv() -> None:
    content = workbook(
        ("# a row for people",),
        HEADER,
        ("Main", "0012", 1001, 300, None, "aP_1", "AI1", "L1; power", 0.1, True),
        (None, None, None, None, None, "sum pC_1", "LAV1"),
        (),
        (None, None, None, None, None, "sum pC_1", "LAV2"),
        ("Gas", 1200000000000, 1002.0, "5 min", "index", "value", "ACC1", None, "0,5"),
        (),
    )
    text = """Meter;ID;device;interval;as;field;object;name;multiplier;require all
Main;0012;1001;300;;aP_1;AI1;"L1; power";0.1;yes
;;;;;sum pC_1;LAV1
;;;;;sum pC_1;LAV2
Gas;1200000000000;1002;5 min;index;value;ACC1;;0,5
"""
    assert _meters("m.xlsx", content) == _meters("m.csv", text.encode())


def test_a_place_is_that_of_the_cell() -> None:
    content = workbook(HEADER, ("A", "a", "none", 300, None, "value", "AI1"))
    with pytest.raises(BrokenMappingError) as caught:
        parse([(Path("m.xlsx"), content)], DEFAULTS)
    assert str(caught.value).startswith("m.xlsx:2:3: device: 'none' is not a device instance")


def test_further_sheets_are_told_of() -> None:
    content = workbook(HEADER, ("A", "a", 1, 300, None, "value", "AI1"), more=("x",), none=())
    (warning,) = parse([(Path("m.xlsx"), content)], DEFAULTS).warnings
    assert warning.message == "only the first sheet, 'Sheet', is read, not 'more'"


def test_an_empty_workbook_is_odd() -> None:
    warnings = [str(each) for each in parse([(Path("m.xlsx"), workbook())], DEFAULTS).warnings]
    assert "m.xlsx:1:1: this file holds no meter; fill it, or take it away" in warnings
