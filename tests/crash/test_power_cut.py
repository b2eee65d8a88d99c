"""The power fails while the outbox works: 10,000 disks as they may be found afterwards, each opened by the product.

Every write and sync of the database's files is recorded while an outbox is busy; `tests.support.power` makes of them
what may be there after a cut at any moment. CRASH_IMAGES says how many (default 10,000); CI runs a short form.
"""

import asyncio
import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from bacnet_bridge.model import AcceptedBy, Packet, Retry
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid
from tests.outbox.contract import FAR, drain
from tests.support.clock import DrivenClock
from tests.support.disk import watched
from tests.support.outbox import SqliteBackend, packet, queue
from tests.support.power import Disk, Recorder, write_image
from tests.support.witness import Known, LostError, Note, judge, quick_folder

IMAGES = int(os.environ.get("CRASH_IMAGES", "10000"))
METERS = [f"m{n}" for n in range(6)]
ROUNDS = 120
"""What each meter goes through: some thousands of writes, several checkpoints, and the file grows once more."""

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120 + IMAGES // 4)]


class Work:
    """A busy outbox, and notes of what was asked of it and what it confirmed."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.recorder = folder, Recorder()
        self._chance = random.Random(seed)
        self._clock = DrivenClock()

    async def run(self) -> dict[str, bytes]:
        """What stood in the files before; the rest is the recorder's."""
        backend = SqliteBackend(self.folder, self._clock)
        await backend.open()
        await backend.ledger.open("m0", Grid(1, 0), "UTC", 0)
        await backend.close()
        before = {str(path): path.read_bytes() for path in (backend.path, wal_of(backend.path))}
        with watched(self.recorder):
            self._outbox = await backend.open()
            self._ledger = backend.ledger
            await asyncio.gather(*map(self._meter, METERS))
            await backend.database.close()
        return before

    async def _meter(self, meter: str) -> None:
        instant = 0
        for _ in range(ROUNDS):
            instant += 10
            doing = self._chance.choices(
                (self._put, self._send, self._heal, self._set_aside, self._note), (10, 8, 1, 1, 1)
            )[0]
            await doing(meter, instant)

    async def _put(self, meter: str, instant: int) -> None:
        size = self._chance.choice((10, 100, 1000, 30_000))
        put = packet(instant, meter, value="1" * size)
        await self._told("put", put, self._outbox.put(put, {"last": str(instant)}))

    async def _send(self, meter: str, _instant: int) -> None:
        head = await self._outbox.head(queue(meter))
        if head is None:
            return
        self._tell(Note("attempted", meter, head.instant))
        if self._chance.random() < 0.8:
            await self._told("accepted", head, self._outbox.accept(head, AcceptedBy.ANSWER, self._clock.wall()))
        else:
            await self._outbox.postpone(queue(meter), Retry(1, 5, "answered 500", "x" * self._chance.randrange(50)))

    async def _heal(self, meter: str, instant: int) -> None:
        put = packet(instant + 5, meter)
        doing = self._outbox.put_and_hold(queue(meter), instant - 10, FAR, put, {"last": str(put.instant)})
        await self._told("put", put, doing)
        self._tell(Note("held", meter, instant))
        for fill in (packet(instant + 3, meter), packet(instant, meter)):
            await self._told("put", fill, self._outbox.fill(fill))
        self._tell(Note("held", meter, instant, confirmed=False))
        await self._outbox.release(queue(meter))

    async def _set_aside(self, meter: str, _instant: int) -> None:
        head = await self._outbox.head(queue(meter))
        if head is not None:
            await self._told("aside", head, self._outbox.set_aside(head, "because", self._clock.wall()))

    async def _note(self, meter: str, instant: int) -> None:
        await self._ledger.hole(meter, instant, instant, HoleReason.SILENT, "nothing heard")

    async def _told(self, done: str, of: Packet, doing: object) -> None:
        note = partial(Note, done, of.queue.id, of.instant, of.body)
        self._tell(note(confirmed=False))
        await doing  # type: ignore[misc]  # a coroutine of the outbox
        self._tell(note())

    def _tell(self, note: Note) -> None:
        self.recorder.events.append(note)


def wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def images(
    before: dict[str, bytes], events: Sequence[object], count: int, chance: random.Random
) -> Iterator[tuple[dict[str, bytes], dict[str, Known]]]:
    """Disks after cuts at random moments, each with what was known at that moment."""
    disk, known = Disk(before), {meter: Known() for meter in METERS}
    cuts = sorted(chance.randrange(len(events) + 1) for _ in range(count))
    for moment, event in enumerate([*events, None]):
        while cuts and cuts[0] == moment:
            cuts.pop(0)
            yield disk.cut(chance), known
        if isinstance(event, Note):
            known[event.meter].learn(event)
        else:
            disk.happened(event)


async def judged(folder: Path, image: dict[str, bytes], known: dict[str, Known], *, drained: bool) -> None:
    """Open it with the product, and hold it to the guarantees. The WAL's index is that of the image before."""
    for path, content in image.items():
        write_image(folder / Path(path).name, content)
    backend = SqliteBackend(folder, DrivenClock())
    outbox = await backend.open()
    try:
        rows = await backend.database.read(partial(judge, known=known))
        states = {state.queue.id: state for state in await outbox.states()}
        for meter, expected in known.items():
            found = rows[meter]
            if meter in states:
                state, live = states[meter], [instant for instant in found if instant % 10 in (0, 5)]
                passed = [
                    instant for done in ("attempted", "accepted", "aside") for instant in expected.confirmed[done]
                ]
                assert max(passed, default=-1) <= (-1 if state.fence is None else state.fence) <= max(live)
                assert state.waiting == sum(state == 0 for state, _ in found.values())
                assert state.held_until == FAR or not expected.held
                remembered = int((await outbox.memory(meter))["last"])
                assert remembered in found
                assert remembered >= max((i for i in expected.confirmed["put"] if i % 10 != 3), default=0) - 5
            if drained:
                await outbox.release(queue(meter))
                waiting = sorted(instant for instant, (state, _) in found.items() if state == 0)
                assert await drain(outbox, queue(meter)) == waiting
    finally:
        await backend.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


async def test_a_power_cut_loses_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.randrange(2**32)
    work = Work(folder / "work", seed)
    work.folder.mkdir()
    (folder / "image").mkdir()
    before = await work.run()
    chance = random.Random(seed)
    with capsys.disabled():
        print(f"\npower cut: {len(work.recorder.events)} events recorded, seed {seed}")
    opened = 0
    for image, known in images(before, work.recorder.events, IMAGES, chance):
        await judged(folder / "image", image, known, drained=opened % 50 == 0)
        opened += 1
    with capsys.disabled():
        print(f"{opened} images opened, 0 corrupt, 0 confirmed packets lost, 0 fences wrong")
    assert opened == IMAGES


async def test_the_harness_finds_what_is_not_synced(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with `synchronous=NORMAL`, which does not sync each commit, must lose packets."""

    class Careless(sqlite3.Connection):
        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            return super().execute(sql.replace("synchronous = FULL", "synchronous = NORMAL"), *values)  # type: ignore[arg-type]

    work = Work(folder / "work", 20260329)
    work.folder.mkdir()
    (folder / "image").mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "Connection", Careless)
        before = await work.run()

    async def judge_all() -> None:
        for image, known in images(before, work.recorder.events, 100, random.Random(1)):
            await judged(folder / "image", image, known, drained=False)

    with pytest.raises(LostError):
        await judge_all()
