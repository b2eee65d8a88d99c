"""Room that is kept: for acceptances on a full disk; for the WAL's index, which nobody cuts and nobody believes."""

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bacnet_bridge import room
from bacnet_bridge.database import Database
from bacnet_bridge.database_file import open_readonly
from bacnet_bridge.errors import OutboxFullError, StateError

ROOM = 8 * 2**15


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_begin.sql").write_text("CREATE TABLE number (n INTEGER);")
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.db"


def index(path: Path) -> Path:
    return path.with_name(f"{path.name}-shm")


def insert(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO number SELECT count(*) FROM number")


def numbers(connection: sqlite3.Connection) -> list[int]:
    return [n for (n,) in connection.execute("SELECT n FROM number")]


def assert_has_its_blocks(path: Path) -> None:
    found = index(path).stat()
    assert found.st_size == ROOM, "SQLite cut it"
    assert found.st_blocks * 512 >= ROOM


async def test_the_index_keeps_its_blocks_over_starts_and_looks(path: Path, migrations: Path) -> None:
    """What is cut off on a full disk does not come back: a mapped page without a block ends the process."""
    for count in (1, 2, 3):
        database = Database(path, migrations)
        await database.start()
        assert_has_its_blocks(path)
        await database.write(insert)
        await database.close()
        assert_has_its_blocks(path)
        with closing(open_readonly(path)) as looking:
            assert numbers(looking) == list(range(count))
            assert_has_its_blocks(path)
        assert_has_its_blocks(path)


async def test_what_was_left_in_the_index_is_not_believed(path: Path, migrations: Path) -> None:
    """As after a power cut, when it may be of any moment."""
    database = Database(path, migrations)
    await database.start()
    old = index(path).read_bytes()
    for count, left in enumerate((b"", old, random.Random(1).randbytes(ROOM), old[: ROOM // 2])):
        await database.write(insert)
        await database.close()
        index(path).write_bytes(left)
        database = Database(path, migrations)
        await database.start()
        assert await database.read(numbers) == list(range(count + 1))
        assert_has_its_blocks(path)
    await database.close()


async def test_many_packets_at_once_leave_the_spare_pages_alone(
    path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guarantee 1: they are for acceptances. Some are for notes of holes, when packets are refused."""
    database = Database(path, migrations)
    await database.start()
    await database.write(insert, adds=True)
    monkeypatch.setattr(room, "_allocated", lambda *_: False)  # the disk is full from here on

    def fill(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO filler VALUES (zeroblob(900))")

    async def fill_up() -> None:
        while True:
            await database.write(fill, adds=True)

    for count in (5000, 1000, 1000, 100, 1):
        await asyncio.gather(*(database.write(fill, adds=True) for _ in range(count)), return_exceptions=True)
        assert await database.read(free_pages) >= 500
    with pytest.raises(OutboxFullError):
        await fill_up()
    await database.write(insert, notes=True)
    assert await database.read(free_pages) >= 500
    await database.close()


def free_pages(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(count)


async def test_a_start_that_is_cut_short_leaves_no_empty_file(path: Path, migrations: Path) -> None:
    """An empty one would be taken for a damaged one, whose queues do not send."""
    (migrations / "0001_begin.sql").write_text("CREATE TABLE number (n INTEGER); CUT SHORT HERE;")
    with pytest.raises(StateError, match="CUT"):
        await Database(path, migrations).start()
    assert not path.exists()
    (migrations / "0001_begin.sql").write_text("CREATE TABLE number (n INTEGER);")
    database = Database(path, migrations)
    await database.start()
    await database.write(insert)
    await database.close()
    assert [each.name for each in path.parent.glob("*.new")] == []
