"""Records on slots. Minutes and five-minute slots from 0; each rule with an example in words, then with random logs."""

import random
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.backfill.place import How, Missing, Open, Placed, Rule, Value, place, rule_of
from bacnet_bridge.logged import LogRecord, Recorded
from bacnet_bridge.model import Backfill, LogColumn
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import meter, point
from tests.support.log_records import (
    CLOCK,
    DISABLED,
    FAILED,
    FIVE,
    HIGHEST,
    INTERRUPTED,
    MINUTE,
    STARTED,
    Logged,
    count,
    cov_logs,
    interval_logs,
    log,
    record,
)

LATER = 600 * MINUTE
HOURS = 3 * 60 * MINUTE


def rule(interval: int | None, age: int = 60, *, interpolate: bool = False, falls: bool = False) -> Rule:
    every = None if interval is None else interval * MINUTE
    return Rule(FIVE, MINUTE, age * MINUTE, every, interpolate, falls)


def placed(records: Iterable[LogRecord], ruled: Rule, *minutes: int, read_at: int = LATER) -> list[Placed]:
    slots = [minute * MINUTE for minute in minutes]
    found = place(list(records), slots, ruled, read_at)
    assert list(found) == slots or sorted(found) == slots
    return [found[slot] for slot in slots]


def numbers(values: Iterable[Placed]) -> list[Decimal | None]:
    return [each.recorded.number if isinstance(each, Value) else None for each in values]


def test_the_rule_is_the_mappings_word_and_a_record_never_near_to_two_slots() -> None:
    """A meter of five minutes, read up to a minute late; one of ten seconds, read up to nine seconds late."""
    slow, log_of = meter(1, point("AI1")), LogColumn(ObjectId(20, 5))
    assert rule_of(slow, Backfill(log_of), FIVE) == Rule(FIVE, MINUTE, 60 * MINUTE, FIVE)
    said = Backfill(log_of, 500, 2 * MINUTE, interpolate=True)
    assert rule_of(slow, said, None, falls=True) == Rule(FIVE, 500, 2 * MINUTE, None, interpolate=True, falls=True)
    assert rule_of(replace(slow, interval=10, tolerance=9), Backfill(log_of), FIVE).tolerance == 4999


# Logs at intervals.


def test_each_slot_gets_the_record_nearest_to_it_within_the_tolerance() -> None:
    """Records at 0:00:10, 4:50, 5:20, 11:30: slot 0 gets the first, slot 5 the second, slot 10 none within 60 s."""
    records = log((1 / 6, 20.5), (4 + 5 / 6, 21.0), (5 + 1 / 3, 21.5), (11.5, 22.0))
    found = placed(records, rule(5), 0, 5, 10)
    assert numbers(found) == [Decimal("20.5"), Decimal("21.0"), None]
    assert found[2] == Missing("the log has no record within 60 s of it")
    assert isinstance(found[1], Value)
    assert (found[1].how, found[1].at) == (How.NEAREST, 290_000)


def test_a_log_of_fifteen_minutes_fills_every_third_slot_of_five() -> None:
    records = log((0, 1), (15, 2), (30, 3))
    assert numbers(placed(records, rule(15), 0, 5, 10, 15, 20, 25, 30)) == [1, None, None, 2, None, None, 3]


