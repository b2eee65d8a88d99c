"""Time, handed in everywhere, so that a test can drive it.

Wall time is UTC in integer milliseconds since 1970 ("instant" throughout the code); boot time runs on while
the machine is suspended; monotonic time is the event loop's. None of the three is taken for another.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What a stage may ask of time."""

    def wall(self) -> int:
        """UTC now, in milliseconds since 1970. May step in either direction."""

    def boot(self) -> float:
        """Seconds since the machine started, suspension included. Never steps."""

    def monotonic(self) -> float:
        """Seconds on the event loop's clock. Never steps, stands still in suspension."""

    async def sleep(self, seconds: float) -> None:
        """Wait on monotonic time."""


class SystemClock:
    """The machine's own clocks."""

    def wall(self) -> int:
        return time.time_ns() // 1_000_000

    def boot(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def instant_of(moment: datetime) -> int:
    """An aware datetime as a UTC instant in milliseconds."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no instant")
    return round(moment.timestamp() * 1000)


def moment_of(instant: int) -> datetime:
    """A UTC instant in milliseconds as an aware datetime in UTC."""
    seconds, milliseconds = divmod(instant, 1000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=milliseconds * 1000)
