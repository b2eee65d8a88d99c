"""The rules, by tables of names from many schools; what they never do, by names from nowhere."""

from collections import Counter
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.survey.model import FoundObject, Survey, Value
from bacnet_bridge.survey.suggest import suggest
from bacnet_bridge.survey.suggestion import Confidence, Suggestions
from bacnet_bridge.vocabulary.fields import ELECTRICAL
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.surveys import demo, device, survey
from tests.survey.schools import SCHOOLS
from tests.survey.schools_after_first_looks import CLASSES
from tests.survey.schools_met_seldom import SELDOM
from tests.survey.schools_of_languages import LANGUAGES
from tests.survey.schools_of_places import PLACES
from tests.survey.schools_of_utilities import UTILITIES
from tests.survey.schools_of_vendors import VENDORS


def fields(found: Suggestions) -> dict[str, str]:
    """Object's name → proposed field."""
    said = {each.object.name or "": each.field for meter in found.meters for each in meter.points}
    return said | {meter.heard.object.name or "": "valid_when" for meter in found.meters if meter.heard}


ALL_SCHOOLS: Final = SCHOOLS | LANGUAGES | UTILITIES | VENDORS | PLACES | SELDOM | CLASSES


@pytest.mark.parametrize("school", ALL_SCHOOLS)
def test_a_school_of_naming(school: str) -> None:
    lines = [line.strip().split("|", 1) for line in ALL_SCHOOLS[school].strip().splitlines()]
    found = fields(suggest(survey(device(school, [said for _, said in lines]))))
    wanted = {said.split("|")[0].strip(): field.strip() for field, said in lines}
    assert {name: found.get(name, "-") for name in wanted} == wanted


def one(*lines: str, called: str = "Main board") -> Suggestions:
    return suggest(survey(device(called, lines)))


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        ("V L1-N,V L2-N,V L3-N", "v_1 v_2 v_3"),
        ("Volt A-B,Volt B-C,Volt C-A", "v_12 v_23 v_13"),
        ("U12,U23,U31", "v_12 v_23 v_13"),
        ("Voltage L1L2,Voltage L2L3,Voltage L3L1", "v_12 v_23 v_13"),
        ("VRY,VYB,VBR", "v_12 v_23 v_13"),
        ("Volts R,Volts Y,Volts B", "v_1 v_2 v_3"),
        ("Volts U-V,Volts V-W,Volts W-U", "v_12 v_23 v_13"),
        ("Volts RS,Volts ST,Volts TR", "v_12 v_23 v_13"),
        ("ULN[0],ULN[1],ULN[2]", "v_1 v_2 v_3"),
        ("ULL[0],ULL[1],ULL[2]", "v_12 v_23 v_13"),
        ("Phase 1 voltage,Phase 2 voltage,Phase 3 voltage", "v_1 v_2 v_3"),
        ("Ph-C volts,Ph-A volts,Ph-B volts", "v_3 v_1 v_2"),
    ],
)
def test_phases_of_voltages(names: str, wanted: str) -> None:
    line = any(len(each) == 4 for each in wanted.split())
    found = fields(one(*(f"{name} | | V | AI | | {400 if line else 230}" for name in names.split(","))))
    assert [found[name] for name in names.split(",")] == wanted.split()


@pytest.mark.parametrize(
    "lines",
    [
        ["Voltage L1 | | V | AI | | 461", "Voltage L2 | | V | AI | | 462"],  # between phases, but which?
        ["Current L1 | | V", "Current L2 | | V", "Current L3 | | V"],  # the unit contradicts
        ["Energy T1 | | kWh", "Energy T2 | | kWh"],  # tariffs without their sum
        ["PV power | Photovoltaik | kW", "PV energy | Photovoltaik | kWh"],
        ["Spannung L | | V", "Spannung L  | | V", "Spannung L   | | V"],  # cut
        ["Power"],  # no unit, no neighbour
    ],
    ids=lambda lines: lines[0].split("|")[0].strip(),
)
def test_what_a_person_has_to_decide(lines: list[str]) -> None:
    found = one(*lines)
    assert found.meters == ()


def test_a_kilowatt_hour_is_electrical_only_where_something_says_so() -> None:
    assert fields(one("Meter 4 | | kWh", called="Plant room")) == {}
    assert fields(one("Meter 4 | | kWh", "Supply temp | | °C", called="Plant room")) == {"Supply temp": "value"}
    assert fields(one("Meter 4 | | kWh", called="Main switchboard")) == {"Meter 4": "pC_1"}
    assert fields(one("Heat meter 4 | | kWh", called="Main switchboard")) == {"Heat meter 4": "value"}


