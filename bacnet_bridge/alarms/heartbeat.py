"""The sign of life whose absence is the alarm: the one that survives a firewall that blocks all others.

It is sent only while slots are read and delivery moves, so that it cannot lie: a process that merely runs is silent.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from pydantic import SecretStr

from bacnet_bridge.alarms.http import Way, ask
from bacnet_bridge.clock import Clock

_log = structlog.get_logger()

Moving = Callable[[], Awaitable[Sequence[str]]]
"""Why the bridge does not move, in sentences; none where it does."""

Renew = Callable[[], Awaitable[SecretStr | None]]
"""Another address than before; None where it is the same."""


class Heartbeat:
    """A GET of the address, every so many seconds. `renew` is asked for another one where this is not taken."""

    def __init__(
        self, way: Way, address: SecretStr, every: float, moving: Moving, clock: Clock, renew: Renew | None = None
    ) -> None:
        self._way, self._address, self._every = way, address, every
        self._moving, self._clock, self._renew = moving, clock, renew
        self._why = ""
        self.problem = ""
        """Why it is not taken; empty where it is, and while it is withheld, which has another cause."""

    async def run(self) -> None:
        """Beat until cancelled; the first time after one pause, when there is something to say."""
        while True:
            await self._clock.sleep(self._every)
            await self.beat()

    async def beat(self) -> str:
        """Once, if the bridge moves. Why it was not sent or not taken; empty where it was."""
        if why := await self._moving():
            self.problem = ""
            self._tell("the heartbeat is withheld", why[0])
            return why[0]
        problem = await self._asked()
        if problem and self._renew is not None and (fresh := await self._renew()) is not None:
            self._address = fresh
            problem = await self._asked()
        self._tell("the heartbeat is not taken", problem)
        self.problem = problem
        return problem

    async def _asked(self) -> str:
        return await ask(self._way, "GET", self._address.get_secret_value(), {})

    def _tell(self, event: str, cause: str) -> None:
        """When it starts, and when it ends; the causes, with their numbers of seconds, may change meanwhile."""
        if cause and event != self._why:
            _log.warning(event, cause=cause)
        elif not cause and self._why:
            _log.info("the heartbeat is sent again")
        self._why = event if cause else ""
