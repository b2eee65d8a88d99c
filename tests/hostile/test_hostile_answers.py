"""Devices that answer late, twice, to another's question, in pieces, or with rubbish: right values or none.

While one misbehaves, a device beside it is read in time; afterwards nothing is left of it, and once it is honest again
it is read again.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, READ_PROPERTY_MULTIPLE, encode_read
from bacnet_bridge.model import Meter, PropertyRef
from bacnet_bridge.vocabulary.objects import parse_object
from tests.support import noise
from tests.support.bacnet import analog, client, device, meter, point, real
from tests.support.clock import DrivenClock
from tests.support.hostile import Exchange, HostileDevice, Mischief, hostile_device, segments

VALUES = {f"analog-input,{number}": number + 0.5 for number in range(1, 7)}
ON_TIME = 5.0
"""Seconds in which an honest device is read, on a busy machine; it needs some milliseconds."""
_LATER = 4 * 3600.0
"""Seconds after which everything that a device refused, or its silence, is tried again."""


@dataclass
class Scene:
    """A hostile device, an honest one, and the bridge between them."""

    rogue: HostileDevice
    bridge: Client
    reader: Reader
    clock: DrivenClock
    wanted: list[Meter]
    neighbour: Meter
    tasks: set["asyncio.Task[object]"] = field(default_factory=set)

    async def read(self) -> list[Decimal | None]:
        gathered = await asyncio.gather(*(self.reader.read(each, {}) for each in self.wanted))
        return [gathering.readings[0].value for gathering in gathered]

    async def read_neighbour(self) -> float:
        began = time.monotonic()
        gathered = await self.reader.read(self.neighbour, {})
        assert [reading.value for reading in gathered.readings] == [Decimal(99)]
        return time.monotonic() - began

    async def misbehave(self, mischief: Mischief) -> list[Decimal | None]:
        """Read while the device does this; what it told, with everything checked that always holds."""
        self.rogue.mischief = mischief
        reading = asyncio.create_task(self.read())
        took = [await self.read_neighbour() for _ in range(3)]
        found = await reading
        took.append(await self.read_neighbour())
        assert max(took) < ON_TIME
        right = [Decimal(str(value)) for value in VALUES.values()]
        assert [value for value, good in zip(found, right, strict=True) if value not in {None, good}] == []
        await self.nothing_is_left()
        return found

    async def repent(self) -> None:
        """Honest again, and asked again: everything is read."""
        self.rogue.mischief = None
        await self.clock.advance(_LATER)
        found = await self.read()
        if None in found:  # the first time may be the one that learns that the device is back
            await self.clock.advance(_LATER)
            found = await self.read()
        assert found == [Decimal(str(value)) for value in VALUES.values()]
        await self.nothing_is_left()

    async def nothing_is_left(self) -> None:
        """No task, no transaction, no question without an answer."""
        if more := asyncio.all_tasks() - self.tasks:
            await asyncio.wait(more, timeout=5)
        assert asyncio.all_tasks() <= self.tasks
        assert self.bridge._app.asap.clientTransactions == []
        assert self.bridge._app._requests == {}


@asynccontextmanager
async def scene(patience: float = 0.1) -> AsyncIterator[Scene]:
    clock = DrivenClock()
    objects = {name: analog(value, units=95) for name, value in VALUES.items()}
    async with (
        hostile_device(objects=objects) as rogue,
        device(instance=78, objects={"analog-input,1": analog(99, units=95)}) as honest,
        client(timeout=patience) as bridge,
    ):
        reader = Reader(bridge, clock)
        wanted = [meter(77, point(name), address=rogue.address, name=name) for name in VALUES]
        neighbour = meter(78, point("AI1"), address=honest.address, name="neighbour")
        made = Scene(rogue, bridge, reader, clock, wanted, neighbour)
        await made.read_neighbour()
        assert None not in await made.read(), "bound and known before the mischief begins"
        made.tasks = asyncio.all_tasks()
        try:
            yield made
        finally:
            await reader.stop()


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stack never answers for ends by the client's outer time-out: without its share for routers."""
    monkeypatch.setattr("bacnet_bridge.bacnet.client._ROUTER_SEARCH", 0.0)


def repeated(exchange: Exchange) -> list[bytes]:
    return [exchange.honest] * 50


def to_another_request(exchange: Exchange) -> list[bytes]:
    return [exchange.acknowledge(exchange.body, invoke=(exchange.invoke + step) % 256) for step in range(1, 256)]


