"""The bridge's end of test_broadcast.py: a line of JSON for each thing that it found."""

import asyncio
import json
import sys
from pathlib import Path

import structlog

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.errors import NetworkError, ReadError
from tests.support.bacnet import apdu_of, overhear


def tell(**found: object) -> None:
    print(json.dumps(found), flush=True)  # noqa: T201 read by the test


async def run(kept: Kept, own: str, *instances: int) -> None:
    client = Client(Identity(4000, own), timeout=0.3)
    await client.start()
    sent = overhear(client)
    directory = Directory(client, kept=kept)
    try:
        for instance in instances:
            tell(instance=instance, address=(await directory.find(instance, None)).address)
        apdus = [apdu_of(datagram) for datagram in sent]
        tell(who_is=sum(apdu is not None and apdu[0] >> 4 == 1 for apdu in apdus), attention=directory.attention)
        await kept.flush()
    finally:
        await directory.stop()
        await client.stop()


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    kept = Kept(Path(sys.argv[1]))
    try:
        await run(kept, "10.77.0.1/16", 201)
    except NetworkError as error:
        tell(error=str(error))
    await run(kept, "10.77.0.1/24", 201, 202)
    await run(kept, "10.77.0.1/24", 201, 202)
    await asyncio.to_thread(sys.stdin.readline)
    await run(kept, "10.77.0.1/24", 201, 202)
    await run(kept, "10.77.0.1/24:47809", 201, 202)
    try:
        await run(kept, "10.77.0.1/24:47809", 203)
    except ReadError as error:
        tell(error=str(error))


asyncio.run(main())
