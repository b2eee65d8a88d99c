from decimal import Decimal
from pathlib import Path

import pytest

from bacnet_bridge.mapping import BrokenMappingError, Defaults, Mapping, parse
from bacnet_bridge.model import Meter, Nature, Place, Point, PropertyRef
from bacnet_bridge.vocabulary.fields import ELECTRICAL
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.units import parse_unit

DEFAULTS = Defaults("Europe/Dublin", 300)
FILE = Path("m.yaml")


def _read(text: str, defaults: Defaults = DEFAULTS, name: str = "m.yaml") -> Mapping:
    return parse([(Path(name), text.encode())], defaults)


def _meter(keys: str, defaults: Defaults = DEFAULTS) -> Meter:
    return _read(f"meters:\n  A: {{id: a, device: 1, {keys}}}\n", defaults).meters[0]


def test_a_meter_with_all_that_may_be_said() -> None:
    text = """
meters:
  Main incomer:
    id: 0042
    device: 1001
    address: 10.0.0.5:47809
    interval: 15 min
    zone: Asia/Kathmandu
    account: tenants
    tolerance: 30 s
    require_all: yes
    aP_1: {object: AI1, property: priority-array, index: 3, name: L1 Power, multiplier: 0.10, offset: -2.5, unit: kW}
"""
    point = Point(
        field="aP_1",
        source=PropertyRef(ObjectId(0, 1), 87, 3),
        name="L1 Power",
        multiplier=Decimal("0.10"),
        offset=Decimal("-2.5"),
        unit=parse_unit("kW"),
        place=Place(FILE, 12, 5),
    )
    assert _read(text).meters == (
        Meter(
            id="0042",
            name="Main incomer",
            device=1001,
            points=(point,),
            interval=900,
            zone="Asia/Kathmandu",
            tolerance=30,
            account="tenants",
            address="10.0.0.5:47809",
            require_all=True,
            place=Place(FILE, 3, 3),
        ),
    )


def test_what_is_not_said_comes_from_the_file_and_then_from_the_site() -> None:
    mapping = _read(
        "defaults: {device: 7, interval: 1 h, zone: Europe/London}\n"
        "meters:\n  A: {id: a, value: AI1}\n  B: {id: b, device: 8, interval: 60, value: AI1}\n",
        Defaults("Europe/Dublin", 300, account="other", tolerance=20),
    )
    assert [(m.device, m.interval, m.zone, m.account, m.tolerance) for m in mapping.meters] == [
        (7, 3600, "Europe/London", "other", 20),
        (8, 60, "Europe/London", "other", 20),
    ]


@pytest.mark.parametrize(("interval", "tolerance"), [(60, 15), (5, 1.25), (900, 60), (86_400, 60)])
def test_the_tolerance_is_a_quarter_of_the_interval_up_to_a_minute(interval: int, tolerance: float) -> None:
    assert _meter(f"interval: {interval}, value: AI1").tolerance == tolerance


@pytest.mark.parametrize("spelling", ["analog-input,1", "AI1", "ai-1", "analogInput:1", "0,1", "Analog Input 1"])
def test_every_spelling_of_an_object(spelling: str) -> None:
    assert _meter(f'value: "{spelling}"').points[0].source == PropertyRef(ObjectId(0, 1))
    assert _meter(f'value: {{object: "{spelling}"}}').points[0].source == PropertyRef(ObjectId(0, 1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("300", 300), ("5 min", 300), ("15m", 900), ("1 h", 3600), ("30s", 30), ("1.5 min", 90), ("1 day", 86_400)],
)
def test_every_spelling_of_an_interval(text: str, seconds: int) -> None:
    assert _meter(f"interval: {text}, value: AI1").interval == seconds


def test_transformers_multiply_what_passes_through_them() -> None:
    fields = ", ".join(f"{field.key}: AI{number}" for number, field in enumerate(ELECTRICAL, 1))
    meter = _meter(f"ct: 200/5, vt: 11000/110, {fields}")
    ratios = {point.field.rpartition("_")[0]: point.ratio for point in meter.points}
    assert ratios == {
        **dict.fromkeys(("aP", "rP", "apP", "pC"), Decimal(4000)),
        "c": Decimal(40),
        "v": Decimal(100),
    }


@pytest.mark.parametrize(
    ("text", "ratio"), [("200/5", "40"), ("200:5", "40"), ("40", "40"), ("1.5", "1.5"), ("800 / 1", "800")]
)
def test_every_spelling_of_a_ratio(text: str, ratio: str) -> None:
    assert _meter(f'ct: "{text}", c_1: AI1').points[0].ratio == Decimal(ratio)


def test_a_ratio_that_is_not_finite_has_34_digits() -> None:
    assert _meter("ct: 100/3, c_1: AI1").points[0].ratio == Decimal("33." + "3" * 32)
    assert _meter("ct: 100/3, vt: 100, aP_1: AI1").points[0].ratio == Decimal("3333." + "3" * 30)


