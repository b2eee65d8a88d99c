import math
import struct
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.number import number, plain, scale_of
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.bacnet.value import Measured, measure, simply
from bacnet_bridge.mapping.watch_keys import condition
from bacnet_bridge.model import SKIPPED_FLAGS, AfterFall, Counting, Nature, PropertyRef
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import parse_object
from bacnet_bridge.vocabulary.units import parse_unit
from tests.support.bacnet import point

FINE = Datum(Kind.BITS, (False, False, False, False))


def real(value: float) -> Datum:
    return Datum(Kind.REAL, struct.unpack(">f", struct.pack(">f", value))[0])


def unsigned(value: int) -> Datum:
    return Datum(Kind.UNSIGNED, value)


def facts(unit: str | None = None, scale: str = "1", name: str | None = "AI") -> Facts:
    return Facts(name, None if unit is None else parse_unit(unit), Decimal(scale))


def read(
    datum: Datum,
    about: Facts,
    flags: Datum | None = FINE,
    memory: str | None = None,
    at: int = 1_000,
    beside: dict[str, Datum] | None = None,
    **more: Any,
) -> Measured:
    """`beside` by `AI1 103`: object and property."""
    known = {
        PropertyRef(parse_object(key.split()[0]), int(key.split()[1])): each for key, each in (beside or {}).items()
    }
    return measure(rule_of(point("AI1", **more), about), at, datum, flags, memory, known)


@pytest.mark.parametrize(
    ("datum", "text"),
    [
        (real(21.3), "21.3"),
        (real(0.1), "0.1"),
        (real(-0.0), "-0"),
        (real(16777216.0), "16777216"),
        (real(1234567936.0), "1234567936"),
        (real(3.4028234663852886e38), str(int(3.4028234663852886e38))),
        (real(1e-45), "1e-45"),
        (real(4194304.5), "4194304.5"),
        (Datum(Kind.DOUBLE, 21.3), "21.3"),
        (Datum(Kind.DOUBLE, 184203.512345678), "184203.512345678"),
        (unsigned(4294967295), "4294967295"),
        (Datum(Kind.UNSIGNED, 2**63), str(2**63)),
        (Datum(Kind.INTEGER, -5), "-5"),
        (Datum(Kind.BOOLEAN, True), "1"),
        (Datum(Kind.ENUMERATED, 0), "0"),
    ],
)
def test_numbers_are_the_shortest_that_read_back_the_same(datum: Datum, text: str) -> None:
    assert number(datum)[0] == Decimal(text)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_every_real_reads_back_the_same_bits(value: float) -> None:
    exact, text = number(Datum(Kind.REAL, value))
    assert Decimal(text) == exact
    assert "e" not in text.lower()
    assert struct.pack(">f", float(exact)) == struct.pack(">f", value)
    digits = len(exact.normalize().as_tuple().digits)
    if 2**-126 <= abs(value) < 2**24 and digits > 1:
        shorter = float(f"{value:.{digits - 1}g}")
        assert struct.pack(">f", shorter) != struct.pack(">f", value)


@pytest.mark.parametrize(
    ("datum", "sentence"),
    [
        (real(math.nan), "NaN"),
        (real(math.inf), "infinite"),
        (Datum(Kind.DOUBLE, -math.inf), "infinite"),
        (Datum(Kind.NULL, None), "null, not a number"),
        (Datum(Kind.TEXT, "12"), "character string, not a number"),
        (Datum(Kind.BITS, (True,)), "bit string, not a number"),
        (Datum(Kind.OTHER, b"\x01"), "not a number"),
        (Datum(Kind.OBJECT, 7), "not a number"),
    ],
)
def test_what_is_no_number_is_refused(datum: Datum, sentence: str) -> None:
    reading = read(datum, facts("°C")).reading
    assert reading.value is None
    assert reading.problem is not None
    assert reading.problem.reason is HoleReason.REFUSED
    assert sentence in reading.problem.detail


@pytest.mark.parametrize(("bit", "refused"), [(0, False), (1, True), (2, False), (3, True)])
def test_flags(bit: int, refused: bool) -> None:
    flags = Datum(Kind.BITS, tuple(each == bit for each in range(4)))
    reading = read(real(1), facts("°C"), flags).reading
    assert (reading.problem is not None) is refused
    assert len(reading.flags) == 1
    if reading.problem is not None:
        assert reading.flags[0] in reading.problem.detail


