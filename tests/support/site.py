"""A site for the service in a process of its own: `bacnet-bridge run`, as an operator starts it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.simulator.platform_remote import RemotePlatform
from tests.support.building import free_port
from tests.support.logged import LOGGED


def site_environment(
    folder: Path, building: SimulatedBuilding, platform: StrictPlatform | RemotePlatform, **more: str
) -> dict[str, str]:
    """The environment of a bridge that reads the building and delivers to the platform; it inherits no setting."""
    (folder / "secrets").mkdir(exist_ok=True)
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("BRIDGE_")}
    return inherited | {
        "BRIDGE_ZONE": "Europe/Dublin",
        "BRIDGE_CLOCK": "trust",
        "BRIDGE_INTERVAL": "1",
        "BRIDGE_TOLERANCE": "0.9",
        "BRIDGE_STATE": str(folder / "state"),
        "BRIDGE_STATUS__PORT": "0",  # many bridges run side by side
        "BRIDGE_MAPPING": str(folder / "mapping"),
        "BRIDGE_BACNET__INSTANCE": "4194000",
        "BRIDGE_BACNET__ADDRESS": f"127.0.0.1/8:{free_port()}",
        "BRIDGE_BACNET__BBMD": f"{building.address}:{building.port}",
        "BRIDGE_PLATFORM__ADDRESS": platform.url,
        "BRIDGE_PLATFORM__USERNAME": platform.username,
        "BRIDGE_PLATFORM__PASSWORD": platform.password,
        "BRIDGE_PLATFORM__CA": str(platform.ca),
        "BRIDGE_SECRETS_DIR": str(folder / "secrets"),
        "BRIDGE_LOG_LEVEL": "debug",
        "BRIDGE_LOG_FORMAT": "json",
        **more,
    }


@dataclass(slots=True)
class Service:
    """A running `bacnet-bridge run`, and every line that it logged so far."""

    process: asyncio.subprocess.Process
    lines: list[dict[str, Any]] = field(default_factory=list)
    _new: asyncio.Condition = field(default_factory=asyncio.Condition)
    _reading: "asyncio.Task[None] | None" = None

    def read(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            if not line.endswith(b"\n"):
                continue  # cut by a kill
            LOGGED.append(line.decode(errors="replace"))
            async with self._new:
                self.lines.append(_parsed(line))
                self._new.notify_all()

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines with this event so far."""
        return [line for line in self.lines if line["event"] == event]

    async def until_logged(self, event: str, times: int = 1, seconds: float = 30) -> None:
        """Wait until the event was logged so often. Raises TimeoutError with what was logged instead."""
        try:
            async with asyncio.timeout(seconds), self._new:
                await self._new.wait_for(lambda: len(self.logged(event)) >= times)
        except TimeoutError:
            raise TimeoutError(f"no {event!r} among {self.lines[-20:]}") from None

    async def ended(self) -> int:
        """Its exit status, once everything that it wrote is read."""
        assert self._reading is not None
        await self._reading
        return await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, and the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return await self.ended()

    def reload(self) -> None:
        """SIGHUP: the mapping's files are finished."""
        self.process.send_signal(signal.SIGHUP)

    async def kill(self) -> None:
        self.process.kill()
        await self.ended()


@asynccontextmanager
async def run_service(environment: Mapping[str, str], *options: str) -> AsyncIterator[Service]:
    """Start `bacnet-bridge run`; whatever the test does, it is gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bacnet_bridge", "run", *options,
        env=dict(environment), stderr=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL,
        limit=1024 * 1024,
    )  # fmt: skip
    service = Service(process)
    service.read()
    try:
        yield service
    finally:
        if process.returncode is None:
            process.kill()
        await service.ended()


async def command(environment: Mapping[str, str], *words: str) -> tuple[int, str, str]:
    """Run `bacnet-bridge WORDS` to its end: exit status, output, errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bacnet_bridge", *words,
        env=dict(environment), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    LOGGED.append(err.decode(errors="replace"))
    return process.returncode or 0, out.decode(), err.decode()


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(line)
    except ValueError:
        return {"event": line.decode(errors="replace").rstrip()}
    return parsed if isinstance(parsed, dict) else {"event": line.decode()}