def about_another_object(exchange: Exchange) -> list[bytes]:
    return [exchange.acknowledge(exchange.body.replace(b"\x0c\x00\x00\x00", b"\x0c\x00\x80\x00"))]


def about_another_instance(exchange: Exchange) -> list[bytes]:
    """Every object's value under the name of the next: what a device does that counts from nought."""
    body = bytearray(exchange.body)
    for at in range(len(body) - 5):
        if body[at : at + 4] == b"\x0c\x00\x00\x00":
            body[at + 4] += 100
    return [exchange.acknowledge(bytes(body))]


def about_another_property(exchange: Exchange) -> list[bytes]:
    return [exchange.acknowledge(exchange.body.replace(b"\x29\x55", b"\x29\x57").replace(b"\x19\x55", b"\x19\x57"))]


def with_an_index(exchange: Exchange) -> list[bytes]:
    """As if the value were an element of an array."""
    body = exchange.body.replace(b"\x29\x55", b"\x29\x55\x39\x01").replace(b"\x19\x55", b"\x19\x55\x29\x01")
    return [exchange.acknowledge(body)]


def of_another_service(exchange: Exchange) -> list[bytes]:
    return [
        exchange.acknowledge(exchange.body, service=service)
        for service in (26, 12, 14, 255)
        if service != exchange.service
    ]


def simple(exchange: Exchange) -> list[bytes]:
    return [bytes([0x20, exchange.invoke, exchange.service])]


def segment_acks(exchange: Exchange) -> list[bytes]:
    return [bytes([0x41, exchange.invoke, number, 16]) for number in range(256)]


def oversized(exchange: Exchange) -> list[bytes]:
    """As much as one datagram holds, behind the honest answer and instead of it."""
    return [
        exchange.honest + bytes(60_000),
        exchange.acknowledge(b"\x0e" * 60_000),
        exchange.acknowledge(bytes(60_000)),
    ]


def backwards(exchange: Exchange) -> list[bytes]:
    return [exchange.acknowledge(b"".join(reversed(access_results(exchange))))]


def with_gaps(exchange: Exchange) -> list[bytes]:
    return [exchange.acknowledge(b"".join(access_results(exchange)[::2]))]


def with_strangers(exchange: Exchange) -> list[bytes]:
    stranger = bytes.fromhex("0C 00C00063 1E 29 55 4E 44 7FC00000 4F 29 6F 4E 82 04 40 4F 1F")
    return [exchange.acknowledge(stranger.join([b"", *access_results(exchange), b""]))]


def access_results(exchange: Exchange) -> list[bytes]:
    """The parts of a hand-made ReadPropertyMultiple-ACK, one for each property; the whole of a ReadProperty-ACK."""
    if exchange.service != READ_PROPERTY_MULTIPLE:
        return [exchange.body]
    return [part + b"\x4f\x1f" for part in exchange.body.split(b"\x4f\x1f") if part]


HARMLESS: dict[str, Mischief] = {
    "fifty times": repeated,
    "in another order": backwards,
    "with objects that nobody asked for": with_strangers,
}
SPOILING: dict[str, Mischief] = {
    "to another request": to_another_request,
    "about an object of another type": about_another_object,
    "about another instance": about_another_instance,
    "about another property": about_another_property,
    "about an element": with_an_index,
    "of another service": of_another_service,
    "without a value": simple,
    "segment acknowledgements": segment_acks,
    "in segments without end": segments,
}


@pytest.mark.parametrize("name", HARMLESS)
async def test_odd_but_right(name: str) -> None:
    async with scene() as it:
        assert None not in await it.misbehave(HARMLESS[name])
        await it.repent()


@pytest.mark.parametrize("name", SPOILING)
async def test_no_value_is_better_than_a_wrong_one(name: str) -> None:
    # Hundreds of segments stand before the neighbour's answer in the socket: that takes a while, and loses nothing.
    async with scene(patience=1 if SPOILING[name] is segments else 0.1) as it:
        assert await it.misbehave(SPOILING[name]) == [None] * len(VALUES)
        await it.repent()


async def test_what_is_missing_is_missing_alone() -> None:
    """Where half of an answer's objects are left out, the others' values stand."""
    async with scene() as it:
        found = await it.misbehave(with_gaps)
        assert len([value for value in found if value is not None]) >= len(VALUES) / 2
        await it.repent()


