"""Whether values can be true: a table of installations, right ones and every mistake that people make."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bacnet_bridge.model import Counting, Meter, Nature, Point, Problem, PropertyRef, Reading
from bacnet_bridge.packet.plausible import implausible
from bacnet_bridge.packet.remark import Remark, Weight, factor, figure
from bacnet_bridge.vocabulary.fields import FIELDS
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import parse_object

GOOD = {
    **{f"aP_{n}": "9200" for n in "123"},
    **{f"rP_{n}": "2000" for n in "123"},
    **{f"apP_{n}": "9415" for n in "123"},
    **{f"v_{n}": "230" for n in "123"},
    **{f"c_{n}": "41" for n in "123"},
    "v_12": "398",
    "v_13": "399",
    "v_23": "397",
}


def point(field: str, number: int = 1, kind: str = "LAV", **more: Any) -> Point:
    nature = Nature.INDEX if field.startswith("pC_") else Nature.INSTANT
    return Point(field, PropertyRef(parse_object(f"{kind}{number}")), **{"nature": nature, **more})


def meter(*points: Point, interval: int = 300) -> Meter:
    return Meter("m", "M", 1, points, interval, "Europe/Dublin", 60.0)


def reading(each: Point, value: str, at: int = 0, raw: str | None = None, unit: str = "Wh") -> Reading:
    return Reading(each, at, Decimal(value), None, raw or value, unit)


def found(values: Mapping[str, str]) -> list[Remark]:
    """Of one reading, taken twice."""
    points = [point(key, number, "AI") for number, key in enumerate(values, 1)]
    read = [reading(each, value) for each, value in zip(points, values.values(), strict=True)]
    return implausible(meter(*points), read, read)


def test_a_sound_installation_is_silent() -> None:
    assert found(GOOD) == []
    assert found({"value": "21.3"}) == []
    assert found(dict.fromkeys(GOOD, "0")) == []


@pytest.mark.parametrize(
    ("changed", "weight", "fields", "words"),
    [
        ({"aP_1": "9.2"}, Weight.WRONG, ("aP_1",), "1000 times: is a kilo"),
        ({"aP_1": "9200000"}, Weight.WRONG, ("aP_1",), "1000 times"),
        ({"aP_2": "92000"}, Weight.WRONG, ("aP_2",), "10 times: look at the multiplier"),
        ({"aP_2": "920"}, Weight.ODD, ("aP_2",), "a power factor of 0.10 is rare"),
        ({"aP_3": "-9200"}, Weight.ODD, ("aP_3",), "mounted backwards (`invert: [3]`)"),
        ({f"aP_{n}": "-9200" for n in "123"}, Weight.ODD, ("aP_1", "aP_2", "aP_3"), "generates, or all transformers"),
        ({"apP_1": "9.415"}, Weight.WRONG, ("apP_1", "v_1", "c_1"), "1000 times"),
        ({"apP_2": "28245"}, Weight.WRONG, ("apP_2", "v_2", "c_2"), "3 times: is it the total of three phases"),
        (
            {"c_3": "1.025"},
            Weight.WRONG,
            ("apP_3", "v_3", "c_3"),
            "40 times: look at unit, multiplier and transformers",
        ),
        ({"apP_1": "0"}, Weight.WRONG, ("apP_1", "v_1", "c_1"), "not of this phase"),
        ({"rP_1": "2000000"}, Weight.WRONG, ("rP_1", "apP_1"), "210 times"),
        ({"rP_1": "2000", "aP_1": "4000"}, Weight.ODD, ("aP_1", "rP_1", "apP_1"), "make 4472 VA"),
        ({"v_12": "230"}, Weight.WRONG, ("v_12", "v_1", "v_2"), "both are phase to phase, or both to neutral"),
        ({"v_13": "460"}, Weight.ODD, ("v_13", "v_1", "v_3"), "two phases of a middle tap"),
        ({"v_23": "3980"}, Weight.WRONG, ("v_23", "v_2", "v_3"), "10 times"),
        ({"v_23": "0.398"}, Weight.WRONG, ("v_23",), "in kV, or before the transformer"),
        ({"v_1": "398"}, Weight.ODD, ("v_2", "v_1"), "phases of one mains are alike"),
    ],
)
def test_a_mistake_is_named(changed: dict[str, str], weight: Weight, fields: tuple[str, ...], words: str) -> None:
    matching = [each for each in found(GOOD | changed) if each.weight is weight and words in each.sentence]
    assert [each.fields for each in matching][:1] == [fields], found(GOOD | changed)


def test_without_apparent_power_voltage_times_current_is_taken() -> None:
    (only,) = found({"aP_1": "9.2", "v_1": "230", "c_1": "41"})
    assert only.weight is Weight.WRONG
    assert "v_1 times c_1 is 9430 VA: 1000 times" in only.sentence


def test_a_field_without_a_value_is_not_judged() -> None:
    volts = point("v_1", 1, "AI")
    missing = Reading(volts, 0, problem=Problem(HoleReason.REFUSED, "NaN"))
    assert implausible(meter(volts), [missing], [missing]) == []


def over(
    seconds: float, power: str, before: str, after: str, raw: Sequence[str] | None = None, kind: str = "LAV"
) -> list[Remark]:
    """One phase's energy and power, twice."""
    energy, watts = point("pC_1", 1, kind), point("aP_1", 1, "AI")
    told = raw or (before, after)
    first = [reading(energy, before, 0, told[0]), reading(watts, power)]
    at = round(seconds * 1000)
    second = [reading(energy, after, at, told[1]), reading(watts, power, at)]
    return implausible(meter(energy, watts), first, second)


