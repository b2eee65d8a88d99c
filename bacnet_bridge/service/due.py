"""Since when the meters are due, in the ledger: the history of the schedule that holes are counted by (guarantee 6)."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.errors import OutboxError
from bacnet_bridge.ledger.contract import Ledger
from bacnet_bridge.model import Meter
from bacnet_bridge.schedule.credibility import BUILT
from bacnet_bridge.vocabulary.slots import Grid, grid

_AGAIN: Final = 1.0
"""Seconds between two tries."""
_AT_ONCE: Final = 500
"""Meters of one commit, and of one turn of the event loop."""
_log = structlog.get_logger()


class Due:
    """Nothing is stamped before `written`: a packet is counted on the slot of a schedule that the ledger knows."""

    def __init__(self, ledger: Ledger, clock: Clock, credible: Callable[[], bool]) -> None:
        self._ledger, self._clock, self._credible = ledger, clock, credible
        self._year: int | None = None
        self.written = False
        self.problem = ""
        """A sentence, where the ledger cannot be written."""

    def grid(self, meter: Meter) -> Grid:
        """The meter's slots, of the year of the start for as long as the bridge runs.

        Also where the clock was wrong then: alarm clocks and ledger must agree.
        """
        if self._year is None:
            self._year = moment_of(max(self._clock.wall(), BUILT)).year
        return grid(meter.interval, meter.zone, self._year)

    async def write(self, meters: Sequence[Meter], began: float, *, whole: bool) -> None:
        """The meters are due from boot time `began` on; where they are the `whole` mapping, no others are any more.

        Waits for the clock to be credible, because a wrong one would make years due; and for the ledger to take it.
        """
        while not (self._credible() and await self._written(meters, began, whole)):
            await self._clock.sleep(_AGAIN)
        self.written, self.problem = True, ""

    async def _written(self, meters: Sequence[Meter], began: float, whole: bool) -> bool:
        at = wall_at(self._clock, began)
        try:
            for first in range(0, len(meters), _AT_ONCE):
                part = meters[first : first + _AT_ONCE]
                await asyncio.gather(*(self._ledger.open(meter.id, self.grid(meter), meter.zone, at) for meter in part))
            if whole:
                for gone in await self._ledger.scheduled() - {meter.id for meter in meters}:
                    await self._ledger.close(gone, at)
        except OutboxError as error:
            if not self.problem:
                _log.error("no slot is read until the ledger can be written", error=str(error))
            self.problem = f"no slot is read until the ledger can be written: {error}"
            return False
        return True


def wall_at(clock: Clock, boot: float) -> int:
    """The instant at which boot time was `boot`, by today's wall time: then it may have been wrong."""
    return clock.wall() - round((clock.boot() - boot) * 1000)
