"""Room in the database's files, taken from the disk before it is needed.

Guarantee 1: a full disk refuses what is new, and sending goes on. So the file always has spare pages whose blocks
are its own: what adds to it uses them and has them replaced first; where the disk gives no more, what adds is
refused, and acceptances, which overwrite what is there, still find their pages and their place in the WAL.
"""

import errno
import os
import sqlite3
import struct
from pathlib import Path
from typing import Final

from bacnet_bridge.system import IS_POSIX, is_root, posix_locks

_SPARE: Final = 512  # pages (2 MiB) that packets never touch; thousands of acceptances need a handful
_NOTES: Final = 256  # pages of these that the ledger's notes do not touch either
_PER_PAGE: Final = 4  # packets; one of 21 fields takes less than 1 KiB
_STEP: Final = 1024  # pages (4 MiB) by which the file grows
_WAL: Final = 8 * 2**20  # bytes; SQLite begins the WAL anew after 1000 pages (4 MiB), one transaction later at most
_INDEX: Final = 8 * 2**15  # bytes; SQLite maps 32 KiB of the index for each 4096 pages (16 MiB) of the WAL
_IN_USE: Final = 128  # the octet of the index that everyone who has it open locks (SQLite's UNIX_SHM_DMS)
FILLER: Final = "CREATE TABLE IF NOT EXISTS filler (body BLOB)"
NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Room:
    """Belongs to the writing connection, in the writer's thread, outside of transactions."""

    def __init__(self, connection: sqlite3.Connection, path: Path, index: "IndexRoom | None" = None) -> None:
        self._connection = connection
        self._index = index
        # Closed only after the connection: POSIX drops a file's locks when any of its descriptors is closed.
        self._file = os.open(path, os.O_RDWR)
        connection.execute(FILLER)
        connection.execute("DELETE FROM filler")
        wal = os.open(f"{path}-wal", os.O_RDWR)
        _allocated(wal, _WAL)  # where it cannot be had, nothing is lost: acceptances then fail and are repeated
        os.close(wal)

    def enough(self, packets: int) -> bool:
        """Whether so many may be added, or (0) a note of the ledger's; grows the file where it is time to."""
        new = packets // _PER_PAGE
        if self._pragma("freelist_count") >= (_SPARE + new if packets else _NOTES):
            return True
        more = (_STEP + new) * self._pragma("page_size")
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
        """After all connections of this process to the file were closed."""
        os.close(self._file)
        if self._index is not None:
            self._index.close()

    def _pragma(self, name: str) -> int:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return int(value)


class IndexRoom:
    """Blocks for the WAL's index, the `-shm` file. Opened before SQLite opens it, closed after SQLite closed it.

    SQLite maps the index into memory, and a mapped page that is written where its file has no block yet needs one at
    that moment: on a full disk the kernel then ends the process (SIGBUS). Whoever opens the index first makes it anew,
    and SQLite does that by cutting it to nothing and writing one octet into each page, which leaves holes where blocks
    are smaller than pages (1 KiB on ext4 disks below 512 MiB). So zeros are written over all of it before, which also
    has SQLite build it anew; a shared lock on the octet that all its users lock keeps SQLite from cutting it.
    """

    def __init__(self, path: Path) -> None:
        """Raises OSError: no room, or no right to write."""
        database = path.stat()
        self._file = os.open(f"{path}-shm", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, database.st_mode & 0o777)
        try:
            if is_root():  # as SQLite does, so that a command of root's leaves nothing that is root's
                os.fchown(self._file, database.st_uid, database.st_gid)
            if self._locked(posix_locks.F_OFD_SETLK, posix_locks.F_WRLCK):
                _write_zeros(self._file, max(_INDEX, os.fstat(self._file).st_size))
            self._locked(posix_locks.F_OFD_SETLKW, posix_locks.F_RDLCK)
            os.posix_fallocate(self._file, 0, _INDEX)  # another process's index keeps what stands in it
        except OSError:
            os.close(self._file)
            raise

    def close(self) -> None:
        """After SQLite closed it: POSIX drops a process's locks on a file with the first descriptor it closes."""
        os.close(self._file)

    def _locked(self, how: int, kind: int) -> bool:
        """A lock of this descriptor's, which SQLite takes for another process's.

        Where the file system knows none, SQLite does with the index as it always did.
        """
        try:
            posix_locks.fcntl(self._file, how, struct.pack("hhqqi4x", kind, os.SEEK_SET, _IN_USE, 1, 0))
        except OSError:
            return False
        return True


def _write_zeros(file: int, size: int) -> None:
    """Written and synced: not merely promised."""
    written = 0
    while written < size:
        written += os.pwrite(file, bytes(size - written), written)
    os.fsync(file)


def _allocated(file: int, size: int) -> bool:
    """Whether the file's first `size` bytes have blocks now, or its file system cannot promise any."""
    if not IS_POSIX:  # Windows: guarantee 1 does not hold there on a full disk (docs/windows.md)
        return True
    try:
        os.posix_fallocate(file, 0, size)
    except OSError as error:
        return error.errno not in NO_ROOM
    return True
