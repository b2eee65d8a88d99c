from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.model import Meter
from bacnet_bridge.schedule.alarm import Alarm, Missed, Plan, start_offset
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid

MINUTE = 60_000
GRID = Grid(5 * MINUTE, 0)
T0 = 1_800_014_400_000
"""A slot."""


def meter(tolerance: float = 60, device: int = 0) -> Meter:
    return Meter("m", "m", device, (), 300, "UTC", tolerance)


@dataclass
class Time:
    """Wall and boot time that advance together unless wall time steps."""

    wall: int
    boot: float = 1_000.0

    def advance(self, milliseconds: int) -> tuple[int, float]:
        self.wall += milliseconds
        self.boot += milliseconds / 1000
        return self.wall, self.boot


def alarm(accounted: int | None, began: float = 1_000.0) -> Alarm:
    made = Alarm(meter(), GRID, accounted, began)
    made.offset = 1_000
    return made


def running() -> tuple[Alarm, Time]:
    """An alarm that has accounted for T0 with a credible clock."""
    time = Time(T0 + 1_000)
    made = alarm(T0 - GRID.interval)
    assert made.ring(*time.advance(0), credible=True) == Plan((), T0)
    made.freed(time.boot)
    return made, time


def test_a_new_meters_first_slot_is_the_one_after_its_beginning() -> None:
    made, time = alarm(None), Time(T0)
    assert made.ring(*time.advance(2_000), credible=True) == Plan()
    assert made.ring(*time.advance(5 * MINUTE), credible=True) == Plan((), T0 + 5 * MINUTE)


def test_a_restart_within_tolerance_reads_the_slot_that_nobody_read() -> None:
    made, time = alarm(T0 - GRID.interval), Time(T0 + 50_000)
    assert made.ring(*time.advance(0), credible=True) == Plan((), T0)


def test_what_passed_while_the_bridge_did_not_run_is_not_explained() -> None:
    made, time = alarm(T0 - 100 * GRID.interval), Time(T0 + 2 * MINUTE)
    assert made.ring(*time.advance(0), credible=True) == Plan()
    assert made.ring(*time.advance(3 * MINUTE + 2_000), credible=True) == Plan((), T0 + GRID.interval)


def test_the_slot_of_the_very_beginning_is_not_explained() -> None:
    made, time = alarm(T0 - GRID.interval), Time(T0)
    made.settle(*time.advance(0))
    plan = made.ring(*time.advance(6 * MINUTE + 2_000), credible=True)
    assert [(m.first, m.last) for m in plan.missed] == [(T0 + 5 * MINUTE, T0 + 5 * MINUTE)]


@pytest.mark.parametrize(
    ("accounted", "late", "waits"),
    [
        (None, 0, True),
        (None, MINUTE + 1, False),
        (T0 - 5 * MINUTE, 0, True),
        (T0 - 5 * MINUTE, MINUTE, True),
        (T0 - 5 * MINUTE, MINUTE + 1, False),
        (T0 - 500 * MINUTE, 2 * MINUTE, False),
        (T0, 2 * MINUTE, False),
        (T0 + 5 * MINUTE, 0, False),
    ],
)
def test_a_slot_waits_until_it_is_given_out_or_too_old(accounted: int | None, late: int, waits: bool) -> None:
    """What is put beside the slots must not overtake one."""
    began = 1_000.0  # a minute before the slot
    assert alarm(accounted, began).waits(T0 + late, began + 60 + late / 1000) is waits


def test_no_slot_of_before_the_beginning_waits() -> None:
    assert not alarm(None, began=1_000.0).waits(T0 + 500, 1_000.4)


def test_nothing_starts_before_the_devices_offset() -> None:
    made, time = running()
    assert made.ring(*time.advance(5 * MINUTE - 1), credible=True) == Plan()
    assert made.ring(*time.advance(1), credible=True) == Plan((), T0 + GRID.interval)


@pytest.mark.parametrize(("late", "read"), [(60_000, True), (60_001, False)])
def test_the_tolerance_ends_where_it_says(late: int, read: bool) -> None:
    made, time = running()
    slot = T0 + GRID.interval
    time.advance(slot + late - time.wall)
    plan = made.ring(time.wall, time.boot, credible=True)
    assert plan == (Plan((), slot) if read else Plan((Missed(slot, slot, HoleReason.LATE, "not begun within 60 s"),)))


