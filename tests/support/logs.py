"""A simulated building whose devices keep trend logs, and a reader of one device's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.trend import Logs
from bacnet_bridge.clock import Clock, SystemClock

POWER = {"object": "analog-input,1", "name": "Power", "units": "kilowatts"}
POWER["value"] = {"model": "daily", "base": 9, "amplitude": 21, "noise": 0.9}  # type: ignore[assignment]
ENERGY = {"object": "large-analog-value,1", "name": "Energy", "units": "kilowatt-hours"}
ENERGY["value"] = {"model": "counter", "start": 184203.5, "base": 9, "amplitude": 21}  # type: ignore[assignment]
FAN = {"object": "binary-input,1", "name": "Fan"}
FAN["value"] = {"model": "states", "states": {"06:32:30": "active", "20:02:30": "inactive"}}  # type: ignore[assignment]


def building_of(folder: Path, devices: dict[str, dict[str, Any]], zone: str = "Europe/Dublin") -> Path:
    """A declaration in the folder; each device is what its keys say, with these three objects."""
    made = [
        {"instance": 1001 + at, "name": name, "mac": 10 + at, "objects": [POWER, ENERGY, FAN], **character}
        for at, (name, character) in enumerate(devices.items())
    ]
    file = folder / "logs.yaml"
    file.write_text(yaml.safe_dump({"name": "Logs", "zone": zone, "network": 100, "devices": made}), encoding="utf-8")
    return file


@asynccontextmanager
async def logs_of(
    client: Client, instance: int, address: str | None = None, clock: Clock | None = None
) -> AsyncIterator[Logs]:
    clock, gate = clock or SystemClock(), Gate()
    directory = Directory(client, clock)
    device = Device(instance, address, client, directory, clock, gate)
    try:
        yield Logs(device, client, gate, clock)
    finally:
        await device.stop()
        await directory.stop()