def test_numbers_beyond_three_are_meters_and_no_phases() -> None:
    found = one(*(f"kWh {number} | | kWh" for number in range(1, 7)), called="Lighting panel")
    assert [meter.points[0].field for meter in found.meters] == ["pC_1"] * 6


def test_a_floor_is_no_phase() -> None:
    found = one("DB-L2 kWh | | kWh", "DB-L2 kW | | kW", called="Distribution board")
    assert [(meter.name, [each.field for each in meter.points]) for meter in found.meters] == [
        ("DB L2", ["pC_1", "aP_1"])
    ]


BOARD: Final = ("DB3 L1 Amps | | A", "DB3 L2 Amps | | A", "DB3 L3 Amps | | A")


@pytest.mark.parametrize(
    "totals",
    [
        ["Total active energy | | kWh"],
        ["DB3 Basement kW | | kW", "DB3 Basement kWh | | kWh"],
        ["DB3 B kVA | | kVA", "DB3 B kW | | kW"],
        ["DB3 Active energy in~04 | | kWh"],
        ["DB3 Puissance active | | kW", "DB3 Bâtiment Energie active | | kWh"],
        ["DB3 Gebäude Wirkarbeit Bezug | | kWh", "DB3 Gebäude Wirkarbeit Lieferung | | kWh"],
    ],
    ids=lambda totals: totals[0].split(" | ")[0],
)
def test_a_lone_total_goes_to_the_meter_that_lacks_it(totals: list[str]) -> None:
    found = one(*BOARD, *totals)
    assert [each.name for each in found.meters] == ["DB3"]
    given = sum("Lieferung" in each for each in totals)
    assert len(found.meters[0].points) == 3 + len(totals) - given


def test_a_total_that_is_named_apart_is_never_certain() -> None:
    found = one(*BOARD, "DB3 Basement kWh | | kWh")
    energy = found.meters[0].points[-1]
    assert (energy.field, energy.confidence) == ("pC_1", Confidence.MEDIUM)
    assert "named apart" in energy.reason


@pytest.mark.parametrize(
    ("lines", "unsure"),
    [
        ([*BOARD, "DB4 L1 Amps | | A", "DB4 L2 Amps | | A", "Energía activa total | | kWh"], ["pC_1"]),
        ([*BOARD, "DB3 Netzpunkt Wirkleistung | | kW", "DB3 Netzpunkt Wirkarbeit | | kWh"], ["aP_1", "pC_1"]),
        ([*BOARD, "DB3 kW B | | kW"], ["aP_1"]),
        (["L1 Amps | | A", "L2 Amps | | A", "Cabina Potenza attiva | | kW"], ["aP_1"]),
        (["EM1 kWA | | kW", "EM1 kWB | | kW", "EM1 kWC | | kW"], ["aP_1"] * 3),
        (["QE Energia A | | kWh", "QE Energia B | | kWh", "QE Energia C | | kWh"], ["pC_1"] * 3),
        (["PM Q1 | | kVAr", "PM Q2 | | kVAr", "PM Q3 | | kVAr"], ["rP_1"] * 3),
    ],
    ids=lambda lines: lines[-1].split(" | ")[0],
)
def test_what_may_be_a_meter_or_a_part_of_one(lines: list[str], unsure: list[str]) -> None:
    found = one(*lines)
    assert [each.field for each in found.unsure] == unsure
    assert not {each.partition("_")[0] for each in unsure} & {each.partition("_")[0] for each in fields(found).values()}


def test_feeders_of_a_board_keep_their_own_meters() -> None:
    found = one(*BOARD, "DB3 Basement kWh | | kWh", "DB3 Roof kWh | | kWh", "DB3 Shop kWh | | kWh")
    assert [len(each.points) for each in found.meters] == [3, 1, 1, 1]


@pytest.mark.parametrize(
    "setting",
    [
        "MB Smluvni vykon | | kW | AV",
        "Supply temperature neznamo | | °C | AV",
        "Return humidity qux | | %RH | AV",
    ],
)
def test_an_analog_value_among_inputs_is_taken_for_a_setting(setting: str) -> None:
    inputs = ["MB L1 Amps | | A", "MB L2 Amps | | A", "MB L3 Amps | | A", "Supply temp | | °C"]
    found = one(*inputs, setting)
    assert setting.split(" | ", maxsplit=1)[0] not in fields(found)
    assert [each.object.name for each in found.unsure] == [setting.split(" | ", maxsplit=1)[0]]


