"""Each meter's latest packet at the platform beside the latest that it accepted from us: hourly at first, then daily.

A 200 need not mean processed, and someone else may send for the same id: nothing else would show either. A meter is
looked at while nothing of it is under way. Where the platform's answer is not understood, nothing is concluded, and one
meter of the account asks again after an hour.
"""

from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final

import structlog

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.model import Queue
from bacnet_bridge.wattics.latest import NotUnderstood
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.turns import Lane, Place, Turns

_TICK: Final = 60.0
_HOUR: Final = 3600.0
_DAY: Final = 86_400.0
"""Every hour on the first day after a start, then every day."""
_PATIENCE: Final = 600.0
"""Seconds that the platform has to process what it accepted, before a second look is an alarm."""
_log = structlog.get_logger()


class Finding(Enum):
    """What the comparison shows."""

    AGREES = auto()
    BEHIND = auto()
    """The platform has not processed, or not yet, what it accepted."""
    FOREIGN = auto()
    """The platform has a packet that is not ours."""


def compare(latest: int, accepted: int, attempted: int) -> Finding:
    """`accepted` and `attempted` are our latest of each kind: what may have been attempted may be ours, too."""
    if latest < accepted:
        return Finding.BEHIND
    return Finding.AGREES if latest <= max(accepted, attempted) else Finding.FOREIGN


class Comparisons:
    """`hold` puts a lane that is taken on hold and leaves it at rest; `wake` is called when packets may have come."""

    def __init__(
        self,
        sessions: Sessions,
        clock: Clock,
        turns: Turns,
        draw: Callable[[], float],
        hold: Callable[[Lane, int, int], Awaitable[None]],
        wake: Callable[[Queue], None],
    ) -> None:
        self._sessions, self._clock, self._turns = sessions, clock, turns
        self._draw, self._hold, self._wake = draw, hold, wake
        self._due: dict[Lane, float] = {}
        self._behind: dict[Lane, int] = {}
        """What the platform had accepted when it was first found behind."""

    async def run(self) -> None:
        """Look for ever; one request at a time."""
        self._daily_from = self._clock.monotonic() + _DAY
        while True:
            await self._clock.sleep(_TICK)
            now = self._clock.monotonic()
            for lane in self._turns.lanes.values():
                self._due.setdefault(lane, now + self._draw() * _HOUR)
            for lane in sorted((each for each, due in self._due.items() if due <= now), key=self._due.__getitem__):
                if self._may_ask(lane):
                    await self._look(lane)

    def _may_ask(self, lane: Lane) -> bool:
        if lane.place is not Place.RESTING or lane.accepted is None or self._turns.keeps(lane):
            return False
        gate = lane.gate
        if gate.closed or gate.host.closed or (not gate.reads_back and self._clock.monotonic() < gate.ask_from):
            return False
        # after a change of account the newer queue speaks for the id
        return all((other.accepted or 0) <= lane.accepted for other in self._turns.of_id(lane.queue))

    async def _look(self, lane: Lane) -> None:
        lane.place = Place.TAKEN
        try:
            latest = await self._sessions.latest(lane.queue.account, lane.queue.id)
        finally:
            lane.place = Place.RESTING
            now = self._clock.monotonic()
            self._due[lane] = now + (_HOUR if now < self._daily_from else _DAY)
        if isinstance(latest, NotUnderstood):
            lane.gate.ask_from = now + _HOUR
            _log.debug("latest packet not understood", reason=latest.reason, meter=lane.queue.id)
        else:
            lane.gate.reads_back = True
            await self._conclude(lane, latest)
        self._wake(lane.queue)

    async def _conclude(self, lane: Lane, latest: int) -> None:
        accepted = lane.accepted or 0
        attempted = max(other.attempted or 0 for other in self._turns.of_id(lane.queue))
        match compare(latest, accepted, attempted):
            case Finding.FOREIGN:
                await self._hold(lane, latest, max(accepted, attempted))
            case Finding.BEHIND:
                self._behind_still(lane, latest, accepted)
            case Finding.AGREES:
                self._behind.pop(lane, None)
                if lane.alarm:
                    _log.info("the platform's latest packet is ours again", meter=lane.queue.id)
                lane.alarm = ""

    def _behind_still(self, lane: Lane, latest: int, accepted: int) -> None:
        """An alarm, if it has not even got to where our packets were when it was first found behind."""
        self._due[lane] = min(self._due[lane], self._clock.monotonic() + _PATIENCE)
        expected = self._behind.get(lane)
        if expected is None or latest >= expected:  # perhaps it is only slow
            self._behind[lane] = accepted
            return
        if not lane.alarm:
            told = {"latest": _text(latest), "accepted": _text(expected)}
            _log.error("accepted but not processed", meter=lane.queue.id, **told)
        lane.alarm = (
            f"accepted but not processed: the platform answered 200 up to {_text(expected)}, but its latest packet of "
            f"the meter is of {_text(latest)}; ask the platform why"
        )


def _text(instant: int) -> str:
    return moment_of(instant).isoformat()
