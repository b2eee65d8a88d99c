from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bacnet_bridge.mapping import Defaults, Mapping, parse
from bacnet_bridge.mapping.csv_rows import COLUMNS
from bacnet_bridge.mapping.keys import METER_KEYS, POINT_KEYS
from bacnet_bridge.model import Meter, Place

DEFAULTS = Defaults("Europe/Dublin", 300)

YAML = """
meters:
  Main incomer:
    id: demo-main
    device: 1001
    interval: 5 min
    ct: 200/5
    invert: [1, 3]
    require_all: yes
    aP_1: {object: AI1, name: "L1; power", unit: kW}
    aP_3: {object: AI3, multiplier: 0.5, unit: kW}
    pC_1: {sum: [LAV1, LAV2]}
  Gas:
    id: demo-gas
    device: 1002
    as: delta
    value: ACC1
"""
CSV = """Meter;ID;Device;Interval;CT;Invert;require all;As;Field;Object;Name;Multiplier;Unit
# a row for people;;
Main incomer;demo-main;1001;5 min;200/5;1 3;yes;;aP_1;AI1;"L1; power";;kW
Gas;demo-gas;1002;;;;;delta;value;"ACC1"
Main incomer;;1001;;;;;;aP_3;AI3;;0,5;kW
;;;;;;;;sum pC_1;LAV1
;;;;;;;;sum pC_1;LAV2

"""


def _read(text: str, name: str = "m.csv", encoding: str = "utf-8") -> Mapping:
    return parse([(Path(name), text.encode(encoding))], DEFAULTS)


def _without_places(meters: tuple[Meter, ...]) -> list[Meter]:
    return [
        replace(meter, place=None, points=tuple(replace(point, place=None) for point in meter.points))
        for meter in meters
    ]


@pytest.mark.parametrize(
    "written",
    [
        lambda: _read(CSV),
        lambda: _read(CSV, encoding="utf-8-sig"),
        lambda: _read(CSV.replace("\n", "\r\n")),
        lambda: _read("sep=;\r\n" + CSV.replace("\n", "\r\n"), encoding="utf-8-sig"),
        lambda: _read(CSV.replace('"L1; power"', "L1_ power").replace(";", "\t").replace("L1_", "L1;")),
        lambda: _read(
            CSV.replace("0,5", "0.5").replace('"L1; power"', "L1_ power").replace(";", ",").replace("L1_", "L1;")
        ),
    ],
    ids=["semicolons", "with a mark", "crlf", "sep line", "tabs", "commas"],
)
def test_csv_means_the_same_as_yaml(written: Callable[[], Mapping]) -> None:
    assert _without_places(written().meters) == _without_places(_read(YAML, "m.yaml").meters)


def test_places_are_those_of_the_cells() -> None:
    meters = _read(CSV).meters
    assert [meter.place for meter in meters] == [Place(Path("m.csv"), 3, 1), Place(Path("m.csv"), 4, 1)]
    assert [point.place and (point.place.line, point.place.column) for point in meters[0].points] == [
        (3, 50),
        (5, 25),
        (6, 9),
        (7, 9),
    ]


def test_a_quoted_cell_may_hold_lines_and_quotes() -> None:
    text = 'id;device;field;object;note;name\na;1;value;AI1;"two\nlines ""quoted""; all one";X\nb;1;value;AI2;;Y\n'
    meters = _read(text).meters
    assert [(meter.id, meter.points[0].name, meter.place and meter.place.line) for meter in meters] == [
        ("a", "X", 2),
        ("b", "Y", 4),
    ]


def test_a_meter_without_a_name_is_called_by_its_id() -> None:
    assert _read("id;device;field;object\na;1;aP_1;AI1\na;1;aP_2;AI2\n").meters[0].name == "a"


def test_a_row_without_an_id_is_a_draft() -> None:
    mapping = _read("meter;id;device;field;object\nA;a;1;value;AI1\nB;;;;\nC;;3;value;AI1\n")
    assert [draft.name for draft in mapping.drafts] == ["B", "C"]


@pytest.mark.parametrize(
    ("cell", "number"), [("0,5", "0.5"), ("-1,25", "-1.25"), ("0,125", "0.125"), ("10", "10"), ("1.5", "1.5")]
)
def test_a_decimal_comma_where_commas_do_not_part_cells(cell: str, number: str) -> None:
    meters = _read(f"id;device;field;object;multiplier\na;1;value;AI1;{cell}\n").meters
    assert meters[0].points[0].multiplier == Decimal(number)


def test_the_columns_are_the_yaml_keys() -> None:
    assert set(COLUMNS) - {"meter", "field", "note"} == {*METER_KEYS, *POINT_KEYS}