NAMES = ("in-alarm", "fault", "overridden", "out-of-service")


@pytest.mark.parametrize(
    ("raised", "skip", "notice"),
    [
        ("overridden", SKIPPED_FLAGS, "sent although the device flags it: overridden"),
        ("in-alarm", SKIPPED_FLAGS, ""),
        ("fault", frozenset(), "sent although the device flags it: fault"),
        ("in-alarm", frozenset({"in-alarm"}), None),
        ("overridden", frozenset({"overridden"}), None),
        ("fault", SKIPPED_FLAGS, None),
        ("out-of-service", SKIPPED_FLAGS, None),
    ],
)
def test_flags_are_skipped_or_sent_as_the_point_says(raised: str, skip: frozenset[str], notice: str | None) -> None:
    flags = Datum(Kind.BITS, tuple(name == raised for name in NAMES))
    reading = read(real(1), facts("°C"), flags, skip=skip).reading
    assert (None if reading.problem else reading.notice) == notice
    assert reading.problem is None or f"the device flags it: {raised}" in reading.problem.detail


@pytest.mark.parametrize(
    ("said", "detail"),
    [(0, None), (1, "no-sensor"), (12, "communication-failure"), (64, "reliability 64")],
)
def test_reliability_where_the_point_asks_for_it(said: int, detail: str | None) -> None:
    beside = {"AI1 103": Datum(Kind.ENUMERATED, said)}
    skipping = read(real(1), facts("°C"), beside=beside, skip=frozenset({"reliability"})).reading
    assert (skipping.problem is None) is (detail is None)
    assert skipping.problem is None or skipping.problem.detail.endswith(f"says of its reliability: {detail}")
    sending = read(real(1), facts("°C"), beside=beside, send=frozenset({"reliability"})).reading
    assert sending.value == 1
    assert sending.notice == ("" if detail is None else f"sent although the device flags it: {detail}")


@pytest.mark.parametrize(
    ("text", "found", "said"),
    [
        ("BI7 = active", Datum(Kind.ENUMERATED, 1), None),
        ("BI7 = active", Datum(Kind.ENUMERATED, 0), "binary-input,7 is inactive"),
        ("BI7 = active", None, "binary-input,7 is not there"),
        ("BI7 = inactive", Datum(Kind.ENUMERATED, 1), "binary-input,7 is active"),
        ("MSV3 = 2", Datum(Kind.UNSIGNED, 2), None),
        ("MSV3 = 2", Datum(Kind.UNSIGNED, 3), "multi-state-value,3 is 3"),
        ("AV1 = 0.1", real(0.1), None),
        ("AV1 = 0.1", real(math.nan), "analog-value,1 is nan"),
    ],
)
def test_a_value_counts_only_while_its_condition_is_fulfilled(text: str, found: Datum | None, said: str | None) -> None:
    wanted = condition(text)
    beside = {} if found is None else {f"{wanted.source.object} 85": found}
    reading = read(real(1), facts("°C"), beside=beside, valid_when=wanted).reading
    assert (reading.problem and reading.problem.reason) == (None if said is None else HoleReason.REFUSED)
    assert reading.problem is None or reading.problem.detail.endswith(f"valid only when {text}, and {said}")


def still(values: list[float], **more: Any) -> list[str]:
    """For each reading what became of it: `""`, `notice` or `hole`."""
    memory: str | None = None
    became = []
    for value in values:
        measured = read(real(value), facts("V"), memory=memory, field="v_1", frozen_after=3, **more)
        became.append("hole" if measured.reading.problem else "notice" if measured.reading.notice else "")
        memory = measured.unsent
    return became


@pytest.mark.parametrize(
    ("values", "became"),
    [
        ([230.1] * 4, ["", "", "notice", "notice"]),
        ([230.1, 230.1, 230.2, 230.2, 230.2], ["", "", "", "", "notice"]),
        ([0.0] * 5, [""] * 5),
    ],
)
def test_what_is_identical_to_the_bit_is_told(values: list[float], became: list[str]) -> None:
    assert still(values) == became
    assert still(values, frozen_refused=True) == ["hole" if each else "" for each in became]


