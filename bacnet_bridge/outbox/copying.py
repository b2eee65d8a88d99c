"""A whole copy of the file while it is in use, and what a copy must not claim when it takes the file's place."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from bacnet_bridge.database_file import look_through, migrate, open_readonly, translated
from bacnet_bridge.errors import BridgeError, DamagedFileError
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.system import sync

_BASE: Final = "base"
"""In a counter's memory: the count up to which growth was sent."""


def copied(source: Path, target: Path) -> int:
    """Write what was committed last into the new file `target`; how many packets of it wait.

    SQLite's own backup, in one look: the service goes on writing meanwhile. Raises StateError, OSError, and
    DamagedFileError for a file that is not whole: a copy of that would be found damaged only when it is needed.
    """
    try:
        with closing(open_readonly(source)) as reading, closing(sqlite3.connect(target)) as copy:
            reading.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            (waiting,) = copy.execute("SELECT count(*) FROM packet WHERE state = 0").fetchone()
    except sqlite3.Error as error:
        raise translated(error, source) from error
    _check(target, source)
    sync(target)
    return int(waiting)


def made_current(copy: Path) -> None:
    """Bring a copy's schema up to date and see that it is whole. Raises StateError (a newer version's), BridgeError."""
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            migrate(connection, copy, MIGRATIONS)
    except sqlite3.Error as error:
        raise BridgeError(f"the outbox in it cannot be used: {error}") from error
    _check(copy, copy)


def aged(copy: Path, why: str) -> int:
    """The copy's outbox went on elsewhere after it was taken; how many queues are not proven whole, with `why`.

    What waits in it may have been sent since, and later packets with it: such queues collect and do not send until
    an operator says what the platform has (guarantee 2). Growth that a difference would count from the copy's moment
    may have been sent, too: differences begin anew (guarantee 4).
    """
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        unproven = connection.execute(
            "UPDATE queue SET unproven = ? WHERE unproven = '' AND id IN (SELECT queue FROM packet WHERE state = 0)",
            (why,),
        ).rowcount
        memories = connection.execute("SELECT meter, point, value FROM memory").fetchall()
        connection.executemany(
            "UPDATE memory SET value = ? WHERE meter = ? AND point = ?",
            [(anew, meter, point) for meter, point, value in memories if (anew := _without_base(value)) != value],
        )
        connection.execute("COMMIT")
    return unproven


def _without_base(memory: str) -> str:
    """A counter's memory that counts growth from its next reading on; any other as it is."""
    if not memory.startswith("{"):
        return memory
    said = json.loads(memory)
    if said.pop(_BASE, None) is None:
        return memory
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _check(copy: Path, source: Path) -> None:
    if problem := look_through(copy, ""):
        raise DamagedFileError(
            f"{source} is damaged: {problem}. A restart of the service salvages what can be read; then try again"
        )
