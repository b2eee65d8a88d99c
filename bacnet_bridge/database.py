"""The one SQLite file: one writer thread that gathers commits, one reader, numbered schemas.

Guarantee 1 stands on this: `write` returns only after the commit is on disk (WAL, `synchronous=FULL`). What is
in the tables is nobody's business here; the stage that owns them hands in its folder of migrations.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from bacnet_bridge.database_file import (
    ALONE,
    FULL,
    NoSharedIndexError,
    damage_note,
    look_through,
    open_beside,
    open_writing,
    translated,
)
from bacnet_bridge.errors import DamagedFileError, OutboxError, OutboxFullError

T = TypeVar("T")

_GATHERED: Final = 5_000  # changes in one transaction at most: bounds the memory and the WAL that it takes


class _Job:
    """One change, whom to tell, and what came of it."""

    __slots__ = ("adds", "change", "error", "future", "loop", "notes", "result", "then")

    def __init__(
        self,
        change: Callable[[sqlite3.Connection], Any],
        then: Callable[[bool], None] | None,
        adds: bool,
        notes: bool,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.change = change
        self.then = then
        self.adds = adds
        self.notes = notes
        self.loop = loop
        self.future: asyncio.Future[Any] = loop.create_future()
        self.result: Any = None
        self.error: Exception | None = None


class Database:
    """Open with `start`, end with `close`; all else in between, from any event loop's thread."""

    def __init__(self, path: Path, migrations: Path) -> None:
        self._path = path
        self._migrations = migrations
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._reading: sqlite3.Connection | None = None
        self._vfs = ""
        self._closed = False

    async def start(self) -> None:
        """Open the file, made if need be, and bring its schema up to date. Raises StateError with a sentence."""
        try:
            connection, self._room = await asyncio.to_thread(open_writing, self._path, self._migrations)
        except NoSharedIndexError:
            self._vfs = ALONE
            connection, self._room = await asyncio.to_thread(open_writing, self._path, self._migrations, ALONE)
        self._reading = await asyncio.to_thread(open_beside, self._path, self._vfs)
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="database-reader")
        self._writer = threading.Thread(target=self._run, args=(connection,), name="database-writer", daemon=True)
        self._writer.start()

    async def write(
        self,
        change: Callable[[sqlite3.Connection], T],
        then: Callable[[bool], None] | None = None,
        *,
        adds: bool = False,
        notes: bool = False,
    ) -> T:
        """Run a change and return its result once it is on disk. Changes run in the order of the calls.

        A change must do nothing but work on the connection: it runs a second time, alone, where the transaction
        that it was gathered into fails. What it raises rolls back this change only.

        A caller that is cancelled stops waiting; its change happens all the same. `then` is told in either case,
        before the caller goes on, whether it was committed.

        A change that `adds` a packet is refused in good time, so that the others still find room on a full disk; so is
        one that `notes` something small, a little later.
        Raises what the change raised, OutboxFullError where there is no room, OutboxError for any other trouble.
        """
        if self._writer is None or self._closed:
            if then is not None:
                then(False)
            raise OutboxError(f"{self._path} is not open: nothing can be written")
        job = _Job(change, then, adds, notes, asyncio.get_running_loop())
        self._jobs.put(job)
        result: T = await job.future
        return result

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run a query on what is committed, on a connection that cannot write."""
        if self._readers is None or self._reading is None or self._closed:
            raise OutboxError(f"{self._path} is not open: nothing can be read")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._readers, query, self._reading)
        except sqlite3.Error as error:
            found = translated(error, self._path)
            if isinstance(found, DamagedFileError):
                self._note_damage()
            raise found from error

    async def check(self) -> str:
        """Look through the whole file, beside all else; what is wrong, or nothing.

        Damage is noted for the next start. While it looks, the WAL cannot begin anew: with a million rows for seconds.
        """
        problem = await asyncio.to_thread(look_through, self._path, self._vfs)
        if problem:
            self._note_damage()
        return problem

    async def close(self) -> None:
        """Commit what was submitted, then close. Closing twice is the same as once.

        The reader closes last. It cannot delete the WAL, so that keeps its room for a start on a full disk.
        """
        if self._closed or self._writer is None or self._readers is None or self._reading is None:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._readers.shutdown)
        await asyncio.to_thread(self._writer.join)
        self._reading.close()
        self._room.close()

    def _note_damage(self) -> None:
        """For the next start. Without room for the note, the next look finds it again."""
        with suppress(OSError):
            damage_note(self._path).touch()

    def _run(self, connection: sqlite3.Connection) -> None:
        ending = False
        while not ending:
            jobs, ending = self._gathered()
            fitting = self._fitting(jobs)
            if fitting and not _committed(connection, fitting, self._path):
                for job in fitting:
                    if self._fitting([job]):
                        _committed(connection, [job], self._path)
            if any(isinstance(job.error, DamagedFileError) for job in jobs):
                self._note_damage()
            _answer(jobs)
        with suppress(sqlite3.Error):  # what is not in the file stays in the WAL
            connection.execute("PRAGMA wal_checkpoint")
        connection.close()

    def _fitting(self, jobs: list[_Job]) -> list[_Job]:
        """All of them, or, where there is no more room, those that need none; the others are refused."""
        try:
            adding = sum(job.adds for job in jobs)
            if adding and not self._room.enough(adding):
                jobs = _refused(jobs, OutboxFullError(FULL.format(path=self._path)))
            if any(job.notes for job in jobs) and not self._room.enough(0):
                jobs = _refused(jobs, OutboxFullError(FULL.format(path=self._path)), notes=True)
        except sqlite3.Error as error:  # the disk fails: that must be told, and must not end this thread
            jobs = _refused(jobs, translated(error, self._path), notes=True)
        return jobs

    def _gathered(self) -> tuple[list[_Job], bool]:
        """Wait for a change, then take all that wait with it; and whether the end was asked for."""
        jobs: list[_Job] = []
        job = self._jobs.get()
        with suppress(queue.Empty):
            while job is not None:
                jobs.append(job)
                if len(jobs) == _GATHERED:
                    return jobs, False
                job = self._jobs.get_nowait()
            return jobs, True
        return jobs, False


def _refused(jobs: list[_Job], refusal: Exception, *, notes: bool = False) -> list[_Job]:
    """Those that are left when what adds is refused, and what notes, too."""
    for job in jobs:
        if job.adds or (notes and job.notes):
            job.error = refusal
    return [job for job in jobs if not (job.adds or (notes and job.notes))]


def _committed(connection: sqlite3.Connection, jobs: list[_Job], path: Path) -> bool:
    """All changes in one transaction, each in a savepoint of its own. False: none was made; each is to be tried alone.

    SQLite may give up the whole transaction for one change's sake (it does where the file is full), so those
    that still can be done get a transaction of their own.
    """
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in jobs:
            _attempt(connection, job)
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - whatever a change raises belongs to its caller, not to this thread
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # the next transaction's failure brings another try
                connection.execute("ROLLBACK")
        for job in jobs:
            job.error = translated(error, path)
        return len(jobs) == 1
    for job in jobs:
        job.error = job.error and translated(job.error, path)
    return True


def _attempt(connection: sqlite3.Connection, job: _Job) -> None:
    """Run one change; its error is kept for its caller. Raises only where SQLite ended the transaction."""
    job.result = job.error = None
    connection.execute("SAVEPOINT change")
    try:
        job.result = job.change(connection)
    except Exception as error:
        if not connection.in_transaction:
            raise
        job.error = error
        connection.execute("ROLLBACK TO change")
    connection.execute("RELEASE change")


def _answer(jobs: list[_Job]) -> None:
    """Resolve the futures, each in its own event loop, in the order of submission."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
    for job in jobs:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, answered in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve, answered)


def _resolve(jobs: list[_Job]) -> None:
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
