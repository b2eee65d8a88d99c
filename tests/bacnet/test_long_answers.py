"""Surveys of devices that say that they send segments: faster where they do it well, never worse where they do not."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bacnet_bridge.bacnet.answer import UnreadableError
from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.describe import refs_of
from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.long_answers import LongAnswers, may_send_segments
from bacnet_bridge.bacnet.pacing import Gate, Limits
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, encode_read, likely_octets
from bacnet_bridge.bacnet.survey import Surveyor
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import DeviceSilentError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.survey.model import FoundDevice, Survey
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import DEGREES, analog, apdu_of, client, enumerated, overhear, placed, text, unsigned
from tests.support.explorable import OBJECT_LIST, SEGMENTATION, Watching, at
from tests.support.segmenting import BOTH, NONE, RECEIVE, TRANSMIT, Mischief, Segmenting, segmenting

OBJECTS = 400


def many(count: int = OBJECTS) -> dict[str, dict[int, Any]]:
    """With texts of many lengths, so that no segment begins where an object does."""
    return {
        f"analog-input,{number}": {
            **analog(number, f"Temperature {number} {'x' * (number % 17)}", DEGREES),
            28: text(f"Room {number}"),
        }
        for number in range(1, count + 1)
    }


async def survey_of(made: Client, *devices: Segmenting) -> Survey:
    surveyor = Surveyor(made, SystemClock(), at(*devices), Watching(), Limits())
    await surveyor.devices()
    await surveyor.objects(lambda _, __: True, lambda _: True)
    surveyor.finish()
    await surveyor.stop()
    return surveyor.survey()


@asynccontextmanager
async def explored(**character: Any) -> AsyncIterator[tuple[FoundDevice, Segmenting]]:
    timeout = character.pop("timeout", 0.3)
    async with segmenting(**{"objects": many(), **character}) as device, client(timeout=timeout) as made:
        found = (await survey_of(made, device)).devices[0]
        assert made._app.asap.clientTransactions == []
        yield found, device


def assert_whole(found: FoundDevice, objects: int = OBJECTS) -> None:
    assert found.trouble == ""
    assert found.complete
    assert found.counted == objects + 1
    assert {each.id: each.name for each in found.objects} == {
        ObjectId(0, number): f"Temperature {number} {'x' * (number % 17)}" for number in range(1, objects + 1)
    }
    assert [each.description for each in found.objects] == [f"Room {number}" for number in range(1, objects + 1)]
    assert [each.value and each.value.text for each in found.objects] == [str(n) for n in range(1, objects + 1)]
    assert all(each.explored and each.unread == () and each.units == DEGREES for each in found.objects)


async def test_who_sends_segments_is_explored_in_a_fifth_of_the_requests() -> None:
    async with explored(timeout=3) as (found, device):
        assert_whole(found)
        assert found.requests == device.requests == 9
        assert device.wanted_segments == 8
        assert device.aborts == 0


@pytest.mark.parametrize(
    "character",
    [{"window": 1}, {"window": 2}, {"window": 127}, {"max_apdu": 480}, {"max_apdu": 1024}, {"says": TRANSMIT}],
    ids=str,
)
async def test_however_it_cuts_its_answers(character: dict[str, Any]) -> None:
    async with explored(**character) as (found, device):
        assert_whole(found)
        assert device.wanted_segments == device.requests - 1


@pytest.mark.parametrize("says", [RECEIVE, NONE])
async def test_who_does_not_say_that_it_sends_segments_is_not_asked_for_them(says: int) -> None:
    async with explored(says=says, objects=many(40)) as (found, device):
        assert_whole(found, 40)
        assert device.wanted_segments == 0


@pytest.mark.parametrize(
    ("address", "segmentation", "asked"),
    [
        ("192.168.1.20", "segmented-both", True),
        ("192.168.1.20:47809", "segmented-transmit", True),
        ("192.168.1.20", "segmented-receive", False),
        ("192.168.1.20", "segmentation 7", False),
        ("192.168.1.20", None, False),
        ("100:10", "segmented-both", False),
    ],
)
def test_nobody_behind_a_router_is_asked_for_them(address: str, segmentation: str | None, asked: bool) -> None:
    """A trunk carries one segment after the other, and nothing else meanwhile."""
    assert may_send_segments(IAm(77, address, 1476), segmentation) is asked


def never_ends(segments: Sequence[bytes]) -> list[bytes]:
    first = bytearray(segments[0])
    return [bytes([*first[:2], number % 256, *first[3:]]) for number in range(2_000)]


def ends_too_soon(segments: Sequence[bytes]) -> list[bytes]:
    return [bytes([segments[0][0] & ~0x04]) + segments[0][1:]]


def numbered(segments: Iterable[bytes]) -> list[bytes]:
    """With their own right numbers, as if nothing were wrong."""
    row = list(segments)
    heads = [0x38 | (0x04 if number < len(row) - 1 else 0) for number in range(len(row))]
    return [
        bytes([head, each[1], number]) + each[3:] for number, (head, each) in enumerate(zip(heads, row, strict=True))
    ]


WRONG: dict[str, Mischief] = {
    "an abort: no segments": lambda all_: [bytes([0x71, all_[0][1], 4])],
    "an abort: buffer overflow": lambda all_: [bytes([0x71, all_[0][1], 1])],
    "an abort: out of resources": lambda all_: [bytes([0x71, all_[0][1], 9])],
    "a reject": lambda all_: [bytes([0x60, all_[0][1], 0])],
    "an error": lambda all_: [bytes([0x50, all_[0][1], all_[0][4], 0x91, 0, 0x91, 0])],
    "nothing": lambda _: [],
    "the first only": lambda all_: all_[:1],
    "not the last": lambda all_: all_[:-1],
    "not the first": lambda all_: all_[1:],
    "no end": never_ends,
    "an end too soon": ends_too_soon,
    "a window of nothing": lambda all_: [each[:3] + b"\x00" + each[4:] for each in all_],
    "an abort in the middle": lambda all_: [all_[0], bytes([0x71, all_[0][1], 0])],
    "an error in the middle": lambda all_: [all_[0], bytes([0x50, all_[0][1], all_[0][4], 0x91, 0, 0x91, 0])],
    "an acknowledgement in the middle": lambda all_: [all_[0], bytes([0x20, all_[0][1], all_[0][4]])],
    "one piece in the middle": lambda all_: [all_[0], bytes([0x30, all_[0][1], all_[0][4]]) + all_[1][5:]],
    "another service": lambda all_: [each[:4] + b"\x1a" + each[5:] for each in all_],
    "a segment of another service": lambda all_: [all_[0], all_[1][:4] + b"\x1a" + all_[1][5:]],
    "a segment as large as a datagram": lambda all_: [all_[0], all_[1] + bytes(50_000)],
    "parts left out": lambda all_: numbered([all_[0], *all_[2:]]),
    "a part twice": lambda all_: numbered([all_[0], all_[0], *all_[1:]]),
    "parts exchanged": lambda all_: numbered([*all_[1:], all_[0]]),
    "a part in place of another": lambda all_: numbered([*all_[:-1], all_[0]]),
    "empty parts": lambda all_: numbered([each[:5] for each in all_]),
}


@pytest.mark.parametrize("name", WRONG)
async def test_who_does_it_wrong_is_asked_in_one_piece_and_nothing_is_lost(name: str) -> None:
    few = {"objects": many(100), "max_apdu": 480}
    async with explored(mischief=WRONG[name], **few) as (found, device):
        assert_whole(found, 100)
        assert device.wanted_segments == 1
        assert device.requests <= 60  # one asked a second time for each would be over 100


@pytest.mark.parametrize("name", ["an abort: buffer overflow", "not the last", "no end", "a part in place of another"])
async def test_what_was_answered_before_is_not_asked_again(name: str) -> None:
    """Its list and some objects came well; from then on nothing does."""
    long = 0

    def later(segments: Sequence[bytes]) -> Iterable[bytes]:
        nonlocal long
        long += 1
        return segments if long <= 2 else WRONG[name](segments)

    async with explored(mischief=later, window=16, objects=many(250), timeout=1) as (found, device):
        assert_whole(found, 250)
        assert device.wanted_segments == 5, "the list, a few, two questions that went well, and one that did not"
        assert device.requests <= 5 + 1 + 90 / 10


async def test_a_segment_that_never_comes_costs_one_time_out() -> None:
    async with segmenting(objects=many(40), mischief=lambda each: each[:1]) as device, client(timeout=0.3) as made:
        began = asyncio.get_running_loop().time()
        (found,) = (await survey_of(made, device)).devices
        assert_whole(found, 40)
        assert device.aborts == 1, "it is told that nobody waits for the others"
        assert 0.3 <= asyncio.get_running_loop().time() - began < 3


class Dripping(Segmenting):
    """Each segment comes in time, and all of them would take long."""

    def _send_window(self, sending: Any) -> None:
        asyncio.get_running_loop().call_later(0.05, super()._send_window, sending)


async def test_who_lets_segments_drip_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.bacnet.client._ROUTER_SEARCH", -1.2)  # so that 1 s is left of all patience
    about = {SEGMENTATION: enumerated(BOTH)}
    dripping = Dripping(objects=many(1_000), about=about, window=1, max_apdu=128, patience=60)
    async with placed(dripping) as device, client(timeout=0.3) as made:
        whole = encode_read(PropertyRef(ObjectId(8, 77), OBJECT_LIST))
        with pytest.raises(DeviceSilentError):
            await made.ask(device.address, READ_PROPERTY, whole, tries=1, segments=64)
        assert made._app.asap.clientTransactions == []
        await device.stopped.wait()
        assert device.sent_segments < 1_001 * 5 / 123


@pytest.mark.parametrize("seed", range(4))
async def test_a_line_that_loses_every_twentieth_datagram_loses_no_object(seed: int) -> None:
    lost = random.Random(seed)
    async with explored(loses=lambda _: lost.random() < 0.05, timeout=0.2) as (found, _):
        assert_whole(found)


async def test_a_slow_device_is_asked_for_less_at_a_time_and_stays_in_time() -> None:
    """A whole question would take it longer than it has for an answer."""
    async with explored(objects=many(100), pace=0.0006, timeout=0.8) as (found, device):
        assert_whole(found, 100)
        assert device.wanted_segments == device.requests - 1
        assert 5 < device.requests < 20


@dataclass
class Paced:
    """A line to a device that takes so many seconds for a property, the first time and from then on."""

    device: Segmenting
    paces: list[float]
    took: float = 0
    asked: list[int] = field(default_factory=list)

    async def send(self, service: int, request: bytes, properties: int, **_: Any) -> bytes:
        self.took = properties * (self.paces.pop(0) if len(self.paces) > 1 else self.paces[0])
        self.asked.append(properties)
        return self.device._of_any_length(1, service, request)[3:]


@pytest.mark.parametrize(
    ("paces", "asked"),
    [([0.001], [96, 462]), ([0.005], [96, 300, 300, 300]), ([0.02, 0.1], [96, 72]), ([0.001, 0.02], [96, 462, 72])],
    ids=str,
)
async def test_how_much_is_asked_for_goes_by_the_newest_pace(paces: list[float], asked: list[int]) -> None:
    """Half of 3 s are 75 properties at 0.02 s each. At 0.1 s it is not worth it."""
    line: Any = Paced(Segmenting(objects=many()), paces)
    long = LongAnswers(IAm(77, "10.0.0.7", 1476), line, likely_octets, 3)
    answered = 0
    async for answers in long.read(ref for number in range(1, OBJECTS + 1) for ref in refs_of(ObjectId(0, number))):
        answered += len(answers)
        assert len(answers) % 6 == 0
        assert all(isinstance(each, Datum | UnreadableError) for each in answers.values())
    assert line.asked[: len(asked)] == asked
    assert answered == sum(line.asked)
    assert long.working is (answered == 6 * OBJECTS)


async def test_who_counts_wrong_is_looked_at_by_index() -> None:
    async with explored(counts=390) as (found, _):
        assert found.complete
        assert len(found.objects) == OBJECTS
        assert found.unread[-1].why == "it counts 390 objects, and lists 11 more"
    async with explored(counts=409) as (found, _):
        assert not found.complete
        assert len(found.objects) == OBJECTS


async def test_who_does_not_count_is_listed_whole() -> None:
    async with explored(reject_index=True) as (found, device):
        assert_whole(found)
        assert device.wanted_segments == device.requests - 1


async def test_slots_never_ask_for_segments() -> None:
    """However the device answered a survey before."""
    async with segmenting(objects=many()) as device, client() as made:
        await survey_of(made, device)
        clock, gate = SystemClock(), Gate()
        directory = Directory(made, clock)
        directory.bind(IAm(77, device.address, 1476))
        known = Device(77, device.address, made, directory, clock, gate)
        sent = overhear(made)
        wanted = [PropertyRef(ObjectId(0, number)) for number in range(1, OBJECTS + 1)]
        answers = await known.read_properties(wanted)
        await known.stop()
        await directory.stop()
        assert len(answers) == OBJECTS
        assert {apdu[0] for apdu in map(apdu_of, sent) if apdu is not None} == {0}


async def test_nothing_leaves_that_is_not_on_the_allow_list() -> None:
    """Guarantee 5: beside questions there are acknowledgements of segments, and aborts of what is no answer."""
    for mischief in (None, WRONG["no end"]):
        async with segmenting(objects=many(), mischief=mischief) as device, client() as made:
            sent = overhear(made)
            await survey_of(made, device)
            apdus = [apdu for apdu in map(apdu_of, sent) if apdu is not None]
            kinds = {apdu[0] >> 4 for apdu in apdus}
            assert {0, 1, 4} <= kinds <= {0, 1, 4, 7}  # a machine under load may abort an answer that comes late
            assert mischief is None or 7 in kinds
            assert {apdu[3] for apdu in apdus if apdu[0] >> 4 == 0} == {12, 14}


async def test_long_texts_of_states_come_with_the_others() -> None:
    texts = [text(f"State number {number} of this object") for number in range(1, 61)]
    objects = {f"multi-state-value,{n}": {77: text("Mode"), 85: unsigned(2), 110: texts} for n in range(1, 9)}
    async with explored(objects=objects, timeout=3) as (found, device):
        assert all(each.states is not None and len(each.states) == 60 for each in found.objects)
        assert device.requests == 3
