"""What the machine gives: memory, open files, and versions that will not be kept up for ever."""

import os
import platform
import sqlite3
import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, unknown, warning

MEMORY: Final = "memory"
FILES: Final = "open files"
PYTHON: Final = "Python"
SQLITE: Final = "SQLite"
LIBC: Final = "C library"
CHECKS: Final = (MEMORY, FILES, PYTHON, SQLITE, LIBC)

_SUPPORTED_UNTIL: Final = {
    (3, 11): date(2027, 10, 31),
    (3, 12): date(2028, 10, 31),
    (3, 13): date(2029, 10, 31),
    (3, 14): date(2030, 10, 31),
    (3, 15): date(2031, 10, 31),
}
"""The ends of security fixes, as Python's developers' guide has them."""
_A_YEAR: Final = timedelta(days=365)
_NEEDED: Final = 128 * 2**20
_COMFORTABLE: Final = 256 * 2**20
"""Octets: the service with some hundred meters takes about 120 MiB."""
_BESIDE_CONNECTIONS: Final = 64
"""Files, sockets and pipes that are open besides the connections to the platform."""
_STRICT: Final = (3, 37, 0)
"""The first SQLite that knows the outbox's tables (STRICT)."""
_TRIED: Final = (2, 28)
"""The oldest glibc for which the packages that we need are built."""
_PAGES: Final = 2**62
"""What cgroups of version 1 say for no limit is near this."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Octets and counts; None where it is not told."""

    available: int | None
    limit: int | None
    """Of the control group: a container's, or a systemd unit's."""
    files: int | None
    """That a process may have open."""
    python: tuple[int, int]
    sqlite: tuple[int, ...]
    libc: tuple[str, str]
    """Name and version."""


def judge_machine(machine: Machine, connections: int, today: date) -> list[Finding]:
    """`connections`: the most that sessions with the platform may open."""
    return [
        judge_memory(machine),
        judge_files(machine.files, connections),
        judge_python(machine.python, today),
        judge_sqlite(machine.sqlite),
        judge_libc(machine.libc),
    ]


def judge_memory(machine: Machine) -> Finding:
    if machine.available is None:
        return unknown(MEMORY, "the kernel does not tell how much is free")
    free = machine.available if machine.limit is None else min(machine.available, machine.limit)
    says = f"{_mib(machine.available)} free" + (f", limited to {_mib(machine.limit)}" if machine.limit else "")
    if free < _NEEDED:
        return warning(MEMORY, says, f"the service takes about {_mib(_NEEDED)}, with thousands of meters more")
    if machine.limit is not None and machine.limit < _COMFORTABLE:
        return warning(MEMORY, says, f"allow it {_mib(_COMFORTABLE)}: the kernel ends what takes more than its limit")
    return ok(MEMORY, says)


def judge_files(files: int | None, connections: int) -> Finding:
    if files is None:
        return not_applicable(FILES, "this system sets no limit that concerns us")
    needed = connections + _BESIDE_CONNECTIONS
    says = f"{files} may be open at once, up to {needed} are needed"
    if files < needed:
        return failure(
            FILES, says, "raise the limit (`ulimit -n`, LimitNOFILE= in the unit), or lower platform.connections"
        )
    return ok(FILES, says)


def judge_python(version: tuple[int, int], today: date) -> Finding:
    name = f"{version[0]}.{version[1]}"
    ends = _SUPPORTED_UNTIL.get(version)
    if ends is None:
        return unknown(PYTHON, f"{name}: this release does not know until when it gets security fixes")
    if ends < today:
        return warning(PYTHON, f"{name} gets no security fixes since {ends}", "install the bridge with a newer Python")
    if ends - today < _A_YEAR:
        return warning(PYTHON, f"{name} gets security fixes until {ends} only", "plan the move to a newer Python")
    return ok(PYTHON, f"{name} gets security fixes until {ends}")


def judge_sqlite(version: tuple[int, ...]) -> Finding:
    """Versions before 3.51.3 can damage a file that two connections write or checkpoint at once; one of ours does."""
    name = ".".join(map(str, version))
    if version < _STRICT:
        return failure(SQLITE, f"{name} is too old for the outbox", "use a Python with SQLite 3.37 or newer")
    return ok(SQLITE, f"{name} knows all that the outbox needs")


def judge_libc(libc: tuple[str, str]) -> Finding:
    name, version = libc
    if name != "glibc":
        return unknown(LIBC, f"{name or 'it'} is not one that the bridge was tried with (glibc)")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < _TRIED:
        return warning(LIBC, f"glibc {version} is older than any that was tried", "use a newer release of the system")
    return ok(LIBC, f"glibc {version}")


def this_machine() -> Machine:
    """As it is now."""
    return Machine(
        _available(),
        _limit(),
        _files(),
        (sys.version_info.major, sys.version_info.minor),
        sqlite3.sqlite_version_info,
        _libc(),
    )


def _files() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _available() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _limit() -> int | None:
    """Of the control groups, version 2 and 1, that this process sees as its own; None where there is none."""
    try:
        own = Path("/proc/self/cgroup").read_text().strip().rpartition(":")[2].lstrip("/")
    except OSError:
        own = ""
    for path in (f"/sys/fs/cgroup/{own}/memory.max", "/sys/fs/cgroup/memory.max",
                 "/sys/fs/cgroup/memory/memory.limit_in_bytes"):  # fmt: skip
        try:
            said = Path(path).read_text().strip()
        except OSError:
            continue
        if said.isdigit() and int(said) < _PAGES:
            return int(said)
    return None


def _libc() -> tuple[str, str]:
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (ValueError, OSError):
        name, version = platform.libc_ver()
    return name, version


def _mib(octets: int | None) -> str:
    return "" if octets is None else f"{octets / 2**20:.0f} MiB"
