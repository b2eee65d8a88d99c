"""What the outbox needs besides being used: old packets are forgotten, the whole file is looked through."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import OutboxError
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.outbox.sqlite import SqliteOutbox

_ACCEPTED_STAY: Final = 35 * 86_400_000
"""Milliseconds that accepted packets are kept."""
_FIRST_LOOK: Final = 60.0
"""Seconds: what waits from before begins to leave undisturbed."""
_TIDY_EVERY: Final = 3600.0
_LOOK_EVERY: Final = 86_400.0
_NAMED: Final = 3
_log = structlog.get_logger()


class Housekeeping:
    """Runs beside everything; what it finds is told by `problems`."""

    def __init__(self, outbox: SqliteOutbox, clock: Clock, credible: Callable[[], bool], room: float) -> None:
        self._outbox, self._clock, self._credible = outbox, clock, credible
        self._room = room
        self._damage = ""
        self._old: list[str] = []

    async def run(self) -> None:
        """Prune every hour, by a clock that is credible; look through the file soon after the start, and daily."""
        look = self._clock.boot() + _FIRST_LOOK
        await self._tidy()
        await self._clock.sleep(_FIRST_LOOK)
        while True:
            if self._clock.boot() >= look:
                look = self._clock.boot() + _LOOK_EVERY
                await self._look_through()
            await self._clock.sleep(_TIDY_EVERY)
            await self._tidy()

    @property
    def damaged(self) -> bool:
        """The whole file is: nothing is sent."""
        return bool(self._damage)

    def problems(self, queues: Sequence[QueueState]) -> Iterator[str]:
        """Sentences: damage, queues that do not send because of it, and packets that wait for too long."""
        if self._damage:
            yield (
                f"the outbox's file is damaged ({self._damage}): nothing is sent. Look at the disk, then restart the "
                "service: it salvages what can be read"
            )
            return
        unproven = [state.queue.id for state in queues if state.unproven]
        if unproven:
            yield (
                f"after damage to the outbox's file, or from a backup, {_named(unproven)} collect packets and do not "
                "send: see with `outbox show` what they have, then `outbox recover` or `outbox abandon` them"
            )
        if self._old:
            days = f"{self._room / 86_400:.0f} days"
            yield f"packets of {_named(self._old)} have waited for {days}: see why they are not accepted"

    async def _tidy(self) -> None:
        if self._credible():
            try:
                await self._outbox.prune(self._clock.wall() - _ACCEPTED_STAY)
            except OutboxError as error:
                _log.error("accepted packets cannot be forgotten", error=str(error), again_in_seconds=_TIDY_EVERY)
            try:
                await self._look_for_old()
            except OutboxError as error:
                _log.error("packets that wait for long cannot be seen", error=str(error), again_in_seconds=_TIDY_EVERY)

    async def _look_for_old(self) -> None:
        """By when they were put: the instants of values that are pushed are old from the beginning."""
        before = self._clock.wall() - self._room * 1000
        old = [state.queue for state in await self._outbox.states() if (state.oldest or before) < before]
        put = {queue: await self._outbox.head_put_at(queue) for queue in old}
        self._old = [queue.id for queue, at in put.items() if at is not None and at < before]

    async def _look_through(self) -> None:
        self._damage = await self._outbox.check()
        if self._damage:
            _log.error("the outbox's file is damaged: nothing is sent until a restart salvages it", found=self._damage)


def _named(meters: list[str]) -> str:
    more = len(meters) - _NAMED
    return f"meter {', '.join(sorted(meters)[:_NAMED])}" + (f" and {more} more" if more > 0 else "")
