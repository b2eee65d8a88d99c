"""A clock that a test drives. Nothing moves unless the test says so."""

import asyncio
import heapq
from itertools import count

NOON = 1_800_014_400_000
"""2027-01-15T12:00:00Z: later than the build date."""

_NS = 1_000_000_000


class DrivenClock:
    """Wall, boot and monotonic time advance together by `advance`; `step` moves wall time only.

    The three start at different numbers, so that code which takes one for another fails.
    """

    def __init__(self, wall: int = NOON) -> None:
        self._wall = wall * 1_000_000
        self._boot = 5_000 * _NS
        self._monotonic = 1_000 * _NS
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()

    def wall(self) -> int:
        return self._wall // 1_000_000

    def boot(self) -> float:
        return self._boot / _NS

    def monotonic(self) -> float:
        return self._monotonic / _NS

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        deadline = self._monotonic + max(1, round(seconds * _NS))  # or who waits for less than a tick waits for ever
        heapq.heappush(self._sleepers, (deadline, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let time pass: sleepers wake in the order of their deadlines, each running before the next does."""
        await settle()
        end = self._monotonic + round(seconds * _NS)
        while self._sleepers and self._sleepers[0][0] <= end:
            deadline, _, woken = heapq.heappop(self._sleepers)
            self._pass(max(0, deadline - self._monotonic))
            if not woken.done():
                woken.set_result(None)
                await settle()
        self._pass(end - self._monotonic)
        await settle()

    async def advance_to(self, instant: int) -> None:
        """Advance until wall time shows `instant`, which must not be in the past."""
        await self.advance((instant - self.wall()) / 1000)

    def step(self, seconds: float) -> None:
        """Somebody sets the clock: wall time jumps, forwards or (negative) backwards."""
        self._wall += round(seconds * _NS)

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: wall and boot time go on, monotonic time stands still, nobody wakes."""
        self._wall += round(seconds * _NS)
        self._boot += round(seconds * _NS)

    def stall(self, seconds: float) -> None:
        """The process is held up: all three go on, nobody wakes until the next `advance`."""
        self._pass(round(seconds * _NS))

    @property
    def sleeping(self) -> int:
        """How many tasks wait for this clock."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    @property
    def next_wake(self) -> float | None:
        """Seconds until the next sleeper's deadline; None where nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return max(0, self._sleepers[0][0] - self._monotonic) / _NS if self._sleepers else None

    def _pass(self, nanoseconds: int) -> None:
        self._wall += nanoseconds
        self._boot += nanoseconds
        self._monotonic += nanoseconds


async def settle() -> None:
    """Return once no task can run without time, a socket or a thread moving first."""
    loop = asyncio.get_running_loop()
    quiet = 0
    for _ in range(100_000):
        await asyncio.sleep(0)
        quiet = 0 if loop._ready else quiet + 1  # type: ignore[attr-defined]
        if quiet == 3:
            return
    raise AssertionError("some task never waits: it keeps the event loop busy without sleeping")
