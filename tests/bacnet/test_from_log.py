"""A log's record, put to a point's rules; and whether a counter's fill joins both ends of its gap."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from bacnet_bridge.bacnet.count_text import text_of
from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.doubt import Break, Suspect, Told
from bacnet_bridge.bacnet.from_log import bridges, measure_logged
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.bacnet.value import measure
from bacnet_bridge.logged import Recorded
from bacnet_bridge.model import Nature, Reading
from tests.support.bacnet import point

HOUR = 3_600_000
FINE = Datum(Kind.BITS, (False,) * 4)
REAL = Recorded("real", Decimal("21.3"), "21.3")
INDEX = rule_of(point("ACC1", nature=Nature.INDEX), Facts("A"))
DELTA = rule_of(point("ACC1", nature=Nature.DELTA), Facts("A"))
COUNT = Count(Decimal(1000), Decimal(1000), of=INDEX.of, at=0, moved_at=0)


def read(recorded: Recorded, flags: tuple[str, ...] | None = (), **more: Any) -> Reading:
    rule = rule_of(point("AI1", **more), Facts("A"))
    return measure_logged(rule, 1000, recorded, flags, None, carried=False, condition=None).reading


@pytest.mark.parametrize(
    ("recorded", "datum"),
    [
        (REAL, Datum(Kind.REAL, 21.299999237060547)),
        (Recorded("double", Decimal("0.1"), "0.1"), Datum(Kind.DOUBLE, 0.1)),
        (Recorded("unsigned", Decimal(7), "7"), Datum(Kind.UNSIGNED, 7)),
        (Recorded("integer", Decimal(-7), "-7"), Datum(Kind.INTEGER, -7)),
        (Recorded("enumerated", Decimal(1), "1"), Datum(Kind.ENUMERATED, 1)),
        (Recorded("boolean", Decimal(1), "true"), Datum(Kind.BOOLEAN, True)),
    ],
)
def test_a_record_means_what_the_same_answer_means(recorded: Recorded, datum: Datum) -> None:
    rule = rule_of(point("AI1", multiplier="2.5", offset="-1"), Facts("A"))
    live = measure(rule, 1000, datum, FINE, None).reading
    assert read(recorded, multiplier="2.5", offset="-1").value == live.value


@pytest.mark.parametrize("flag", ["fault", "out-of-service"])
def test_the_flags_of_the_record_are_the_points_rule(flag: str) -> None:
    refused = read(REAL, (flag,))
    assert refused.value is None
    assert refused.problem is not None
    assert refused.problem.detail.endswith(f"the device flags it: {flag}")
    assert read(REAL, (flag,), skip=frozenset(), send=frozenset({flag})).value == Decimal("21.3")


def test_a_fault_stands_for_a_reliability_that_no_log_keeps() -> None:
    watched = {"skip": frozenset({"reliability"}), "send": frozenset({"fault"})}
    assert read(REAL, ("fault",), **watched).value is None
    assert read(REAL, ("overridden",), **watched).value == Decimal("21.3")


@pytest.mark.parametrize("kind", ["character string", "bit string", "real"])
def test_what_is_no_number_is_told(kind: str) -> None:
    refused = read(Recorded(kind, None, "no sensor"))
    assert refused.problem is not None
    assert refused.problem.detail == "analog-input,1 present-value: what was logged is no number: no sensor"


def later(count: int, hours: float = 2, **more: Any) -> Count:
    """What the live side read after the gap."""
    return replace(COUNT, last=Decimal(count), base=Decimal(count), at=int(hours * HOUR), **more)


FILLED = later(1010, 1)


def test_a_fill_that_goes_on_to_what_was_read_joins() -> None:
    for rule in (INDEX, DELTA):
        assert bridges(rule, text_of(COUNT), text_of(FILLED), text_of(later(1012))) == ""
        assert bridges(rule, text_of(COUNT), text_of(FILLED), text_of(later(1010))) == ""
    assert bridges(rule_of(point("AI1"), Facts("A")), None, None, None) == "", "a measurement has nothing to join"


BROKE = Break(Decimal(1005), Decimal(3), None)
TOLD = Told(1, Decimal(1005), Decimal(0), continues=False, at=0)
NOTHING_BEFORE = "nothing is known of the counter before the gap"
NOTHING_AFTER = "no count that is believed was read after the gap"
NOT_ON = "the counter does not plainly go on from {}, the log's last count, to {}, the first one read"


@pytest.mark.parametrize(
    ("before", "filled", "after", "why"),
    [
        (None, FILLED, later(1012), NOTHING_BEFORE),
        (replace(COUNT, base=None), FILLED, later(1012), NOTHING_BEFORE),
        (COUNT, FILLED, None, NOTHING_AFTER),
        (COUNT, FILLED, COUNT, NOTHING_AFTER),
        (COUNT, FILLED, later(1012, suspect=Suspect(Decimal(5), Decimal(5))), NOTHING_AFTER),
        (COUNT, FILLED, later(1009), NOT_ON.format(1010, 1009)),
        (COUNT, replace(FILLED, broke=BROKE), later(1012), NOT_ON.format(1010, 1012)),
        (COUNT, FILLED, later(1012, broke=BROKE), NOT_ON.format(1010, 1012)),
        (COUNT, replace(FILLED, broke=BROKE), later(1012, broke=BROKE), NOT_ON.format(1010, 1012)),
        (COUNT, FILLED, later(1012, told=TOLD), NOT_ON.format(1010, 1012)),
        (COUNT, FILLED, later(1012, of="other"), NOT_ON.format(1010, 1012)),
        (COUNT, FILLED, later(1012, shift=Decimal(7)), NOT_ON.format(1010, 1012)),
    ],
    ids=[
        "nothing before", "no base", "nothing after", "not read since", "not believed", "fell", "reset in the log",
        "reset since", "both, each its own", "exchange told", "another unit", "shifted",
    ],
)  # fmt: skip
def test_a_fill_that_does_not_join_says_why(before: Count | None, filled: Count, after: Count | None, why: str) -> None:
    ends = (None if each is None else text_of(each) for each in (before, filled, after))
    assert bridges(DELTA, *ends) == f"accumulator,1 present-value: {why}"


def test_a_rise_that_is_faster_than_the_counter_can_does_not_join() -> None:
    fast = point("ACC1", nature=Nature.INDEX, counting=replace(INDEX.point.counting, max_rate=Decimal(10)))
    rule = rule_of(fast, Facts("A"))
    assert bridges(rule, text_of(COUNT), text_of(FILLED), text_of(later(1020))) == ""
    assert bridges(rule, text_of(COUNT), text_of(FILLED), text_of(later(1040))).endswith("to 1040, the first one read")
