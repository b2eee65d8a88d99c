"""The demo's three actors, each started as a site would start it."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import SecretStr

import bacnet_bridge
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.logs import configure
from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.settings import BacnetSettings, PlatformSettings, Settings, StatusSettings
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.declaration import DEMO_BUILDING
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_remote import RemotePlatform, run_platform

_TOLERANCE: Final = 0.8
"""Of an interval: on a busy laptop a slot may begin late without being a hole."""
_OWN_INSTANCE: Final = 4_194_000
_PACKAGE: Final = Path(bacnet_bridge.__file__).parent


@dataclass(frozen=True, slots=True)
class Actors:
    """What talks to each other."""

    building: SimulatedBuilding
    platform: RemotePlatform
    bridge: Bridge


@asynccontextmanager
async def acting(folder: Path, interval: int) -> AsyncIterator[Actors]:
    """Building, platform and bridge until the context ends; what they write goes below `folder`."""
    configure("error", "auto")  # the demo's table tells the rest
    async with AsyncExitStack() as stack:
        building = await stack.enter_async_context(run_building(DEMO_BUILDING))
        platform = await stack.enter_async_context(run_platform(Options(folder=folder / "platform")))
        settings = demo_settings(folder / "state", interval, building, platform)
        yield Actors(building, platform, await stack.enter_async_context(running(settings)))


def demo_settings(state: Path, interval: int, building: SimulatedBuilding, platform: RemotePlatform) -> Settings:
    """As a site file would have them: a foreign device of the building's BBMD, the platform's CA as the site's own."""
    return Settings(
        bacnet=BacnetSettings(
            instance=_OWN_INSTANCE,
            address=f"127.0.0.1/8:{_free_port()}",
            bbmd=f"{building.address}:{building.port}",
        ),
        platform=PlatformSettings(
            address=platform.url, username=platform.username, password=SecretStr(platform.password), ca=platform.ca
        ),
        zone="Europe/Dublin",
        interval=interval,
        tolerance=interval * _TOLERANCE,
        clock="trust",
        mapping=example_mapping(),
        status=StatusSettings(port=_free_port(socket.SOCK_STREAM)),
        state=state,
    )


def example_mapping() -> Path:
    """The worked example: beside the package in a checkout, inside it where it was installed."""
    for folder in (_PACKAGE / "point_mappings", _PACKAGE.parent / "point_mappings"):
        if folder.is_dir():
            return folder
    raise SettingsError("the worked example (point_mappings/) did not come with this installation; install it anew")


def _free_port(kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
