"""`kill -9` while packets are put: whatever was confirmed outside the process is there afterwards."""

import random
import subprocess
import sys
from itertools import islice
from pathlib import Path

from tests.outbox.contract import accept_head
from tests.support.clock import DrivenClock
from tests.support.outbox import SqliteBackend, queue

QUEUES = 8
PUTTER = f"""
import asyncio, sys
from pathlib import Path
from bacnet_bridge.clock import SystemClock
from tests.outbox.contract import state
from tests.support.outbox import SqliteBackend, packet, queue

async def put_for_ever(outbox, meter):
    known = {{each.queue.id: each.last_put for each in await outbox.states()}}
    instant = (known.get(meter) or 0) + 1000
    while True:
        await outbox.put(packet(instant, meter), {{"last": str(instant)}})
        print(meter, instant, flush=True)
        instant += 1000

async def main():
    outbox = await SqliteBackend(Path(sys.argv[1]), SystemClock()).open()
    await asyncio.gather(*(put_for_ever(outbox, f"m{{n}}") for n in range({QUEUES})))

asyncio.run(main())
"""


def put_until_killed(folder: Path, after: int) -> list[tuple[str, int]]:
    """What a process confirmed that is killed once it confirmed that many."""
    with subprocess.Popen([sys.executable, "-c", PUTTER, str(folder)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = list(islice(child.stdout, after))
        child.kill()
        lines += child.stdout
    whole = (line.split() for line in lines if line.endswith("\n"))
    return [(meter, int(instant)) for meter, instant in whole]


async def test_everything_confirmed_is_there_after_kill_9(tmp_path: Path) -> None:
    chance = random.Random(20260329)
    confirmed: set[tuple[str, int]] = set()
    for _ in range(10):
        printed = put_until_killed(tmp_path, chance.randint(1, 400))
        assert not confirmed.intersection(printed), "no instant is confirmed twice"
        confirmed.update(printed)
    backend = SqliteBackend(tmp_path, DrivenClock())
    outbox = await backend.open()
    left: list[tuple[str, int]] = []
    for meter in (f"m{n}" for n in range(QUEUES)):
        memory = await outbox.memory(meter)
        while (head := await accept_head(outbox, queue(meter))) is not None:
            left.append((meter, head.instant))
        assert memory == {"last": str(left[-1][1])}, "memory is the latest packet's"
    await backend.close()
    assert left == sorted(left)
    assert confirmed <= set(left)
    assert len(set(left)) - len(confirmed) <= 10 * QUEUES, "at most what was on its way to the confirmation"
