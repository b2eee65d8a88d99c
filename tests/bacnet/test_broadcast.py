"""Real broadcasts between two network namespaces that the test makes for itself: port 47808, as in a building."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.namespaces import cable, why_not

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent


@contextmanager
def within(namespace: str, script: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = ["ip", "netns", "exec", namespace, sys.executable, str(HERE / script), *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go_on(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_found_by_broadcast_again_without_and_followed_to_another_address(tmp_path: Path) -> None:
    if (why := why_not()) is not None:
        pytest.skip(why)
    with (
        cable() as ends,
        within(ends.devices, "broadcast_devices.py") as devices,
    ):
        assert line(devices) == "ready"
        with within(ends.bridge, "broadcast_bridge.py", str(tmp_path / "bindings.json")) as bridge:

            def said() -> dict[str, object]:
                told: dict[str, object] = json.loads(line(bridge))
                return told

            error = str(said()["error"])
            assert error.startswith("cannot open BACnet port 10.77.255.255:47808: no interface of this machine has")
            assert "127.0.0.1/8 (lo), 10.77.0.1/24 (v0:1)" in error
            first, second = {"instance": 201, "address": "10.77.0.11"}, {"instance": 202, "address": "10.77.0.12"}
            assert [said() for _ in range(3)] == [first, second, {"who_is": 2, "attention": []}]
            assert [said() for _ in range(3)] == [first, second, {"who_is": 0, "attention": []}]
            go_on(devices)
            assert line(devices) == "moved"
            go_on(bridge)
            moved = "device 201: it moved from 10.77.0.11 to 10.77.0.13, and is read there"
            first["address"] = "10.77.0.13"
            assert [said() for _ in range(3)] == [first, second, {"who_is": 1, "attention": [moved]}]
            assert [said() for _ in range(3)] == [first, second, {"who_is": 0, "attention": []}], "on another port"
            assert "broadcasts to its own port 47809" in str(said()["error"])
