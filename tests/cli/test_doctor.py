"""The command, as a user runs it: on half-made sites, on the demo's building and platform, beside a running service."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.doctor.folder import look_at, look_through, spare_in
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.building import building, free_port
from tests.support.platform import platform
from tests.support.site import command, run_service, site_environment

__all__ = ["building", "platform"]

METERS = """\
meters:
  Main: {id: m1, device: 1001, value: AI1}
  Nobody: {id: m2, device: 1999, value: AI1}
"""


def mapped(folder: Path) -> Path:
    (folder / "mapping").mkdir()
    (folder / "mapping" / "a.yaml").write_text(METERS)
    return folder


async def findings(environment: dict[str, str], *options: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """By check; of several the first."""
    status, out, told = await command(environment, "doctor", "--json", *options)
    assert status in {0, 1}, told
    document = json.loads(out)
    assert document["healthy"] is (status == 0)
    assert sum(document["counts"].values()) == len(document["findings"])
    found: dict[str, dict[str, Any]] = {}
    for each in document["findings"]:
        assert each["remedy"] or each["state"] not in {"warning", "failure"}, each
        found.setdefault(each["check"], each)
    return status, found


def states(found: dict[str, dict[str, Any]], *names: str) -> dict[str, str]:
    return {name: found[name]["state"] for name in names}


async def test_a_whole_site_beside_its_running_service(
    building: SimulatedBuilding, platform: StrictPlatform, tmp_path: Path
) -> None:
    environment = site_environment(mapped(tmp_path), building, platform, BRIDGE_BACNET__TIMEOUT="0.5")
    capture = tmp_path / "x.pcap"
    async with run_service(environment) as service:
        await service.until_logged("running")
        status, found = await findings(environment, "--pcap", str(capture))
    well = (
        "settings",
        "mapping",
        "interface",
        "BBMD registration",
        "BACnet routers",
        "service",
        "outbox",
        "disk space",
    )
    assert states(found, *well) == dict.fromkeys(well, "ok")
    assert found["BACnet port"]["state"] == "ok"
    assert f"process {service.process.pid}" in found["BACnet port"]["says"]
    assert found["devices"]["state"] == "warning"
    assert found["devices"]["says"] == "1 of 2 mapped devices did not answer: 1999"
    assert "network 100" in found["BACnet routers"]["says"]
    assert found["TLS"]["state"] == "warning", "the stand-in's authority is the site's own"
    assert found["credentials"]["state"] == "ok"
    assert found["own CA file"]["state"] == "warning", "it ends in a week"
    assert found["own instance"]["state"] == "ok"
    assert capture.read_bytes()[:4] == b"\xd4\xc3\xb2\xa1"
    assert capture.stat().st_size > 500
    assert status == (1 if any(each["state"] == "failure" for each in found.values()) else 0)


async def test_wrong_credentials_are_found_without_a_packet(
    building: SimulatedBuilding, platform: StrictPlatform, tmp_path: Path
) -> None:
    wrong = {"BRIDGE_PLATFORM__PASSWORD": "wrong", "BRIDGE_BACNET__TIMEOUT": "0.5"}
    environment = site_environment(mapped(tmp_path), building, platform, **wrong)
    status, found = await findings(environment)
    assert status == 1
    assert found["credentials"]["state"] == "failure"
    assert "401" in found["credentials"]["says"]
    assert found["service"]["state"] == "warning"
    assert found["outbox"]["state"] == "not applicable"
    assert not (tmp_path / "state").exists(), "it leaves nothing behind"


async def test_nothing_but_a_folder(tmp_path: Path) -> None:
    environment = {
        "PATH": "/usr/bin:/bin",
        "BRIDGE_STATE": str(tmp_path),
        "BRIDGE_MAPPING": str(tmp_path / "none"),
        "BRIDGE_BACNET__TIMEOUT": "0.5",
    }
    status, found = await findings(environment, "--bind", f"127.0.0.1/8:{free_port()}")
    assert status == 1
    assert found["settings"]["state"] == "failure"
    assert found["own datagrams"]["state"] == "ok"
    assert found["interface"]["says"].startswith("lo with 127.0.0.1/8 is used (--bind)")
    begun, later = ("mapping", "credentials", "devices"), ("time zone", "own instance", "disk space", "outbox")
    assert states(found, *begun, *later) == dict.fromkeys(begun, "warning") | dict.fromkeys(later, "not applicable")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--bind", "10.0.0.1"), "has no prefix length"),
        (("--text",), "--text is a form of --firewall"),
        (("--firewall", "--pcap", "x"), "--firewall checks nothing"),
    ],
)
async def test_wrong_options_are_sentences(options: tuple[str, ...], says: str) -> None:
    status, _, told = await command({"PATH": "/usr/bin:/bin"}, "doctor", *options)
    assert (status, says in told) == (2, True), told


async def test_the_sheet_for_it() -> None:
    environment = {"PATH": "/usr/bin:/bin", "BRIDGE_BACNET__ADDRESS": "10.0.0.5/24"}
    status, out, _ = await command(environment, "doctor", "--firewall")
    assert status == 0
    assert "| 10.0.0.5 | 10.0.0.0/24 (broadcasts: 10.0.0.255) |" in out
    status, out, _ = await command(environment, "doctor", "--firewall", "--text")
    assert "|" not in out


def test_a_damaged_file_is_seen_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "bridge.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [("y" * 900,) for _ in range(2000)])
    connection.execute("DELETE FROM t WHERE rowid > 1000")
    connection.commit()
    connection.close()
    assert look_through(file) == ""
    assert spare_in(file) > 500_000
    assert look_through(file, -1) is None
    content = bytearray(file.read_bytes())
    content[8192:12288] = bytes(4096)
    file.write_bytes(content)
    assert look_through(file)
    assert file.read_bytes() == bytes(content)


def test_a_folder_is_tried_and_left_as_it_is(tmp_path: Path) -> None:
    seen = look_at(tmp_path / "a" / "b")
    assert (seen.there, seen.trouble) == (False, "")
    assert seen.free > 0
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    assert look_at(tmp_path / "file" / "state").trouble
