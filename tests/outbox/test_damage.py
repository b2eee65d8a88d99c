"""A file that lost or gained bytes, at every page: nothing false is sent, and what can be read is sent or waits."""

import errno
import itertools
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bacnet_bridge.database_file import damage_note
from bacnet_bridge.errors import OutboxError, StateError
from bacnet_bridge.outbox import damage
from bacnet_bridge.outbox.contract import NewGap
from bacnet_bridge.outbox.damage import opened_whole, problem
from bacnet_bridge.vocabulary.gaps import Stage
from tests.outbox.contract import FAR, accept_head, drain, state
from tests.support.clock import DrivenClock
from tests.support.outbox import SqliteBackend, packet, queue
from tests.support.witness import quick_folder

PAGE = 4096
METERS = [f"m{n}" for n in range(4)]
ACCEPTED, LAST = 20, 50
SEED = int(os.environ.get("DAMAGE_SEED", "20260329"))


@pytest.fixture
async def whole(tmp_path: Path) -> Path:
    """Four meters with 20 accepted packets and 30 that wait each, all in one file."""
    backend = SqliteBackend(tmp_path, DrivenClock())
    outbox = await backend.open()
    for instant in range(1, LAST + 1):
        for meter in METERS:
            await outbox.put(packet(instant, meter, value="1" * 200), {"last": str(instant)})
    for _ in range(ACCEPTED):
        for meter in METERS:
            await accept_head(outbox, queue(meter))
    await backend.close()
    with closing(sqlite3.connect(backend.path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return backend.path


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


async def sent(path: Path) -> dict[str, list[int]]:
    """Open as the service does; all that leaves, by meter. What leaves is exactly what was put.

    Where the look through the whole file finds damage, nothing leaves, and it is opened once more.
    """
    clock = DrivenClock()
    database, outbox = await opened_whole(path, clock)
    left: dict[str, list[int]] = {meter: [] for meter in METERS}
    damage = await outbox.check()
    if not damage:
        for meter in METERS:
            try:
                while (head := await accept_head(outbox, queue(meter))) is not None:
                    assert head == packet(head.instant, meter, value="1" * 200)
                    left[meter].append(head.instant)
            except OutboxError:
                pass  # told, and not sent
    unproven = {each.queue.id for each in await outbox.states() if each.unproven}
    await database.close()
    for meter in METERS:
        due = list(range(ACCEPTED + 1, LAST + 1))
        assert left[meter] == due[: len(left[meter])], "in order, and without a gap"
        assert meter in unproven or not left[meter] or left[meter] == due or damage_in(path, meter)
    return await sent(path) if damage else left


def damage_in(path: Path, meter: str) -> bool:
    """Whether the meter still has packets that wait: stopped at a damaged one."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        query = "SELECT count(*) FROM packet JOIN queue ON queue.id = packet.queue WHERE state = 0 AND meter = ?"
        return bool(file.execute(query, (meter,)).fetchone()[0])


async def test_bytes_flipped_at_every_page(whole: Path, folder: Path) -> None:
    original, chance, salvaged = whole.read_bytes(), random.Random(SEED), 0
    used = [place for place in range(0, len(original), PAGE) if any(original[place : place + PAGE])]
    assert len(used) > 20
    for place, size in itertools.product(used, (1, 64, PAGE)):
        path = folder / "outbox.db"
        content = bytearray(original)
        start = place + chance.randrange(PAGE - size + 1)
        content[start : start + size] = chance.randbytes(size)
        path.write_bytes(content)
        await sent(path)
        salvaged += any(folder.glob("*.damaged-*"))
        shutil.rmtree(folder)
        folder.mkdir()
    assert salvaged > len(used)


async def test_a_file_cut_off_at_every_page(whole: Path, folder: Path) -> None:
    original = whole.read_bytes()
    pages = len(original) // PAGE
    for size in (page * PAGE for page in (*range(60), *range(60, pages, 50))):
        path = folder / "outbox.db"
        path.write_bytes(original[:size])
        await sent(path)
        (kept,) = [each for each in folder.glob("*.damaged-*") if not each.name.endswith(("-wal", "-shm"))]
        assert kept.read_bytes() == original[:size], "the damaged file is there as it was"
        shutil.rmtree(folder)
        folder.mkdir()


async def test_what_a_lost_page_of_packets_leaves(whole: Path) -> None:
    """Rows around it are salvaged; no queue sends that may lack one; an operator lets it."""
    content = bytearray(whole.read_bytes())
    place = content.index(packet(45, "m2", value="1" * 200).body.encode()) // PAGE * PAGE
    content[place : place + PAGE] = b"\xff" * PAGE
    whole.write_bytes(content)
    damage_note(whole).touch()
    clock = DrivenClock()
    database, outbox = await opened_whole(whole, clock)
    assert not damage_note(whole).exists()
    assert await outbox.check() == ""
    found = await state(outbox, queue("m2"))
    assert found.unproven
    assert (found.fence, found.last_put) == (ACCEPTED, LAST)
    assert 20 < found.waiting < LAST - ACCEPTED
    assert await outbox.head(queue("m2")) is None
    await outbox.put(packet(LAST + 1, "m2"))
    assert await outbox.recover(queue("m2"), "it is what there is", 7) == 0
    assert len(await drain(outbox, queue("m2"))) == found.waiting + 1
    await database.close()


async def test_a_lost_table_of_queues_leaves_every_queue_unproven(whole: Path) -> None:
    with closing(sqlite3.connect(whole)) as file:
        (root,) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = 'queue'").fetchone()
    content = bytearray(whole.read_bytes())
    content[(root - 1) * PAGE : root * PAGE] = b"\xff" * PAGE
    whole.write_bytes(content)
    assert "malformed" in problem(whole)
    clock = DrivenClock()
    database, outbox = await opened_whole(whole, clock)
    await outbox.put(packet(LAST + 1, "m1"))
    assert await outbox.head(queue("m1")) is None, "its fence is lost"
    lost = [each for each in await outbox.states() if each.queue.account.address == "unknown"]
    assert {each.queue.id for each in lost} == set(METERS)
    assert all(each.waiting == LAST - ACCEPTED and each.unproven for each in lost)
    assert await outbox.abandon(queue("m1"), "begin anew", 7) == 1
    await outbox.put(packet(LAST + 2, "m1"))
    assert await drain(outbox, queue("m1")) == [LAST + 2]
    await database.close()


async def test_gaps_of_a_salvaged_file_are_given_up_and_what_was_held_for_them_leaves(tmp_path: Path) -> None:
    """What may have been sent is not known; and none of their slots is waited for a second time."""
    backend = SqliteBackend(tmp_path, DrivenClock())
    outbox = await backend.open()
    await outbox.put_after_gaps([NewGap(1000, 2000, FAR)], packet(3000, "m1"))
    await outbox.put_and_hold(queue("m2"), 0, FAR, packet(3000, "m2"))
    await outbox.put_after_gaps([NewGap(4000, 5000, FAR)], packet(6000, "m2"))
    await backend.close()
    damage_note(backend.path).touch()
    database, outbox = await opened_whole(backend.path, DrivenClock())
    assert await outbox.gaps_waited_for() == []
    assert [(each.first, each.stage) for each in await outbox.gaps("m1")] == [(1000, Stage.RELEASED)]
    assert await drain(outbox, queue("m1")) == [3000]
    assert await outbox.head(queue("m2")) is None, "its hold is another's"
    await database.close()


async def test_the_schema_fits_the_first_page(whole: Path) -> None:
    """Or a lost first page could not be replaced by another file's."""
    leaf = 13
    assert whole.read_bytes()[100] == leaf


@pytest.mark.parametrize("change", ["queue = 99", "state = 1", "crc = NULL", "origin = 'none'"])
async def test_a_row_that_changed_in_one_field_makes_its_queue_unproven(whole: Path, change: str) -> None:
    with closing(sqlite3.connect(whole, isolation_level=None)) as file:
        file.executescript("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '');")
    with closing(sqlite3.connect(whole, isolation_level=None)) as file:
        instant = ACCEPTED + 5
        file.execute(f"UPDATE packet SET {change} WHERE instant = ? AND body LIKE '%\"m1\"%'", (instant,))
    damage_note(whole).touch()
    clock = DrivenClock()
    database, outbox = await opened_whole(whole, clock)
    assert {each.queue.id for each in await outbox.states() if each.unproven} == {"m1"}
    assert await drain(outbox, queue("m0")) == list(range(ACCEPTED + 1, LAST + 1))
    await database.close()


async def test_a_changed_body_is_not_sent(whole: Path) -> None:
    """SQLite would not notice; the row's own sum does."""
    content = whole.read_bytes()
    body = packet(ACCEPTED + 2, "m3", value="1" * 200).body.encode()
    whole.write_bytes(content.replace(body, body.replace(b"1111", b"1911", 1)))
    left = await sent(whole)
    assert left["m3"] == [ACCEPTED + 1]
    assert left["m1"] == list(range(ACCEPTED + 1, LAST + 1))


async def test_an_exchange_that_was_cut_short_is_finished(whole: Path) -> None:
    """The old file's WAL must not be applied to the new one."""
    shutil.copy(whole, whole.with_name("outbox.db.salvaged"))
    whole.write_bytes(b"half")
    whole.with_name("outbox.db-wal").write_bytes(b"old")
    left = await sent(whole)
    assert left["m0"] == list(range(ACCEPTED + 1, LAST + 1))


async def test_a_whole_file_is_left_alone(whole: Path) -> None:
    assert problem(whole) == ""
    assert problem(whole.with_name("none.db")) == ""
    await sent(whole)
    assert not list(whole.parent.glob("*.damaged*"))


async def test_a_salvage_that_fails_leaves_the_file_and_no_copies(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the disk has no room for it: at each start there is another try, and no try may take room for good."""
    with whole.open("r+b") as file:
        file.write(b"no header")
    before = whole.read_bytes()

    def no_room(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as full:
        full.setattr(damage, "salvage", no_room)
        for _ in range(2):
            with pytest.raises(StateError, match="left as it is"):
                await opened_whole(whole, DrivenClock())
    assert whole.read_bytes() == before
    assert list(whole.parent.glob("*.damaged-*")) == []
