"""The bridge as an operator starts it, `bacnet-bridge run`, on devices made by hand and on the strict platform."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bacnet_bridge.simulator.platform_remote import RemotePlatform
from benchmarks.building import NAME, free_port
from benchmarks.devices import FIRST
from benchmarks.process import Process, running
from benchmarks.setup import HERE


def environment(folder: Path, platform: RemotePlatform, **more: str) -> dict[str, str]:
    """A bridge that delivers to the platform, with its site in `folder`; it inherits no setting."""
    for name in ("state", "mapping", "secrets"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("BRIDGE_")}
    return inherited | {
        "BRIDGE_ZONE": "UTC",
        "BRIDGE_CLOCK": "trust",
        "BRIDGE_STATE": str(folder / "state"),
        "BRIDGE_STATUS__PORT": "0",
        "BRIDGE_MAPPING": str(folder / "mapping"),
        "BRIDGE_BACNET__INSTANCE": "4194000",
        "BRIDGE_BACNET__ADDRESS": f"127.0.0.1/8:{free_port()}",
        "BRIDGE_PLATFORM__ADDRESS": platform.url,
        "BRIDGE_PLATFORM__USERNAME": platform.username,
        "BRIDGE_PLATFORM__PASSWORD": platform.password,
        "BRIDGE_PLATFORM__CA": str(platform.ca),
        "BRIDGE_SECRETS_DIR": str(folder / "secrets"),
        "BRIDGE_LOG_LEVEL": "error",
        "BRIDGE_LOG_FORMAT": "json",
        **more,
    }


def write_mapping(file: Path, ports: Sequence[int], points: int) -> list[str]:
    """A meter for each of the first `points` objects of each device at these ports; gives their ids."""
    rows, ids = ["meter,id,device,address,field,object,name"], []
    for device, port in enumerate(ports, FIRST):
        for point in range(1, points + 1):
            ids.append(f"{device}-{point}")
            rows.append(f"Meter {ids[-1]},{ids[-1]},{device},127.0.0.1:{port},value,AI{point},{NAME.format(point)}")
    file.write_text("\n".join(rows) + "\n")
    return ids


@asynccontextmanager
async def devices(count: int, delay: float) -> AsyncIterator[Process]:
    """So many of `benchmarks.devices`, each of which takes `delay` seconds for an answer."""
    command = [sys.executable, "-m", "benchmarks.devices", str(count), str(delay)]
    async with running("the devices", command, env={**os.environ, "PYTHONPATH": str(HERE.parent)}) as process:
        yield process


@asynccontextmanager
async def service(settings: Mapping[str, str], log: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`bacnet-bridge run` with this environment, its log in a file. Killed where the block did not end it."""
    with log.open("ab") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bacnet_bridge", "run", env=dict(settings) | {"PYTHONPATH": str(HERE.parent)},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=written,
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def free_tcp_port() -> int:
    """Of 127.0.0.1, that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
