"""What the status says of one meter's reading, without a running service."""

import json
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Account, Meter, Packet, Problem, Queue, Reading, Retry
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.packet.wire import line
from bacnet_bridge.service.collect import Collected
from bacnet_bridge.service.overview import MeterStatus, Overview, Seen, meter_status
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.sentences import gathered
from bacnet_bridge.wattics.deliver import Snapshot
from tests.support.bacnet import point
from tests.support.clock import NOON

MINUTE = 60_000
METER = Meter("m", "m", 1001, (), 300, "Europe/Dublin", 60)


def problem(meter: Meter, accounted: int | None, now: int) -> str:
    nothing_sent = Snapshot(0, 0, 0, 0, None, {}, {})
    today = DayCount("m", "2027-01-15", 0, 0, 0, 0)
    return meter_status(meter, Seen(today, None, {}, None, None, nothing_sent, accounted, NOON, now)).problem


def test_what_is_sent_but_should_be_looked_at_is_shown_beside_what_is_left_out() -> None:
    voltage, energy = point("AI1", "v_1"), point("AI2", "pC_1")
    readings = (
        Reading(voltage, NOON, Decimal(230), notice="identical to the bit for 12 readings or more"),
        Reading(energy, NOON, problem=Problem(HoleReason.REFUSED, "the counter fell")),
    )
    body = line("m", NOON, "UTC", {"v_1": Decimal(230)})
    collected = Collected(NOON, Packet(Queue(Account("https://p", "a"), "m"), NOON, "2027-01-15", body), readings)
    nothing_sent = Snapshot(0, 0, 0, 0, None, {}, {})
    seen = Seen(DayCount("m", "2027-01-15", 0, 0, 0, 0), collected, {}, None, None, nothing_sent, NOON, NOON, NOON)
    assert meter_status(METER, seen).attention == (
        "pC_1 left out: the counter fell; v_1: identical to the bit for 12 readings or more"
    )


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


QUEUE = Queue(Account("https://localhost/", "default"), "m")


def delivery_status(failing: Retry | None, now: int, goes_first: Queue = QUEUE) -> MeterStatus:
    state = QueueState(QUEUE, 1, NOON, NOON, NOON, None, None, failing or Retry())
    snapshot = Snapshot(1, 0, 0, 0, None, {} if failing is None else {QUEUE: failing}, {})
    today = DayCount("m", "2027-01-15", 0, 0, 0, 0)
    return meter_status(METER, Seen(today, None, {}, state, goes_first, snapshot, now, NOON, now))


def test_packets_that_wait_say_why_and_until_when() -> None:
    late = NOON + 16 * MINUTE
    assert delivery_status(Retry(1, late, "503: later"), NOON + 14 * MINUTE).problem == ""
    assert delivery_status(None, late).problem == "its packets wait to be sent"
    waits = delivery_status(Retry(1, late + MINUTE, "503: later"), late)
    assert (waits.problem, waits.next_attempt) == ("503: later", "2027-01-15T12:17:00.000+00:00")
    assert delivery_status(Retry(1, late, "503: later"), late).next_attempt is None


def test_a_hold_for_a_log_is_to_be_looked_at_and_no_problem_before_its_deadline() -> None:
    until, today = NOON + 30 * MINUTE, DayCount("m", "2027-01-15", 20, 19, 1, 0, healed=12)
    state = QueueState(QUEUE, 1, NOON, NOON, NOON, None, until, Retry(), heals=True)
    nothing_sent = Snapshot(0, 0, 0, 0, None, {}, {})

    def status(now: int, state: QueueState = state) -> MeterStatus:
        return meter_status(METER, Seen(today, None, {}, state, QUEUE, nothing_sent, now, NOON, now))

    assert status(until - 1).attention == "on hold for its log until 2027-01-15T12:30:00.000+00:00"
    assert (status(until - 1).problem, status(until - 1).healed) == ("", 12)
    assert (status(until).attention, status(until).problem) == ("", "its packets wait to be sent")
    assert status(until - 1, replace(state, heals=False)).problem == "its packets wait to be sent"


def test_a_backlog_that_is_leaving_is_no_problem() -> None:
    state = QueueState(QUEUE, 9, NOON, NOON, NOON, None, None, Retry())
    leaving = Snapshot(1, 0, 0, 1, None, {}, {}, under_way=frozenset([QUEUE]))
    today, late = DayCount("m", "2027-01-15", 0, 0, 0, 0), NOON + 16 * MINUTE
    assert meter_status(METER, Seen(today, None, {}, state, QUEUE, leaving, late, NOON, late)).problem == ""


def test_packets_that_wait_for_another_account_s_say_so() -> None:
    old = Queue(Account("https://localhost/", "old"), "m")
    assert delivery_status(None, NOON + 16 * MINUTE, old).problem == (
        "its packets wait until earlier ones of account old are accepted"
    )


def test_one_sentence_of_many_meters_is_told_once() -> None:
    said = [(f"m{n}", "device 7: no answer") for n in range(5)] + [("x", ""), ("y", "NaN")]
    assert gathered(said) == ("m0, m1, m2 and 2 more: device 7: no answer", "y: NaN")


def test_the_document_is_json_whatever_was_left_out() -> None:
    nothing_sent = Snapshot(0, 0, 0, 0, None, {}, {})
    today = DayCount("m", "2027-01-15", 0, 0, 0, 0)
    meter = meter_status(METER, Seen(today, None, Counter({"v_1": 2}), None, None, nothing_sent, NOON, NOON, NOON))
    document = Overview("0", "now", "then", (), (), (meter,), ()).document()
    assert json.loads(json.dumps(document))["meters"][0]["missing"] == {"v_1": 2}