def test_after_a_stall_the_newest_is_read_and_the_rest_is_late() -> None:
    made, time = running()
    plan = made.ring(*time.advance(30 * MINUTE), credible=True)
    assert plan.read == T0 + 30 * MINUTE
    assert [(m.first, m.last, m.reason) for m in plan.missed] == [(T0 + 5 * MINUTE, T0 + 25 * MINUTE, HoleReason.LATE)]


def test_slots_under_a_running_reading_are_overload() -> None:
    made, time = running()
    assert made.ring(*time.advance(5 * MINUTE), credible=True).read == T0 + 5 * MINUTE
    time.advance(12 * MINUTE)
    made.freed(time.boot)
    plan = made.ring(time.wall, time.boot, credible=True)
    assert [(m.first, m.last, m.reason) for m in plan.missed] == [
        (T0 + 10 * MINUTE, T0 + 15 * MINUTE, HoleReason.OVERLAP)
    ]
    assert plan.read is None


@pytest.mark.parametrize(("ended", "reason"), [(1_000, HoleReason.OVERLAP), (999, HoleReason.LATE)])
def test_overload_is_what_ran_when_the_slot_would_have_begun(ended: int, reason: HoleReason) -> None:
    made, time = running()
    made.ring(*time.advance(5 * MINUTE), credible=True)
    time.advance(T0 + 10 * MINUTE + ended - time.wall)
    made.freed(time.boot)
    assert made.ring(*time.advance(4 * MINUTE), credible=True).missed[0].reason is reason


def test_overload_and_then_a_stall_are_told_apart() -> None:
    made, time = running()
    made.ring(*time.advance(5 * MINUTE), credible=True)
    time.advance(7 * MINUTE)
    made.freed(time.boot)
    plan = made.ring(*time.advance(10 * MINUTE), credible=True)
    assert [(m.first, m.last, m.reason) for m in plan.missed] == [
        (T0 + 10 * MINUTE, T0 + 10 * MINUTE, HoleReason.OVERLAP),
        (T0 + 15 * MINUTE, T0 + 20 * MINUTE, HoleReason.LATE),
    ]


def test_a_step_during_a_reading_is_not_taken_for_overload() -> None:
    made, time = running()
    made.ring(*time.advance(5 * MINUTE), credible=True)
    time.advance(2_000)
    time.wall += 60 * MINUTE
    made.freed(time.boot)
    plan = made.ring(time.wall, time.boot, credible=True)
    assert [(m.last, m.reason) for m in plan.missed] == [(T0 + 60 * MINUTE, HoleReason.LATE)]
    assert plan.read == T0 + 65 * MINUTE


def test_a_step_back_repeats_no_slot() -> None:
    made, time = running()
    time.wall -= 60 * MINUTE
    for _ in range(12):
        assert made.ring(*time.advance(5 * MINUTE), credible=True) == Plan()
    assert made.next_slot(time.wall, time.boot) == T0 + 5 * MINUTE
    assert made.ring(*time.advance(5 * MINUTE), credible=True) == Plan((), T0 + 5 * MINUTE)


def test_a_step_forward_books_what_it_jumped_over_at_once() -> None:
    made, time = running()
    time.wall += 10 * 365 * 86_400_000
    plan = made.ring(*time.advance(0), credible=True)
    assert len(plan.missed) == 1
    assert plan.missed[0].first == T0 + GRID.interval
    assert plan.read == T0 + 10 * 365 * 86_400_000


def test_a_clock_in_doubt_gives_nothing_out_and_is_the_reason_afterwards() -> None:
    made, time = running()
    time.wall += 10 * 365 * 86_400_000
    for _ in range(4):
        assert made.ring(*time.advance(5 * MINUTE), credible=False) == Plan()
    time.wall -= 10 * 365 * 86_400_000
    plan = made.ring(*time.advance(1_000), credible=True)
    assert plan == Plan(
        (Missed(T0 + 5 * MINUTE, T0 + 15 * MINUTE, HoleReason.CLOCK, "wall time was not confirmed"),),
        T0 + 20 * MINUTE,
    )
    assert made.ring(*time.advance(10 * MINUTE), credible=True).missed[0].reason is HoleReason.LATE