async def test_more_than_one_apdu() -> None:
    async with scene() as it:
        await it.misbehave(oversized)
        await it.repent()


async def test_an_answer_that_is_cut_anywhere() -> None:
    """What still stands in it before the cut is no reason to believe it: or it is right."""
    async with scene() as it:
        for length in range(3, 180):

            def cut(exchange: Exchange, length: int = length) -> list[bytes]:
                return [exchange.honest[:length]]

            await it.misbehave(cut)
            await it.clock.advance(_LATER)
        await it.repent()


async def test_an_answer_that_comes_after_the_next_question() -> None:
    """A late answer tells of the past: it must not stand in for the present."""
    async with scene() as it:
        past: dict[int, bytes] = {}

        def late(exchange: Exchange) -> list[bytes]:
            """The answers to all earlier questions, in which AI1 was 3.5."""
            past.setdefault(exchange.invoke, exchange.honest.replace(real(1.5), real(3.5)))
            return [answer for invoke, answer in past.items() if invoke != exchange.invoke]

        for _ in range(5):
            assert await it.misbehave(late) == [None] * len(VALUES)
            await it.clock.advance(_LATER)
        await it.repent()
        assert None not in await it.misbehave(lambda exchange: [*late(exchange), exchange.honest])
        assert len(past) > 5
        await it.repent()


async def test_answers_from_another_address() -> None:
    async with scene() as it, hostile_device(instance=79) as accomplice:
        it.rogue.elsewhere = accomplice.transport
        assert await it.misbehave(lambda exchange: [exchange.honest]) == [None] * len(VALUES)
        it.rogue.elsewhere = None
        await it.repent()


@pytest.mark.parametrize("form", ["reject", "abort", "error"])
async def test_every_reason_to_refuse(form: str) -> None:
    """Each of 256 numbers once and more: no values, and none is lost for good."""
    async with scene() as it:
        reasons = [code for code in range(256) for _ in range(2)]
        given = iter(reasons * 20)

        def refuse(exchange: Exchange) -> list[bytes]:
            code = next(given)
            return [
                {
                    "reject": bytes([0x60, exchange.invoke, code]),
                    "abort": bytes([0x71, exchange.invoke, code]),
                    "error": bytes([0x50, exchange.invoke, exchange.service, 0x91, code % 8, 0x91, code]),
                }[form]
            ]

        asked = 0
        while asked < len(reasons):
            assert await it.misbehave(refuse) == [None] * len(VALUES)
            await it.clock.advance(_LATER)
            asked += len(it.rogue.asked)
            it.rogue.asked.clear()
        await it.repent()


ERROR_BODIES = ["", "44 00000000 91 20", "91", "91 02", "91 02 91", "0E 91 02 91 20 0F", "FF" * 40]


@pytest.mark.parametrize(
    "body", [*ERROR_BODIES[:2], *(pytest.param(body, marks=pytest.mark.soak) for body in ERROR_BODIES[2:])]
)
async def test_an_error_that_says_nothing(body: str) -> None:
    async with scene() as it:
        answer = bytes.fromhex(body)
        found = await it.misbehave(lambda exchange: [bytes([0x50, exchange.invoke, exchange.service]) + answer])
        assert found == [None] * len(VALUES)
        await it.repent()


async def test_an_error_that_says_nothing_is_a_refusal_at_once() -> None:
    async with scene() as it:
        it.rogue.mischief = lambda exchange: [bytes([0x50, exchange.invoke, exchange.service])]
        read = encode_read(PropertyRef(parse_object("AI1")))
        with pytest.raises(RefusedError):
            async with asyncio.timeout(0.5):
                await it.bridge.ask(it.rogue.address, READ_PROPERTY, read, tries=1)


@pytest.mark.parametrize("rounds", [2, pytest.param(100, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
async def test_rubbish_under_the_right_number(rounds: int) -> None:
    async with scene() as it:
        rng = random.Random(5)

        def rubbish(exchange: Exchange) -> Iterable[bytes]:
            body = rng.choice((rng.randbytes(rng.randint(0, 80)), noise.tags(rng), noise.answer(rng, 2)))
            first = rng.choice((0x30, 0x30, 0x30, 0x38, 0x3C, 0x20, 0x40, 0x50, 0x60, 0x70, 0x71, 0x90, 0xF0))
            return [bytes([first, exchange.invoke, exchange.service]) + body]

        for _ in range(rounds):
            await it.misbehave(rubbish)
            await it.clock.advance(_LATER)
        await it.repent()
