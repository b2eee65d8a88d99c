"""Devices of three independent stacks, each in a process of its own, which show the same building to whoever asks.

bacpypes3 (the simulated building, behind its router and BBMD), rusty-bacnet, and @bacnet-js/client on Node.js. A stack
that is not installed is a failure with its name, never a test that silently did not run.
"""

import importlib.util
import json
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object
from tests.support.bacnet import client
from tests.support.building import free_port

OBJECTS = 400
"""Analog inputs of each device, `Power 1` of 1.25 kW and so on: their list is longer than one APDU."""
_START = 40.0
"""Seconds that a process has until it listens; one or two are enough on an idle machine."""
_ROOT = Path(__file__).parents[2]
_NODE = _ROOT / "tests" / "interop" / "node"

Served = tuple[PropertyRef, Datum | Kind]
"""A property and what it shows; only the kind where the value moves or is not taken apart."""


@dataclass(frozen=True)
class Place:
    """One device: `segmented` may answer in segments, `plain` may not, `single` answers one value at a time.

    `long` may answer in segments, and as many values as anybody asks for.
    """

    instance: int
    address: str


@dataclass(frozen=True)
class Peer:
    """A running stack and its devices, by what they can do."""

    stack: str
    places: dict[str, Place]
    bbmd: str | None
    served: dict[str, Served]
    """By the value type's name, on every device."""

    def place(self, kind: str) -> Place:
        if kind not in self.places:
            pytest.skip(f"{self.stack} has no such device")
        return self.places[kind]


def _ref(text: str, number: int = 85, index: int | None = None) -> PropertyRef:
    return PropertyRef(parse_object(text), number, index)


_EVERYWHERE: dict[str, Served] = {
    "real": (_ref("AI1"), Datum(Kind.REAL, 1.25)),
    "double": (_ref("LAV1"), Datum(Kind.DOUBLE, 123456789.0125)),
    "unsigned": (_ref("PIV1"), Datum(Kind.UNSIGNED, 4_294_967_295)),
    "integer": (_ref("IV1"), Datum(Kind.INTEGER, -40_000)),
    "enumerated": (_ref("AI1", 117), Datum(Kind.ENUMERATED, 48)),
    "boolean": (_ref("BI1", 81), Kind.BOOLEAN),
    "text": (_ref("AI1", 77), Datum(Kind.TEXT, "Power 1")),
    "object identifier": (_ref("AI7", 75), Datum(Kind.OBJECT, 7)),
    "bits": (_ref("AI1", 111), Kind.BITS),
}
_GREETING = (_ref("characterstring-value,1"), Datum(Kind.TEXT, "Größe µ"))
_OCTETS = (_ref("octetstring-value,1"), Kind.OTHER)
_DAY = (_ref("date-value,1"), Kind.OTHER)


@contextmanager
def run_bacpypes3(folder: Path) -> Iterator[Peer]:
    declaration = folder / "building.yaml"
    declaration.write_text(yaml.safe_dump(_building()), encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "bacnet_bridge.simulator.building_process", str(declaration)]
    command += ["--address", "127.0.0.1/32", "--port", str(port), "--control", "0", "--time-scale", "1"]
    served = {
        **_EVERYWHERE,
        "text beyond ASCII": (_ref("AV1", 77), Datum(Kind.TEXT, "Größe µ")),
        "date": (PropertyRef(ObjectId(8, 4_194_303), 56), Kind.OTHER),
        "choice": (_ref("ACC1", 187), Datum(Kind.CHOICE, b"\xfe", 1)),
        "array element": (_ref("MSV1", 110, 2), Datum(Kind.TEXT, "On")),
        "array": (_ref("MSV1", 110), Kind.OTHER),
    }
    places = {kind: Place(1001 + mac, f"100:{10 + mac}") for mac, kind in enumerate(("segmented", "plain", "single"))}
    with _process("the simulated building", command):
        yield Peer("bacpypes3", places, f"127.0.0.1:{port}", served)


