"""The service of test_another_address.py, in a network namespace, with a platform beside it; JSON for all that is new.

It says when its problems are others, and after a line on stdin, when two more packets were accepted.
"""

import asyncio
import json
import sys
from pathlib import Path
from unittest.mock import patch

import structlog

from bacnet_bridge.service.bridge import running
from bacnet_bridge.settings import BacnetSettings, Settings, StatusSettings
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import platform_settings


def settings(folder: Path, platform: StrictPlatform) -> Settings:
    return Settings(
        bacnet=BacnetSettings(instance=4_194_000, address="v0", timeout=0.5),
        platform=platform_settings(platform),
        zone="Europe/Dublin",
        interval=1,
        tolerance=0.9,
        clock="trust",
        mapping=folder / "mapping",
        status=StatusSettings(port=0),
        state=folder / "state",
    )


def tell(**found: object) -> None:
    print(json.dumps(found), flush=True)  # noqa: T201 read by the test


async def read_again(platform: StrictPlatform) -> None:
    while await asyncio.to_thread(sys.stdin.readline):
        await platform.until("accepted", platform.counts().accepted + 2)
        tell(record=[len(platform.record.discarded), len(platform.record.duplicates)])


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    folder, told = Path(sys.argv[1]), None
    async with StrictPlatform(folder / "platform") as platform, running(settings(folder, platform)) as bridge:
        reading = asyncio.create_task(read_again(platform))
        while not reading.done():
            problems = [each for each in (await bridge.overview()).problems if "BACnet" in each]
            if problems != told:
                tell(problems=problems)
            told = problems
            await asyncio.sleep(0.05)


room = "bacnet_bridge.service.intake."
with patch(f"{room}_PORT_AGAIN", 0.2), patch(f"{room}_FIRST_LOOK", 0.1):
    asyncio.run(main())