def test_a_counter_may_be_an_analog_value_beside_inputs() -> None:
    assert fields(one(*BOARD, "DB3 kWh | | kWh | AV"))["DB3 kWh"] == "pC_1"
    assert fields(one("Supply temp | | °C", "Gas meter | | m³ | AV"))["Gas meter"] == "value"


@pytest.mark.parametrize(
    ("name", "states", "good"),
    [
        ("M1 Comm OK", "No/Yes", "active"),
        ("M1 Comm fault", "No/Yes", "inactive"),
        ("M1 Comm loss", "Off/On", "inactive"),
        ("M1 Communication", "Aus/Ein", "active"),
        ("M1 Kommunikation Störung", "Aus/Ein", "inactive"),
        ("M1 COMM_ERR", "0/1", "inactive"),
        ("M1 Brak komunikacji", "OK/Brak", "inactive"),
        ("M1 Communication", "Fail/OK", "active"),
        ("M1 Communication", "Gelb/Blau", None),
    ],
)
def test_what_a_yes_means_depends_on_what_is_asked(name: str, states: str, good: str | None) -> None:
    found = one("M1 L1 Amps | | A", "M1 L2 Amps | | A", "M1 L3 Amps | | A", f"{name} | | | BI | {states}")
    heard = found.meters[0].heard
    assert (heard.good if heard else None) == good


def test_energy_and_power_that_are_called_active_need_no_unit() -> None:
    found = one("M5 Active power", "M5 Active energy", called="Gateway 5")
    assert fields(found) == {"M5 Active power": "aP_1", "M5 Active energy": "pC_1"}
    assert {each.confidence for each in found.meters[0].points} == {Confidence.MEDIUM}
    assert fields(one("M5 Power", "M5 Energy", called="Gateway 5")) == {}


def test_every_suggestion_says_why_and_how_sure_it_is() -> None:
    found = one(
        "Active power | | kW", "Active energy import | Wirkarbeit | kWh", "Voltage L1", "Voltage L2", "Voltage L3"
    )
    said = {each.field: (each.confidence, each.reason) for meter in found.meters for each in meter.points}
    assert said["pC_1"][0] is Confidence.HIGH
    assert said["pC_1"][1].startswith("unit kWh; words: active, energy, import, wirkarbeit")
    assert said["v_1"][0] is Confidence.MEDIUM


def test_the_demo_building_is_understood() -> None:
    found = suggest(demo())
    meters = {meter.name: {each.field for each in meter.points} for meter in found.meters}
    assert meters["Main incomer"] == {each.key for each in ELECTRICAL}
    assert meters["Tenant meter"] == {"aP_1", "pC_1"}
    assert sum(fields == {"value"} for fields in meters.values()) == 12


SCRAPS = st.sampled_from(
    [
        "L1",
        "L2-L3",
        "kW",
        "kWh",
        " ",
        "_",
        ".",
        "[",
        "]",
        "[3]",
        "A+",
        "1.8.0",
        "Σ",
        "Ph",
        "U",
        "V",
        "Strom",
        "meter",
        "-",
    ]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(SCRAPS, max_size=8).map("".join))
OBJECTS = st.builds(
    FoundObject,
    st.builds(ObjectId, st.sampled_from([0, 1, 2, 3, 5, 13, 19, 20, 23, 24, 45, 46, 48, 200]), st.integers(0, 4194302)),
    name=st.none() | TEXTS,
    description=st.none() | TEXTS,
    units=st.none() | st.sampled_from([3, 5, 9, 12, 19, 48, 62, 80, 95, 98, 135, 65000]),
    value=st.none() | st.builds(Value, st.just("real"), st.sampled_from(["1", "nan", "461", "-1e30", "what"])),
    states=st.none() | st.lists(TEXTS, max_size=4).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(OBJECTS, max_size=12, unique_by=lambda each: each.id), TEXTS)
def test_nothing_that_a_device_says_breaks_the_rules(objects: list[FoundObject], name: str) -> None:
    one_device = device(name, [])
    whole = Survey(0, 0, True, devices=(type(one_device)(1, "10.0.0.1", name=name, objects=tuple(objects)),))
    found = suggest(whole)
    for meter in found.meters:
        assert meter.points
        assert max(Counter(each.field for each in meter.points).values()) == 1
        assert all(each.confidence is not Confidence.UNSURE and each.reason for each in meter.points)
    proposed = [each.object.id for meter in found.meters for each in meter.points]
    assert len(set(proposed)) == len(proposed)
    decided = {each.object.id for each in found.unsure}
    assert not decided & set(proposed)
    assert suggest(whole) == found
