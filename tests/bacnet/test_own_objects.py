"""What the BMS reads of the bridge itself, octet by octet, and that nobody can change it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.own_objects import OwnObjects, Told
from bacnet_bridge.bacnet.rpm import READ_PROPERTY_MULTIPLE, decode_read, encode_read
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.building import free_port
from tests.support.peer import Peer, peer_of

DELIVERING, OLDEST, SILENT = ObjectId(3, 1), ObjectId(0, 1), ObjectId(0, 2)
PRESENT_VALUE, NAME, UNITS, FLAGS, RELIABILITY, OBJECT_LIST, OUT_OF_SERVICE = 85, 77, 117, 111, 103, 76, 81


@asynccontextmanager
async def bridge(own: OwnObjects) -> AsyncIterator[tuple[Client, Peer]]:
    made = Client(Identity(4_000, f"127.0.0.1/32:{free_port()}"), own=own)
    await made.start()
    try:
        async with peer_of(made) as peer:
            yield made, peer
    finally:
        await made.stop()


async def read(peer: Peer, of: ObjectId, number: int) -> Any:
    answer = await peer.ask(12, encode_read(PropertyRef(of, number)))
    assert answer[0] == 0x30, answer.hex()
    return decode_read(answer[3:])[1].value


async def test_the_bms_reads_what_was_told() -> None:
    own = OwnObjects()
    async with bridge(own) as (_, peer):
        assert tuple(await read(peer, DELIVERING, FLAGS)) == (0, 1, 0, 0), "nothing is known yet: not to be believed"
        own.tell(Told(delivering=True, oldest_waiting=75.5, meters_silent=3))
        assert [await read(peer, each, NAME) for each in (DELIVERING, OLDEST, SILENT)] == [
            "Delivering",
            "Oldest waiting",
            "Meters silent",
        ]
        assert [await read(peer, each, PRESENT_VALUE) for each in (DELIVERING, OLDEST, SILENT)] == [1, 75.5, 3]
        assert [await read(peer, each, UNITS) for each in (OLDEST, SILENT)] == [73, 95]
        assert tuple(await read(peer, DELIVERING, FLAGS)) == (0, 0, 0, 0)
        assert await read(peer, OLDEST, RELIABILITY) == 0
        own.tell(Told(delivering=False, oldest_waiting=1e12, meters_silent=0))
        assert await read(peer, DELIVERING, PRESENT_VALUE) == 0
        assert await read(peer, OLDEST, PRESENT_VALUE) == 10 * 365 * 86_400


async def test_an_explorer_finds_them() -> None:
    async with bridge(OwnObjects()) as (_, peer):
        listed = await peer.ask(12, encode_read(PropertyRef(ObjectId(8, 4_000), OBJECT_LIST)))
        for number in ("C4 00C00001", "C4 00000001", "C4 00000002", "C4 02000FA0"):
            assert bytes.fromhex(number) in listed
        every = await peer.ask(READ_PROPERTY_MULTIPLE, bytes.fromhex("0C 00C00001 1E 09 08 1F 0C 00000001 1E 09 08 1F"))
        assert every[0] == 0x30


async def test_they_are_there_again_after_the_port_was_closed() -> None:
    own = OwnObjects()
    own.tell(Told(delivering=True, oldest_waiting=1, meters_silent=2))
    for _ in range(2):
        async with bridge(own) as (_, peer):
            assert await read(peer, SILENT, PRESENT_VALUE) == 2


WRITES = {
    "present-value of AI1": (15, "0C 00000001 19 55 3E 44 00000000 3F"),
    "present-value of AI2, with priority": (15, "0C 00000002 19 55 3E 44 00000000 3F 39 08"),
    "present-value of BI1": (15, "0C 00C00001 19 55 3E 91 00 3F"),
    "out-of-service of BI1": (15, "0C 00C00001 19 51 3E 11 3F"),
    "object-name of AI1": (15, "0C 00000001 19 4D 3E 75 05 00 65766C21 3F"),
    "several of AI1": (16, "0C 00000001 1E 09 55 2E 44 00000000 2F 1F"),
    "delete AI1": (11, "C4 00000001"),
    "create AI3": (10, "0E 1C 00000003 0F"),
}


@pytest.mark.parametrize("name", WRITES)
async def test_nobody_changes_them(name: str) -> None:
    """Guarantee 5."""
    service, request = WRITES[name]
    own = OwnObjects()
    own.tell(Told(delivering=True, oldest_waiting=75.5, meters_silent=3))
    async with bridge(own) as (made, peer):
        assert await peer.ask(service, bytes.fromhex(request)) == bytes([0x60, 9, 9]), "unrecognized-service"
        assert [await read(peer, each, PRESENT_VALUE) for each in (DELIVERING, OLDEST, SILENT)] == [1, 75.5, 3]
        assert await read(peer, DELIVERING, OUT_OF_SERVICE) == 0
        assert await read(peer, OLDEST, NAME) == "Oldest waiting"
        assert len(made._app.objectIdentifier) == 4