def test_the_notice_of_a_frozen_value() -> None:
    memory = read(real(230), facts("V"), field="v_1", frozen_after=2).memory
    frozen = read(real(230), facts("V"), memory=memory, field="v_1", frozen_after=2).reading
    assert frozen.value == 230
    assert frozen.notice.startswith("identical to the bit for 2 readings or more")


def test_what_was_watched_for_standing_still_may_become_a_counter_and_back() -> None:
    still_memory = read(real(5), facts("kWh"), frozen_after=2).memory
    counted = read(real(5), facts("kWh"), memory=still_memory, nature=Nature.INDEX)
    assert counted.reading.value == 5
    assert read(real(5), facts("kWh"), memory=counted.memory, frozen_after=2).reading.notice == ""


@pytest.mark.parametrize(
    "flags",
    [
        Datum(Kind.UNSIGNED, 4),
        Datum(Kind.NULL, None),
        Datum(Kind.OTHER, b"\x04"),
        Datum(Kind.BITS, ()),
        Datum(Kind.BITS, (False, False, False)),
    ],
)
def test_flags_that_are_none_are_not_good_flags(flags: Datum) -> None:
    problem = read(real(1), facts("°C"), flags).reading.problem
    assert problem is not None
    assert problem.detail.endswith("its status-flags cannot be understood")


def test_an_object_without_flags_is_read() -> None:
    assert read(real(1), facts("°C"), None).reading.value == 1


@pytest.mark.parametrize(
    ("datum", "about", "more", "value"),
    [
        (real(15.42), facts("kW"), {"field": "aP_1"}, "15420"),
        (real(1.05), facts("MWh"), {"field": "pC_1"}, "1050000"),
        (real(230.1), facts("V"), {"field": "v_1"}, "230.1"),
        (real(230.1), facts("no-units"), {"field": "v_1", "unit": "V"}, "230.1"),
        (real(230.1), facts(), {"field": "v_1", "unit": "mV"}, "0.2301"),
        (real(1), facts("hp"), {"field": "aP_1"}, "745.699872"),
        (real(3412.142), facts("BTU/h"), {"field": "aP_1"}, "1000.00011"),
        (real(10), facts("TR"), {"field": "aP_1"}, "35168.5284"),
        (real(3.6), facts("MJ"), {"field": "pC_1"}, "1000"),
        (Datum(Kind.DOUBLE, 1.0), facts("GJ"), {"field": "pC_1"}, "277777.777777778"),
        (unsigned(7), facts("ton·h"), {"field": "pC_1"}, "24617.9698944667"),
        (real(5), facts("°C"), {"field": "aP_1", "unit": "kW"}, "5000"),
        (unsigned(123), facts("kWh", "0.01"), {"field": "pC_1"}, "1230"),
        (unsigned(599926), facts("m³", "0.1"), {}, "59992.6"),
        (real(2.5), facts("kW"), {"field": "aP_1", "unit": "W", "multiplier": "1000"}, "2500"),
        (real(2.5), facts("W"), {"field": "aP_1", "multiplier": "1000"}, "2500"),
        (real(21.3), facts("°C"), {"offset": "273.15"}, "294.45"),
        (real(21.3), facts("°C"), {"multiplier": "2", "offset": "1"}, "43.6"),
        (real(1.7), facts("A"), {"field": "c_1", "ratio": "40"}, "68"),
        (real(1.7), facts("kW"), {"field": "aP_1", "ratio": "-40"}, "-68000"),
        (real(100), facts("kWh"), {"multiplier": "0.33333333333333"}, "33.3333333"),
        (Datum(Kind.DOUBLE, 100.0), facts("kWh"), {"multiplier": "0.33333333333333333"}, "33.3333333333333"),
        (real(0.000001), facts("°C"), {}, "0.000001"),
        (real(1e20), facts("°C"), {}, "100000002004087734272"),
        (Datum(Kind.ENUMERATED, 1), facts(), {}, "1"),
    ],
)
def test_arithmetic(datum: Datum, about: Facts, more: dict[str, Any], value: str) -> None:
    reading = read(datum, about, **more).reading
    assert reading.problem is None
    assert reading.value is not None
    assert plain(reading.value) == value


