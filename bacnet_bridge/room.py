"""Room in the database's files, taken from the disk before it is needed.

Guarantee 1: a full disk refuses what is new, and sending goes on. So the file always has spare pages whose blocks
are its own: what adds to it uses them and has them replaced first; where the disk gives no more, what adds is
refused, and acceptances, which overwrite what is there, still find their pages and their place in the WAL.
"""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Final

_SPARE: Final = 512  # pages (2 MiB) that additions never touch; thousands of acceptances need a handful
_STEP: Final = 1024  # pages (4 MiB) by which the file grows
_WAL: Final = 8 * 2**20  # bytes; SQLite begins the WAL anew after 1000 pages (4 MiB), one transaction later at most
FILLER: Final = "CREATE TABLE IF NOT EXISTS filler (body BLOB)"
_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Room:
    """Belongs to the writing connection, in the writer's thread, outside of transactions."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        # Closed only after the connection: POSIX drops a file's locks when any of its descriptors is closed.
        self._file = os.open(path, os.O_RDWR)
        connection.execute(FILLER)
        connection.execute("DELETE FROM filler")
        wal = os.open(f"{path}-wal", os.O_RDWR)
        _allocated(wal, _WAL)  # where it cannot be had, nothing is lost: acceptances then fail and are repeated
        os.close(wal)

    def enough(self) -> bool:
        """Whether something may be added; grows the file where it is time to."""
        if self._pragma("freelist_count") >= _SPARE:
            return True
        more = _STEP * self._pragma("page_size")
        if not _allocated(self._file, self._pragma("page_count") * self._pragma("page_size") + more):
            return False
        try:  # the blocks are ours; now SQLite shall know the pages
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.execute("INSERT INTO filler VALUES (zeroblob(?))", (more,))
            self._connection.execute("DELETE FROM filler")
            self._connection.execute("COMMIT")
        except sqlite3.Error:  # no room in the WAL, or a limit of SQLite's own
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return False
        return True

    def close(self) -> None:
        """After the connection was closed."""
        os.close(self._file)

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)


def _allocated(file: int, size: int) -> bool:
    """Whether the file's first `size` bytes have blocks now, or its file system cannot promise any."""
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        return error.errno not in _NO_ROOM
    return True
