"""A bridge that is told its interface: it starts before that has an address, and goes where it gets another one."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.namespaces import cable, why_not

ROOT = Path(__file__).parents[2]


def within(namespace: str, script: str, *arguments: str) -> "subprocess.Popen[str]":
    command = ["ip", "netns", "exec", namespace, sys.executable, str(ROOT / "tests" / script), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, text=True, stdin=pipe, stdout=pipe)


def next_of(process: "subprocess.Popen[str]", key: str) -> Any:
    assert process.stdout is not None
    for line in process.stdout:
        if key in (told := json.loads(line)):
            return told[key]
    pytest.fail("it has ended")


def read_again(bridge: "subprocess.Popen[str]") -> None:
    while next_of(bridge, "problems"):
        pass
    assert bridge.stdin is not None
    bridge.stdin.write("\n")
    bridge.stdin.flush()
    assert next_of(bridge, "record") == [0, 0]


def test_from_no_address_to_one_to_another_without_a_restart(tmp_path: Path) -> None:
    if (why := why_not()) is not None:
        pytest.skip(why)
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "a.yaml").write_text("meters:\n  A: {id: a, device: 201, value: AI1}\n")
    with cable() as ends, within(ends.devices, "bacnet/broadcast_devices.py") as devices:

        def card(*words: str) -> None:
            subprocess.run(["ip", "-n", ends.bridge, *words], check=True)

        card("address", "flush", "dev", "v0")
        card("link", "set", "v0", "down")
        with within(ends.bridge, "service/moving_bridge.py", str(tmp_path)) as bridge:
            try:
                (problem,) = next_of(bridge, "problems")
                none = "interface v0 has no IPv4 address yet: see to its cable, and to DHCP"
                assert problem == f"cannot open BACnet port 47808: {none}"
                card("address", "add", "10.77.0.1/24", "brd", "+", "dev", "v0")
                (problem,) = next_of(bridge, "problems")
                assert problem == "cannot open BACnet port 10.77.0.255:47808: its interface v0 is down"
                card("link", "set", "v0", "up")
                read_again(bridge)

                card("link", "set", "v0", "down")
                gone = "the BACnet address 10.77.0.1/24 is gone, and with it every device: "
                assert next_of(bridge, "problems") == [f"{gone}its interface v0 is down"]
                card("address", "flush", "dev", "v0")
                assert next_of(bridge, "problems") == [f"{gone}{none}"]
                card("link", "set", "v0", "up")
                card("address", "add", "10.77.0.2/24", "brd", "+", "dev", "v0")
                read_again(bridge)
            finally:
                bridge.kill()
                devices.kill()