@pytest.mark.parametrize("text", ["2", "[2]", '"2"'])
def test_an_inverted_phase_turns_the_sign_of_its_active_and_reactive_power_only(text: str) -> None:
    meter = _meter(f"ct: 10, invert: {text}, aP_1: AI1, aP_2: AI2, rP_2: AI3, apP_2: AI4, c_2: AI5, pC_2: AI6")
    assert [point.ratio for point in meter.points] == [10, -10, -10, 10, 10, 10]


def test_an_inverted_phase_keeps_all_digits_of_its_ratio() -> None:
    meter = _meter("ct: 100/3, invert: 1, aP_1: AI1")
    assert meter.points[0].ratio == Decimal("-33." + "3" * 32)


def test_the_nature_of_numbers() -> None:
    electrical = _meter("aP_1: AI1, pC_1: AI2")
    assert [point.nature for point in electrical.points] == [Nature.INSTANT, Nature.INDEX]
    assert _meter("value: AI1").points[0].nature is Nature.INSTANT
    for nature in Nature:
        assert _meter(f"as: {nature}, value: ACC1").points[0].nature is nature


def test_a_sum_is_several_points_of_one_field() -> None:
    meter = _meter("as: delta, value: {sum: [ACC1, {object: ACC2, multiplier: 10}]}")
    assert [(point.field, str(point.source.object), point.multiplier, point.nature) for point in meter.points] == [
        ("value", "accumulator,1", Decimal(1), Nature.DELTA),
        ("value", "accumulator,2", Decimal(10), Nature.DELTA),
    ]


def test_a_meter_without_an_id_is_a_draft() -> None:
    mapping = _read(
        "meters:\n  A: {id: a, device: 1, value: AI1}\n  B:\n  C: {id: , device: 3, aP_1: AI1, aP_2: AI2}\n"
    )
    assert [meter.id for meter in mapping.meters] == ["a"]
    assert [(draft.name, draft.device, draft.fields, draft.place.line) for draft in mapping.drafts] == [
        ("B", None, (), 3),
        ("C", 3, ("aP_1", "aP_2"), 4),
    ]


def test_a_draft_is_checked_as_far_as_it_goes() -> None:
    with pytest.raises(BrokenMappingError, match="did you mean analog-input"):
        _read("meters:\n  B: {aP_1: analog-imput 1}\n")


@pytest.mark.parametrize(
    ("keys", "warning"),
    [
        ("value: ACC1", "m.yaml:2:25: accumulator,1 is a counter; say as: index, or as: delta for its growth"),
        (
            "as: delta, value: {object: AI1, offset: 5}",
            "m.yaml:2:65: offset changes nothing in a counter's growth; leave it out",
        ),
        ("ct: 40, v_1: AI1", "m.yaml:2:29: ct acts on none of the meter's fields; leave it out, or add the field"),
        (
            "invert: 2, aP_1: AI1",
            "m.yaml:2:33: invert names phase 2, and the meter has no power of it; leave it out, or add the field",
        ),
        (
            "aP_1: {object: AI1, multiplier: 10}",
            "m.yaml:2:57: the product counts in the unit that the device claims; name the product's own, like unit: W",
        ),
    ],
)
def test_what_is_probably_not_meant(keys: str, warning: str) -> None:
    mapping = _read(f"meters:\n  A: {{id: a, device: 1, {keys}}}\n")
    assert [str(found) for found in mapping.warnings] == [warning]


def test_a_device_at_several_addresses_is_probably_not_meant() -> None:
    mapping = _read(
        "meters:\n  A: {id: a, device: 1, value: AI1}\n  B: {id: b, device: 1, address: bms, value: AI1}\n"
        "  C: {id: c, device: 1, address: bms, value: AI2}\n  D: {id: d, device: 2, address: gym, value: AI1}\n"
    )
    assert str(mapping.warnings[0]) == (
        "m.yaml:3:3: device 1 is at bms here and without an address at m.yaml:2:3; "
        "if it is one device, say the same of it with every meter"
    )
    assert len(mapping.warnings) == 1


def test_an_account_that_the_settings_know_is_taken() -> None:
    content = b"meters:\n  A: {id: a, device: 1, account: tenants, value: AI1}\n"
    assert parse([(FILE, content)], DEFAULTS, accounts={"tenants"}).meters[0].account == "tenants"


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "10.0.0.5:47809", "bms.example.com", "bms:47808", "100:12", "100:0x0c", "5:10.0.0.5:47808"]
)
def test_every_form_of_an_address(address: str) -> None:
    assert _meter(f'address: "{address}", value: AI1').address == address


def test_a_default_tolerance_that_does_not_fit_is_told_at_the_interval() -> None:
    with pytest.raises(BrokenMappingError, match=r"m.yaml:2:35: tolerance 60 s is not shorter than the interval, 30 s"):
        _read("meters:\n  A: {id: a, device: 1, interval: 30, value: AI1}\n", Defaults("UTC", 300, tolerance=60))
