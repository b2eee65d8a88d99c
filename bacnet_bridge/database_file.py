"""The SQLite file itself: how it is opened, its numbered schemas, what its errors mean, a look through all of it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from bacnet_bridge.errors import DamagedFileError, OutboxError, OutboxFullError, StateError
from bacnet_bridge.room import Room

_BUSY_MS: Final = 10_000  # a copy being taken by an operator's tool may lock the file for a moment
FULL: Final = "{path}: no room for more; what is in it is kept and sent. Free space on its disk"
ALONE: Final = "unix-excl"
"""SQLite's way for one process alone, which keeps the WAL's index in memory and not in a file beside it."""
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NO_INDEX: Final = {19, 20, 21}
"""SQLITE_IOERR_SHMSIZE, SHMLOCK, SHMMAP: what follows SQLITE_IOERR in the code."""


class NoSharedIndexError(Exception):
    """On a full disk there is no room for the WAL's index, which is made anew at each start.

    Then this process keeps it in memory, and what waits is sent; commands cannot read the file meanwhile.
    """


def _connect(path: Path, mode: str, vfs: str) -> sqlite3.Connection:
    how = f"{path.absolute().as_uri()}?mode={mode}" + (f"&vfs={vfs}" if vfs else "")
    return sqlite3.connect(how, uri=True, isolation_level=None, check_same_thread=False, cached_statements=256)


def open_writing(path: Path, migrations: Path, vfs: str = "") -> tuple[sqlite3.Connection, Room]:
    """The writing connection, with its schema up to date, and its room."""
    try:
        connection = _connect(path, "rwc", vfs)
    except sqlite3.Error as error:
        raise StateError(f"{path} cannot be opened: {error}; is the state folder there and writable?") from error
    try:
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection, path, migrations)
        return connection, Room(connection, path)
    except (sqlite3.Error, OSError) as error:
        connection.close()
        if not vfs and getattr(error, "sqlite_errorcode", 0) >> 8 in _NO_INDEX:
            raise NoSharedIndexError from error
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            raise DamagedFileError(f"{path} cannot be used: {error}; it was left as it is") from error
        raise StateError(f"{path} cannot be used: {error}; it was left as it is") from error
    except StateError:
        connection.close()
        raise


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


def open_readonly(path: Path, vfs: str = "") -> sqlite3.Connection:
    """A connection that cannot write, for commands that only look. Raises StateError."""
    try:
        connection = _connect(path, "ro", vfs)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA user_version")
    except sqlite3.Error as error:
        raise StateError(f"{path} cannot be read: {error}; is the state folder right and yours to read?") from error
    return connection


def look_through(path: Path, vfs: str) -> str:
    try:
        with closing(open_readonly(path, vfs)) as connection:
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
