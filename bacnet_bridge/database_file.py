"""The SQLite file itself: how it is opened, its numbered schemas, what its errors mean, a look through all of it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

from bacnet_bridge.errors import DamagedFileError, OutboxError, OutboxFullError, StateError
from bacnet_bridge.room import NO_ROOM, IndexRoom, Room
from bacnet_bridge.system import IS_POSIX, sync

T = TypeVar("T", bound=sqlite3.Connection)

_BUSY_MS: Final = 10_000  # a copy being taken by an operator's tool may lock the file for a moment
_UNREADABLE: Final = "{path} cannot be read: {error}; is the state folder right and yours to read?"
FULL: Final = "{path}: no room for more; what is in it is kept and sent. Free space on its disk"
ALONE: Final = "unix-excl"
"""SQLite's way for one process alone, which keeps the WAL's index in memory and not in a file beside it."""
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NO_INDEX: Final = {19, 20, 21}
"""SQLITE_IOERR_SHMSIZE, SHMLOCK, SHMMAP: what follows SQLITE_IOERR in the code."""


class NoSharedIndexError(StateError):
    """The disk is full, and the WAL's index lost its room: another program opened the file while none of ours did.

    Then the service keeps the index in memory, and what waits is sent; commands cannot read the file meanwhile.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} cannot be read: its disk is full. Free 256 KiB on it")


class _Looking(sqlite3.Connection):
    """Gives the index's room up once SQLite is done with it."""

    index: IndexRoom | None = None

    def close(self) -> None:
        super().close()
        if self.index is not None:
            self.index.close()
            self.index = None


def _connect(path: Path, mode: str, vfs: str, factory: type[T]) -> T:
    how = f"{path.absolute().as_uri()}?mode={mode}" + (f"&vfs={vfs}" if vfs else "")
    return sqlite3.connect(
        how, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256, factory=factory
    )


def _index_room(path: Path) -> IndexRoom | None:
    """None where the file or the right to write beside it is missing: SQLite says that, or does without."""
    try:
        return IndexRoom(path)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoSharedIndexError(path) from error
        return None


def open_writing(path: Path, migrations: Path, vfs: str = "") -> tuple[sqlite3.Connection, Room]:
    """The writing connection, with its schema up to date, and its room. Raises StateError."""
    try:
        if not path.exists():
            _make(path, migrations)
        index = None if vfs or not IS_POSIX else _index_room(path)
    except (sqlite3.Error, OSError) as error:
        raise StateError(f"{path} cannot be opened: {error}; is the state folder there and writable?") from error
    connection = None
    try:
        connection = _connect(path, "rw", vfs, sqlite3.Connection)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA mmap_size = 0")  # a disk that fails is an error then, and no SIGBUS
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, path, migrations)
        return connection, Room(connection, path, index)
    except (sqlite3.Error, OSError, StateError) as error:
        if connection is not None:
            connection.close()
        if index is not None:
            index.close()
        raise _unusable(error, path, vfs) from error


def _unusable(error: Exception, path: Path, vfs: str) -> StateError:
    code = getattr(error, "sqlite_errorcode", 0)
    if isinstance(error, StateError):
        return error
    if not vfs and code >> 8 in _NO_INDEX:
        return NoSharedIndexError(path)
    if code & 0xFF in _DAMAGED:
        return DamagedFileError(f"{path} cannot be used: {error}; it was left as it is")
    return StateError(f"{path} cannot be used: {error}; it was left as it is")


def _make(path: Path, migrations: Path) -> None:
    """A new file has its schema from its first moment on: an empty one is one that was damaged."""
    making = path.with_name(f"{path.name}.new")
    for leftover in (making, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        leftover.unlink(missing_ok=True)
    with closing(sqlite3.connect(making, isolation_level=None)) as connection:
        migrate(connection, making, migrations)
    making.rename(path)
    sync(path.parent)


def damage_note(path: Path) -> Path:
    """The file that tells the next start that a look through the whole database found it damaged."""
    return path.with_name(f"{path.name}.damaged")


def migrate(connection: sqlite3.Connection, path: Path, migrations: Path, upto: int | None = None) -> None:
    """Apply the schemas that the file lacks, `0001_….sql` and on, each with its number in one transaction.

    Raises StateError for a file of a newer version. `upto`: as version `upto` would have done.
    """
    schemas = {int(file.name.partition("_")[0]): file for file in migrations.glob("[0-9]*_*.sql")}
    known = max(schemas, default=0)
    (have,) = connection.execute("PRAGMA user_version").fetchone()
    if have > known:
        raise StateError(
            f"{path} was written by a newer bacnet-bridge (schema {have}; this one knows {known}): "
            "install that version again, or name another state folder"
        )
    for number in range(have + 1, (known if upto is None else min(upto, known)) + 1):
        script = schemas[number].read_text(encoding="utf-8")
        try:
            connection.executescript(f"BEGIN;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def open_readonly(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, for a process that has the file not open otherwise. Raises StateError."""
    try:
        looking = _connect(path, "ro", "", _Looking)
        looking.index = _index_room(path)
    except sqlite3.Error as error:
        raise StateError(_UNREADABLE.format(path=path, error=error)) from error
    return _looking(looking, path)


def open_beside(path: Path, vfs: str) -> sqlite3.Connection:
    """As `open_readonly`, beside the writing connection of this process. Raises StateError."""
    return _looking(_connect(path, "ro", vfs, sqlite3.Connection), path)


def _looking(connection: T, path: Path) -> T:
    try:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA mmap_size = 0")
        connection.execute("PRAGMA user_version")
    except sqlite3.Error as error:
        connection.close()
        raise StateError(_UNREADABLE.format(path=path, error=error)) from error
    return connection


def look_through(path: Path, vfs: str) -> str:
    try:
        with closing(open_beside(path, vfs)) as connection:
            (problem,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except (sqlite3.Error, StateError) as error:
        return str(error)
    return "" if problem == "ok" else str(problem)


def translated(error: Exception, path: Path) -> Exception:
    """SQLite's error as one of ours, with a sentence; any other as it is."""
    if not isinstance(error, sqlite3.Error):
        return error
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the primary code; absent where Python itself objects
    if code == sqlite3.SQLITE_FULL:
        full = OutboxFullError(FULL.format(path=path))
        full.__cause__ = error
        return full
    if code in _DAMAGED:
        damaged = DamagedFileError(f"{path}: {error}; nothing was changed. The next start salvages what can be read")
        damaged.__cause__ = error
        return damaged
    failed = OutboxError(f"{path}: {error}; nothing was changed. Check the disk, its space and its permissions")
    failed.__cause__ = error
    return failed
