"""A host's breaker: whether failures mean that the platform is away, and how long until it is asked again. Pure.

A failure is network trouble or a 5xx. Any other answer shows that the platform is there, and closes the breaker.
Times are monotonic seconds; chance is handed in. What is done with it: `turns.py` parks the host's lanes.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

METERS: Final = 5
"""So many different meters must have failed,"""
WINDOW: Final = 30.0
"""each within so many seconds, with no other answer between."""

_LONGEST: Final = 30.0
"""Seconds between two probes at most: an outage's end is noticed soon, and two requests a minute burden nobody."""
_CHANCE: Final = math.log(1e-9)
"""A row of failures that comes about by chance less often than this means something."""
_RECENT: Final = 1 / 32
"""The weight of one attempt in the share of those that fail."""
_MOST: Final = 0.5
"""The share is never taken for more, so that 30 failures in a row suffice."""


@dataclass(slots=True)
class Breaker:
    """One host's. Where some attempts fail at random, a row of failures must be longer before it means anything."""

    open: bool = False
    probes: int = 0
    """Probes in a row that failed, and the opening."""
    share: float = 0.0
    """Of the attempts of late, those that failed while the platform was there."""
    _failed: dict[str, float] = field(default_factory=dict)
    """Meter → its latest failure since the last other answer."""
    _row: int = 0
    _strays: int = 0
    """Failures that say nothing new; they count in the share."""
    _answered_at: float = -math.inf
    _closed_at: float = -math.inf

    def failed(self, meter: str, now: float, began: float = math.inf, under_way: int = 0) -> bool:
        """An attempt failed. True if this opens the breaker.

        Of many attempts that are sent together, those that fail are often answered in a row, before or after the
        others. So one that `began` before the latest other answer says nothing new, and the row must be no shorter
        than the attempts `under_way` at the host, any of which may yet succeed.
        """
        if began < self._answered_at:
            self._strays += 1
            return False
        self._failed = {each: when for each, when in self._failed.items() if now - when <= WINDOW}
        self._row = self._row + 1 if self._failed else 1
        self._failed[meter] = now
        if self.open or len(self._failed) < METERS or self._row < max(needed(self.share), under_way):
            return False
        self.open = True
        if now - self._closed_at > WINDOW:  # else it closed too soon, and goes on where it was
            self.probes = 0
        return True

    def pause(self, draw: Callable[[], float]) -> float:
        """Seconds until the next probe, after the opening or after a probe that failed: 1 s → 30 s, doubling.

        `draw` gives a number in [0, 1): up to half of the time is taken off, so that bridges do not fall into step.
        """
        self.probes += 1
        return float(min(2.0 ** min(self.probes - 1, 20), _LONGEST)) * (1 - draw() / 2)

    def answered(self, now: float) -> bool:
        """An answer that is no failure. True if this closes the breaker."""
        was_open, self.open = self.open, False
        self._answered_at = now
        if was_open:
            self._closed_at = now
        else:
            failures = self._row + self._strays
            self.share = min(1 - (1 - self.share) * (1 - _RECENT) ** failures, _MOST) * (1 - _RECENT)
        self._failed.clear()
        self._row = self._strays = 0
        return was_open


def needed(share: float) -> int:
    """How many failures in a row mean that the platform is away, where this share of attempts fails at random."""
    return METERS if share <= 0 else max(METERS, math.ceil(_CHANCE / math.log(min(share, _MOST))))
