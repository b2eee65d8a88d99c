import asyncio
import os
import sqlite3
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bacnet_bridge.database import Database
from bacnet_bridge.database_file import open_readonly
from bacnet_bridge.errors import DamagedFileError, OutboxError, OutboxFullError, StateError
from bacnet_bridge.room import Room

TABLE = "CREATE TABLE number (n INTEGER PRIMARY KEY, body TEXT NOT NULL DEFAULT '') STRICT;"


@pytest.fixture
def migrations(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_begin.sql").write_text(TABLE)
    return folder


@pytest.fixture
async def database(tmp_path: Path, migrations: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "file.db", migrations)
    await database.start()
    yield database
    await database.close()


def insert(connection: sqlite3.Connection, n: int, body: str = "") -> int:
    connection.execute("INSERT INTO number VALUES (?, ?)", (n, body))
    return n


def numbers(connection: sqlite3.Connection) -> list[int]:
    return [n for (n,) in connection.execute("SELECT n FROM number ORDER BY n")]


async def test_it_writes_as_safely_as_sqlite_can(database: Database) -> None:
    def pragmas(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.write(pragmas) == ["wal", 2, 1]


async def test_a_write_gives_its_result_and_is_seen_by_the_next_read(database: Database) -> None:
    assert await database.write(lambda connection: insert(connection, 7)) == 7
    assert await database.read(numbers) == [7]


async def test_waiting_changes_share_a_commit_in_the_order_of_their_submission(database: Database) -> None:
    entered, go = threading.Event(), threading.Event()

    def block(_: sqlite3.Connection) -> None:
        entered.set()
        go.wait()

    blocked = asyncio.create_task(database.write(block))
    await asyncio.to_thread(entered.wait)
    commits: list[int] = []

    def change(connection: sqlite3.Connection, n: int) -> None:
        insert(connection, n)
        commits.append(connection.total_changes)

    waiting = [asyncio.create_task(database.write(partial(change, n=n))) for n in (3, 1, 2)]
    await asyncio.sleep(0)
    assert not any(each.done() for each in waiting)
    go.set()
    await asyncio.gather(blocked, *waiting)
    assert commits == [1, 2, 3]
    assert await database.read(numbers) == [1, 2, 3]


async def test_an_error_rolls_back_its_own_change_only(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        insert(connection, 50)
        raise ZeroDivisionError("mine")

    results = await asyncio.gather(
        database.write(lambda connection: insert(connection, 1)),
        database.write(half),
        database.write(lambda connection: insert(connection, 2)),
        return_exceptions=True,
    )
    assert isinstance(results[1], ZeroDivisionError)
    assert (results[0], results[2]) == (1, 2)
    assert await database.read(numbers) == [1, 2]


async def test_an_error_that_ends_the_transaction_takes_no_other_change_with_it(database: Database) -> None:
    def fatal(connection: sqlite3.Connection) -> None:
        insert(connection, 50)
        connection.execute("ROLLBACK")
        raise ZeroDivisionError("mine")

    results = await asyncio.gather(
        database.write(lambda connection: insert(connection, 1)),
        database.write(fatal),
        database.write(lambda connection: insert(connection, 2)),
        return_exceptions=True,
    )
    assert isinstance(results[1], ZeroDivisionError)
    assert await database.read(numbers) == [1, 2]


async def test_a_commit_that_fails_is_told_to_its_callers(database: Database) -> None:
    """A deferred foreign key fails at COMMIT, not before; its neighbours' changes are kept."""
    await database.write(
        lambda connection: connection.execute(
            "CREATE TABLE child (n INTEGER REFERENCES number (n) DEFERRABLE INITIALLY DEFERRED)"
        )
    )
    results = await asyncio.gather(
        database.write(lambda connection: insert(connection, 1)),
        database.write(lambda connection: connection.execute("INSERT INTO child VALUES (99)")),
        database.write(lambda connection: insert(connection, 2)),
        return_exceptions=True,
    )
    assert isinstance(results[1], OutboxError)
    assert (results[0], results[2]) == (1, 2)
    assert await database.read(numbers) == [1, 2]


async def test_no_room_is_an_error_of_its_own(database: Database) -> None:
    await database.write(lambda connection: connection.execute("PRAGMA max_page_count = 10"))
    with pytest.raises(OutboxFullError, match=r"file\.db: no room"):
        await database.write(lambda connection: insert(connection, 1, "x" * 100_000))
    await database.write(lambda connection: insert(connection, 2))
    assert await database.read(numbers) == [2]


async def test_a_defect_of_one_caller_leaves_the_others_their_answers(database: Database) -> None:
    def defect(_done: bool) -> None:
        raise ZeroDivisionError("mine")

    async with asyncio.timeout(10):
        results = await asyncio.gather(
            database.write(lambda connection: insert(connection, 1), defect),
            database.write(lambda connection: insert(connection, 2)),
            return_exceptions=True,
        )
    assert isinstance(results[0], ZeroDivisionError)
    assert results[1] == 2


async def test_a_cancelled_callers_change_is_committed(database: Database) -> None:
    told: list[bool] = []
    task = asyncio.create_task(database.write(lambda connection: insert(connection, 1), told.append))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await database.write(lambda connection: insert(connection, 2))
    assert told == [True]
    assert await database.read(numbers) == [1, 2]


@pytest.mark.parametrize("failing", [{0}, {2}, {4}, {1, 2}, {0, 1, 2, 3, 4}, set()])
async def test_what_fails_is_taken_out_and_the_rest_keeps_its_order(database: Database, failing: set[int]) -> None:
    made: list[int] = []

    def change(connection: sqlite3.Connection, n: int) -> int:
        made.append(insert(connection, n))
        if n in failing:
            raise ZeroDivisionError(n)
        return n

    waiting = (database.write(partial(change, n=n)) for n in range(5))
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, ZeroDivisionError)] == sorted(failing)
    assert [result for result in results if isinstance(result, int)] == sorted(set(range(5)) - failing)
    assert await database.read(numbers) == sorted(set(range(5)) - failing)
    last = {n: at for at, n in enumerate(made)}
    assert sorted(last, key=last.__getitem__) == list(range(5))


async def test_a_patient_change_is_committed_by_itself(database: Database) -> None:
    async with asyncio.timeout(10):
        assert await database.write(partial(insert, n=1), patience=0.002) == 1
        assert await database.write(partial(insert, n=2), patience=0.002) == 2


async def test_a_patient_change_goes_along_with_one_that_is_not(database: Database) -> None:
    patient = asyncio.create_task(database.write(partial(insert, n=1), patience=60))
    await asyncio.sleep(0)
    assert await database.read(numbers) == []
    await database.write(partial(insert, n=2))
    assert patient.done()
    assert await database.read(numbers) == [1, 2]


async def test_close_commits_what_was_patient(database: Database) -> None:
    patient = asyncio.create_task(database.write(partial(insert, n=1), patience=60))
    await asyncio.sleep(0)
    await database.close()
    assert await patient == 1


async def test_more_than_is_taken_at_once_is_taken_later(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.database._GATHERED", 3)
    monkeypatch.setattr("bacnet_bridge.database._READ_AT_ONCE", 3)
    async with asyncio.timeout(10):
        await asyncio.gather(*(database.write(partial(insert, n=n)) for n in range(20)))
        read = await asyncio.gather(*(database.read(numbers) for _ in range(20)))
    assert read == [list(range(20))] * 20


async def test_many_answers_leave_the_loop_turns_and_keep_their_order(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two thousand changes in one transaction, each one's caller has its work; all else would wait for them all."""
    monkeypatch.setattr("bacnet_bridge.database_jobs._AT_ONCE", 50)
    told: list[int] = []
    in_a_turn: list[int] = []

    def turn() -> None:
        in_a_turn.append(len(told) - sum(in_a_turn))
        if len(told) < 2_000:
            asyncio.get_running_loop().call_soon(turn)

    def then(_: bool, n: int) -> None:
        told.append(n)

    waiting = [database.write(partial(insert, n=n), partial(then, n=n)) for n in range(2_000)]
    turn()
    async with asyncio.timeout(20):
        await asyncio.gather(*waiting)
    assert told == list(range(2_000))
    assert max(in_a_turn) <= 50


async def test_a_query_s_error_is_its_caller_s_alone(database: Database) -> None:
    def wrong(connection: sqlite3.Connection) -> None:
        connection.execute("SELECT no_such_column FROM number")

    results = await asyncio.gather(
        database.read(numbers), database.read(wrong), database.read(numbers), return_exceptions=True
    )
    assert (results[0], results[2]) == ([], [])
    assert isinstance(results[1], OutboxError)


async def test_close_commits_what_was_submitted(tmp_path: Path, migrations: Path) -> None:
    database = Database(tmp_path / "file.db", migrations)
    await database.start()
    waiting = [asyncio.create_task(database.write(partial(insert, n=n))) for n in range(100)]
    await asyncio.sleep(0)
    await database.close()
    await database.close()
    assert await asyncio.gather(*waiting) == list(range(100))
    (tmp_path / "file.db").rename(tmp_path / "alone.db")
    alone = sqlite3.connect(tmp_path / "alone.db")
    assert alone.execute("SELECT count(*) FROM number").fetchone() == (100,), "an orderly end leaves one whole file"
    alone.close()
    assert (tmp_path / "file.db-wal").stat().st_size >= 8 * 2**20, "and room for a start on a full disk"
    with pytest.raises(OutboxError, match="not open"):
        await database.write(numbers)
    with pytest.raises(OutboxError, match="not open"):
        await database.read(numbers)


async def test_the_reader_cannot_write(database: Database) -> None:
    with pytest.raises(OutboxError, match="readonly"):
        await database.read(lambda connection: insert(connection, 1))


async def test_commands_may_look_while_it_is_open(database: Database, tmp_path: Path) -> None:
    await database.write(lambda connection: insert(connection, 1))
    looking = open_readonly(tmp_path / "file.db")
    assert numbers(looking) == [1]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        insert(looking, 2)
    looking.close()


def test_looking_does_not_make_a_file(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=r"none\.db"):
        open_readonly(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


# -- schemas ------------------------------------------------------------------------------------------------


async def open_and_close(path: Path, migrations: Path) -> None:
    database = Database(path, migrations)
    await database.start()
    await database.close()


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    connection.close()
    return int(number)


async def test_schemas_are_applied_once_and_in_order(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "file.db"
    await open_and_close(path, migrations)
    (migrations / "0002_colour.sql").write_text("ALTER TABLE number ADD COLUMN colour TEXT;")
    (migrations / "0003_red.sql").write_text("UPDATE number SET colour = 'red';")
    assert version(path) == 1
    await open_and_close(path, migrations)
    await open_and_close(path, migrations)
    assert version(path) == 3


async def test_a_schema_that_fails_leaves_the_file_as_it_was(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "file.db"
    await open_and_close(path, migrations)
    (migrations / "0002_bad.sql").write_text("CREATE TABLE other (x);\nCREATE TABLE number (x);")
    with pytest.raises(StateError, match="already exists"):
        await open_and_close(path, migrations)
    assert version(path) == 1
    (migrations / "0002_bad.sql").write_text("CREATE TABLE other (x);")
    await open_and_close(path, migrations)
    assert version(path) == 2


async def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "file.db"
    (migrations / "0002_colour.sql").write_text("ALTER TABLE number ADD COLUMN colour TEXT;")
    await open_and_close(path, migrations)
    (migrations / "0002_colour.sql").unlink()
    with pytest.raises(StateError, match=r"newer bacnet-bridge \(schema 2; this one knows 1\)"):
        await open_and_close(path, migrations)
    assert version(path) == 2


async def test_what_is_not_a_database_is_refused_and_left_alone(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "file.db"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(StateError, match="not a database"):
        await open_and_close(path, migrations)
    assert path.read_text() == "Dear diary, " * 100


async def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path, migrations: Path) -> None:
    with pytest.raises(StateError, match="is the state folder there"):
        await open_and_close(tmp_path / "nowhere" / "file.db", migrations)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_written_is_a_sentence(tmp_path: Path, migrations: Path) -> None:
    path = tmp_path / "file.db"
    await open_and_close(path, migrations)
    path.chmod(0o400)
    with pytest.raises(StateError, match="cannot be used"):
        await open_and_close(path, migrations)


async def test_damage_that_a_reader_meets_is_noted_for_the_next_start(database: Database, tmp_path: Path) -> None:
    def damaged(_connection: sqlite3.Connection) -> None:
        error = sqlite3.DatabaseError("malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(DamagedFileError):
        await database.read(damaged)
    assert (tmp_path / "file.db.damaged").exists()


async def test_a_disk_that_fails_is_told_and_does_not_end_the_writer(
    tmp_path: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_room: Room, _packets: int) -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    database = Database(tmp_path / "file.db", migrations)
    await database.start()
    async with asyncio.timeout(10):
        with monkeypatch.context() as patch:
            patch.setattr(Room, "enough", broken)
            with pytest.raises(OutboxError, match="disk I/O error; nothing was changed"):
                await database.write(partial(insert, n=1), adds=True)
            await database.write(partial(insert, n=2))
        await database.write(partial(insert, n=3), adds=True)
    assert await database.read(numbers) == [2, 3]
    await database.close()
