"""The bridge in its container, for test_translated.py: where it found the device, and what that says."""

import asyncio
import sys

import structlog

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, decode_read, encode_read
from bacnet_bridge.errors import ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import OBJECT_NAME, ObjectId


async def main() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    client = Client(Identity(4000, "172.30.47.10/24", bbmd="10.77.0.11"), timeout=0.5)
    await client.start()
    directory = Directory(client)
    try:
        found = (await directory.find(202, None)).address
        name = encode_read(PropertyRef(ObjectId(8, 202), OBJECT_NAME))
        answer = decode_read(await client.ask(found, READ_PROPERTY, name, tries=2))
        print(found, answer[1].value, flush=True)  # noqa: T201 read by the test
    except ReadError as error:
        print(error, flush=True)  # noqa: T201 read by the test
    finally:
        await directory.stop()
        await client.stop()


asyncio.run(main())