def test_a_start_in_1970_explains_only_the_slots_since_it() -> None:
    made, time = alarm(T0 - 1_000 * GRID.interval), Time(0)
    assert made.ring(*time.advance(1_000), credible=False) == Plan()
    assert made.ring(*time.advance(10 * MINUTE), credible=False) == Plan()
    time.wall = T0 + 2 * MINUTE
    plan = made.ring(time.wall, time.boot, credible=True)
    assert [(m.first, m.last, m.reason) for m in plan.missed] == [(T0 - 5 * MINUTE, T0, HoleReason.CLOCK)]


MOVES = st.lists(
    st.tuples(
        st.integers(0, 20 * MINUTE),  # time passes
        st.sampled_from([0, 0, 0, -60 * MINUTE, -7_000, 9_000, 45 * MINUTE]),  # and the clock may step
        st.booleans(),  # credible
        st.integers(0, 12 * MINUTE),  # a reading takes
    ),
    max_size=30,
)


def given_out(made: Alarm, time: Time, moves: list[tuple[int, int, bool, int]]) -> Iterator[tuple[int, str]]:
    for passed, step, credible, busy in moves:
        time.wall += step
        plan = made.ring(*time.advance(passed), credible=credible)
        for missed in plan.missed:
            assert missed.first <= missed.last <= time.wall
            yield from ((slot, "missed") for slot in range(missed.first, missed.last + 1, GRID.interval))
        if plan.read is not None:
            assert credible
            assert plan.read <= time.wall <= plan.read + made.tolerance
            yield plan.read, "read"
            time.advance(busy)
            made.freed(time.boot)


@given(MOVES)
def test_whatever_happens_each_slot_is_given_out_once_in_order_and_none_is_passed_over(
    moves: list[tuple[int, int, bool, int]],
) -> None:
    made, time = running()
    slots = [slot for slot, _ in given_out(made, time, moves)]
    assert slots == list(range(T0 + GRID.interval, T0 + GRID.interval * (len(slots) + 1), GRID.interval))
    assert made.accounted == T0 + GRID.interval * len(slots)


@pytest.mark.parametrize("stride", [1, 10, 1000, 65_536, 100])
def test_start_offsets_spread_ten_thousand_devices(stride: int) -> None:
    buckets = [0] * 10
    for n in range(10_000):
        offset = start_offset(1 + n * stride % 4_194_303, tolerance=60)
        assert 0 <= offset < 5_000
        buckets[offset // 500] += 1
    assert min(buckets) > 700
    assert max(buckets) < 1_300


def test_a_start_offset_is_the_devices_own_and_leaves_half_of_the_tolerance() -> None:
    assert start_offset(1001, 60) == start_offset(1001, 30) == Alarm(meter(60, 1001), GRID, None, 0).offset
    assert all(start_offset(device, 1.25) < 625 for device in range(1000, 1100))
    assert start_offset(4_194_302, 0) == 0


def test_a_new_meter_under_a_clock_in_doubt_is_due_since_its_beginning() -> None:
    made, time = alarm(None), Time(0)
    for _ in range(3):
        assert made.ring(*time.advance(5 * MINUTE), credible=False) == Plan()
    time.wall = T0 + 2 * MINUTE
    plan = made.ring(time.wall, time.boot, credible=True)
    assert [(m.first, m.last, m.reason) for m in plan.missed] == [(T0 - 10 * MINUTE, T0, HoleReason.CLOCK)]


def test_a_step_before_the_first_ring_is_no_stop() -> None:
    made, time = alarm(None), Time(T0 + 1)
    made.settle(time.wall, time.boot)
    time.wall += 60 * MINUTE
    plan = made.ring(*time.advance(2_000), credible=True)
    assert [(m.first, m.last, m.reason) for m in plan.missed] == [(T0 + 5 * MINUTE, T0 + 55 * MINUTE, HoleReason.LATE)]
    assert plan.read == T0 + 60 * MINUTE
