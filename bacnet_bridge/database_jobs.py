"""What is asked of the database, on its way from event loops to the thread that does it, and back.

Waking a thread, and a loop, costs far more than a row does. So all that waits is taken at once and answered at once.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, Final

_AT_ONCE: Final = 100
"""Jobs answered in one turn of an event loop: who waited for them goes on in the next one, some with much to do."""


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


class Answers:
    """Of one thread to event loops: resolves the futures, each in its own loop, in the order of their coming."""

    def __init__(self) -> None:
        self._by_loop: dict[asyncio.AbstractEventLoop, _Answered] = {}

    def give(self, jobs: list[Job]) -> None:
        """To be called by the thread."""
        for job in jobs:
            if job.loop not in self._by_loop:
                self._by_loop[job.loop] = _Answered(job.loop)
            self._by_loop[job.loop].jobs.append(job)
        for loop in {job.loop for job in jobs}:
            try:
                loop.call_soon_threadsafe(self._by_loop[loop].begin)
            except RuntimeError:  # the loop is closed: nobody waits any more
                del self._by_loop[loop]


class _Answered:
    """Jobs that are to be answered in this loop, a few in each of its turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.jobs: deque[Job] = deque()
        self._loop = loop
        self._under_way = False

    def begin(self) -> None:
        if not self._under_way:
            self._go_on()

    def _go_on(self) -> None:
        for _ in range(min(_AT_ONCE, len(self.jobs))):
            _resolve(self.jobs.popleft())
        self._under_way = bool(self.jobs)
        if self._under_way:
            self._loop.call_soon(self._go_on)


def _resolve(job: Job) -> None:
    error = job.error
    try:
        if job.then is not None:
            job.then(error is None)
    except Exception as defect:  # noqa: BLE001 - it belongs to this caller; the others' changes are to be told, too
        error = error or defect
    if job.future.cancelled():
        return
    if error is None:
        job.future.set_result(job.result)
    else:
        job.future.set_exception(error)
