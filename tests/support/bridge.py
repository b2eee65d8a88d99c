"""The service in the test's own process: building and platform stay real, over sockets."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bacnet_bridge.service.bridge import Bridge
from bacnet_bridge.service.overview import Overview
from bacnet_bridge.settings import BacnetSettings, PlatformSettings, Settings, StatusSettings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.building import free_port

MAPPING = """\
meters:
  Supply air: {id: supply, device: 1003, value: AI1}
  Gas: {id: gas, device: 1002, value: ACC1, as: index}
  Main: {id: main, device: 1001, aP_1: AI1, v_1: AI10}
"""


def site_settings(folder: Path, building: SimulatedBuilding, platform: StrictPlatform, **more: Any) -> Settings:
    """A one-second site; the mapping is `folder/mapping`, made if it is not there."""
    mapping = folder / "mapping"
    if not mapping.exists():
        mapping.mkdir()
        (mapping / "meters.yaml").write_text(MAPPING)
    given: dict[str, Any] = {
        "bacnet": BacnetSettings(
            instance=4_194_000, address=f"127.0.0.1/8:{free_port()}", bbmd=f"{building.address}:{building.port}"
        ),
        "platform": platform_settings(platform),
        "zone": "Europe/Dublin",
        "interval": 1,
        "tolerance": 0.9,
        "clock": "trust",
        "mapping": mapping,
        "status": StatusSettings(port=0),
        "state": folder / "state",
    }
    return Settings(**given | more)


def platform_settings(platform: StrictPlatform, **more: Any) -> PlatformSettings:
    given: dict[str, Any] = {
        "address": platform.url,
        "username": platform.username,
        "password": SecretStr(platform.password),
        "ca": platform.ca,
    }
    return PlatformSettings(**given | more)


async def until(bridge: Bridge, holds: Callable[[Overview], object], seconds: float = 30) -> Overview:
    """The first overview that satisfies the condition; looked at often, because nothing announces it."""
    try:
        async with asyncio.timeout(seconds):
            while not holds(overview := await bridge.overview()):  # noqa: ASYNC110  only the overview shows it
                await asyncio.sleep(0.05)
    except TimeoutError:
        pytest.fail(f"never came true; last seen: {await bridge.overview()}")
    return overview
