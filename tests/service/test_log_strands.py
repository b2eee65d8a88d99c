"""Which log speaks for which point: none that records another object."""

from dataclasses import replace
from typing import Any

import pytest

from bacnet_bridge.backfill.place import Missing, Open, Value
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.logged import ClockMark, LogFacts, LoggedProperty, LogReading
from bacnet_bridge.model import Backfill, LogColumn
from bacnet_bridge.service.log_strands import strands_of
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import meter, point
from tests.support.log_records import FIVE, log

MULTIPLE = ObjectId(27, 3)
OWN = LoggedProperty(ObjectId(0, 1), 85)
POINT = point("AI1", backfill=Backfill(LogColumn(MULTIPLE, 2)))
SLOTS = [FIVE, 2 * FIVE]


def reading(*members: LoggedProperty | None) -> LogReading:
    facts = LogFacts(MULTIPLE, members, FIVE, True, 100, 2, 2, False, ClockMark(3 * FIVE, 0, 10, 2))
    return LogReading(facts, tuple(tuple(log((5, 1.5), (10, 2.5))) for _ in members), True, 3)


def test_the_column_s_records_are_the_point_s() -> None:
    (strand,) = strands_of(meter(1001, POINT), [rule_of(POINT, Facts("A"))], SLOTS, {MULTIPLE: reading(None, OWN)})
    assert [each.recorded.text for each in strand.placed.values() if isinstance(each, Value)] == ["1.5", "2.5"]


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ((OWN,), "has 1 columns"),
        ((OWN, None), "records nothing"),
        ((OWN, LoggedProperty(ObjectId(0, 7), 85)), "records analog-input,7 present-value, not analog-input,1"),
        ((OWN, LoggedProperty(ObjectId(0, 1), 103)), "not analog-input,1 present-value"),
        (
            (OWN, LoggedProperty(ObjectId(0, 1), 85, device=7)),
            "records analog-input,1 present-value of device 7, not analog-input,1",
        ),
    ],
)
def test_a_column_of_something_else_says_nothing(members: tuple[LoggedProperty | None, ...], why: str) -> None:
    (strand,) = strands_of(meter(1001, POINT), [rule_of(POINT, Facts("A"))], SLOTS, {MULTIPLE: reading(*members)})
    missing = [each.why for each in strand.placed.values() if isinstance(each, Missing)]
    assert len(missing) == 2
    assert why in missing[0]


@pytest.mark.parametrize(
    ("said", "writes"),
    [
        ({}, True),
        ({"enabled": None}, True),
        ({"enabled": False}, False),
        ({"stops_when_full": True}, True),
        ({"stops_when_full": True, "records": 100}, False),
        ({"stops_when_full": True, "records": 100, "buffer": None}, True),
        ({"records": 100}, True),
    ],
)
def test_of_a_log_that_is_disabled_or_full_nothing_is_carried_on(said: dict[str, Any], writes: bool) -> None:
    whole = reading(OWN, OWN)
    facts = replace(whole.facts, interval=None, clock=ClockMark(20 * FIVE, 0, 10, 2), **said)
    later = {MULTIPLE: replace(whole, facts=facts)}
    (strand,) = strands_of(meter(1001, POINT), [rule_of(POINT, Facts("A"))], [2 * FIVE, 3 * FIVE, 9 * FIVE], later)
    assert [isinstance(each, Value) for each in strand.placed.values()] == [True, writes, writes]


def test_nothing_is_carried_past_a_record_that_is_left_out() -> None:
    """The newest one's instant is not known: what it says holds since nobody knows when."""
    facts = replace(reading(OWN, OWN).facts, interval=None, clock=ClockMark(20 * FIVE, 0, 10, 2))
    for newest, kind in ((True, Value), (False, Open)):
        told = {MULTIPLE: replace(reading(OWN, OWN), facts=facts, newest=newest)}
        (strand,) = strands_of(meter(1001, POINT), [rule_of(POINT, Facts("A"))], [2 * FIVE, 9 * FIVE], told)
        assert [type(each) for each in strand.placed.values()] == [Value, kind]


def test_a_log_that_was_refused_says_why_and_a_point_whose_object_is_not_known_has_none() -> None:
    (strand,) = strands_of(meter(1001, POINT), [rule_of(POINT, Facts("A"))], SLOTS, {MULTIPLE: "no such object"})
    assert set(strand.placed.values()) == {Missing("no such object")}
    assert strands_of(meter(1001, POINT), [None], SLOTS, {MULTIPLE: reading(None, OWN)}) == []
