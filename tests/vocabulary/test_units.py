import contextlib
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.vocabulary.conversions import FAMILIES
from bacnet_bridge.vocabulary.fields import FIELDS
from bacnet_bridge.vocabulary.unit_codes import UNIT_NAMES, UNIT_SYMBOLS
from bacnet_bridge.vocabulary.units import Unit, conversion, parse_unit, unit_by_code, why_not
from tools.make_unit_codes import names
from tools.unit_symbols import symbol


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[("kW", 48), ("KW", 48), ("kw", 48), ("kilowatts", 48), ("Kilowatt", 48), ("48", 48), (" kW ", 48)],
        *[("mW", 132), ("MW", 49), ("mV", 124), ("MV", 7), ("megawatts", 49), ("milliwatts", 132)],
        *[("kVAr", 12), ("kvar", 12), ("kVAR", 12), ("KVAR", 12), ("kilovolt-amperes-reactive", 12)],
        *[("kVA", 9), ("kva", 9), ("MVA", 10), ("VA", 8), ("va", 8)],
        *[("kWh", 19), ("kwh", 19), ("KWH", 19), ("kilowattHours", 19), ("kilowatt_hours", 19), ("mwh", 146)],
        *[("MWh", 146), ("MWH", 146), ("Wh", 18), ("GJ", 47925), ("gj", 47925), ("VArh", 242), ("kvarh", 243)],
        *[("m³", 80), ("m3", 80), ("M3", 80), ("m^3", 80), ("m**3", 80), ("cubic-meters", 80), ("cubic metres", 80)],
        *[("m³/h", 135), ("m3/h", 135), ("m3 / hr", 135), ("L/s", 87), ("l/s", 87), ("litres", 82), ("L", 82)],
        *[("°C", 62), ("degC", 62), ("C", 62), ("degrees-celsius", 62), ("°F", 64), ("K", 63), ("Celsius", 62)],
        *[("%", 98), ("% RH", 29), ("ppm", 96), ("PPM", 96), ("Pa", 53), ("kPa", 54), ("Hz", 27), ("hz", 27)],
        *[("no-units", 95), ("none", 95), ("noUnits", 95), ("A", 3), ("a", 3), ("mA", 2), ("V", 5), ("kV", 6)],
        *[("ms", 159), ("µm", 194), ("mole-percent", 252), ("95", 95), ("s", 73), ("Ω", 4)],
    ],
)
def test_what_people_write(text: str, code: int) -> None:
    assert parse_unit(text) == unit_by_code(code)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mw", "unit 'mw' can be read in more than one way, because m is milli and M is mega; write mW or MW"),
        ("mv", "unit 'mv' can be read in more than one way, because m is milli and M is mega; write mV or MV"),
        ("mWh", "unit 'mWh' can be read in more than one way, because m is milli and M is mega; write MWh"),
        ("kWhr", "unit 'kWhr' is unknown; did you mean kWh?"),
        ("kilowats", "unit 'kilowats' is unknown; did you mean kW or kWh?"),
        ("furlongs", "unit 'furlongs' is unknown; BACnet's name or number also works"),
        ("", "unit '' is unknown; BACnet's name or number also works"),
        ("70000", "'70000' is larger than BACnet's unit codes are (65535)"),
    ],
)
def test_what_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="unit") as caught:
        parse_unit(text)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("code", UNIT_NAMES)
def test_every_unit_is_found_by_its_own_name_and_symbol(code: int) -> None:
    unit = unit_by_code(code)
    assert parse_unit(unit.name) == unit
    assert conversion(parse_unit(unit.symbol), unit) == 1
    assert parse_unit(str(code)) == unit


def test_an_unknown_code_shows_itself() -> None:
    assert unit_by_code(51234) == Unit(51234, "unit-51234", "unit-51234")
    assert parse_unit("unit-51234") == unit_by_code(51234)


