"""A disk without room, made for real: a process whose files may not grow, and a small disk that another one fills."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bacnet_bridge.vocabulary.holes import HoleReason
from tests.outbox.contract import drain
from tests.support.clock import DrivenClock
from tests.support.outbox import SqliteBackend
from tests.support.small_disk import on_disk, why_not

LIMIT = 10 * 2**20
STORY = f"""
import asyncio, json, resource, sys
from pathlib import Path
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import OutboxFullError
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.outbox.contract import accept_head
from tests.support.outbox import SqliteBackend, packet

def may_grow(to):
    resource.setrlimit(resource.RLIMIT_FSIZE, (to, resource.RLIM_INFINITY))

async def put_until_full(outbox, instant):
    while True:
        try:
            await outbox.put(packet(instant, value="1" * 3000))
        except OutboxFullError:
            return instant
        instant += 1

async def main():
    backend = SqliteBackend(Path(sys.argv[1]), SystemClock())
    outbox = await backend.open()
    may_grow({LIMIT})
    full = await put_until_full(outbox, 1)
    await backend.ledger.hole("meter-1", full, full, HoleReason.FULL)
    accepted = [(await accept_head(outbox)).instant for _ in range(full // 2)]
    still = await put_until_full(outbox, full)
    may_grow(resource.RLIM_INFINITY)
    await outbox.put(packet(still))
    print(json.dumps([full, accepted, still]))

asyncio.run(main())
"""


def tell(folder: Path) -> tuple[int, list[int], int]:
    told = subprocess.run([sys.executable, "-c", STORY, str(folder)], stdout=subprocess.PIPE, check=True).stdout
    full, accepted, still = json.loads(told)
    return full, accepted, still


async def test_a_full_disk_refuses_puts_and_goes_on_sending(tmp_path: Path) -> None:
    """Guarantee 1. The process ends without closing anything, and what it was told is so."""
    full, accepted, still = tell(tmp_path)
    assert full > 500
    assert accepted == list(range(1, full // 2 + 1))
    assert still - full < 50, "room is for sending, not for more"
    backend = SqliteBackend(tmp_path, DrivenClock())
    outbox = await backend.open()
    assert await backend.ledger.last_hole("meter-1") == (full, HoleReason.FULL, "")
    assert await drain(outbox) == list(range(full // 2 + 1, still + 1))
    await backend.close()


HOG = """
import os, sys, time
file, parent = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND), os.getppid()
while os.getppid() == parent:  # it ends with whoever started it
    try:
        os.write(file, bytes(4096))
    except OSError:
        time.sleep(0.0001)
"""
LOOK = """
import sys
from pathlib import Path
from bacnet_bridge.database_file import open_readonly
print(*open_readonly(Path(sys.argv[1])).execute("SELECT count(*) FROM packet WHERE state = 0").fetchone())
"""
SIEGE = f"""
import asyncio, itertools, json, os, subprocess, sys, time
from pathlib import Path
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import OutboxFullError
from bacnet_bridge.outbox.damage import problem
from tests.outbox.contract import accept_head, drain
from tests.support.outbox import SqliteBackend, packet

def waiting():
    looked = subprocess.run([sys.executable, "-c", {LOOK!r}, str(backend.path)], stdout=subprocess.PIPE, check=True)
    return int(looked.stdout)

def besieged():
    while os.statvfs(disk).f_bavail:
        pass

async def put_until_full(outbox, instant):
    for instant in itertools.count(instant):
        try:
            await outbox.put(packet(instant, value="1" * 3000))
        except OutboxFullError:
            return instant

async def resumed(outbox, instant):
    began = time.monotonic()
    while True:
        try:
            await outbox.put(packet(instant))
            return time.monotonic() - began
        except OutboxFullError:
            assert time.monotonic() - began < 20

async def siege():
    outbox = await backend.open()
    await outbox.put(packet(1))
    hog = subprocess.Popen([sys.executable, "-c", {HOG!r}, str(disk / "hog")])
    besieged()
    try:
        full = await put_until_full(outbox, 2)
        accepted = [(await accept_head(outbox)).instant for _ in range(full // 2)]
        seen = [waiting()]
        await backend.database.close()
        seen.append(waiting())
        assert problem(backend.path) == ""
        outbox = await backend.open()
        accepted += await drain(outbox)
        seen.append(waiting())
        again = await put_until_full(outbox, full)
        await backend.database.close()
        backend.path.with_name(f"{{backend.path.name}}-shm").unlink()
        besieged()
        assert problem(backend.path) == ""
        outbox = await backend.open()
        accepted += await drain(outbox)
    finally:
        hog.kill()
        hog.wait()
    (disk / "hog").unlink()
    seconds = await resumed(outbox, again)
    outbox = await backend.crash()
    accepted += await drain(outbox)
    await backend.close()
    print(json.dumps([full, again, accepted, seen, seconds]))

disk = Path(sys.argv[1])
backend = SqliteBackend(disk, SystemClock())
asyncio.run(siege())
"""


@pytest.mark.parametrize("kind", ["tmpfs", "ext4"])
def test_a_disk_whose_every_freed_byte_another_program_takes(tmp_path: Path, kind: str) -> None:
    """Guarantee 1, on a disk that is full: acceptances go on, also after a start; puts do as soon as there is room."""
    if reason := why_not(kind, tmp_path):
        pytest.skip(reason)
    disk = tmp_path / "disk"
    command = on_disk(kind, disk, 40 * 2**20, sys.executable, "-c", SIEGE, str(disk))
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=50).stdout
    full, again, accepted, seen, seconds = json.loads(told)
    assert full > 100, "the room that was taken early is used"
    assert accepted == list(range(1, again + 1)), "all that was confirmed was there, and nothing else"
    assert seen == [full - 1 - full // 2, full - 1 - full // 2, 0], "commands see what is there, all the while"
    assert seconds < 5