@pytest.mark.parametrize(
    ("about", "more", "words"),
    [
        (facts("°C"), {"field": "aP_1"}, ["°C", "W", "does not convert"]),
        (facts("VA"), {"field": "aP_1"}, ["VA", "W"]),
        (facts("therm"), {"field": "pC_1"}, ["therm", "Wh", "does not convert: a therm is 105480400 J in the USA"]),
        (facts("kJ/h"), {"field": "aP_1", "multiplier": "2"}, ["8.33333333 W", "30 W", "`unit:`"]),
        (facts(), {"field": "aP_1"}, ["no unit", "`unit:`"]),
        (facts("no-units"), {"field": "aP_1"}, ["no unit", "`unit:`"]),
        (facts("kW"), {"field": "aP_1", "unit": "V"}, ["V", "W", "does not convert"]),
        (facts("kW"), {"field": "aP_1", "multiplier": "1000"}, ["15000000 W", "15000 W", "`unit:`"]),
        (facts("kW"), {"name": "L1"}, ["'AI'", "'L1'"]),
        (facts("kW", name=None), {"name": "L1"}, ["does not say its name", "'L1'"]),
        (Facts("AI", None, None), {}, ["scale"]),
    ],
)
def test_refusals_name_what_is_wrong(about: Facts, more: dict[str, Any], words: list[str]) -> None:
    problem = read(real(15), about, **more).reading.problem
    assert problem is not None
    assert problem.reason is HoleReason.REFUSED
    assert [word for word in words if word not in problem.detail] == []


def test_a_property_that_is_no_present_value_has_neither_its_unit_nor_its_scale() -> None:
    pulse_rate, value_before_change = 186, 190
    about = facts("kWh", "0.1")
    assert read(unsigned(30), about, property=pulse_rate).reading.value == 30
    assert read(unsigned(30), about, property=value_before_change).reading.value == 3
    problem = read(unsigned(30), about, field="pC_1", property=pulse_rate).reading.problem
    assert problem is not None
    assert "says no unit of pulse-rate" in problem.detail
    stated = read(unsigned(30), about, field="pC_1", property=pulse_rate, unit="Wh")
    assert stated.reading.value == 30


@given(
    st.floats(width=32).map(lambda value: Datum(Kind.REAL, value))
    | st.integers(0, 2**32 - 1).map(unsigned)
    | st.sampled_from([Datum(Kind.NULL, None), Datum(Kind.TEXT, "1.5"), Datum(Kind.BOOLEAN, True)]),
    st.sampled_from([FINE, Datum(Kind.BITS, (False, True, False, False)), Datum(Kind.NULL, None)]),
    st.sampled_from(
        [
            {},
            {"ratio": Decimal(2)},
            {"multiplier": Decimal("0.001")},
            {"offset": Decimal(-40)},
            {"nature": Nature.INDEX},
            {"frozen_after": 3},
            {"name": "another"},
            {"valid_when": condition("BI7 = active")},
        ]
    ),
    st.sampled_from([facts("kW"), facts("°C"), facts(), facts(scale="10")]),
)
def test_the_short_way_never_says_anything_else(datum: Datum, flags: Datum, more: dict[str, Any], about: Facts) -> None:
    rule = rule_of(point("AI1", **more), about)
    reading = simply(rule, 1_000, datum, flags)
    long = measure(rule, 1_000, datum, flags, "kept")
    assert (reading is not None) == (rule.plain and flags is FINE and long.reading.problem is None)
    assert reading is None or long == Measured(reading, "kept", "kept")
    assert rule.plain == (not more and about.scale == 1)


def test_raw_unit_and_flags_are_for_people() -> None:
    reading = read(real(21.3), facts("°C")).reading
    assert (reading.raw, reading.unit, reading.flags, reading.at) == ("21.3", "°C", (), 1_000)


@pytest.mark.parametrize(
    ("datum", "scale"),
    [
        (Datum(Kind.CHOICE, struct.pack(">f", 0.1), 0), "0.1"),
        (Datum(Kind.CHOICE, b"\xfe", 1), "0.01"),
        (Datum(Kind.CHOICE, b"\x03", 1), "1000"),
        (real(0.5), "0.5"),
    ],
)
def test_scale(datum: Datum, scale: str) -> None:
    assert scale_of(datum) == Decimal(scale)


