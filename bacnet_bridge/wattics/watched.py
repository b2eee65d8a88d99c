"""Delivery as people look at it, beyond the snapshot: what came of a queue's latest request, every host's breaker."""

from dataclasses import dataclass

from bacnet_bridge.clock import Clock
from bacnet_bridge.model import Queue
from bacnet_bridge.wattics.attempted import Attempted
from bacnet_bridge.wattics.turns import Turns


@dataclass(frozen=True, slots=True)
class BreakerState:
    """One host's. `next_probe` is an instant; None while the breaker is closed: nothing is to be probed then."""

    host: str
    open: bool
    probes: int
    share_failing: float
    under_way: int
    next_probe: int | None
    reason: str


class Watched:
    """Changes nothing."""

    def __init__(self, turns: Turns, clock: Clock) -> None:
        self._turns, self._clock = turns, clock

    def last(self, queue: Queue) -> Attempted | None:
        """None before the first since the start."""
        lane = self._turns.lanes.get(queue)
        return None if lane is None else lane.last

    def breakers(self) -> list[BreakerState]:
        """Of every host that something was ever put for since the start."""
        now, wall = self._clock.monotonic(), self._clock.wall()
        return [
            BreakerState(
                host.name,
                host.closed,
                host.breaker.probes if host.closed else 0,
                host.breaker.share,
                host.under_way,
                wall + round((host.due - now) * 1000) if host.closed else None,
                host.retry.reason,
            )
            for host in self._turns.hosts.values()
        ]
