"""The bridge's discovery of given addresses, as the command does it, with its pacing or (`fast`) without.

Arguments: own port. Every line on stdin is `{"addresses": [...], "fast": …}`; the answer says what it took, and what
was found.
"""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Mapping
from typing import Any

import structlog

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.roll_call import Scope
from bacnet_bridge.bacnet.survey import GENTLE, Surveyor
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.survey.model import FoundDevice


class Unwatched:
    """Nobody looks on."""

    def heard(self, devices: int) -> None: ...
    def identified(self) -> None: ...
    def exploring(self, devices: int, objects: int) -> None: ...
    def objects(self, number: int) -> None: ...
    def explored(self, device: FoundDevice) -> None: ...


async def discover(client: Client, order: Mapping[str, Any]) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    scope = Scope(addresses=order["addresses"], broadcast=False)
    surveyor = Surveyor(client, SystemClock(), scope, Unwatched(), Limits() if order["fast"] else GENTLE)
    await surveyor.devices()
    await surveyor.objects(lambda _, __: True, lambda _: True)
    surveyor.finish()
    survey = surveyor.survey()
    await surveyor.stop()
    return {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
        "whole": sum(device.explored and not device.trouble for device in survey.devices),
        "names": sorted(found.name or "" for _, found in survey.points()),
        "unread": sum(len(found.unread) for _, found in survey.points()),
    }


async def _serve(port: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    client = Client(Identity(4_000, f"127.0.0.1/32:{port}"))
    await client.start()
    print('{"ready": 0}', flush=True)
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await discover(client, json.loads(line))), flush=True)
    await client.stop()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