def _building() -> dict[str, object]:
    objects: list[dict[str, object]] = [
        {"object": f"analog-input,{number}", "name": f"Power {number}", "units": "kilowatts", "value": number + 0.25}
        for number in range(1, OBJECTS + 1)
    ]
    objects += [
        {"object": "large-analog-value,1", "name": "Energy", "units": "kilowatt-hours", "value": 123456789.0125},
        {"object": "positive-integer-value,1", "name": "Count", "units": "no-units", "value": 4_294_967_295},
        {"object": "integer-value,1", "name": "Level", "units": "no-units", "value": -40_000},
        {"object": "binary-input,1", "name": "Fan", "value": "active"},
        {"object": "analog-value,1", "name": "Größe µ", "units": "kilowatts", "value": 5},
        {
            "object": "analog-value,2",
            "name": "Moving",
            "units": "kilowatts",
            "value": {"model": "counter", "start": 0, "base": 3600, "amplitude": 0},
        },
        {"object": "multi-state-value,1", "name": "Mode", "state_text": ["Off", "On"], "value": "On"},
        {"object": "accumulator,1", "name": "Gas", "units": "cubic-meters", "integer_scale": -2, "value": 12.5},
    ]
    characters: tuple[dict[str, object], ...] = (
        {"segmentation": "segmented-both"},
        {"segmentation": "no-segmentation"},
        {"segmentation": "no-segmentation", "behaviour": {"refuse_rpm": True}},
    )
    devices = [
        {"instance": 1001 + number, "name": f"Device {number}", "mac": 10 + number, "objects": objects, **character}
        for number, character in enumerate(characters)
    ]
    return {"name": "Interop", "network": 100, "devices": devices}


@contextmanager
def run_rusty(_folder: Path) -> Iterator[Peer]:
    if importlib.util.find_spec("rusty_bacnet") is None:
        pytest.fail("rusty-bacnet is not installed: it is in the extra `test` (make install)")
    ports = [free_port() for _ in range(4)]
    command = [sys.executable, "-m", "tests.interop.rusty_device", str(OBJECTS), *map(str, ports)]
    served = {
        **_EVERYWHERE,
        "text beyond ASCII": _GREETING,
        "octets": _OCTETS,
        "date": _DAY,
        "choice": (_ref("ACC1", 187), Kind.CHOICE),
        "null": (_ref("AV1", 87, 1), Datum(Kind.NULL, None)),
        "array element": (_ref("AV1", 87, 16), Datum(Kind.NULL, None)),
        "array": (_ref("AV1", 87), Kind.OTHER),
    }
    kinds = ("segmented", "plain", "single", "long")
    places = {kind: Place(2001 + at, f"127.0.0.1:{ports[at]}") for at, kind in enumerate(kinds)}
    with _process("the device on rusty-bacnet", command):
        yield Peer("rusty-bacnet", places, None, served)


@contextmanager
def run_bacnet_js(_folder: Path) -> Iterator[Peer]:
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node.js is not installed, on which the device with @bacnet-js/client runs (20 or later, with npm)")
    if not (_NODE / "node_modules" / "@bacnet-js" / "client").is_dir():
        pytest.fail("@bacnet-js/client is not installed: `make interop` installs it, or `npm ci` in tests/interop/node")
    ports = [free_port() for _ in range(2)]
    served = {
        **_EVERYWHERE,
        "text beyond ASCII": _GREETING,
        "octets": _OCTETS,
        "date": _DAY,
        "null": (_ref("AV1"), Datum(Kind.NULL, None)),
    }
    places = {kind: Place(3002 + at, f"127.0.0.1:{ports[at]}") for at, kind in enumerate(("plain", "single"))}
    with _process("the device on @bacnet-js/client", [node, str(_NODE / "device.js"), str(OBJECTS), *map(str, ports)]):
        yield Peer("@bacnet-js/client", places, None, served)


def bridge_to(peer: Peer) -> AbstractAsyncContextManager[Client]:
    """A started client that can reach the peer's devices."""
    return client(timeout=2, bbmd=peer.bbmd)


RUNNERS = {"bacpypes3": run_bacpypes3, "rusty-bacnet": run_rusty, "@bacnet-js/client": run_bacnet_js}


@contextmanager
def _process(name: str, command: list[str]) -> Iterator[None]:
    """The process from its first line on standard output, with which it says that it listens."""
    with subprocess.Popen(
        command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            if process.stdout is None or process.stderr is None:
                raise TypeError("its output is a pipe")
            readable, _, _ = select.select([process.stdout], [], [], _START)
            line = process.stdout.readline() if readable else b""
            if not line or "error" in json.loads(line):
                process.kill()
                pytest.fail(f"{name} did not start: {(line + process.stderr.read()).decode(errors='replace')[-2000:]}")
            yield
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
