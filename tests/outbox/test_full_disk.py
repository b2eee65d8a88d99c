"""A disk without room, made for real: a process whose files may not grow any more."""

import json
import subprocess
import sys
from pathlib import Path

from bacnet_bridge.vocabulary.holes import HoleReason
from tests.outbox.contract import drain
from tests.support.clock import DrivenClock
from tests.support.outbox import SqliteBackend

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
    accepted = [(await accept_head(outbox)).instant for _ in range(full // 2)]
    await backend.ledger.hole("meter-1", full, full, HoleReason.FULL)
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
