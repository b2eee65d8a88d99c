"""Before words are looked up: scripts, variables' types, arrays; and values that prove or disprove a phase."""

import pytest

from bacnet_bridge.survey.model import Survey
from bacnet_bridge.survey.scripts import in_letters
from bacnet_bridge.survey.suggest import suggest
from bacnet_bridge.survey.variables import typed, untyped
from tests.support.surveys import device, survey


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("R상전압", "R phase voltage"),
        ("유효전력량", "active energy"),  # the longest term, and no active power
        ("总有功功率", "total active power"),
        ("Ток фазы А", "tok fazy a"),
        ("Напряжение", "napryazhenie"),
        ("ρεύμα", "revma"),
        ("cos φ", "cos φ"),  # a formula's letter stays
        ("Tensão L1", "Tensão L1"),
        ("", ""),
    ],
)
def test_what_is_not_written_in_latin_letters(text: str, read: str) -> None:
    assert " ".join(in_letters(text).split()) == read


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("GVL_Energy.stEM[0].fU_L1N", "EM[0].U_L1N"),
        ("EM_01_rPges", "EM_01_Pges"),
        ("lrE_Pos", "E_Pos"),
        ("kWh", "kWh"),
        ("fan", "fan"),
        ("Return", "Return"),
    ],
)
def test_types_before_a_variable_s_name(name: str, plain: str) -> None:
    assert untyped(name) == plain


def test_a_few_small_letters_are_no_types() -> None:
    assert typed(device("PLC", ["rU_L1", "rU_L2", "rU_L3", "rI_L1", "rI_L2", "xRun"]))
    assert not typed(device("Room", ["rH", "Temp", "CO2", "Valve", "Fan", "Mode"]))
    assert not typed(device("Room", ["rH", "nTemp"]))  # too few to show a habit


def _fields(found: Survey) -> dict[str, str]:
    return {each.object.name or "": each.field for meter in suggest(found).meters for each in meter.points}


@pytest.mark.parametrize(("power", "volts"), [("2200", "v_1"), ("6300", None), ("4000", None), ("100", None)])
def test_a_feeder_s_voltage_is_a_phase_s_where_it_makes_the_power_alone(power: str, volts: str | None) -> None:
    """230 V and 10 A are 2.3 kVA; three phases make 6.9, and 400 V between phases 4.0 of 230 V."""
    lines = ["F1 U | | V | AI | | 230", "F1 I | | A | AI | | 10", f"F1 P | | W | AI | | {power}"]
    assert _fields(survey(device("Feeder board", lines))).get("F1 U") == volts


def test_two_registers_of_one_power_are_both_left_to_a_person() -> None:
    lines = ["M7 P | | kW", "M7 L1 A | | A", "M7 L2 A | | A", "M7 L3 A | | A", "M7 kvar | | kVAr"]
    assert _fields(survey(device("Board", lines)))["M7 kvar"] == "rP_1"
    found = suggest(survey(device("Board", [*lines, "M7 Xyz kvar | | kVAr"])))
    assert {each.object.name for each in found.unsure} == {"M7 kvar", "M7 Xyz kvar"}