@pytest.mark.parametrize(
    "datum",
    [
        Datum(Kind.CHOICE, b"\x7f\xff\xff\xff", 1),
        Datum(Kind.CHOICE, struct.pack(">f", math.nan), 0),
        Datum(Kind.CHOICE, struct.pack(">f", 0), 0),
        Datum(Kind.CHOICE, b"\x01\x02", 0),
        Datum(Kind.OTHER, b""),
    ],
)
def test_a_scale_that_makes_no_sense_is_none(datum: Datum) -> None:
    assert scale_of(datum) is None


def test_an_index_is_sent_as_it_stands_and_a_fall_is_a_hole() -> None:
    good = read(unsigned(1000), facts("kWh"), field="pC_1", nature=Nature.INDEX)
    assert good.reading.value == 1_000_000
    memory = good.memory
    for seen in (1, 2):
        doubtful = read(unsigned(seen), facts("kWh"), memory=memory, field="pC_1", nature=Nature.INDEX)
        problem = doubtful.reading.problem
        assert problem is not None
        assert f"fell from 1000 to {seen}" in problem.detail
        memory = doubtful.unsent
    assert read(unsigned(3), facts("kWh"), memory=memory, field="pC_1", nature=Nature.INDEX).reading.value == 3000


def test_a_difference_moves_its_base_only_with_a_packet() -> None:
    def growth(count: int, memory: str | None) -> Measured:
        return read(unsigned(count), facts("m³", "0.1"), memory=memory, nature=Nature.DELTA, multiplier="2", offset="9")

    first = growth(100, None)
    assert first.reading.problem is not None
    assert first.reading.problem.reason is HoleReason.FIRST
    second = growth(105, first.unsent)
    assert second.reading.value == 1
    assert growth(106, second.unsent).reading.value == Decimal("1.2")
    assert growth(106, second.memory).reading.value == Decimal("0.2")


def differences(counts: list[int], about: Facts | None = None, **more: Any) -> list[Any]:
    """What `as: delta` makes of the counts, a slot of five minutes for each; None for a hole, `?` for the first."""
    memory: str | None = None
    values: list[Any] = []
    for slot, count in enumerate(counts):
        measured = read(
            unsigned(count), about or facts("m³"), memory=memory, at=slot * 300_000, nature=Nature.DELTA, **more
        )
        value, problem = measured.reading.value, measured.reading.problem
        first = problem is not None and problem.reason is HoleReason.FIRST
        values.append("?" if first else value)
        memory = measured.memory if value is not None else measured.unsent
    return values


DAILY = [1000 + 10 * n for n in range(13)]
"""Enough rises to know that ten in five minutes is what this counter does."""


@pytest.mark.parametrize(
    ("counts", "values"),
    [
        pytest.param([100, 110, 0, 1, 3, 7], ["?", 10, None, None, 3, 4], id="a fall loses only what nobody saw"),
        pytest.param([100, 110, 0, 0, 0, 120], ["?", 10, None, None, None, 10], id="zeros after a power cut"),
        pytest.param([100, 0, 0, 0, 0, 0, 0, 0, 0, 101], ["?", *[None] * 8, 1], id="more zeros"),
        pytest.param([100, 110, 0, 0, 1, 2], ["?", 10, None, None, 1, 1], id="a reset"),
        pytest.param([100, 110, 50, 50, 51, 52], ["?", 10, None, None, 1, 1], id="an exchanged meter"),
        pytest.param([0, 5000, 5010], ["?", "?", 10], id="zero first, and only then the count"),
        pytest.param([0, 0, 0, 1, 3], ["?", 0, 0, "?", 2], id="a new counter at zero"),
        pytest.param([*DAILY, 999_999, 1130], ["?", *[10] * 12, None, 10], id="a jump"),
        pytest.param([*DAILY, 5000, 5010, 5020, 5030], ["?", *[10] * 12, None, None, 20, 10], id="a jump that stays"),
        pytest.param(
            [*DAILY, 1420, 1720, 2020, 2320], ["?", *[10] * 12, None, None, 900, 300], id="more load than ever"
        ),
        pytest.param([*DAILY, *[1120] * 20, 1310], ["?", *[10] * 12, *[0] * 20, 190], id="a gateway that catches up"),
        pytest.param(
            [*DAILY, *[0] * 12, 1120, 1121, 1122, 1123],
            ["?", *[10] * 12, *[None] * 11, 0, None, None, 2, 1],
            id="so many zeros that they were believed, and back",
        ),
        pytest.param([9, 8, 7, 6, 5, 4, 3], ["?", *[None] * 6], id="a net meter that is not called one"),
    ],
)
def test_differences(counts: list[int], values: list[Any]) -> None:
    assert differences(counts) == values


