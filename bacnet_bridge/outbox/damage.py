"""A damaged file is salvaged before anything is sent; here it is noticed, and here the salvaged one takes its place.

At start header, schema and the table of queues are looked at; the whole file is by `Database.check`, beside all else,
which leaves a note for the next start. Guarantee 1: the damaged file is kept beside the new one, as it was.
"""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.database import Database
from bacnet_bridge.database_file import NoSharedIndexError, damage_note, migrate, open_readonly
from bacnet_bridge.errors import DamagedFileError, OutboxError, StateError
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.salvage import salvage
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.system import sync

_log = structlog.get_logger()


async def opened_whole(path: Path, clock: Clock) -> tuple[Database, SqliteOutbox]:
    """Database and outbox, both started; the file is salvaged before, where it was damaged. Raises StateError."""
    try:
        await asyncio.to_thread(_mended, path, clock.wall())
        return await _opened(path, clock)
    except DamagedFileError:  # it shows itself where every queue's order is read
        await asyncio.to_thread(damage_note(path).touch)
        await asyncio.to_thread(_mended, path, clock.wall())
        return await _opened(path, clock)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path} is damaged and cannot be salvaged: {error}; it was left as it is") from error


async def _opened(path: Path, clock: Clock) -> tuple[Database, SqliteOutbox]:
    database = Database(path, MIGRATIONS)
    await database.start()
    outbox = SqliteOutbox(database, clock)
    try:
        await outbox.start()
    except OutboxError:
        await database.close()
        raise
    return database, outbox


def problem(path: Path) -> str:
    """What is wrong with header, schema or the table of queues; nothing where there is no file yet."""
    if damage_note(path).exists():
        return "a look through the whole file found damage"
    if not path.exists():
        return ""
    if path.stat().st_size == 0:
        return "it is empty"
    try:
        with closing(open_readonly(path)) as connection:
            return _differing_schema(connection) or _senseless_queue(connection)
    except NoSharedIndexError:
        return ""  # the disk is full, the file could not be copied either: the look through all of it comes later
    except (sqlite3.Error, UnicodeError, StateError) as error:
        return str(error)


def _mended(path: Path, now: int) -> None:
    fresh = path.with_name(f"{path.name}.salvaged")
    if not fresh.exists():
        found = problem(path)
        if not found:
            return
        kept = path.with_name(f"{path.name}.damaged-{now}")
        building = path.with_name(f"{path.name}.salvaging")
        try:
            _keep(path, kept)
            outcome = salvage(kept, building, MIGRATIONS)
            building.rename(fresh)
        except BaseException:  # Ctrl-C, too
            _remove(kept)  # the damaged file is still in its place; a copy for each try would fill the disk
            raise
        _log.error("the outbox's file was damaged; what could be read of it is in a new one", problem=found,
                   damaged=str(kept), **outcome)  # fmt: skip
    _exchange(path, fresh)


def _keep(path: Path, kept: Path) -> None:
    """The damaged file and its WAL under a name of their own. What is read is this copy."""
    for tail in ("-wal", ""):
        source = path.with_name(f"{path.name}{tail}")
        if source.exists():
            copy = kept.with_name(f"{kept.name}{tail}")
            shutil.copyfile(source, copy)
            sync(copy)


def _remove(kept: Path) -> None:
    for tail in ("-wal", "-shm", ""):
        kept.with_name(f"{kept.name}{tail}").unlink(missing_ok=True)


def _exchange(path: Path, fresh: Path) -> None:
    """The new file takes its place. Cut short, this is done again at the next start: the old WAL must go first."""
    for tail in ("-wal", "-shm"):
        path.with_name(f"{path.name}{tail}").unlink(missing_ok=True)
    sync(path.parent)
    fresh.replace(path)
    damage_note(path).unlink(missing_ok=True)
    sync(path.parent)


def _differing_schema(connection: sqlite3.Connection) -> str:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as model:
        migrate(model, Path(":memory:"), MIGRATIONS, upto=version)
        (known,) = model.execute("PRAGMA user_version").fetchone()
        if known < version:
            return ""  # a newer version's: that is said where it is opened
        if _schema(connection) != _schema(model):
            return f"its schema is not that of version {version}"
    return ""


def _schema(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'filler'"
    return set(connection.execute(query))


def _senseless_queue(connection: sqlite3.Connection) -> str:
    """No acceptance is later than the fence, and nothing is accepted that was not put."""
    for meter, fence, last_put, last_accepted, *_texts in connection.execute(
        "SELECT meter, fence, last_put, last_accepted, address, credentials, reason, kind FROM queue"  # as of version 1
    ):
        if last_accepted is not None and not last_accepted <= (fence or 0) <= max(fence or 0, last_put or 0):
            return f"what it says of meter {meter} cannot be"
    return ""
