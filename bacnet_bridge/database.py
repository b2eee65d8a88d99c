"""The one SQLite file: a thread that writes and gathers commits, a thread that reads, numbered schemas.

Guarantee 1 stands on this: `write` returns only after the commit is on disk (WAL, `synchronous=FULL`). What is
in the tables is nobody's business here; the stage that owns them hands in its folder of migrations.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Final, TypeVar

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
from bacnet_bridge.database_jobs import Answers, Job, Line
from bacnet_bridge.errors import DamagedFileError, OutboxError, OutboxFullError

T = TypeVar("T")

_GATHERED: Final = 5_000  # changes in one transaction at most: bounds the memory and the WAL that it takes
_READ_AT_ONCE: Final = 100  # queries answered together at most, so that none waits long for those after it


class Database:
    """Open with `start`, end with `close`; all else in between, from any event loop's thread."""

    def __init__(self, path: Path, migrations: Path) -> None:
        self._path = path
        self._migrations = migrations
        self._changes, self._queries = Line(), Line()
        self._threads: tuple[Thread, Thread] | None = None
        self._vfs = ""
        self._closed = False

    async def start(self) -> None:
        """Open the file, made if need be, and bring its schema up to date. Raises StateError with a sentence."""
        try:
            connection, self._room = await asyncio.to_thread(open_writing, self._path, self._migrations)
        except NoSharedIndexError:
            self._vfs = ALONE
            connection, self._room = await asyncio.to_thread(open_writing, self._path, self._migrations, ALONE)
        reading = await asyncio.to_thread(open_beside, self._path, self._vfs)
        self._threads = (
            Thread(target=self._write, args=(connection,), name="database-writer", daemon=True),
            Thread(target=self._read, args=(reading,), name="database-reader", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    async def write(
        self,
        change: Callable[[sqlite3.Connection], T],
        then: Callable[[bool], None] | None = None,
        *,
        adds: bool = False,
        notes: bool = False,
        patience: float = 0.0,
    ) -> T:
        """Run a change and return its result once it is on disk. Changes run in the order of the calls.

        A change must do nothing but work on the connection: it runs a second time where the transaction that it was
        gathered into fails. What it raises rolls back this change only. It may be `patience` seconds later than it
        could, so that others share its commit; the next one that has none takes it along.

        A caller that is cancelled stops waiting; its change happens all the same. `then` is told in either case,
        before the caller goes on, whether it was committed.

        A change that `adds` a packet is refused in good time, so that the others still find room on a full disk; so is
        one that `notes` something small, a little later.
        Raises what the change raised, OutboxFullError where there is no room, OutboxError for any other trouble.
        """
        if self._threads is None or self._closed:
            if then is not None:
                then(False)
            raise OutboxError(f"{self._path} is not open: nothing can be written")
        job = Job(change, then, adds=adds, notes=notes)
        self._changes.join(job, patience=patience)
        result: T = await job.future
        return result

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run a query on what is committed, on a connection that cannot write."""
        if self._threads is None or self._closed:
            raise OutboxError(f"{self._path} is not open: nothing can be read")
        job = Job(query)
        self._queries.join(job)
        result: T = await job.future
        return result

    async def check(self) -> str:
        """Look through the whole file, beside all else; what is wrong, or nothing.

        Damage is noted for the next start. While it looks, the WAL cannot begin anew: with a million rows for seconds.
        """
        problem = await asyncio.to_thread(look_through, self._path, self._vfs)
        if problem:
            with suppress(OSError):
                damage_note(self._path).touch()
        return problem

    async def close(self) -> None:
        """Commit what was submitted, then close. Closing twice is the same as once.

        The reader closes last. It cannot delete the WAL, so that keeps its room for a start on a full disk.
        """
        if self._closed or self._threads is None:
            return
        self._closed = True
        for line, thread in zip((self._changes, self._queries), self._threads, strict=True):
            line.end()
            await asyncio.to_thread(thread.join)
        self._room.close()

    def _read(self, connection: sqlite3.Connection) -> None:
        answers, ending = Answers(), False
        while not ending:
            jobs, ending = self._queries.take(_READ_AT_ONCE)
            for job in jobs:
                try:
                    job.result = job.work(connection)
                except Exception as error:  # noqa: BLE001 - it belongs to its caller, not to this thread
                    job.error = translated(error, self._path)
            self._note_damage(jobs)
            answers.give(jobs)
        connection.close()

    def _write(self, connection: sqlite3.Connection) -> None:
        answers, ending = Answers(), False
        while not ending:
            jobs, ending = self._changes.take(_GATHERED)
            self._commit(connection, jobs)
            self._note_damage(jobs)
            answers.give(jobs)
        with suppress(sqlite3.Error):  # what is not in the file stays in the WAL
            connection.execute("PRAGMA wal_checkpoint")
        connection.close()

    def _commit(self, connection: sqlite3.Connection, jobs: list[Job]) -> None:
        """All changes in one transaction; where one of them fails, it alone, and those before and after it in others.

        Where only the commit fails, each gets a transaction of its own, so that what can be done is done.
        """
        parts = deque([jobs])
        while parts:
            part = self._fitting(parts.popleft())
            if not part:
                continue
            error, done = _transaction(connection, part)
            if error is None:
                continue
            if len(part) == 1:
                part[0].error = translated(error, self._path)
            elif done == len(part):
                parts.extendleft([job] for job in reversed(part))
            else:
                parts.extendleft((part[done + 1 :], part[done : done + 1], part[:done]))

    def _fitting(self, jobs: list[Job]) -> list[Job]:
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

    def _note_damage(self, jobs: list[Job]) -> None:
        """For the next start, if one of them met any. Without room for the note, the next look finds it again."""
        if any(isinstance(job.error, DamagedFileError) for job in jobs):
            with suppress(OSError):
                damage_note(self._path).touch()


def _refused(jobs: list[Job], refusal: Exception, *, notes: bool = False) -> list[Job]:
    """Those that are left when what adds is refused, and what notes, too."""
    for job in jobs:
        if job.adds or (notes and job.notes):
            job.error = refusal
    return [job for job in jobs if not (job.adds or (notes and job.notes))]


def _transaction(connection: sqlite3.Connection, jobs: list[Job]) -> tuple[Exception | None, int]:
    """Why it was rolled back, if it was, and how many changes had been made before."""
    done = 0
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in jobs:
            job.result = job.work(connection)
            done += 1
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - whatever a change raises belongs to its caller, not to this thread
        if connection.in_transaction:
            with suppress(sqlite3.Error):  # the next transaction's failure brings another try
                connection.execute("ROLLBACK")
        return error, done
    return None, done
