"""Discovery by real broadcasts, between two network namespaces: alone on the port, and beside a running bridge."""

import subprocess
import sys
from pathlib import Path

import pytest

from bacnet_bridge.survey.file import read
from tests.support.namespaces import cable, why_not

ROOT = Path(__file__).parents[2]
DEVICES = ROOT / "tests" / "bacnet" / "broadcast_devices.py"
HOLDER = """
import sys, asyncio
from bacnet_bridge.bacnet.client import Client, Identity
async def hold():
    await Client(Identity(4000, "10.77.0.1/24")).start()
    print("up", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
asyncio.run(hold())
"""


def within(namespace: str, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = ["ip", "netns", "exec", namespace, sys.executable, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, env={"PYTHONPATH": str(ROOT)}, text=True, stdin=pipe, stdout=pipe, stderr=pipe
    )


def discover(namespace: str, folder: Path) -> str:
    options = ("--timeout", "0.6", "--devices", "0-4999")
    with within(namespace, folder, "-m", "bacnet_bridge", "discover", *options) as process:
        _, told = process.communicate(timeout=40)
        assert process.returncode == 0, told
    return told


def test_devices_are_found_by_broadcast_also_beside_a_running_bridge(tmp_path: Path) -> None:
    if (why := why_not()) is not None:
        pytest.skip(why)
    with cable() as ends, within(ends.devices, tmp_path, str(DEVICES)) as devices:
        assert devices.stdout is not None
        assert devices.stdout.readline() == "ready\n"
        told = discover(ends.bridge, tmp_path)
        assert "Going by 10.77.0.1/24, port 47808 (v0:1, the only one" in told
        assert [each.instance for each in read(tmp_path / "discovered").devices] == [201, 202]
        with within(ends.bridge, tmp_path, "-c", HOLDER) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "up\n"
            told = discover(ends.bridge, tmp_path)
            holder.kill()
        assert "Port 47808 is taken, mostly by a running bridge: asking from port 47809 instead." in told
        assert [each.instance for each in read(tmp_path / "discovered").devices] == [201, 202, 4000]
        devices.kill()
