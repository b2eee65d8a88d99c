"""One suite against devices of three independent stacks: what the bridge does must not depend on who answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from bacpypes3.basetypes import Segmentation
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.discover import Binding, Directory
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    Refusal,
    decode_read,
    decode_read_multiple,
    encode_read,
    encode_read_multiple,
)
from bacnet_bridge.bacnet.subscriptions import Subscriptions
from bacnet_bridge.bacnet.tags import elements
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, ObjectId, parse_object
from tests.support.bacnet import apdu_of, meter, overhear, point
from tests.support.peers import OBJECTS, Peer, Place, bridge_to

pytestmark = pytest.mark.interop

OBJECT_LIST = 76
AT_ONCE = 40
"""Elements of a list that are asked for in one request: they fit into 480 octets."""


@pytest.mark.parametrize("kind", ["segmented", "plain", "single"])
async def test_it_is_found_at_its_address(peer: Peer, kind: str) -> None:
    place = peer.place(kind)
    async with bridge_to(peer) as bridge:
        found = await Directory(bridge).find(place.instance, place.address)
    assert found == Binding(place.instance, place.address, 1476)


async def test_it_is_found_by_broadcast(peer: Peer) -> None:
    if peer.bbmd is None:
        pytest.skip("127.0.0.1 has no broadcast, and this device no BBMD")
    place = peer.place("plain")
    async with bridge_to(peer) as bridge:
        found = await Directory(bridge).find(place.instance, None)
    assert found == Binding(place.instance, place.address, 1476)


async def test_another_device_at_the_address_is_named(peer: Peer) -> None:
    place = peer.place("plain")
    async with bridge_to(peer) as bridge:
        with pytest.raises(ReadError, match=f"at {place.address} stands device {place.instance}"):
            await Directory(bridge).find(77, place.address, tries=1)


async def test_the_wildcard_is_the_device(peer: Peer) -> None:
    place = peer.place("plain")
    async with bridge_to(peer) as bridge:
        found = await read(bridge, place, PropertyRef(ObjectId(8, MAX_INSTANCE + 1), 75))
    assert found == Datum(Kind.OBJECT, 8 << 22 | place.instance)


@pytest.mark.parametrize("accepts_segments", [True, False])
@pytest.mark.parametrize("kind", ["segmented", "plain", "single"])
async def test_a_list_longer_than_one_apdu(peer: Peer, kind: str, accepts_segments: bool) -> None:
    place = peer.place(kind)
    async with bridge_to(peer) as bridge:
        if accepts_segments:
            accept_segments(bridge)
        found, how = await object_list(bridge, place)
    assert len(found) == len(set(found))
    assert {ObjectId(0, number) for number in range(1, OBJECTS + 1)} < set(found)
    assert ObjectId(8, place.instance) in found
    assert how == (
        "whole" if kind == "segmented" and accepts_segments else "singly" if kind == "single" else "together"
    )


@pytest.mark.parametrize("served", [
    "real", "double", "unsigned", "integer", "enumerated", "boolean", "text", "text beyond ASCII", "object identifier",
    "bits", "octets", "date", "null", "choice", "array element", "array",
])  # fmt: skip
async def test_a_value(peer: Peer, served: str) -> None:
    """Alone and among others: the same."""
    if served not in peer.served:
        pytest.skip(f"{peer.stack} serves no {served}")
    ref, wanted = peer.served[served]
    place = peer.place("plain")
    async with bridge_to(peer) as bridge:
        alone = await read(bridge, place, ref)
        among = await read_together(
            bridge, place, [PropertyRef(parse_object("AI2")), ref, PropertyRef(parse_object("AI3"))]
        )
    assert alone == wanted if isinstance(wanted, Datum) else alone.kind is wanted
    assert list(among.values()) == [Datum(Kind.REAL, 2.25), alone, Datum(Kind.REAL, 3.25)]


ERRORS = {
    "unknown object": (PropertyRef(parse_object("AI9999")), 31),
    "unknown property": (PropertyRef(parse_object("AI1"), 4_000), 32),
    "not an array": (PropertyRef(parse_object("AI1"), 85, 2), 50),
    "beyond the array": (PropertyRef(ObjectId(8, MAX_INSTANCE + 1), OBJECT_LIST, 9999), 42),
}


@pytest.mark.parametrize("error", ERRORS)
async def test_an_error(peer: Peer, error: str) -> None:
    """Alone it is the answer; among others it costs only itself."""
    ref, code = ERRORS[error]
    place = peer.place("plain")
    if ref.object.type == 8:
        ref = PropertyRef(ObjectId(8, place.instance), ref.property, ref.index)
    good = PropertyRef(parse_object("AI2"))
    async with bridge_to(peer) as bridge:
        with pytest.raises(RefusedError) as refused:
            await read(bridge, place, ref)
        among = await read_together(bridge, place, [ref, good])
        assert bridge._app.asap.clientTransactions == []
        assert bridge._app._requests == {}
    assert (refused.value.kind, refused.value.code) == ("error", code)
    assert among.pop(good) == Datum(Kind.REAL, 2.25)
    ((where, found),) = among.items()
    # rusty-bacnet leaves the index of what is no array out of its answer.
    assert where in {ref, PropertyRef(ref.object, ref.property)}
    assert isinstance(found, Refusal)
    assert found.code == code


@pytest.mark.parametrize("kind", ["segmented", "plain", "single"])
async def test_what_is_due_together_is_read(peer: Peer, kind: str) -> None:
    place = peer.place(kind)
    count = 20 if kind == "single" else 300
    async with bridge_to(peer) as bridge:
        reader = Reader(bridge, SystemClock())
        points = [point(f"AI{number}", "aP_1", name=f"Power {number}") for number in range(1, count + 1)]
        meters = [meter(place.instance, each, address=place.address, name=each.key) for each in points]
        gathered = await asyncio.gather(*(reader.read(each, {}) for each in meters))
        await reader.stop()
    readings = [gathering.readings[0] for gathering in gathered]
    assert [reading.problem for reading in readings] == [None] * count
    assert [reading.value for reading in readings] == [number * 1000 + Decimal(250) for number in range(1, count + 1)]


async def test_a_refusal_of_read_property_multiple_costs_no_value(peer: Peer) -> None:
    """Reject, abort or error: each stack has its own way to say no, and the second time nobody is asked."""
    place = peer.place("single")
    refs = [PropertyRef(parse_object(f"AI{number}")) for number in (1, 2)]
    wanted = meter(place.instance, *(point(f"AI{number}") for number in range(1, 9)), address=place.address)
    async with bridge_to(peer) as bridge:
        with pytest.raises(RefusedError):
            await read_together(bridge, place, refs)
        reader = Reader(bridge, SystemClock())
        for _ in range(2):
            sent = overhear(bridge)
            readings = (await reader.read(wanted, {})).readings
            assert [reading.value for reading in readings] == [number + Decimal("0.25") for number in range(1, 9)]
        asked = [apdu[3] for apdu in map(apdu_of, sent) if apdu is not None and apdu[0] >> 4 == 0]
        assert set(asked) == {READ_PROPERTY}
        await reader.stop()


async def test_what_cannot_be_read_is_a_sentence(peer: Peer) -> None:
    place = peer.place("plain")
    wanted = [meter(place.instance, point(each), address=place.address) for each in ("LAV1", "BI1", "AI9999")]
    async with bridge_to(peer) as bridge:
        reader = Reader(bridge, SystemClock())
        gathered = await asyncio.gather(*(reader.read(each, {}) for each in wanted))
        await reader.stop()
    energy, fan, unknown = (gathering.readings[0] for gathering in gathered)
    assert energy.value == Decimal("123456789.0125")
    assert fan.value in {0, 1}
    assert unknown.problem is not None
    assert unknown.problem.detail == f"device {place.instance}, analog-input,9999 present-value: unknown-object"


MOVING = PropertyRef(parse_object("AV2"))
STILL = PropertyRef(parse_object("AI1"))


class Bell(asyncio.Event):
    """Set by every notification."""

    def ring(self, _source: str, _data: bytes) -> bool:
        self.set()
        return False


@asynccontextmanager
async def told_by(place: Place, bridge: Client) -> AsyncIterator[tuple[Subscriptions, Device]]:
    clock, gate = SystemClock(), Gate()
    directory = Directory(bridge, clock)
    device = Device(place.instance, place.address, bridge, directory, clock, gate)
    subscriptions = Subscriptions(bridge, clock, gate)
    try:
        yield subscriptions, device
    finally:
        await subscriptions.stop()
        await directory.stop()
        await device.stop()


async def test_changes_are_told(peer: Peer) -> None:
    """From the first notification on nothing is read but a proof of life, and each change is noticed as it comes."""
    told = Bell()
    refs = tuple(PropertyRef(ref.object, number) for ref in (STILL, MOVING) for number in (85, 111))
    seen: list[float] = []
    async with bridge_to(peer) as bridge, told_by(peer.place("plain"), bridge) as (subscriptions, device):
        bridge.on_notification(told.ring)
        still = (await subscriptions.read(device, refs, (STILL, MOVING), 0))[0]
        assert still == Datum(Kind.REAL, 1.25)
        async with asyncio.timeout(30):
            while len(set(seen)) < 3 or subscriptions.known(device, STILL) is None:
                await told.wait()
                told.clear()
                if (known := subscriptions.known(device, MOVING)) is not None:
                    assert isinstance(known[0].value, float)
                    seen.append(known[0].value)
        sent = overhear(bridge)
        assert (await subscriptions.read(device, refs, (STILL, MOVING), 0))[0] == still
        asked = [apdu for apdu in map(apdu_of, sent) if apdu is not None and apdu[0] >> 4 == 0]
        assert [apdu[3] for apdu in asked] == [READ_PROPERTY]
        assert seen == sorted(seen)


async def test_an_object_that_is_not_there_is_not_subscribed_and_costs_the_others_nothing(peer: Peer) -> None:
    missing = PropertyRef(parse_object("AI9999"))
    told = Bell()
    async with bridge_to(peer) as bridge, told_by(peer.place("plain"), bridge) as (subscriptions, device):
        bridge.on_notification(told.ring)
        refs = (missing, STILL, PropertyRef(STILL.object, 111))
        with capture_logs() as logs:
            await subscriptions.read(device, refs, (missing, STILL), 0)
            async with asyncio.timeout(30):
                while subscriptions.known(device, STILL) is None:
                    await told.wait()
                    told.clear()
        assert [log["what"] for log in logs if log["log_level"] == "info"] == ["analog-input,9999"]
        assert subscriptions.known(device, missing) is None


async def read(bridge: Client, place: Place, ref: PropertyRef) -> Datum:
    return decode_read(await bridge.ask(place.address, READ_PROPERTY, encode_read(ref), tries=2))[1]


async def read_together(bridge: Client, place: Place, refs: list[PropertyRef]) -> dict[PropertyRef, Datum | Refusal]:
    request = encode_read_multiple(refs)
    return decode_read_multiple(await bridge.ask(place.address, READ_PROPERTY_MULTIPLE, request, tries=2))


async def object_list(bridge: Client, place: Place) -> tuple[list[ObjectId], str]:
    """The device's objects and how they were read: `whole`, by index `together`, or `singly`, as far as it went."""
    whole = PropertyRef(ObjectId(8, place.instance), OBJECT_LIST)
    try:
        datum = await read(bridge, place, whole)
    except RefusedError:
        pass
    else:
        return [object_of(element.value) for element in elements(datum)], "whole"
    length = (await read(bridge, place, PropertyRef(whole.object, OBJECT_LIST, 0))).value
    assert isinstance(length, int)
    wanted = [PropertyRef(whole.object, OBJECT_LIST, index) for index in range(1, length + 1)]
    found: dict[PropertyRef, Datum | Refusal] = {}
    try:
        for at in range(0, length, AT_ONCE):
            found |= await read_together(bridge, place, wanted[at : at + AT_ONCE])
        how = "together"
    except RefusedError:
        found = {element: await read(bridge, place, element) for element in wanted}
        how = "singly"
    data = [found[element] for element in wanted]
    return [object_of(datum.value) for datum in data if isinstance(datum, Datum)], how


def object_of(number: object) -> ObjectId:
    assert isinstance(number, int)
    return ObjectId(number >> 22, number & 0x3FFFFF)


def accept_segments(bridge: Client) -> None:
    """The bridge asks for answers in one piece; its transactions can do otherwise."""
    about = bridge._app.asap.device_object
    about.segmentationSupported = Segmentation("segmented-both")
    about.maxSegmentsAccepted = 64
