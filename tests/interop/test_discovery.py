"""A whole discovery of devices of three independent stacks: who is there, all that each lists, and what it says."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import Iterable
from pathlib import Path

import pytest
from bacpypes3.app import Application
from bacpypes3.local.analog import AnalogInputObject
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.roll_call import Scope
from bacnet_bridge.bacnet.survey import Surveyor
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.survey.file import read
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey, Value
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object
from tests.support.bacnet import apdu_of, overhear
from tests.support.building import free_port
from tests.support.explorable import Watching
from tests.support.peers import OBJECTS, Peer, Place, bridge_to

pytestmark = [pytest.mark.interop, pytest.mark.timeout(180)]

KILOWATTS = 48
MOVING, PORT = ObjectId(2, 2), ObjectId(56, 1)
INPUTS = [ObjectId(0, number) for number in range(1, OBJECTS + 1)]


async def survey_of(bridge: Client, places: Iterable[Place]) -> Survey:
    scope = Scope(addresses=[place.address for place in places], broadcast=False)
    surveyor = Surveyor(bridge, SystemClock(), scope, Watching(), Limits(per_router=1))
    await surveyor.devices()
    await surveyor.objects(lambda _, __: True, lambda _: True)
    surveyor.finish()
    await surveyor.stop()
    return surveyor.survey()


def assert_whole(found: FoundDevice) -> None:
    assert found.trouble == ""
    assert found.complete
    assert found.explored
    assert found.counted == len(found.objects) + 1
    objects = {each.id: each for each in found.objects}
    assert [(objects[each].name, objects[each].units, objects[each].value) for each in INPUTS] == [
        (f"Power {each.instance}", KILOWATTS, Value("real", f"{each.instance}.25")) for each in INPUTS
    ]
    assert_others(objects)


def assert_others(objects: dict[ObjectId, FoundObject]) -> None:
    """Objects that all three stacks serve."""
    named = {"LAV1": "Energy", "BI1": "Fan", "PIV1": "Count", "IV1": "Level", "AV2": "Moving"}
    assert {text: objects[parse_object(text)].name for text in named} == named
    said = {text: objects[parse_object(text)].value for text in ("LAV1", "PIV1", "IV1")}
    assert said == {
        "LAV1": Value("double", "123456789.0125"),
        "PIV1": Value("unsigned", "4294967295"),
        "IV1": Value("integer", "-40000"),
    }


async def test_all_that_is_there_is_found(peer: Peer) -> None:
    async with bridge_to(peer) as bridge:
        survey = await survey_of(bridge, peer.places.values())
    assert survey.attention == ()
    assert [(each.instance, each.address) for each in survey.devices] == [
        (place.instance, place.address) for place in peer.places.values()
    ]
    for found in survey.devices:
        assert_whole(found)


@pytest.mark.parametrize("kind", ["segmented", "long"])
async def test_who_sends_segments_says_the_same(peer: Peer, kind: str) -> None:
    """As one that does not. Behind a router it is not asked for them; where it refuses to say so much, no more."""
    places = [peer.place(kind), peer.place("plain")]
    async with bridge_to(peer) as bridge:
        sent = overhear(bridge)
        devices = {each.instance: each for each in (await survey_of(bridge, places)).devices}
    segmented, plain = (devices[place.instance] for place in places)
    assert (segmented.segmentation, plain.segmentation) == ("segmented-both", "no-segmentation")
    acknowledged = [apdu for apdu in map(apdu_of, sent) if apdu is not None and apdu[0] >> 4 == 4]
    assert bool(acknowledged) is (segmented.network is None)
    assert segmented.requests <= (0.4 if kind == "long" else 1.1) * plain.requests
    assert_whole(segmented)
    assert still(segmented) == still(plain)


def still(found: FoundDevice) -> list[FoundObject]:
    """What is the same on all devices of a stack, whenever it is looked at."""
    return [each for each in found.objects if each.id not in {MOVING, PORT}]


async def test_the_command_finds_the_same(peer: Peer, tmp_path: Path) -> None:
    place = peer.place("plain")
    own = f"127.0.0.1/32:{free_port()}"
    ways = ["--bbmd", peer.bbmd] if peer.bbmd is not None else []
    command = [sys.executable, "-m", "bacnet_bridge", "discover", "--fast", "--bind", own, "--address", place.address]
    process = await create_subprocess_exec(*command, *ways, cwd=tmp_path, stdout=PIPE, stderr=PIPE)
    out, told = await process.communicate()
    assert process.returncode == 0, told.decode()
    assert f"{OBJECTS} AI" in out.decode()
    (found,) = read(tmp_path / "discovered").devices
    assert_whole(found)


async def test_bacpypes3_sends_segments_on_the_own_network() -> None:
    """A device of its own: the building's stand behind a router."""
    port = free_port()
    device = DeviceObject(
        objectIdentifier=("device", 5001),
        objectName="On the own network",
        vendorIdentifier=999,
        maxApduLengthAccepted=1476,
        segmentationSupported="segmented-both",
        maxSegmentsAccepted=64,
    )
    own = NetworkPortObject(f"127.0.0.1/32:{port}", objectIdentifier=("network-port", 1), objectName="Port")
    inputs = [AnalogInputObject(objectName=f"Power {each.instance}", **input_of(each)) for each in INPUTS]
    app = Application.from_object_list([device, own, *inputs])
    try:
        async with bridge_to(Peer("bacpypes3", {}, None, {})) as bridge:
            sent = overhear(bridge)
            (found,) = (await survey_of(bridge, [Place(5001, f"127.0.0.1:{port}")])).devices
    finally:
        app.close()
    assert found.complete
    assert found.trouble == ""
    assert {each.id: each.name for each in found.objects if each.id != PORT} == {
        each: f"Power {each.instance}" for each in INPUTS
    }
    assert found.requests <= 10
    assert any(apdu[0] >> 4 == 4 for apdu in map(apdu_of, sent) if apdu is not None)


def input_of(each: ObjectId) -> dict[str, object]:
    return {
        "objectIdentifier": ("analog-input", each.instance),
        "presentValue": each.instance + 0.25,
        "units": "kilowatts",
    }