@pytest.mark.parametrize(
    ("seconds", "power", "after", "weight", "words"),
    [
        (360, "10000", "1001000", None, ""),
        (
            360,
            "10000",
            "1010000",
            Weight.WRONG,
            "grew by 10000 Wh in 360 s, by aP_1 (10000 W) it would be 1000 Wh: 10 times",
        ),
        (360, "10000", "2000000", Weight.WRONG, "1000 times"),
        (360, "10000", "1040000", Weight.WRONG, "40 times: look at unit, multiplier and transformers"),
        (360, "10000", "1000100", Weight.WRONG, "10 times"),
        (360, "10000", "1000000", Weight.ODD, "stood still for 360 s; by aP_1"),
        (360, "10", "1000000", None, ""),
        (360, "-10000", "1000000", Weight.ODD, "negative"),
        (0.1, "10000", "1000000", None, ""),
        (0.9, "10000", "1500000", None, ""),
        (1, "10000", "1000003", Weight.NOTE, "too little to compare it with power; look again with --over 10"),
        (1, "100", "1000000", Weight.NOTE, "--over '3 min'"),
        (5, "10000", "999000", Weight.WRONG, "is a counter, and fell from 1000000 to 999000"),
    ],
)
def test_energy_is_compared_with_power_times_time(
    seconds: float, power: str, after: str, weight: Weight | None, words: str
) -> None:
    remarks = over(seconds, power, "1000000", after)
    assert [each.weight for each in remarks] == ([weight] if weight else []), remarks
    assert all(words in each.sentence for each in remarks), remarks


def test_a_coarse_counter_that_grows_far_too_fast_is_told_all_the_same() -> None:
    (wrong,) = over(10, "1000", "5000000", "5100000", raw=("5000", "5100"))
    assert wrong.weight is Weight.WRONG


def test_a_nought_that_a_count_ends_in_by_chance_makes_no_coarser_step() -> None:
    for raw in (("5000.123", "5000.3"), ("5000.1", "5000.303")):
        (wrong,) = over(5, "10000", "5000123", "5000300", raw=raw)
        assert wrong.weight is Weight.WRONG


def test_a_total_is_compared_with_the_sum_of_the_phases() -> None:
    energy = point("pC_1")
    powers = [point(f"aP_{n}", n, "AI") for n in (1, 2, 3)]

    def read(at: int, wh: str) -> list[Reading]:
        return [reading(energy, wh, at), *(reading(each, "1000", at) for each in powers)]

    site = meter(energy, *powers)
    assert implausible(site, read(0, "10000"), read(360_000, "10300")) == []
    (wrong,) = implausible(site, read(0, "10000"), read(360_000, "13000"))
    assert wrong.fields == ("pC_1", "aP_1", "aP_2", "aP_3")


@pytest.mark.parametrize(
    ("kind", "raw", "told"),
    [("AV", "1000", False), ("AV", "3000000", True), ("LAV", "3000000", False), ("ACC", "3000000", False)],
)
def test_a_real_that_is_too_coarse_is_told(kind: str, raw: str, told: bool) -> None:
    """At 3 GWh, in kWh, neighbouring Reals are 0.25 kWh apart: 30 % of what 10 kW take in five minutes."""
    raws = (raw, str(int(raw) + 1))
    remarks = over(360, "10000", f"{raw}000", f"{raws[1]}000", raws, kind)
    coarse = [each for each in remarks if "which counts in steps of" in each.sentence]
    assert bool(coarse) == told, remarks
    assert all(each.weight is Weight.ODD for each in coarse)


def test_a_single_counter_is_judged_by_its_own_growth() -> None:
    gas = replace(point("value", 1, "AV"), nature=Nature.DELTA)
    first, second = reading(gas, "1", 0, "9000000"), reading(gas, "1", 60_000, "9000001")
    (coarse,) = implausible(meter(gas), [first], [second])
    assert "counts in steps of 1 Wh at 9000001; an interval's consumption is 5" in coarse.sentence
    both_ways = replace(gas, counting=Counting(falls=True))
    assert implausible(meter(both_ways), [reading(both_ways, "1", 0, "9")], [reading(both_ways, "1", 9, "8")]) == []


@pytest.mark.parametrize(
    ("ratio", "words"), [(1e-3, "1000 times"), (0.58, "1.73 times"), (7.0, "7 times"), (0.1, "10")]
)
def test_a_factor_has_a_cause(ratio: float, words: str) -> None:
    assert factor(ratio).startswith(words)


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "0"), (0.23, "0.23"), (12.3456, "12.35"), (-9200.4, "-9200"), (1e-9, "0")]
)
def test_figures_are_short(value: float, shown: str) -> None:
    assert figure(value) == shown


def test_every_electrical_field_can_be_judged() -> None:
    for key in FIELDS:
        assert isinstance(found({key: "1"}), list)
