"""The state folder and its disk: can it be written, does it last, and how many days of an outage does it hold?"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Final

from bacnet_bridge.database_file import open_readonly
from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, unknown, warning
from bacnet_bridge.errors import StateError
from bacnet_bridge.model import Meter
from bacnet_bridge.settings import Settings
from bacnet_bridge.system import name_of, user_name

USER: Final = "user"
STATE: Final = "state folder"
DISK: Final = "disk space"
OUTBOX: Final = "outbox"

_REMOTE: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs", "afs"})
_FLEETING: Final = frozenset({"tmpfs", "ramfs"})
_DAY: Final = 86_400.0
_PER_PACKET: Final = 1024
"""Octets: a packet of 21 fields with its index takes less."""
_BESIDE: Final = 16 * 2**20
"""Octets that the WAL, the tables and the file's steps take besides."""
_FEW: Final = 7.0
"""Days: a week-end and a holiday."""
_STEPS: Final = 1_000
"""Of SQLite's, between two looks at the clock."""
LOOK: Final = 20.0
"""Seconds that the look through the file may take."""


@dataclass(frozen=True, slots=True)
class Folder:
    """`trouble`: why it cannot be written. `there`: it need not be; then what is said is said of the place for it."""

    path: Path
    there: bool
    trouble: str
    kind: str
    """Its file system."""
    free: int
    """Octets that the user may still take of the disk."""
    owner: int
    """The number of the user whose it is."""


def look_at(folder: Path) -> Folder:
    """Writes a file without a name for a moment, and keeps nothing. A network drive that is away may hold it up."""
    place = folder.absolute()
    there = place.is_dir()
    while not place.exists() and place != place.parent:
        place = place.parent
    trouble = ""
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        trouble = error.strerror or str(error)
    return Folder(folder, there, trouble, _file_system(place), shutil.disk_usage(place).free, place.stat().st_uid)


def judge_user(folder: Folder, user: int | None) -> Finding:
    """What root may, the bridge's user may not: then permissions, and a port's sharing, are not what they look like.

    `user`: None where users have no numbers.
    """
    if user is None:
        return not_applicable(USER, f"this runs as {user_name()}; whose the files are is not looked at on this system")
    if user == 0 and folder.there and folder.owner != 0:
        return warning(
            USER,
            f"this runs as root, and the state folder is {name_of(folder.owner)}'s: what that user may is not seen",
            f"`sudo -u {name_of(folder.owner)} bacnet-bridge doctor …`",
        )
    return ok(
        USER,
        f"this runs as {name_of(user)}"
        + (", whose the state folder is" if folder.there and folder.owner == user else ""),
    )


def judge_folder(folder: Folder) -> Finding:
    where = folder.path.absolute()
    if folder.trouble:
        verb = "be written" if folder.there else "be made"
        return failure(STATE, f"{where} cannot {verb}: {folder.trouble}", "give it to the bridge's user, or make room")
    if folder.kind in _REMOTE:
        return failure(STATE, f"{where} lies on a network drive ({folder.kind})", "name a local disk's folder as state")
    if folder.kind in _FLEETING:
        return warning(
            STATE,
            f"{where} lies in memory ({folder.kind}): a power cut takes all packets that wait",
            "name a folder on a disk as state, or a volume in a container",
        )
    return ok(STATE, f"{where} {'can be written' if folder.there else 'is not there yet, and can be made'}")


def judge_disk(folder: Folder, meters: Sequence[Meter], spare: int, settings: Settings) -> Finding:
    """`spare`: octets in the outbox's own file that are free."""
    free = max(0, folder.free - _BESIDE) + spare
    size = f"{(folder.free + spare) / 2**30:.1f} GiB free"
    if not meters:
        return not_applicable(DISK, f"{size}; how long that lasts depends on the mapping, and no meter is mapped yet")
    a_day = sum(_DAY / meter.interval for meter in meters) * _PER_PACKET
    days, promised = free / a_day, settings.room / _DAY
    says = f"{size}: room for {_days(days)} of an outage at {len(meters)} meters' rate"
    if days < 1:
        return failure(DISK, says, "make room on the disk that holds the state folder")
    if days < _FEW:
        return warning(DISK, says, "make room on the disk that holds the state folder")
    if days < promised:
        short = f"{says}, less than the setting room promises ({_days(promised)})"
        return warning(DISK, short, "make room, or lower the setting room")
    return ok(DISK, f"{says} (the setting room keeps {_days(promised)})")


def _days(days: float) -> str:
    if days >= 730:
        return f"{days / 365:.0f} years"
    return f"{days:.0f} days" if days >= 2 else f"{days * 24:.0f} hours"


def spare_in(database: Path) -> int:
    """Octets of the file's free pages; 0 where it cannot be read."""
    if not database.exists():
        return 0
    try:
        with closing(open_readonly(database)) as connection:
            (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
            (size,) = connection.execute("PRAGMA page_size").fetchone()
    except (StateError, sqlite3.Error):
        return 0
    return int(pages) * int(size)


def look_through(database: Path, seconds: float = LOOK) -> str | None:
    """What is wrong with the whole file, or nothing; None where the time was not enough. Never changes it.

    Raises StateError where it cannot be opened.
    """
    ends = monotonic() + seconds
    with closing(open_readonly(database)) as connection:
        connection.set_progress_handler(lambda: monotonic() > ends, _STEPS)
        try:
            (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            return None if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT else str(error)
        except sqlite3.Error as error:
            return str(error)
    return "" if found == "ok" else str(found)


def judge_outbox(database: Path, first_look: str, whole: str | None) -> Finding:
    """`first_look`: what is wrong with header, schema or queues; `whole`: with anything else."""
    if not database.exists():
        return not_applicable(OUTBOX, "there is none yet: the first start of `bacnet-bridge run` makes it")
    found = first_look or whole
    if found:
        return failure(
            OUTBOX,
            f"{database} is damaged: {found}",
            "look at the disk, then restart the service: it keeps the damaged file and salvages what can be read",
        )
    size = f"{database.stat().st_size / 2**20:.0f} MiB"
    if whole is None:
        return unknown(OUTBOX, f"{size}, more than can be looked through here; the service does that daily")
    return ok(OUTBOX, f"{size}, whole")


def _file_system(path: Path) -> str:
    """Its kind, by the mount with the longest path above it (proc_pid_mountinfo(5)); empty where it is not told."""
    try:
        lines = Path("/proc/self/mountinfo").read_text().splitlines()
    except OSError:
        return ""
    return kind_of(path.resolve(), lines)


def kind_of(path: Path, mounts: Sequence[str]) -> str:
    """Pure: among the lines of mountinfo; of several at one place the last one counts."""
    best, kind = -1, ""
    for line in mounts:
        head, _, tail = line.partition(" - ")
        at = Path(head.split()[4].encode().decode("unicode_escape"))
        if path.is_relative_to(at) and len(at.parts) >= best:
            best, kind = len(at.parts), tail.split()[0]
    return kind
