"""Small things that several tests of delivery use."""

import asyncio
import time

from bacnet_bridge.clock import moment_of
from bacnet_bridge.model import Account, Packet, Queue

NOON = 1_800_014_400_000
"""2027-01-15T12:00:00Z."""


class HastyClock:
    """A thousand times as quick as the machine's: a minute's pause takes 60 ms. Wall time begins at NOON."""

    def __init__(self, speed: float = 1000.0) -> None:
        self._speed = speed
        self._start = time.monotonic()

    def wall(self) -> int:
        return NOON + round(self.monotonic() * 1000)

    def boot(self) -> float:
        return self.monotonic() + 7777.0

    def monotonic(self) -> float:
        return (time.monotonic() - self._start) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


def packet(account: Account, meter: str, number: int) -> Packet:
    """The meter's packet of the n-th minute after noon, which keeps every rule of the platform."""
    instant = NOON + number * 60_000
    text = moment_of(instant).isoformat(timespec="milliseconds")
    body = f'{{"id":"{meter}","tsISO8601":"{text}","value":{number}.5}}'
    return Packet(Queue(account, meter), instant, text[:10], body)
