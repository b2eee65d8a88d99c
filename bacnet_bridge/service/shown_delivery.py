"""Delivery as the status page shows it: what waits, for what, and how fast it leaves."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any, Final

from bacnet_bridge.clock import Clock
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.wattics.deliver import Snapshot
from bacnet_bridge.wattics.watched import BreakerState

_EVERY: Final = 10.0
_SAMPLES: Final = 30
"""A rate is that of the latest five minutes."""


class Rates:
    """Packets per second of the latest five minutes. The counts are those since the start."""

    def __init__(self, clock: Clock, accepted: Callable[[], int], put: Callable[[], int]) -> None:
        self._clock, self._accepted, self._put = clock, accepted, put
        self._samples: deque[tuple[float, int, int]] = deque(maxlen=_SAMPLES + 1)

    async def sample(self) -> None:
        """For ever: remember what was accepted and put when."""
        while True:
            self._samples.append((self._clock.monotonic(), self._accepted(), self._put()))
            await self._clock.sleep(_EVERY)

    @property
    def together(self) -> tuple[float, float]:
        """Packets accepted, and put, per second."""
        if len(self._samples) < 2:
            return 0.0, 0.0
        return _between(self._samples[0], self._samples[-1])

    def document(self) -> dict[str, Any]:
        """One by one, oldest first."""
        rates = [_between(old, new) for old, new in pairwise(self._samples)]
        return {"every": _EVERY, "accepted": [each[0] for each in rates], "put": [each[1] for each in rates]}


def delivery_sums(
    states: Sequence[QueueState], now: int, seen: Snapshot, breakers: Sequence[BreakerState], rates: Rates
) -> dict[str, Any]:
    """Without the queues, of which there may be thousands."""
    waiting = sum(state.waiting for state in states)
    accepted, put = rates.together
    return {
        "waiting": waiting,
        "oldest_seconds": oldest(states, now),
        "accepted": seen.accepted,
        "attempts": {str(action): count for action, count in seen.verdicts.items()},
        "in_flight": seen.in_flight,
        "accepted_per_second": accepted,
        "put_per_second": put,
        "seconds_to_drain": round(waiting / (accepted - put)) if waiting and accepted > put else None,
        "accounts": [{**asdict(account), "retry": asdict(retry)} for account, retry in seen.paused.items()],
        "platforms": [{"host": host, "retry": asdict(retry)} for host, retry in seen.away.items()],
        "breakers": [asdict(each) for each in breakers],
    }


def oldest(states: Sequence[QueueState], now: int) -> float:
    """Seconds since the slot of the oldest packet that waits; 0 where none does."""
    first = min((state.oldest for state in states if state.oldest is not None), default=now)
    return max(0, now - first) / 1000


def _between(old: tuple[float, int, int], new: tuple[float, int, int]) -> tuple[float, float]:
    seconds = new[0] - old[0]
    return round((new[1] - old[1]) / seconds, 3), round((new[2] - old[2]) / seconds, 3)