@pytest.mark.parametrize(
    ("have", "want", "factor"),
    [
        *[("kW", "W", "1000"), ("MW", "W", "1000000"), ("mW", "W", "0.001"), ("W", "W", "1"), ("W", "kW", "0.001")],
        *[("kVAr", "VAr", "1000"), ("kVA", "VA", "1000"), ("kV", "V", "1000"), ("mA", "A", "0.001")],
        *[("MWh", "Wh", "1000000"), ("GWh", "Wh", "1000000000"), ("kVArh", "VArh", "1000"), ("204", "242", "1000")],
        *[("mV", "V", "0.001"), ("GJ", "MJ", "1000"), ("J/s", "W", "1"), ("MJ", "J", "1000000")],
        *[("Wh", "J", "3600"), ("kWh", "MJ", "3.6"), ("hp", "W", "745.69987158227022"), ("kW", "J/s", "1000")],
        *[("BTU", "J", "1055.05585262"), ("kBTU", "J", "1055055.85262"), ("TR", "BTU/h", "12000")],
        *[
            ("ton·h", "BTU", "12000"),
            ("MBTU/h", "kBTU/h", "1000"),
            ("kJ/h", "J/h", "1000"),
            ("hPa", "Pa", "100"),
            ("mbar", "bar", "0.001"),
            ("no-units", "no-units", "1"),
        ],
    ],
)
def test_units_of_one_quantity_convert_exactly(have: str, want: str, factor: str) -> None:
    assert conversion(parse_unit(have), parse_unit(want)) == Decimal(factor)


@pytest.mark.parametrize(
    ("have", "want"),
    [
        *[("kW", "VA"), ("VA", "W"), ("VAr", "W"), ("kWh", "kW"), ("therm", "Wh"), ("BTU", "W"), ("no-units", "W")],
        *[("L", "m³"), ("°C", "K"), ("°C", "°F"), ("bar", "Pa"), ("m³", "Nm³"), ("Gcal", "Wh")],
    ],
)
def test_nothing_else_converts(have: str, want: str) -> None:
    assert conversion(parse_unit(have), parse_unit(want)) is None


@pytest.mark.parametrize(
    ("have", "want", "number", "result"),
    [
        *[("MJ", "Wh", "3.6", "1000"), ("GJ", "Wh", "1", "277777.777777778"), ("BTU/h", "W", "1", "0.293071070172222")],
        *[("TR", "W", "1", "3516.85284206667"), ("ton·h", "Wh", "2", "7033.70568413333"), ("kJ", "Wh", "36", "10")],
    ],
)
def test_what_does_not_come_out_even_is_right_to_fifteen_digits(have: str, want: str, number: str, result: str) -> None:
    factor = conversion(parse_unit(have), parse_unit(want))
    assert factor is not None
    with localcontext(prec=15):
        assert Decimal(number) * factor == Decimal(result)


def test_families_are_apart() -> None:
    codes = [code for family in FAMILIES for code in family]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(UNIT_NAMES)


def test_why_a_unit_is_not_converted() -> None:
    assert "105480400 J in the USA" in why_not(parse_unit("therms"))
    assert why_not(parse_unit("°C")) == ""


def test_the_platforms_units_are_known() -> None:
    for field in FIELDS.values():
        if field.unit is not None:
            assert parse_unit(field.unit).symbol == field.unit


@given(st.text())
def test_any_text_gives_a_unit_or_a_sentence(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert parse_unit(text).symbol


def test_the_generated_table_is_current() -> None:
    assert names() == UNIT_NAMES
    assert {code: symbol(code, name) for code, name in UNIT_NAMES.items()} == UNIT_SYMBOLS


@pytest.mark.parametrize(
    ("code", "text"),
    [(34, "W/ft²"), (47, "W"), (47863, "kJ/h"), (141, "W/(m²·K)"), (190, "µS"), (47969, "particles/m³"), (122, "kΩ")],
)
def test_symbols(code: int, text: str) -> None:
    assert unit_by_code(code).symbol == text
