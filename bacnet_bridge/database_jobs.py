"""What is asked of the database, on its way from event loops to the thread that does it, and back.

Waking a thread, and a loop, costs far more than a row does. So all that waits is taken at once and answered at once.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any


class Job:
    """One change or query, whom to tell, and what came of it."""

    __slots__ = ("adds", "error", "future", "loop", "notes", "result", "then", "work")

    def __init__(
        self,
        work: Callable[[sqlite3.Connection], Any],
        then: Callable[[bool], None] | None = None,
        *,
        adds: bool = False,
        notes: bool = False,
    ) -> None:
        self.work = work
        self.then = then
        self.adds = adds
        self.notes = notes
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.result: Any = None
        self.error: Exception | None = None


class Line:
    """Jobs that wait for one thread, in the order of their coming, from any event loop's thread."""

    def __init__(self) -> None:
        self._jobs: deque[Job | None] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._rung = False
        self._patient: asyncio.AbstractEventLoop | None = None
        """It rings soon, for jobs that are patient."""

    def join(self, job: Job, *, patience: float = 0.0) -> None:
        """To the end of the line. The thread is woken after `patience` seconds, unless another job does it before."""
        self._jobs.append(job)
        if not patience:
            self._ring()
        elif self._patient is not job.loop:
            self._patient = job.loop
            job.loop.call_later(patience, self._patience_ends)

    def end(self) -> None:
        """Nobody joins any more."""
        self._jobs.append(None)
        self._ring()

    def take(self, most: int) -> tuple[list[Job], bool]:
        """Wait for the bell, then take all that wait; and whether that was the end."""
        self._bell.get()
        self._rung = False  # before the look: who comes after it rings again
        jobs: list[Job] = []
        while self._jobs:
            if len(jobs) == most:
                self._ring()
                break
            job = self._jobs.popleft()
            if job is None:
                return jobs, True
            jobs.append(job)
        return jobs, False

    def _ring(self) -> None:
        if not self._rung:
            self._rung = True
            self._bell.put(None)

    def _patience_ends(self) -> None:
        self._patient = None
        if self._jobs:
            self._ring()


def answer(jobs: list[Job]) -> None:
    """Resolve the futures, each in its own event loop, in the order of their coming."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, answered in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, answered)


def _resolve(jobs: list[Job]) -> None:
    for job in jobs:
        error = job.error
        try:
            if job.then is not None:
                job.then(error is None)
        except Exception as defect:  # noqa: BLE001 - it belongs to this caller; the others' changes are to be told, too
            error = error or defect
        if job.future.cancelled():
            continue
        if error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(error)
