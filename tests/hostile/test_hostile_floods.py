"""Floods: of bytes, of I-Ams, of segments. The bridge stays where it is, reads on, and keeps nothing of them."""

import asyncio
import contextlib
import gc
import logging
import random
import resource
import struct
import sys
import time
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog
from bacpypes3.appservice import IDLE

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.bacnet.rpm import encode_read
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import HandmadeDevice, analog, apdu_of, client, device, meter, object_id, point
from tests.support.hostile import absurd_i_ams, datagrams, hostile_device, i_am, unicast
from tests.support.peer import speaking_to

KEPT = 5_000
"""Blocks of memory that may be in use some seconds after a flood and were not before: caches that fill once. Not one
for each datagram. (The loop's cancelled timers stay until they would have rung.)"""
KEPT_RESIDENT = 8_000_000
"""Octets by which the process may have grown: what the allocator does not give back."""
BATCH = 100
ON_TIME = 5.0
"""Seconds in which an honest device is read, on a busy machine; it needs some milliseconds."""
NAME = encode_read(PropertyRef(ObjectId(8, 4_000), 77))


class Flood(asyncio.DatagramProtocol):
    """Somebody who sends to the bridge whatever he likes, and now and then asks it for its name."""

    def __init__(self) -> None:
        self.transport: Any = None
        self._invoke = 0
        self._named = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 there is only one
        apdu = apdu_of(data)
        if apdu is not None and apdu[:3] == bytes([0x30, self._invoke, 12]):
            self._named.set()

    async def pour(self, sent: Iterable[bytes]) -> None:
        """Send all, each batch once the bridge has dealt with the one before."""
        for number, datagram in enumerate(sent):
            self.transport.sendto(datagram)
            if number % BATCH == BATCH - 1:
                await self.answered()
        await self.answered()

    async def answered(self) -> None:
        """The bridge has read all that was sent, and still says who it is."""
        self._named.clear()
        self._invoke = (self._invoke + 1) % 256
        # An invoke id may still belong to an unfinished transaction that noise began: then the next one serves.
        for _ in range(5):
            self.transport.sendto(unicast(bytes([0x00, 0x05, self._invoke, 12]) + NAME, b"\x01\x04"))
            try:
                async with asyncio.timeout(1):
                    await self._named.wait()
            except TimeoutError:
                self._invoke = (self._invoke + 1) % 256
                continue
            return
        raise AssertionError("the bridge does not say its name any more")


def flood_of(made: Client) -> AbstractAsyncContextManager[Flood]:
    return speaking_to(made, Flood())


class Measured:
    """What is in use: Python's blocks of memory, the process's resident memory, tasks, and the stack's own lists."""

    def __init__(self, bridge: Client) -> None:
        self.bridge = bridge
        self.tasks = asyncio.all_tasks()
        gc.collect()
        self.blocks = sys.getallocatedblocks()
        self.resident = resident()

    async def nothing_was_kept(self) -> None:
        layer = self.bridge._app.asap
        async with asyncio.timeout(30):
            # What a half request began ends by the stack's time-out.
            while any(transaction.state != IDLE for transaction in layer.serverTransactions):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert layer.clientTransactions == []
        assert self.bridge._app._requests == {}
        if more := asyncio.all_tasks() - self.tasks:
            await asyncio.wait(more, timeout=5)
        assert asyncio.all_tasks() <= self.tasks
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10):
                while self._more_blocks() >= KEPT:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
        assert self._more_blocks() < KEPT
        assert resident() - self.resident < KEPT_RESIDENT

    def _more_blocks(self) -> int:
        gc.collect()
        return sys.getallocatedblocks() - self.blocks


def resident() -> int:
    """Octets of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.fixture(autouse=True)
def _quiet() -> None:
    """Thousands of undecodable datagrams are thousands of lines of debugging."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


async def reading_goes_on(reader: Reader, made: HandmadeDevice, until: asyncio.Event) -> float:
    """How long the slowest reading of an honest device took; right values only."""
    slowest, wanted = 0.0, meter(77, point("AI1"), address=made.address)
    while not until.is_set() or not slowest:
        began = time.monotonic()
        gathered = await reader.read(wanted, {})
        slowest = max(slowest, time.monotonic() - began)
        assert [reading.value for reading in gathered.readings] == [Decimal("21.5")]
        made.asked.clear()  # the device's own memory is not what is measured
    return slowest


@pytest.mark.parametrize(
    ("count", "seed"),
    [
        (5_000, 1),
        pytest.param(100_000, 2, marks=[pytest.mark.soak, pytest.mark.timeout(1_200)]),
    ],
)
async def test_random_datagrams(count: int, seed: int) -> None:
    async with (
        device(objects={"analog-input,1": analog(21.5, units=95)}) as made,
        client(timeout=2) as bridge,
        flood_of(bridge) as flood,
    ):
        reader = Reader(bridge, SystemClock())
        rng = random.Random(seed)
        over = asyncio.Event()
        over.set()
        await flood.pour(datagrams(rng, 1_000))
        await reading_goes_on(reader, made, over)
        before = Measured(bridge)
        over.clear()
        reading = asyncio.create_task(reading_goes_on(reader, made, over))
        await flood.pour(datagrams(rng, count))
        over.set()
        assert await reading < ON_TIME
        await reader.stop()
        await before.nothing_was_kept()


