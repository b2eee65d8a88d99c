"""When a meter's alarm clock rings, in APScheduler's terms."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from bacnet_bridge.clock import Clock
from bacnet_bridge.vocabulary.slots import Grid, following


class SlotTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Rings at slot + `offset`, and jumps there in one step, however far the clock went.

    (APScheduler's own interval trigger walks: millions of steps after a jump from 1970.)
    """

    __slots__ = ("_after", "_clock", "_grid", "_offset")

    def __init__(self, grid: Grid, offset: int, clock: Clock, after: Callable[[], int]) -> None:
        """`offset` in milliseconds; the first slot that is not accounted for is the one later than `after()`."""
        self._grid = grid
        self._offset = offset
        self._clock = clock
        self._after = after

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:  # noqa: ARG002
        """At once if a slot waits to be accounted for and this is the first ring; else the next slot's time.

        APScheduler's `now` is not asked: it was taken before other jobs were started, and it is the machine's
        time, where our clock may bear a correction. The result is in the machine's time, never early.
        """
        wall = self._clock.wall()
        machine = datetime.now(UTC)
        after = self._after()
        if previous_fire_time is not None:
            after = max(after, wall - self._offset)
        wait = following(self._grid, after) + self._offset - wall
        return machine + timedelta(milliseconds=max(wait, 0))
