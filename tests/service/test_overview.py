"""What the status says of one meter's reading, without a running service."""

import pytest

from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Meter
from bacnet_bridge.service.overview import Seen, meter_status
from bacnet_bridge.wattics.deliver import Snapshot
from tests.support.clock import NOON

MINUTE = 60_000
METER = Meter("m", "m", 1001, (), 300, "Europe/Dublin", 60)


def problem(meter: Meter, accounted: int | None, now: int) -> str:
    nothing_sent = Snapshot(0, 0, 0, 0, None, {}, {})
    today = DayCount("m", "2027-01-15", 0, 0, 0, 0)
    return meter_status(meter, Seen(today, None, {}, None, nothing_sent, accounted, NOON, now)).problem


@pytest.mark.parametrize("accounted", [None, NOON - 60 * MINUTE])
def test_no_slot_for_three_intervals_is_a_problem_even_if_none_came_since_the_start(accounted: int | None) -> None:
    assert problem(METER, accounted, NOON + 15 * MINUTE) == ""
    assert problem(METER, accounted, NOON + 16 * MINUTE) == "no slot was read since 2027-01-15T12:00:00.000+00:00"


def test_a_meter_that_was_read_is_overdue_after_its_newest_slot() -> None:
    assert problem(METER, NOON + 5 * MINUTE, NOON + 20 * MINUTE) == ""
    assert "12:05:00" in problem(METER, NOON + 5 * MINUTE, NOON + 21 * MINUTE)


def test_short_intervals_are_given_a_minute() -> None:
    quick = Meter("m", "m", 1001, (), 5, "Europe/Dublin", 1)
    assert problem(quick, NOON, NOON + MINUTE) == ""
    assert problem(quick, NOON, NOON + MINUTE + 1) != ""


def test_a_clock_that_was_set_back_is_told_until_it_has_caught_up() -> None:
    read_at_one = NOON + 60 * MINUTE
    assert problem(METER, read_at_one, NOON + 10 * MINUTE) == (
        "the clock was set back: no slot is read until 2027-01-15T13:00:00.000+00:00"
    )
    assert problem(METER, read_at_one, read_at_one - 5 * MINUTE) == ""
