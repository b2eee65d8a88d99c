"""By what a point's values are watched: from a field's own word, its meter's, its file's, or by nature."""

from decimal import Decimal
from pathlib import Path

import pytest

from bacnet_bridge.mapping import Defaults, Mapping, parse
from bacnet_bridge.model import SKIPPED_FLAGS, AfterFall, Condition, Counting, Point, PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

DEFAULTS = Defaults("Europe/Dublin", 300)


def read(text: str, name: str = "m.yaml") -> Mapping:
    return parse([(Path(name), text.encode())], DEFAULTS)


def points(keys: str, above: str = "") -> dict[str, Point]:
    (meter,) = read(f"{above}\nmeters:\n  A: {{id: a, device: 1, {keys}}}\n").meters
    return {point.field: point for point in meter.points}


def test_voltages_and_currents_are_watched_for_standing_still_and_nothing_else_is() -> None:
    watched = points("aP_1: AI1, v_1: AI2, c_1: AI3, v_12: AI4, pC_1: AI5")
    assert {field: point.frozen_after for field, point in watched.items()} == {
        "aP_1": 0,
        "v_1": 12,
        "c_1": 12,
        "v_12": 12,
        "pC_1": 0,
    }
    assert points("value: AI1")["value"].frozen_after == 0
    assert points("frozen_after: 5, value: AI1")["value"].frozen_after == 5
    assert points("frozen_after: 5, as: index, value: AI1")["value"].frozen_after == 0


def test_a_point_whose_changes_are_told_is_not_watched_for_standing_still_unless_the_mapping_says_so() -> None:
    """What moves less than its COV increment is not told."""
    told = points("v_1: {object: AI1, cov: yes}, v_2: {object: AI2, cov: no}, v_3: AI3")
    assert {field: (point.cov, point.frozen_after) for field, point in told.items()} == {
        "v_1": (True, 0),
        "v_2": (False, 12),
        "v_3": (False, 12),
    }
    assert points("frozen_after: 30, v_1: {object: AI1, cov: yes}")["v_1"].frozen_after == 30


def test_changes_are_told_of_present_values_only() -> None:
    accumulator = read("meters:\n  A: {id: a, device: 1, as: index, value: {object: ACC1, cov: yes}}\n")
    assert [str(warning) for warning in accumulator.warnings] == [
        "m.yaml:2:63: devices tell no changes of accumulator,1; leave cov out: it is read in any case"
    ]


def test_a_fields_own_word_goes_before_its_meters_and_that_before_its_files() -> None:
    above = "defaults: {frozen_after: 20, frozen: refuse, valid_when: BI1 = active}"
    watched = points("v_1: AI1, v_2: {object: AI2, frozen_after: 0, frozen: notice, valid_when: BI2 = 0}", above)
    assert [(each.frozen_after, each.frozen_refused) for each in watched.values()] == [(20, True), (0, False)]
    assert [each.valid_when and each.valid_when.text for each in watched.values()] == ["BI1 = active", "BI2 = 0"]
    own = points("frozen_after: 30, v_1: AI1", above)
    assert own["v_1"].frozen_after == 30


@pytest.mark.parametrize(
    ("text", "source", "value"),
    [
        ("BI7 = active", ObjectId(3, 7), 1),
        ("BV7==Inactive", ObjectId(5, 7), 0),
        ("MSV3 = 2", ObjectId(19, 3), 2),
        ("'analog-value,1 = -0.5'", ObjectId(2, 1), Decimal("-0.5")),
    ],
)
def test_conditions(text: str, source: ObjectId, value: Decimal) -> None:
    condition = points(f"valid_when: {text}, value: AI1")["value"].valid_when
    assert condition == Condition(PropertyRef(source), Decimal(value), text.strip("'"))


def test_flags() -> None:
    assert points("value: AI1")["value"].skip == SKIPPED_FLAGS
    point = points("value: {object: AI1, flags: {fault: send, overridden: skip, reliability: skip}}")["value"]
    assert point.skip == {"out-of-service", "overridden", "reliability"}
    assert point.send == {"fault"}
    assert point.asks_reliability
    assert not points("flags: {out_of_service: send}, value: AI1")["value"].asks_reliability


def test_counters() -> None:
    watched = points("max_rate: 0.5, rollover: 99999999, after_fall: hold, aP_1: AI1, pC_1: AI2")
    assert watched["pC_1"].counting == Counting(Decimal("0.5"), Decimal(99999999), after_fall=AfterFall.HOLD)
    assert points("as: delta, falls: yes, value: AI1")["value"].counting == Counting(falls=True)


def test_a_meters_keys_for_counters_where_it_has_none() -> None:
    mapping = read("meters:\n  A: {id: a, device: 1, max_rate: 5, value: AI1}\n")
    assert [str(warning) for warning in mapping.warnings] == [
        "m.yaml:2:35: max_rate is for counters; say as: index or as: delta, or leave it out"
    ]


def test_a_table_says_the_same() -> None:
    text = (
        "meter;id;device;as;field;object;max_rate;flags;valid_when;frozen_after\n"
        "A;a;1;;v_1;AI1;;;BI7 = active;24\n;;;;pC_1;ACC1;2,5;fault=send, overridden: skip;;\n"
    )
    (meter,) = read(text, "m.csv").meters
    voltage, energy = meter.points
    assert (voltage.frozen_after, voltage.valid_when and voltage.valid_when.text) == (24, "BI7 = active")
    assert energy.counting.max_rate == Decimal("2.5")
    assert energy.skip == {"out-of-service", "overridden"}
    assert energy.valid_when is None
