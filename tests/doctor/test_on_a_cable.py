"""The doctor in a network namespace of its own, with two devices at the other end of the cable."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.doctor.interfaces import container_sign
from tests.support.namespaces import Cable, cable, why_not

ROOT = Path(__file__).parents[2]
METERS = "meters:\n  A: {id: a, device: 201, value: AI1}\n  B: {id: b, device: 202, value: AI1}\n"
HOLD = (
    "import socket,sys; s=socket.socket(2,2); s.bind(('10.77.0.1',47808)); print('held',flush=True); sys.stdin.read()"
)


@contextmanager
def within(namespace: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    command = ["ip", "netns", "exec", namespace, sys.executable, *words]
    with subprocess.Popen(
        command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def doctor(ends: Cable, folder: Path, **settings: str) -> dict[str, dict[str, Any]]:
    environment = {
        "PYTHONPATH": str(ROOT),
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "BRIDGE_ZONE": "Europe/Dublin",
        "BRIDGE_BACNET__INSTANCE": "4000",
        "BRIDGE_BACNET__TIMEOUT": "0.5",
        "BRIDGE_STATE": str(folder / "state"),
        "BRIDGE_MAPPING": str(folder / "mapping"),
        "BRIDGE_PLATFORM__ADDRESS": "https://10.77.0.11/",
        **settings,
    }
    words = [sys.executable, "-m", "bacnet_bridge", "doctor", "--json", "--pcap", str(folder / "x.pcap")]
    done = subprocess.run(
        ["ip", "netns", "exec", ends.bridge, *words],
        cwd=folder, env=environment, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return {each["check"]: each for each in json.loads(done.stdout)["findings"]}


def test_on_a_network_of_its_own(tmp_path: Path) -> None:
    if (why := why_not()) is not None:
        pytest.skip(why)
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "a.yaml").write_text(METERS)
    with cable() as ends, within(ends.devices, "tests/bacnet/broadcast_devices.py"):
        found = doctor(ends, tmp_path, BRIDGE_BACNET__ADDRESS="10.77.0.1/24", BRIDGE_BACNET__INSTANCE="202")
        for check in ("interface", "subnet mask", "BACnet port", "own datagrams", "devices"):
            assert found[check]["state"] == "ok", found[check]
        assert found["interface"]["says"].startswith("v0:1 with 10.77.0.1/24 is used")
        assert found["devices"]["says"] == "all 2 mapped devices answered"
        assert found["container network"]["state"] == ("failure" if container_sign() else "not applicable")
        assert found["own instance"]["says"] == "10.77.0.12 bears the bridge's own instance 202"
        assert found["TLS"]["state"] == "failure"
        capture = (tmp_path / "x.pcap").read_bytes()
        i_am = bytes.fromhex("02000a4d0001 02000a4d000b 0800")
        assert i_am in capture or bytes.fromhex("ffffffffffff 02000a4d000b 0800") in capture

        found = doctor(ends, tmp_path, BRIDGE_BACNET__ADDRESS="10.77.0.1/16")
        assert "10.77.255.255 instead of 10.77.0.255" in found["subnet mask"]["says"]
        assert found["devices"]["state"] == "failure"
        assert found["own datagrams"]["state"] == "unknown"

        with within(ends.bridge, "-c", HOLD) as holder:
            found = doctor(ends, tmp_path, BRIDGE_BACNET__ADDRESS="10.77.0.1/24")
        assert found["BACnet port"]["state"] == "failure"
        assert f"(process {holder.pid}, user root)" in found["BACnet port"]["says"]
        assert found["devices"]["says"] == "all 2 mapped devices answered", "from another port, beside the holder"
