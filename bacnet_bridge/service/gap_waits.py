"""How much longer gaps are waited for: by their stored deadline, and by a clock that nobody sets.

A wall clock that is set back while a gap is held moves its deadline away. So what was left of the wait when the gap was
first seen is counted on by boot time; over a start, it is never more than the whole wait was.
"""

from typing import Final

from bacnet_bridge.clock import Clock
from bacnet_bridge.model import Queue
from bacnet_bridge.outbox.contract import StoredGap

LAST_CHANCE: Final = 2.0
"""Seconds before the end in which what the log has is taken, and nothing more is waited for."""
Key = tuple[Queue, int]
"""A gap: its queue and first slot."""


def key_of(gap: StoredGap) -> Key:
    return gap.queue, gap.first


class GapWaits:
    """Seconds throughout."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[Key, float] = {}
        """Boot time."""

    def seen(self, gap: StoredGap) -> None:
        """It is held; nothing new where that is known."""
        wait = min(self._by_wall(gap), (gap.deadline - gap.found) / 1000)
        self._until.setdefault(key_of(gap), self._clock.boot() + wait)

    def left(self, gap: StoredGap) -> float:
        """Of one that was seen: until its hold ends. Not above 0 where it has, or should have."""
        return min(self._by_wall(gap), self._until[key_of(gap)] - self._clock.boot())

    def at_last(self, gap: StoredGap) -> bool:
        """Whether nothing more can be waited for."""
        return self.left(gap) <= LAST_CHANCE

    def over(self, gap: StoredGap) -> None:
        """It is not held any more."""
        self._until.pop(key_of(gap), None)

    def _by_wall(self, gap: StoredGap) -> float:
        return (gap.deadline - self._clock.wall()) / 1000
