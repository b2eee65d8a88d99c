"""ENOSPC or EIO at every Nth write: whatever fails, nothing is confirmed that is not there, and it goes on afterwards.

N runs from 1 (no write succeeds) to CRASH_FAULTS (default 2,000: the first 1,999 succeed); CI tries a part of them.
"""

import errno
import itertools
import os
import random
import shutil
import sqlite3
from collections.abc import Awaitable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path

import pytest

from bacnet_bridge.errors import OutboxError, StateError
from bacnet_bridge.model import AcceptedBy
from tests.support.clock import DrivenClock
from tests.support.disk import OK, watched
from tests.support.outbox import SqliteBackend, packet, queue
from tests.support.witness import Known, Note, judge, quick_folder

FAULTS = int(os.environ.get("CRASH_FAULTS", "2000"))
MOST = 2000
WAITING = 100
AFTER = 12
"""Rounds that follow the first failure, each with two puts and an acceptance."""
FULL = sqlite3.SQLITE_FULL
BROKEN = {"write": sqlite3.SQLITE_IOERR_WRITE, "truncate": sqlite3.SQLITE_IOERR_TRUNCATE, "sync": 1034}
"""EIO; the last one is SQLITE_IOERR_FSYNC, which the module does not name for this version of SQLite in all Pythons."""

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120 + FAULTS)]


class FailingDisk:
    """Every Nth write fails, as on a full disk or as on a broken one, until it is mended."""

    def __init__(self, every: int, *, full: bool, healthy: bool) -> None:
        self.healthy = healthy
        self.failed = 0
        self._every, self._full, self._count = every, full, 0

    def write(self, _path: str, _offset: int, _data: bytes) -> int:
        return self._result("write")

    def truncate(self, _path: str, _size: int) -> int:
        return OK if self._full else self._result("truncate")

    def sync(self, _path: str) -> int:
        return OK if self._full else self._result("sync")

    def allocate(self, path: str, _size: int) -> None:
        if self._fails():
            raise OSError(errno.ENOSPC if self._full else errno.EIO, "on purpose", path)

    def _result(self, deed: str) -> int:
        if not self._fails():
            return OK
        return FULL if self._full else BROKEN[deed]

    def _fails(self) -> bool:
        self._count += not self.healthy
        fails = not self.healthy and self._count % self._every == 0
        self.failed += fails
        return fails


class Site:
    """An outbox on a disk that fails, and what it confirmed."""

    def __init__(self, backend: SqliteBackend, known: dict[str, Known]) -> None:
        self._backend, self._known = backend, known

    async def round(self, instant: int) -> int:
        """Two puts and an acceptance; how many of them were refused."""
        outbox = self._backend.outbox
        refused = 0
        for meter in ("m1", "m2"):
            put = packet(instant, meter, value="1" * 500)
            doing = outbox.put(put, {"last": str(instant)})
            refused += await self._refused(Note("put", meter, instant, put.body), doing)
        try:
            head = await outbox.head(queue("m0"))
        except OutboxError:
            return refused + 1
        if head is not None:
            note = Note("accepted", "m0", head.instant, head.body)
            refused += await self._refused(note, outbox.accept(head, AcceptedBy.ANSWER, 1))
        return refused

    async def _refused(self, note: Note, doing: Awaitable[None]) -> bool:
        self._known[note.meter].learn(Note(note.done, note.meter, note.instant, note.body, confirmed=False))
        try:
            await doing
        except OutboxError:
            return True
        self._known[note.meter].learn(note)
        return False


async def tried(folder: Path, known: dict[str, Known], disk: FailingDisk) -> None:
    """Work until it failed and a little on; mend the disk; then everything succeeds, and a crash finds all of it."""
    backend = SqliteBackend(folder, DrivenClock())
    try:
        with watched(disk):
            try:
                await backend.open()
            except (StateError, OutboxError):
                disk.healthy = True  # told, and left as it was
                await backend.open()
            disk.healthy = False
            site = Site(backend, known)
            instants, after = itertools.count(1000), 0
            while after < AFTER:
                await site.round(next(instants))
                after += disk.failed > 0
            disk.healthy = True
            assert await site.round(next(instants)) == 0, "puts and acceptances go on as soon as the disk does"
            outbox = await backend.crash()
            rows = await backend.database.read(partial(judge, known=known))
            states = {state.queue.id: state for state in await outbox.states()}
            for meter in known:
                assert states[meter].waiting == sum(state == 0 for state, _ in rows[meter].values())
    finally:
        await backend.close()


async def made(folder: Path) -> dict[str, Known]:
    """A file in which packets wait."""
    known = {meter: Known() for meter in ("m0", "m1", "m2")}
    backend = SqliteBackend(folder, DrivenClock())
    outbox = await backend.open()
    for instant in range(1, WAITING + 1):
        put = packet(instant, "m0")
        await outbox.put(put)
        known["m0"].learn(Note("put", "m0", instant, put.body))
    await backend.close()
    return known


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


async def test_a_disk_that_fails_at_every_nth_write(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = folder / "template"
    template.mkdir()
    waiting = await made(template)
    chosen = sorted({*random.sample(range(1, MOST + 1), min(FAULTS, MOST)), 1, 2, 3})
    failed = 0
    for every in chosen:
        for full, from_start in itertools.product((True, False), repeat=2):
            state = folder / f"{every}-{full}-{from_start}"
            shutil.copytree(template, state)
            disk = FailingDisk(every, full=full, healthy=not from_start)
            await tried(state, deepcopy(waiting), disk)
            failed += disk.failed
            shutil.rmtree(state)
    with capsys.disabled():
        print(f"\nevery Nth write fails, {len(chosen)} different N, full and broken: {failed} failures, 0 lost")
