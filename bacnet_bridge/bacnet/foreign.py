"""Registration with a BBMD as a foreign device (Annex J.5), for a bridge that broadcasts do not reach.

bacpypes3 gives up for ever when its BBMD was away for long or said no once, renews only when the time is over, and
starts one more chain of renewals with each answer that arrives twice. So the link is its, the registration ours.
"""

import asyncio
from typing import Any, Final

import structlog
from bacpypes3.ipv4.bvll import RegisterForeignDevice, Result
from bacpypes3.ipv4.service import BIPForeign

_log = structlog.get_logger()

_GRANTED: Final = 0x0000
_NOT_DISTRIBUTED: Final = 0x0060
"""Distribute-Broadcast-To-Network NAK: the BBMD does not know us, because it was started anew."""
_GRACE: Final = 30.0
"""Seconds that a BBMD keeps a registration after its time is over (Annex J.5.2.3)."""
_AGAIN: Final = 2.0
_AGAIN_AT_MOST: Final = 15.0
"""Seconds that an answer has to come; doubled from the first to the second while none comes."""
_REGISTERED: Final = 0
_UNREGISTERED: Final = -2


class ForeignLink(BIPForeign):  # type: ignore[misc]
    """Is registered, and then takes broadcasts, as long as `keep` runs and the BBMD grants it."""

    def __init__(self, bbmd: Any, ttl: int) -> None:
        super().__init__()
        self.bbmdAddress = bbmd
        self.bbmdTimeToLive = ttl
        self._answer: asyncio.Future[int] | None = None
        self._forgotten = asyncio.Event()
        self._told_of = True

    @property
    def registered(self) -> asyncio.Event:
        """Set while broadcasts go out and come in."""
        return self._registration_event  # type: ignore[no-any-return]

    async def keep(self) -> None:
        """Register, renew at half time so that answers may be lost, and anew at once where the BBMD forgot us."""
        loop = asyncio.get_running_loop()
        valid_until, pause = 0.0, _AGAIN
        while True:
            self._forgotten.clear()
            asked = loop.time()
            answer = await self._ask(pause)
            if answer == _GRANTED:
                valid_until, pause = asked + self.bbmdTimeToLive + _GRACE, _AGAIN
                self._now(registered=True)
                await self._until_forgotten(self.bbmdTimeToLive / 2)
                continue
            if answer is not None or self._forgotten.is_set() or loop.time() >= valid_until:
                self._now(registered=False)
            await asyncio.sleep(asked + pause - loop.time())
            pause = min(2 * pause, _AGAIN_AT_MOST)

    async def confirmation(self, lpdu: Any) -> None:
        """What the BBMD says to our registration is heard here; all else by the library."""
        if not isinstance(lpdu, Result):
            await super().confirmation(lpdu)
        elif lpdu.pduSource != self.bbmdAddress:
            return
        elif lpdu.bvlciResultCode == _NOT_DISTRIBUTED:
            self._forgotten.set()
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(int(lpdu.bvlciResultCode))

    async def _ask(self, patience: float) -> int | None:
        """The BBMD's answer; None where none came."""
        self._answer = asyncio.get_running_loop().create_future()
        await self.request(RegisterForeignDevice(self.bbmdTimeToLive, destination=self.bbmdAddress))
        try:
            async with asyncio.timeout(patience):
                return await self._answer
        except TimeoutError:
            return None

    async def _until_forgotten(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._forgotten.wait()
        except TimeoutError:
            pass

    def _now(self, *, registered: bool) -> None:
        self.bbmdRegistrationStatus = _REGISTERED if registered else _UNREGISTERED
        if registered:
            self.registered.set()
        else:
            self.registered.clear()
        if registered != self._told_of:
            tell = _log.info if registered else _log.warning
            tell("BBMD accepts us" if registered else "no registration with the BBMD", bbmd=str(self.bbmdAddress))
        self._told_of = registered