def test_a_counter_that_rolls_over_loses_nothing() -> None:
    about = Facts("ACC", parse_unit("m³"), Decimal("0.1"), largest=Decimal(999))
    counts = [980, 990, 998, 5, 9, 14]
    assert differences(counts, about) == ["?", 1, Decimal("0.8"), None, None, Decimal("1.6")]
    stated = Counting(rollover=Decimal(999))
    assert differences(counts, facts("m³", "0.1"), counting=stated) == differences(counts, about)
    assert sum(differences(counts, about)[1:3]) + Decimal("1.6") == Decimal(14 + 1000 - 980) / 10


def test_a_counter_that_falls_by_its_nature_is_taken_as_it_stands() -> None:
    assert differences([9, 8, 6, 7], counting=Counting(falls=True)) == ["?", -1, -2, 1]


def test_a_stated_rate_is_the_law() -> None:
    """60 an hour are five in five minutes, and one more for the last digit."""
    rule = Counting(max_rate=Decimal(60))
    assert differences([100, 106, 113, 119], counting=rule) == ["?", 6, None, None]
    assert differences([0, 5, 5, 5, 21], counting=rule) == ["?", 5, 0, 0, 16]


def test_a_held_counter_waits_for_the_mapping() -> None:
    held = Counting(after_fall=AfterFall.HOLD)
    memory = read(unsigned(1000), facts("kWh"), nature=Nature.INDEX).memory
    for slot, count in enumerate((1, 2, 3, 4), 1):
        doubtful = read(
            unsigned(count), facts("kWh"), memory=memory, at=slot * 300_000, nature=Nature.INDEX, counting=held
        )
        assert doubtful.reading.value is None
        memory = doubtful.unsent
    assert doubtful.reading.problem is not None
    assert "held as reset; say `after_fall: follow`" in doubtful.reading.problem.detail
    followed = read(unsigned(5), facts("kWh"), memory=memory, at=1_500_000, nature=Nature.INDEX)
    assert followed.reading.value == 5
    assert "from 1000 to 1 and is believed: reset" in followed.reading.notice


def test_a_surprise_that_was_believed_is_told_for_a_day() -> None:
    memory: str | None = None
    for at, count in ((0, 1000), (1, 500), (2, 501), (3, 502), (4, 503), (299, 600)):
        measured = read(unsigned(count), facts("kWh"), memory=memory, at=at * 300_000, nature=Nature.INDEX)
        memory = measured.unsent
        assert ("exchanged meter" in measured.reading.notice) is (at in {3, 4})


@pytest.mark.parametrize("now", [facts("m³", "10"), facts("L", "1")])
def test_a_difference_does_not_go_over_a_change_of_scale_or_unit(now: Facts) -> None:
    first = read(unsigned(1000), facts("m³"), nature=Nature.DELTA)
    changed = read(unsigned(1001), now, memory=first.unsent, nature=Nature.DELTA)
    problem = changed.reading.problem
    assert problem is not None
    assert problem.reason is HoleReason.FIRST
    assert "since its unit or scale changed" in problem.detail
    assert read(unsigned(1003), now, memory=changed.unsent, nature=Nature.DELTA).reading.value == 2 * (now.scale or 0)


def test_a_refused_counter_keeps_its_memory() -> None:
    memory = read(unsigned(5), facts("kWh"), nature=Nature.INDEX).memory
    sick = read(unsigned(5), facts("kWh"), Datum(Kind.BITS, (False, True)), memory, nature=Nature.INDEX)
    assert sick.memory == sick.unsent == memory