def test_no_record_serves_two_slots_even_at_the_middle_between_them() -> None:
    wide = Rule(FIVE, FIVE // 2, FIVE, FIVE)
    assert numbers(placed([record(2.5, count(7), 1, within=0)], wide, 0, 5)) == [7, None]


def test_a_record_whose_instant_is_hardly_known_is_none() -> None:
    """The device was restarted without its clock; its records are known to two minutes."""
    assert numbers(placed([record(5, count(7), 1, within=120_000)], rule(5), 5)) == [None]
    assert numbers(placed([record(5, count(7), 1, within=120_000)], rule(None), 5)) == [None]


def test_a_change_at_an_instant_that_is_hardly_known_ends_what_was_known_as_early_as_it_may_have_been() -> None:
    """1 from minute 1 on; something else from minute 11 on, or two minutes earlier or later."""
    records = [record(1, count(1), 1), record(11, count(2), 2, within=120_000), record(21, count(3), 3)]
    found = placed(records, rule(None), 5, 10, 15, 25)
    assert numbers(found) == [1, None, None, 3]
    assert found[1] == Missing("the record's instant is not certain enough")


def test_what_the_device_could_not_read_is_told_and_a_value_near_by_is_taken_instead() -> None:
    failed = placed([record(5, FAILED, 1), record(9, count(3), 2)], rule(5), 5)
    assert failed == [Missing("the device could not read what it logs: device: unknown-object")]
    assert numbers(placed([record(5, FAILED, 1), record(5.5, count(3), 2)], rule(5), 5)) == [3]


def test_a_slot_whose_record_may_still_come_is_open_until_an_interval_has_passed() -> None:
    """The gap's last slot is 10:00, and the log that writes every 15 minutes was read at 10:05."""
    records = log((0, 1))
    assert isinstance(placed(records, rule(15), 15, read_at=20 * MINUTE)[0], Open)
    assert isinstance(placed(records, rule(15), 15, read_at=32 * MINUTE)[0], Missing)
    near = log((0, 1), (14.5, 2))
    assert isinstance(placed(near, rule(15), 15, read_at=15 * MINUTE)[0], Open), "one at 15:10 would be nearer"
    assert numbers(placed(near, rule(15), 15, read_at=32 * MINUTE)) == [2]


def test_a_slot_that_no_record_of_a_slow_log_can_meet_is_not_waited_for() -> None:
    """A log of an hour wrote at 6:00; the gap is from 6:10 to 6:55, and the next record is due at 7:00."""
    records = log(*((60 * hour, hour) for hour in range(7)))
    found = placed(records, rule(60), 370, 390, 415, 420, read_at=425 * MINUTE)
    assert found[:3] == [Missing("the log has no record within 60 s of it")] * 3
    assert isinstance(found[3], Open), "it is late by five minutes, but this one is its own"
    restarted = log((360, 6), (365, STARTED))
    assert isinstance(placed(restarted, rule(60), 390, read_at=395 * MINUTE)[0], Open), "it may have another pace now"


def test_a_log_that_does_not_record_any_more_is_not_waited_for() -> None:
    stopped = replace(rule(5), writes=False)
    assert placed(log((0, 1)), stopped, 5, read_at=6 * MINUTE) == [Missing("the log has no record within 60 s of it")]


# Logs of changes.


def test_a_value_that_changes_seldom_is_carried_on_as_long_as_the_age_allows() -> None:
    found = placed(log((3, 20.5), (21, 21.0)), rule(None, age=30), 0, 5, 20, 25, 50, 55)
    assert numbers(found) == [None, Decimal("20.5"), Decimal("20.5"), Decimal("21.0"), Decimal("21.0"), None]
    assert found[0] == Missing("the log does not reach so far back")
    assert found[5] == Missing("the log's last known value is older than 30 min")


def test_a_power_cut_ends_what_was_known_at_the_last_record_before_it() -> None:
    """The device lost its power some time after 9:58 and wrote at 12:00 that it had been interrupted."""
    found = placed(log((4, 1), (22, INTERRUPTED), (22.01, 5)), rule(None), 5, 10, 20, 25)
    assert numbers(found) == [1, None, None, 5]
    assert found[1] == Missing("the log was interrupted, and does not say since when")


def test_a_log_that_was_disabled_knew_its_value_until_then() -> None:
    found = placed(log((4, 1), (12, DISABLED), (22, STARTED), (22.01, 5)), rule(None), 5, 10, 15, 20, 25)
    assert numbers(found) == [1, 1, None, None, 5]
    assert found[2] == Missing("the log did not write: log-disabled")


def test_a_log_that_does_not_record_any_more_knew_its_value_up_to_its_newest_record() -> None:
    """It is disabled, or full; up to then it was recording, as a change of the clock shows, too."""
    stopped = replace(rule(None), writes=False)
    ended = Missing("the log does not record any more: it is disabled, or full")
    assert placed(log((4, 1), (12, 2)), stopped, 5, 10, 15) == [*placed(log((4, 1)), rule(None), 5, 10), ended]
    assert numbers(placed(log((4, 1), (12, CLOCK)), stopped, 5, 10, 15)) == [1, 1, None]
    assert numbers(placed(log((4, 1), (12, DISABLED)), stopped, 5, 10, 15)) == [1, 1, None]


def test_a_start_that_nobody_announced_is_taken_for_an_interruption() -> None:
    assert numbers(placed(log((1, 1), (12, STARTED), (12.1, 2)), rule(None), 5, 10, 15)) == [None, None, 2]


def test_a_failure_ends_what_was_known_and_the_next_value_begins_anew() -> None:
    assert numbers(placed(log((1, 1), (7, FAILED), (14, 2)), rule(None), 5, 10, 15)) == [1, None, 2]


def test_where_records_were_overwritten_nothing_is_carried_across() -> None:
    """The buffer was full and moved on while it was read: numbers 2 to 4 are gone."""
    records = [record(1, count(1), 1), record(21, count(5), 5)]
    assert numbers(placed(records, rule(None), 5, 10, 25)) == [None, None, 5]


def test_the_number_after_the_highest_is_one_and_nothing_is_lost_there() -> None:
    records = [record(1, count(1), HIGHEST), record(21, count(5), 1)]
    assert numbers(placed(records, rule(None), 5, 20, 25)) == [1, 1, 5]


def test_a_clock_that_was_set_ends_nothing() -> None:
    """Instants are put right before they come here; the record of the clock is no value and no break."""
    assert numbers(placed(log((1, 1), (7, CLOCK), (14, 2)), rule(None), 5, 10, 15)) == [1, 1, 2]


def test_of_two_changes_at_one_instant_the_later_one_counts_also_out_of_order() -> None:
    records = [record(5, count(2), 9), record(5, count(1), 8), record(1, count(0), 7)]
    assert numbers(placed(records, rule(None), 5)) == [2]


def test_a_slot_later_than_the_reading_of_the_log_is_open() -> None:
    assert placed(log((1, 1)), rule(None), 5, read_at=4 * MINUTE) == [Open("the log was read before it")]


def test_a_log_that_is_empty_says_nothing_and_promises_nothing() -> None:
    assert placed([], rule(None), 5) == [Missing("the log does not reach so far back")]
    assert placed([], rule(5), 5) == [Missing("the log has no record within 60 s of it")]


# Counters between records.


def test_a_counter_is_worked_out_between_two_records_where_the_mapping_says_so() -> None:
    """100 at 0:00 and 107 at 15:00: 102.3 and 104.7 are shown as the register shows them, in whole numbers, below."""
    records = log((0, count(100)), (15, count(107)))
    assert numbers(placed(records, rule(15, interpolate=True), 0, 5, 10, 15)) == [100, 102, 104, 107]
    assert numbers(placed(records, rule(15), 0, 5, 10, 15)) == [100, None, None, 107]


def test_nothing_is_worked_out_across_a_fall_an_interruption_a_loss_or_too_long_a_time() -> None:
    ruled = rule(15, age=20, interpolate=True)
    assert numbers(placed(log((0, count(99)), (15, count(3))), ruled, 5)) == [None]
    assert numbers(placed(log((0, count(1)), (7, INTERRUPTED), (15, count(3))), ruled, 5, 10)) == [None, None]
    assert numbers(placed([record(0, count(1), 1), record(15, count(3), 3)], ruled, 5)) == [None]
    assert numbers(placed(log((0, count(1)), (25, count(3))), ruled, 5)) == [None]
    assert numbers(placed(log((0, count(1)), (15, 3.5)), ruled, 5)) == [None], "another datatype is another register"
    both_ways = Rule(FIVE, MINUTE, 20 * MINUTE, 15 * MINUTE, interpolate=True, falls=True)
    assert numbers(placed(log((0, count(99)), (15, count(3))), both_ways, 5)) == [67]


def test_nothing_is_worked_out_between_numbers_of_more_digits_than_a_counter_has() -> None:
    apart = log(
        (0, Recorded("double", Decimal("1e-200"), "1e-200")), (15, Recorded("double", Decimal("1e250"), "1e250"))
    )
    found = numbers(placed(apart, rule(15, interpolate=True), 0, 5, 15))
    assert found == [Decimal("1e-200"), None, Decimal("1e250")]


def test_a_value_between_two_records_bears_the_flags_of_both() -> None:
    records = [record(0, count(0), 1, ("overridden",)), record(10, count(4), 2, ("fault",))]
    (found,) = placed(records, rule(10, interpolate=True), 5)
    assert isinstance(found, Value)
    assert (found.flags, found.how) == (("overridden", "fault"), How.BETWEEN)
    unflagged = [record(0, count(0), 1, None), record(10, count(4), 2)]
    (found,) = placed(unflagged, rule(10, interpolate=True), 5)
    assert isinstance(found, Value)
    assert found.flags is None


# Random logs.

SLOTS = list(range(0, HOURS, FIVE))
TOLERANCES = st.sampled_from([1000, 10_000, MINUTE, 149_000])
AGES = st.sampled_from([MINUTE, 20 * MINUTE, HOURS])


def placed_all(made: Logged, tolerance: int, age: int, *, interpolate: bool = False) -> dict[int, Value]:
    ruled = Rule(FIVE, tolerance, age, made.interval, interpolate)
    found = place(made.records, SLOTS, ruled, made.read_at)
    assert sorted(found) == SLOTS
    return {slot: each for slot, each in found.items() if isinstance(each, Value)}


@settings(max_examples=60, deadline=None)
@given(cov_logs(HOURS), TOLERANCES, AGES)
def test_what_is_carried_on_was_true_at_the_slot_or_within_the_tolerance_before_it(
    made: Logged, tolerance: int, age: int
) -> None:
    for slot, value in placed_all(made, tolerance, age).items():
        assert value.at <= slot
        assert slot - value.at <= max(age, tolerance)
        assert value.recorded.number == made.truth(slot if slot - value.at > tolerance else value.at)


@settings(max_examples=60, deadline=None)
@given(interval_logs(HOURS), TOLERANCES)
def test_a_slot_of_an_interval_log_has_the_nearest_record_and_each_record_one_slot_at_most(
    made: Logged, tolerance: int
) -> None:
    found = placed_all(made, tolerance, HOURS)
    values = [each.instant for each in made.records if isinstance(each.content, Recorded)]
    for slot, value in found.items():
        assert value.recorded.number == made.truth(value.at)
        assert abs(value.at - slot) == min(abs(instant - slot) for instant in values) <= tolerance
    assert len({value.at for value in found.values()}) == len(found)
    near = {slot for slot in SLOTS if any(abs(instant - slot) + 10 <= tolerance for instant in values)}
    assert near - found.keys() == set(), "none that could be had is missing"


@settings(max_examples=60, deadline=None)
@given(interval_logs(HOURS, rising=True), TOLERANCES, AGES)
def test_a_counter_worked_out_between_records_never_falls_and_never_leaves_them(
    made: Logged, tolerance: int, age: int
) -> None:
    found = placed_all(made, tolerance, age, interpolate=True)
    in_order = [found[slot].recorded.number or Decimal(0) for slot in sorted(found)]
    assert in_order == sorted(in_order)
    for slot, value in found.items():
        number = value.recorded.number
        assert number is not None
        assert made.truth(max(0, value.at)) <= number <= made.truth(max(slot + age, value.at))


@settings(max_examples=60, deadline=None)
@given(cov_logs(HOURS) | interval_logs(HOURS), st.randoms(use_true_random=False))
def test_neither_disorder_nor_repetition_changes_anything(made: Logged, chance: random.Random) -> None:
    shuffled = [*made.records, *made.records]
    chance.shuffle(shuffled)
    ruled = Rule(FIVE, MINUTE, HOURS, made.interval)
    assert place(shuffled, SLOTS, ruled, HOURS) == place(made.records, SLOTS, ruled, HOURS)
