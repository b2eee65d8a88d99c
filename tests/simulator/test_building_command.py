"""`bacnet-bridge simulate building`, as typed."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import pytest

from bacnet_bridge.simulator.declaration import DEMO_BUILDING


async def simulate(*arguments: str) -> Process:
    command = "from bacnet_bridge.cli import main; main()"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", command, "simulate", "building", *arguments), stdout=PIPE, stderr=PIPE
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_building_says_where_it_is_and_ends_when_told(number: signal.Signals) -> None:
    process = await simulate(str(DEMO_BUILDING), "--port", "0", "--control", "0")
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode()]
    while "Ctrl-C" not in lines[-1]:
        lines.append((await process.stdout.readline()).decode())
    assert lines[0].startswith("Demo building: BACnet/IP at 127.0.0.1:")
    assert "  device 1004  100:13    Tenant meter, 2 objects\n" in lines
    process.send_signal(number)
    rest, errors = await process.communicate()
    assert (process.returncode, rest, errors) == (0, b"Ended.\n", b"")


async def test_wrong_declaration_is_a_sentence_and_status_2(tmp_path: Path) -> None:
    process = await simulate(str(tmp_path / "nowhere.yaml"), "--port", "0", "--control", "0")
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert "nowhere.yaml: the building's declaration cannot be read: No such file" in " ".join(errors.decode().split())
