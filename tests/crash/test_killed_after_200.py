"""`kill -9` between the platform's 200 and the commit of its acceptance: exactly one duplicate each, no queue stops.

A process delivers with the product's outbox, courier and sessions, and is killed by SIGKILL in the instant in which the
database is about to commit acceptances. The platform's record and the list of what was put judge. CRASH_ANSWERED says
how often (default 200); CI runs a short form.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bacnet_bridge.model import Account
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_remote import RemotePlatform, run_platform
from tests.support.clock import NOON, DrivenClock
from tests.support.outbox import SqliteBackend
from tests.wattics.rig import packet

KILLS = int(os.environ.get("CRASH_ANSWERED", "200"))
METER = "m0"
BETWEEN = 5
"""Packets for each process: it dies at the commit of one of them but the last."""
DELIVER = """
import asyncio, json, os, signal, sys
from pathlib import Path
from pydantic import SecretStr
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Account
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.session import Sessions
from tests.support.outbox import SqliteBackend

told = json.loads(sys.argv[1])
accepting, left = [], told["dies_at"]

def dies(sql):  # SQLite tells each statement before it runs it, in the writer's thread
    global left
    if sql.startswith("UPDATE packet SET state"):
        accepting.append(sql)
    if sql.startswith("COMMIT") and accepting:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        accepting.clear()

async def main():
    account = Account(told["url"], "default")
    backend = SqliteBackend(Path(told["folder"]), SystemClock())
    outbox = await backend.open()
    await backend.database.write(lambda connection: connection.set_trace_callback(dies if left else None))
    who = Credentials(told["username"], SecretStr(told["password"]))
    sessions = Sessions({account: who}, site_ca=Path(told["ca"]))
    courier = Courier(outbox, sessions, SystemClock())
    running = asyncio.create_task(courier.run())
    while any(state.waiting for state in await outbox.states()):
        await asyncio.sleep(0.01)
    await courier.stop()
    await running
    await sessions.close()
    await backend.close()

asyncio.run(main())
"""

pytestmark = [pytest.mark.crash, pytest.mark.timeout(60 + 10 * KILLS)]


async def delivering(folder: Path, platform: RemotePlatform, dies_at: int) -> int:
    """A process that delivers until it dies at the commit of that acceptance, or to the end (0); its exit status."""
    told = {"folder": str(folder), "url": platform.url, "ca": str(platform.ca), "dies_at": dies_at,
            "username": platform.username, "password": platform.password}  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", DELIVER, json.dumps(told), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(60):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def accepted_on_disk(folder: Path) -> dict[int, int]:
    """By instant, how it was accepted: 0 answered 200, 1 read back; read without the product."""
    with closing(sqlite3.connect(f"file:{folder / 'outbox.db'}?mode=ro", uri=True)) as file:
        return dict(file.execute("SELECT instant, how FROM packet WHERE state = 1"))


@pytest.mark.parametrize("answer", [200, 400])
async def test_one_duplicate_for_each_kill_between_200_and_commit(
    tmp_path: Path, answer: int, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(7)
    expected = [NOON + n * 60_000 for n in range(BETWEEN * KILLS)]
    async with run_platform(Options(folder=tmp_path / "platform")) as platform:
        await platform.behave(duplicates=answer)
        backend = SqliteBackend(tmp_path, DrivenClock())
        outbox = await backend.open()
        await asyncio.gather(
            *(outbox.put(packet(Account(platform.url, "default"), METER, n)) for n in range(len(expected)))
        )
        await backend.close()
        for kills in range(KILLS):
            assert (await platform.counts()).duplicates == max(0, kills - 1), "that of the last kill is still to come"
            assert await delivering(tmp_path, platform, chance.randint(1, BETWEEN - 1)) == -signal.SIGKILL
        assert await delivering(tmp_path, platform, 0) == 0
        record = await platform.record()
    assert record.accepted == {METER: expected}
    assert len(record.duplicates[METER]) == KILLS, "exactly one each"
    assert (record.discarded, record.malformed, record.overlaps) == ({}, [], {})
    accepted = accepted_on_disk(tmp_path)
    assert sorted(accepted) == expected
    read_back = {instant for instant, how in accepted.items() if how}
    assert read_back == (set(record.duplicates[METER]) if answer == 400 else set()), "some were cut off more than once"
    with capsys.disabled():
        print(f"\n{KILLS} kills between 200 and commit, {KILLS} duplicates answered {answer}, 0 lost, 0 discarded")
