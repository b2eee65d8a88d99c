"""From one mapping to the next while slots go on: no slot is lost, none is repeated.

Guarantees 1 and 6 across an edit. A meter that is removed or changed is accounted for up to an instant: its running
reading is awaited, what is due is read as it was mapped, what was missed is booked. The ledger's schedule ends there,
and what comes instead begins with the first slot of its own grid after that instant. Meters are switched one by one:
one that waits for a silent device holds no other up.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, Protocol

from bacnet_bridge.clock import Clock
from bacnet_bridge.ledger.contract import Ledger
from bacnet_bridge.mapping import Difference
from bacnet_bridge.model import Meter
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.vocabulary.slots import Grid

_TOGETHER: Final = 50
"""Meters whose switching begins in one turn of the event loop, so that slots of others are not late."""


class Seen(Protocol):
    """Forgets what was seen of a meter: `service/collect.py`."""

    def forget(self, meter: str) -> None: ...


class Switch:
    """Changes `meters`, those in force by id, together with their alarm clocks and the ledger's schedule."""

    def __init__(
        self,
        meters: dict[str, Meter],
        schedule: Schedule,
        ledger: Ledger,
        seen: Seen,
        clock: Clock,
        grid: Callable[[Meter], Grid],
    ) -> None:
        """`grid` gives a meter's slots."""
        self._meters, self._schedule, self._ledger, self._seen, self._clock = meters, schedule, ledger, seen, clock
        self._grid = grid

    async def over(self, edit: Difference) -> None:
        """Put the edit into force. A meter that cannot be switched now keeps what it has: the next difference has it.

        Raises OutboxError where the ledger takes no change of the schedule.
        """
        work = [
            *(self._remove(meter) for meter in edit.removed),
            *(self._change(change.new) for change in edit.changed),
            *(self._add(meter) for meter in edit.added),
        ]
        for trouble in await _side_by_side(work):
            raise trouble
        for gone in await self._ledger.scheduled() - self._meters.keys():  # of a start without its mapping
            await self._ledger.close(gone, self._clock.wall())

    async def _add(self, meter: Meter) -> None:
        """It is due from now on; one that was mapped before has no slot again that it had."""
        now, boot = self._clock.wall(), self._clock.boot()
        grid = self._grid(meter)
        await self._ledger.open(meter.id, grid, meter.zone, now)
        known = await self._ledger.accounted(meter.id)
        self._schedule.add(meter, grid, now if known is None else max(now, known), boot)
        self._meters[meter.id] = meter

    async def _remove(self, meter: Meter) -> None:
        """Its queue stays, and is delivered."""

        async def end(upto: int) -> None:
            await self._ledger.close(meter.id, upto)
            self._schedule.remove(meter.id)
            self._seen.forget(meter.id)
            del self._meters[meter.id]

        await self._concluded(meter.id, end)

    async def _change(self, meter: Meter) -> None:
        async def go_over(upto: int) -> None:
            grid = self._grid(meter)
            await self._ledger.open(meter.id, grid, meter.zone, upto)  # goes on where the grid is the same
            self._schedule.replace(meter, grid, upto)
            self._meters[meter.id] = meter

        await self._concluded(meter.id, go_over)

    async def _concluded(self, meter: str, then: Callable[[int], Coroutine[Any, Any, None]]) -> None:
        upto = await self._schedule.conclude(meter)
        try:
            if upto is not None:
                await then(upto)
        except BaseException:  # cancelled, too: a concluded meter would never be read again
            self._schedule.go_on(meter)
            raise
        if upto is None:
            self._schedule.go_on(meter)


async def _side_by_side(work: Iterable[Coroutine[Any, Any, None]]) -> list[BaseException]:
    tasks = []
    for number, each in enumerate(work, start=1):
        tasks.append(asyncio.create_task(each, name="switch"))
        if number % _TOGETHER == 0:
            await asyncio.sleep(0)
    return [each for each in await asyncio.gather(*tasks, return_exceptions=True) if each is not None]