async def test_three_thousand_i_ams_in_a_burst() -> None:
    """Of others, while one device is looked for and read: it is found, and nobody else is remembered."""
    async with (
        device(objects={"analog-input,1": analog(21.5, units=95)}) as made,
        client(timeout=2) as bridge,
        flood_of(bridge) as flood,
    ):
        reader = Reader(bridge, SystemClock())
        await flood.answered()
        before = Measured(bridge)
        for instance in range(1_000, 4_000):
            flood.transport.sendto(unicast(i_am(instance)))
        over = asyncio.Event()
        over.set()
        assert await reading_goes_on(reader, made, over) < ON_TIME
        await flood.answered()
        await reader.stop()
        await before.nothing_was_kept()


async def test_every_i_am_of_a_burst_is_heard() -> None:
    async with client(timeout=2) as bridge, flood_of(bridge) as flood:
        heard: set[int] = set()
        with bridge.listening(lambda it: heard.add(it.instance)):
            for instance in range(3_000):
                flood.transport.sendto(unicast(i_am(instance)))
            await flood.answered()
        assert len(heard) == 3_000


async def test_absurd_i_ams_before_the_right_one() -> None:
    async with client(timeout=2) as bridge, hostile_device(objects={"analog-input,1": analog(21.5, units=95)}) as made:
        answer = made._send

        def answer_absurdly(apdu: bytes, addr: tuple[str, int]) -> None:
            if apdu[:2] == b"\x10\x00":
                for absurd in absurd_i_ams(made.instance):
                    made.transport.sendto(unicast(absurd), addr)
            answer(apdu, addr)

        made._send = answer_absurdly  # type: ignore[method-assign]  # what is sent is the test's to decide
        reader = Reader(bridge, SystemClock())
        gathered = await reader.read(meter(77, point("AI1"), address=made.address), {})
        await reader.stop()
        assert [reading.value for reading in gathered.readings] == [Decimal("21.5")]


@pytest.mark.parametrize("max_apdu", [0, 1, 49, 2**32 - 1])
async def test_an_absurd_apdu_size_is_brought_to_a_possible_one(max_apdu: int) -> None:
    objects = {f"analog-input,{number}": analog(21.5, units=95) for number in range(1, 9)}
    async with client(timeout=2) as bridge, hostile_device(objects=objects, answers_who_is=False) as made:
        receive = made.datagram_received

        def claim(data: bytes, addr: tuple[str, int]) -> None:
            if apdu_of(data) is not None and (apdu_of(data) or b"")[:2] == b"\x10\x08":
                made.transport.sendto(unicast(i_am(made.instance, max_apdu)), addr)
            receive(data, addr)

        made.datagram_received = claim  # type: ignore[method-assign]  # as above
        found = await Directory(bridge).find(made.instance, made.address)
        assert found.max_apdu == min(max(max_apdu, 50), 1476)
        reader = Reader(bridge, SystemClock())
        wanted = meter(77, *(point(name) for name in objects), address=made.address)
        gathered = await reader.read(wanted, {})
        await reader.stop()
        assert [reading.value for reading in gathered.readings] == [Decimal("21.5")] * 8


async def test_only_a_device_object_says_which_device_it_is() -> None:
    """An I-Am that names an analog input of this instance is nobody's: at the address stands another device."""
    async with client(timeout=0.5) as bridge, hostile_device(instance=88, answers_who_is=False) as made:
        receive = made.datagram_received

        def claim(data: bytes, addr: tuple[str, int]) -> None:
            made.transport.sendto(unicast(b"\x10\x00" + object_id(0, 77) + b"\x22\x05\xc4\x91\x03\x21\x2a"), addr)
            receive(data, addr)

        made.datagram_received = claim  # type: ignore[method-assign]  # as above
        with pytest.raises(ReadError, match="stands device 88"):
            await Directory(bridge).find(77, made.address)


async def test_half_requests_to_the_bridge_are_forgotten() -> None:
    """First segments of requests that never go on, from one address."""
    async with client(timeout=2) as bridge, flood_of(bridge) as flood:
        await flood.answered()
        before = Measured(bridge)
        started = (
            bytes([0x0C, 0x75, number % 256, 0, 16, 14]) + struct.pack(">BI", 0x0C, number) for number in range(3_000)
        )
        await flood.pour(unicast(apdu, b"\x01\x04") for apdu in started)
        await before.nothing_was_kept()


async def test_requests_with_a_reserved_apdu_size_are_forgotten() -> None:
    """For every invoke id of every address that anybody makes up, one."""
    async with client(timeout=2) as bridge, flood_of(bridge) as flood:
        await flood.pour(
            unicast(
                bytes([0x00, 0x0F, number % 256, 12]) + NAME, struct.pack(">BBHBB", 1, 0x0C, 1 + number // 256, 1, 7)
            )
            for number in range(1_000)
        )
        assert bridge._app.asap.serverTransactions == []


async def test_networks_that_do_not_exist_are_forgotten() -> None:
    async with client(timeout=2) as bridge, flood_of(bridge) as flood:
        await flood.pour(unicast(i_am(7), struct.pack(">BBHBB", 1, 0x08, network, 1, 7)) for network in range(1, 3_001))
        assert len(bridge._app.nsap.router_info_cache.path_info) < 1_000
