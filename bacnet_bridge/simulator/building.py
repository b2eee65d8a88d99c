"""A simulated building, from outside: real BACnet/IP devices in a process of their own, behind one UDP port.

BAC0, which builds them, is never imported here: its side effects stay in that process.
"""

import asyncio
import json
import math
import socket
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Interface, NetmaskValueError
from pathlib import Path
from typing import Any, TypedDict, Unpack

import aiohttp

from bacnet_bridge.errors import BridgeError, NetworkError
from bacnet_bridge.simulator.child import end
from bacnet_bridge.simulator.declaration import BuildingDeclaration, load

_START = 30.0
"""Seconds within which the process must listen; it needs one or two, several on a small machine under load."""


class Manners(TypedDict, total=False):
    """What `misbehave` takes: a device's behaviour.Behaviour, and for how many `seconds`."""

    delay_ms: int
    refuse_rpm: bool
    refuse_range: list[str]
    most_records: int | None
    abort_records: int | None
    abort: str | None
    silent: bool
    zero: bool
    seconds: float


class Sickness(TypedDict, total=False):
    """What `set_object` takes: an object's behaviour.Health, and for how many `seconds`."""

    fault: bool
    out_of_service: bool
    nan: bool
    value: float | str | None
    seconds: float


class Trouble(TypedDict, total=False):
    """What `happen` takes: log_declaration.Mishap."""

    down: float
    ahead: float
    failing: float
    disabled: float
    purged: bool
    told: bool


@dataclass(frozen=True, slots=True)
class SimulatedBuilding:
    """A running building: where it listens, and what it is told to do."""

    declaration: BuildingDeclaration
    address: str
    port: int
    control_url: str
    _process: asyncio.subprocess.Process
    _session: aiohttp.ClientSession

    async def misbehave(self, device: int, **manners: Unpack[Manners]) -> None:
        """From now on the device deviates from its declaration by this and nothing else; by nothing: as declared."""
        await self._ask("PUT", f"/devices/{device}", manners)

    async def set_object(self, device: int, object_id: str, **sickness: Unpack[Sickness]) -> None:
        """From now on the object deviates from its declaration by this and nothing else; by nothing: as declared."""
        await self._ask("PUT", f"/devices/{device}/objects/{object_id}", sickness)

    async def happen(self, device: int, **trouble: Unpack[Trouble]) -> None:
        """From now on this happens to the device, its clock and its logs, in the building's time."""
        await self._ask("POST", f"/devices/{device}/mishaps", trouble)

    async def values(self) -> dict[int, dict[str, float | str]]:
        """What every object shows now, by device and `analog-input,1`: a number (perhaps NaN) or a state's name."""
        answer = await self._ask("GET", "/values")
        return {
            int(device): {name: math.nan if value is None else value for name, value in values.items()}
            for device, values in answer.items()
        }

    async def requests(self) -> dict[int, dict[str, int]]:
        """How often each device was asked for each service (`read-property`, `who-is` …) since the start.

        Counted as it came over the wire: retries, what was refused and what got no answer are in it.
        """
        answer = await self._ask("GET", "/requests")
        return {int(device): counts for device, counts in answer.items()}

    async def ended(self) -> int:
        """Wait until the process ends of itself. Returns its exit status."""
        return await self._process.wait()

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        try:
            async with self._session.request(method, self.control_url + path, json=body) as response:
                if response.status != 200:
                    raise BridgeError(f"the simulated building refuses {path}: {await response.text()}")
                return await response.json()
        except aiohttp.ClientError as error:
            raise NetworkError(f"the simulated building does not answer at {self.control_url}: {error}") from error


@asynccontextmanager
async def run_building(
    declaration: Path,
    *,
    port: int = 0,
    address: str = "127.0.0.1",
    control: int = 0,
    time_scale: float = 1,
) -> AsyncIterator[SimulatedBuilding]:
    """Start the building and, at the end of the block, end it. Port 0 takes a free one.

    `address` is one of this machine's, with a prefix length where local broadcast shall work (`192.168.1.5/24`).
    Raises SettingsError for a wrong declaration, NetworkError where it cannot listen.
    """
    declared = load(declaration)
    try:
        interface = IPv4Interface(address)
    except (AddressValueError, NetmaskValueError) as error:
        raise NetworkError(f"{address!r} is not an IPv4 address of this machine: {error}") from error
    port = _free(interface, port)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bacnet_bridge.simulator.building_process", str(declaration.resolve())),
        *("--address", str(interface), "--port", str(port)),
        *("--control", str(control), "--time-scale", str(time_scale)),
        stdin=asyncio.subprocess.PIPE,  # its end tells the child that we are gone
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for us; we end the child afterwards
    )
    complaints = asyncio.create_task(_drain(process.stderr))
    try:
        url = f"http://127.0.0.1:{await _ready(process, complaints)}"
        async with aiohttp.ClientSession() as session:
            yield SimulatedBuilding(declared, str(interface.ip), port, url, process, session)
    finally:
        await end(process)
        await complaints


def _free(interface: IPv4Interface, port: int) -> int:
    """A port that is free, having bound it as nobody else may: bacpypes3 would share a taken one, or wait for ever."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(interface.ip), port))
        except OSError as error:
            raise NetworkError(
                f"the simulated building cannot listen on UDP {interface.ip}:{port} ({error.strerror}): "
                "choose another --port (0 takes a free one) or an --address of this machine"
            ) from error
        return int(probe.getsockname()[1])


async def _ready(process: asyncio.subprocess.Process, complaints: "asyncio.Task[str]") -> int:
    """The child's one line: the control address's port once all listens, or why it does not."""
    if process.stdout is None:
        raise TypeError("the child's output is a pipe")
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START)
    except TimeoutError:
        raise NetworkError(f"the simulated building did not listen within {_START:.0f} s") from None
    if not line:
        reason = await complaints or f"exit status {await process.wait()}"
        raise NetworkError(f"the simulated building ended while it started: {reason}")
    answer: dict[str, Any] = json.loads(line)
    if "error" in answer:
        raise NetworkError(answer["error"])
    return int(answer["control"])


async def _drain(stream: asyncio.StreamReader | None) -> str:
    """Keep the child from blocking on a full pipe. Returns its last line: the reason, if it died."""
    if stream is None:
        return ""
    last: deque[str] = deque(maxlen=1)
    while chunk := await stream.read(65536):
        last.extend(line for line in chunk.decode(errors="replace").splitlines() if line.strip())
    return "".join(last)
