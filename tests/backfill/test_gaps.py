"""Which holes are gaps that a log can heal."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.backfill.gaps import HEALABLE, SHORTEST_WAIT, Gap, deadline, find, shared
from bacnet_bridge.vocabulary.holes import HoleReason

FIVE = 300_000


@dataclass(frozen=True)
class Range:
    first: int
    last: int
    reason: HoleReason


def slots(first: int, last: int) -> range:
    """By number: from this one to that one, both included."""
    return range(first * FIVE, last * FIVE + 1, FIVE)


def booked(first: int, last: int, reason: HoleReason) -> Range:
    return Range(first * FIVE, last * FIVE, reason)


DAY = [slots(1, 288)]


def test_six_hours_without_a_bridge_are_one_gap_that_nobody_had_to_book() -> None:
    packets = {*slots(1, 100), *slots(173, 288)}
    assert find(DAY, packets, [], fence=100 * FIVE, known=[]) == [Gap(slots(101, 172))]


def test_a_device_that_was_silent_twice_is_two_gaps_and_a_single_slot_is_none() -> None:
    packets = {*slots(1, 10), *slots(13, 20), 22 * FIVE, *slots(27, 288)}
    silent = [booked(11, 12, HoleReason.SILENT), booked(21, 21, HoleReason.SILENT), booked(23, 26, HoleReason.SILENT)]
    assert find(DAY, packets, silent, None, []) == [Gap(slots(11, 12)), Gap(slots(23, 26))]


def test_reasons_of_several_healable_kinds_are_one_gap() -> None:
    """The device was silent, then the bridge was restarted, and its first slot came too late to be read."""
    packets = {*slots(1, 10), *slots(17, 288)}
    why = [booked(11, 13, HoleReason.SILENT), booked(16, 16, HoleReason.LATE)]
    assert find(DAY, packets, why, None, []) == [Gap(slots(11, 16))]


@pytest.mark.parametrize("reason", [reason for reason in HoleReason if reason not in HEALABLE])
def test_what_was_seen_and_refused_is_no_gap_and_parts_one_in_two(reason: HoleReason) -> None:
    packets = {*slots(1, 10), *slots(21, 288)}
    why = [booked(14, 18, reason), booked(11, 13, HoleReason.SILENT), booked(19, 20, HoleReason.SILENT)]
    assert find(DAY, packets, why, None, []) == [Gap(slots(11, 13)), Gap(slots(19, 20))]


def test_a_slots_latest_booking_counts() -> None:
    packets = {*slots(1, 10), *slots(13, 288)}
    why = [booked(11, 12, HoleReason.REFUSED), booked(11, 12, HoleReason.SILENT)]
    assert find(DAY, packets, why, None, []) == [Gap(slots(11, 12))]


def test_what_lies_before_the_fence_is_past_healing() -> None:
    packets = slots(16, 288)
    assert find(DAY, packets, [], fence=13 * FIVE, known=[]) == [Gap(slots(14, 15))]
    assert find(DAY, packets, [], fence=14 * FIVE, known=[]) == []


def test_a_gap_that_was_found_before_is_not_found_again() -> None:
    """A bridge that crashes while it waits for a log was stopped longer now: only the rest is new."""
    packets = {*slots(1, 10), *slots(31, 288)}
    assert find(DAY, packets, [], None, known=[slots(11, 20)]) == [Gap(slots(21, 30))]
    assert find(DAY, packets, [], None, known=[slots(11, 30)]) == []


def test_slots_of_two_grids_are_not_one_gap() -> None:
    """The interval was changed from five minutes to one while the bridge stood still."""
    minutes = range(12 * FIVE + 60_000, 13 * FIVE + 1, 60_000)
    assert find([slots(10, 12), minutes], {10 * FIVE}, [], None, []) == [Gap(slots(11, 12)), Gap(minutes)]


def test_a_packet_beside_the_slots_parts_no_gap() -> None:
    assert find(DAY, {*slots(1, 10), 12 * FIVE + 7, *slots(14, 288)}, [], None, []) == [Gap(slots(11, 13))]


@pytest.mark.timeout(20)
def test_a_stop_of_any_length_is_looked_through_at_once() -> None:
    """On the event loop, between the slots of other meters: no slot is looked at by itself."""
    ages = range(FIVE, 10**12 * FIVE, FIVE)
    why = [booked(10**6 * n, 10**6 * n + 5, (HoleReason.SILENT, HoleReason.REFUSED)[n % 2]) for n in range(1, 400)]
    known = [slots(10**9 + 9 * n, 10**9 + 9 * n + 4) for n in range(400)]
    found = find([ages], (), why, 3 * FIVE, known)
    assert len(found) == 1 + 200 + 400
    assert (found[0].first, found[-1].last) == (4 * FIVE, ages[-1])


@pytest.mark.parametrize(
    ("intervals", "minutes"),
    [([], 15), ([None], 15), ([FIVE], 15), ([3 * FIVE], 30), ([None, FIVE, 12 * FIVE], 120), ([2**32 * 10], 360)],
)
def test_a_gap_is_waited_for_by_the_slowest_of_its_logs(intervals: list[int | None], minutes: int) -> None:
    assert deadline(1_000, intervals) == 1_000 + minutes * 60_000
    assert deadline(0, []) == SHORTEST_WAIT


NUMBERS = st.sets(st.integers(1, 60))
REASONS = st.sampled_from(HoleReason)
RANGES = st.builds(lambda at, length, why: booked(at, at + length, why), st.integers(1, 60), st.integers(0, 9), REASONS)


@given(
    st.sets(st.integers(1, 60)),
    st.lists(RANGES, max_size=8),
    st.none() | st.integers(0, 60),
    st.sets(st.integers(1, 60)),
)
def test_every_slot_of_a_gap_is_due_open_healable_and_new_and_none_such_in_a_row_is_missed(
    put: set[int], why: list[Range], fence: int | None, old: set[int]
) -> None:
    packets, known = {number * FIVE for number in put}, [slots(number, number) for number in old]
    found = find([slots(1, 60)], packets, why, None if fence is None else fence * FIVE, known)
    inside = [slot // FIVE for gap in found for slot in gap.slots]
    assert inside == sorted(set(inside))
    assert all(len(gap.slots) >= 2 for gap in found)

    def healable(number: int) -> bool:
        said = [each.reason for each in why if each.first <= number * FIVE <= each.last] or [HoleReason.STOPPED]
        return number not in put | old and number > (fence or 0) and number <= 60 and said[-1] in HEALABLE

    wanted = [n for n in range(1, 61) if healable(n) and (healable(n - 1) or healable(n + 1))]
    assert inside == [n for n in wanted if n >= 1]


@dataclass(frozen=True)
class Held:
    last: int
    deadline: int
    healed: int = 0


def test_a_crash_loop_does_not_begin_the_wait_anew() -> None:
    """It was stopped up to 200, held up to 1200, and crashed; each start finds two more slots empty."""
    first = Held(200, 1200)
    assert shared(1500, [first], sent=90, newest=250) == 1200
    assert shared(9000, [first, Held(400, 1200)], sent=90, newest=1190) == 1200, "it is over at once"
    assert shared(1500, [first], sent=250, newest=250) == 1500, "something newer was sent in between"
    assert shared(1500, [replace(first, healed=3)], sent=90, newest=250) == 1500, (
        "what was healed is no reason to hurry"
    )
    assert shared(1500, [first], sent=None, newest=None) == 1200
    assert shared(1100, [first], sent=90, newest=250) == 1100, "a quicker log"


def test_while_the_platform_is_away_a_later_gap_has_a_deadline_of_its_own() -> None:
    """Nothing newer than the first was sent, but it was free to leave, and packets were read since."""
    assert shared(90_900, [Held(200, 1200)], sent=90, newest=90_000) == 90_900
    assert shared(90_900, [Held(200, 1200), Held(80_000, 91_000)], sent=90, newest=90_000) == 90_900


@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.sampled_from(["crash", "packet", "log", "no log", "platform comes or goes"])),
        max_size=60,
    )
)
def test_no_queue_is_held_longer_than_one_deadline_however_often_the_bridge_crashes(
    steps: list[tuple[int, str]],
) -> None:
    """Seconds; the deadline is 900 after a gap was found. Each crash misses two slots more.

    Held means since something left, or since a packet was last put into a free queue: then all could, but for the
    platform.
    """
    now, sent, newest, away, held_since = 0, 0, 0, False, None
    gaps: list[Held] = []
    open_: list[Held] = []
    for length, what in steps:
        now += length
        open_ = [each for each in open_ if each.deadline > now]
        if what == "crash":
            until = shared(now + 900, gaps, sent, newest)
            if until > now:
                gaps.append(Held(now - 1, until))
                open_.append(gaps[-1])
        elif what in {"log", "no log"}:
            gaps = [replace(each, healed=1) if each in open_ and what == "log" else each for each in gaps]
            open_, held_since = [], None if what == "log" else held_since
        away ^= what.startswith("platform")
        newest = now if what in {"crash", "packet"} else newest
        if open_:
            held_since = now if held_since is None else held_since
            assert max(each.deadline for each in open_) <= held_since + 900
        else:
            sent = sent if away else newest
            held_since = None if not away or newest == now else held_since
