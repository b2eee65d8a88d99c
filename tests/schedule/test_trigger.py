from datetime import UTC, datetime, timedelta

from bacnet_bridge.schedule.trigger import SlotTrigger
from bacnet_bridge.vocabulary.slots import Grid
from tests.support.clock import NOON, DrivenClock

GRID = Grid(300_000, 0)
OFFSET = 2_000


def wait(trigger: SlotTrigger, previous: datetime | None) -> float:
    """Seconds until it rings."""
    now = datetime.now(UTC)
    return (trigger.get_next_fire_time(previous, now) - now).total_seconds()


def near(seconds: float, expected: float) -> bool:
    return abs(seconds - expected) < 0.5


def test_it_rings_at_slot_and_offset() -> None:
    clock = DrivenClock(NOON + 60_000)
    trigger = SlotTrigger(GRID, OFFSET, clock, lambda: NOON)
    assert near(wait(trigger, None), 242)
    assert near(wait(trigger, datetime.now(UTC)), 242)


def test_the_first_ring_is_at_once_where_a_slot_waits() -> None:
    clock = DrivenClock(NOON + 60_000)
    trigger = SlotTrigger(GRID, OFFSET, clock, lambda: NOON - 300_000)
    assert near(wait(trigger, None), 0)
    assert near(wait(trigger, datetime.now(UTC)), 242)


def test_between_slot_and_offset_it_is_not_the_next_slots_turn() -> None:
    clock = DrivenClock(NOON + 500)
    trigger = SlotTrigger(GRID, OFFSET, clock, lambda: NOON - 300_000)
    assert near(wait(trigger, datetime.now(UTC)), 1.5)


def test_it_jumps_from_1970_in_one_step() -> None:
    clock = DrivenClock(NOON)
    trigger = SlotTrigger(Grid(1_000, 0), 0, clock, lambda: 0)
    now = datetime.now(UTC)
    ring = trigger.get_next_fire_time(datetime(1970, 1, 1, tzinfo=UTC), now)
    assert now < ring < now + timedelta(seconds=2)


def test_after_a_step_back_it_waits_for_slots_that_were_not_given_out() -> None:
    clock = DrivenClock(NOON - 3_600_000)
    trigger = SlotTrigger(GRID, OFFSET, clock, lambda: NOON)
    for previous in (None, datetime.now(UTC)):
        assert near(wait(trigger, previous), 3_902)
