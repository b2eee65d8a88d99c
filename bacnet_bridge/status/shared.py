"""An answer that costs something is worked out once for all who ask at about the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")
_SURELY: Final = 0.01
"""Seconds: a timer may be early by a clock's tick."""


class Shared(Generic[T]):
    """Kept for so many seconds. However many ask, one at a time is worked out."""

    def __init__(self, work: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._task: asyncio.Task[T] | None = None
        self._at = 0.0

    async def get(self) -> T:
        """Raises what the work raises. Who stops waiting does not stop the others' answer."""
        now = asyncio.get_running_loop().time()
        if self._task is None or (self._task.done() and (self._failed or now - self._at >= self._seconds)):
            self._at = now
            self._task = asyncio.create_task(self._worked())
        return await asyncio.shield(self._task)

    async def newer(self) -> T:
        """An answer that was begun later than this call. Raises what the work raises."""
        task, at = self._task, self._at
        if task is not None:
            await asyncio.wait({task})
            await asyncio.sleep(max(0.0, at + self._seconds + _SURELY - asyncio.get_running_loop().time()))
        return await self.get()

    @property
    def _failed(self) -> bool:
        return self._task is not None and (self._task.cancelled() or self._task.exception() is not None)

    async def _worked(self) -> T:
        return await self._work()

    async def stop(self) -> None:
        """End what is under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
