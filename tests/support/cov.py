"""A hand-made device that tells changes, and the bridge's subscriptions at it as the reader uses them."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.subscriptions import Subscriptions
from bacnet_bridge.clock import Clock
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import STATUS_FLAGS, ObjectId, parse_object
from tests.support.bacnet import PRESENT_VALUE, HandmadeDevice, analog, apdu_of, client, object_id, placed, unsigned
from tests.support.clock import DrivenClock

AI1 = PropertyRef(parse_object("AI1"))
AI2 = PropertyRef(parse_object("AI2"))


def flags_of(ref: PropertyRef) -> PropertyRef:
    return PropertyRef(ref.object, STATUS_FLAGS)


@dataclass
class Subscribed:
    """What a device knows of one subscription."""

    to: tuple[str, int]
    process: int
    confirmed: bool
    until: float


@dataclass
class TellingDevice(HandmadeDevice):
    """Takes subscriptions, and tells each at once what its object shows, and then what the test changes."""

    clock: Clock = field(default_factory=DrivenClock)
    objects: dict[str, dict[int, bytes]] = field(
        default_factory=lambda: {"analog-input,1": analog(1.5, "AI1"), "analog-input,2": analog(2.5, "AI2")}
    )
    refuses: dict[str, bytes] = field(default_factory=dict)
    """By object, the first octets of the PDU that refuses it, its invoke id left out: type, and what follows."""
    ignores: bool = False
    """SubscribeCOV gets no answer."""
    grants: int = 10_000
    """Seconds that a subscription lasts at most."""
    says_remaining: Callable[[int], int] = staticmethod(lambda seconds: seconds)  # noqa: RUF009 not a default to share
    loses: bool = False
    """What it tells is lost on the way."""
    subscribed: dict[ObjectId, Subscribed] = field(default_factory=dict)
    wanted: list[ObjectId] = field(default_factory=list)
    """Objects of all SubscribeCOV requests, in order."""
    told: list[bytes] = field(default_factory=list)
    """All notifications, whether lost or not: APDUs."""
    acknowledged: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    """Invoke ids of notifications that the bridge took, and that it refused."""
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what shows in datagrams."""
        async with asyncio.timeout(5):
            while not condition():
                self.moved.clear()
                await self.moved.wait()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        apdu = apdu_of(data)
        if apdu is not None and apdu[0] >> 4 == 2 and apdu[2] == 1:
            self.acknowledged.append(apdu[1])
        elif apdu is not None and apdu[0] >> 4 in {5, 6, 7}:
            self.refused.append(apdu[1])
        elif apdu is not None and apdu[0] >> 4 == 0 and apdu[3] == 5 and not self.silent:
            self._subscribe(apdu[2], apdu[4:], addr)
        else:
            super().datagram_received(data, addr)
        asyncio.get_running_loop().call_soon(self.moved.set)

    def _subscribe(self, invoke: int, request: bytes, addr: tuple[str, int]) -> None:
        width = request[0] & 0x07
        process, rest = int.from_bytes(request[1 : 1 + width]), request[1 + width :]
        number = struct.unpack(">I", rest[1:5])[0]
        wanted = ObjectId(number >> 22, number & 0x3FFFFF)
        if len(rest) == 5:
            self.subscribed.pop(wanted, None)
            self._send(bytes([0x20, invoke, 5]), addr)
            return
        self.wanted.append(wanted)
        refusal = self.refuses.get(str(wanted))
        if self.ignores:
            return
        if refusal is not None:
            self._send(bytes([refusal[0], invoke]) + refusal[1:], addr)
            return
        lifetime = min(self.grants, int.from_bytes(rest[8:]))
        self.subscribed[wanted] = Subscribed(addr, process, rest[5:7] == b"\x29\x01", self.clock.monotonic() + lifetime)
        self._send(bytes([0x20, invoke, 5]), addr)
        self.tell(wanted)

    def change(self, ref: PropertyRef, value: bytes) -> None:
        """The object shows another value; whoever subscribed is told."""
        self.objects[str(ref.object)][PRESENT_VALUE] = value
        if ref.object in self.subscribed:
            self.tell(ref.object)

    def tell(self, about: ObjectId, /, **instead: Any) -> None:
        """Send a notification, with other things than the true ones where the test says so."""
        given = self.subscribed[about]
        said = {"process": given.process, "device": self.instance, "about": about, **instead}
        remaining = self.says_remaining(max(0, int(given.until - self.clock.monotonic())))
        values = self.objects[str(about)]
        body = (
            b"\x0c" + struct.pack(">I", said["process"])
            + b"\x1c" + object_id(8, said["device"])[1:]
            + b"\x2c" + object_id(said["about"].type, said["about"].instance)[1:]
            + b"\x3c" + unsigned(remaining)[1:]
            + b"\x4e\x09\x55\x2e" + values[PRESENT_VALUE] + b"\x2f\x09\x6f\x2e" + values[STATUS_FLAGS] + b"\x2f\x4f"
        )  # fmt: skip
        head = bytes([0x00, 0x05, len(self.told) % 256, 1]) if given.confirmed else b"\x10\x02"
        self.told.append(head + body)
        if not self.loses:
            self._send(self.told[-1], given.to)

    def repeat(self, number: int) -> None:
        """Send a notification again, as it was."""
        (to,) = {each.to for each in self.subscribed.values()}
        self._send(self.told[number], to)

    def restart(self) -> None:
        """It forgets its subscriptions."""
        self.subscribed.clear()


@dataclass(frozen=True)
class Rig:
    """The bridge's side: one meter of AI1 and AI2, of which the device is to tell `told`."""

    device: TellingDevice
    clock: DrivenClock
    client: Client
    reached: Device
    subscriptions: Subscriptions
    told: tuple[PropertyRef, ...]
    refs: tuple[PropertyRef, ...]

    async def slot(self) -> tuple[dict[PropertyRef, Answer], set[PropertyRef]]:
        """Read as the reader does: the answers, and what the device was asked for."""
        before = len(self.device.asked)
        answers = dict(
            zip(self.refs, await self.subscriptions.read(self.reached, self.refs, self.told, 0.0), strict=True)
        )
        asked = {PropertyRef(wanted, number) for _, each in self.device.asked[before:] for wanted, number in each}
        return answers, asked

    async def subscribed(self, notifications: int | None = None) -> None:
        """Read once, and wait until the bridge has taken the first notification of each."""
        wanted = len(self.told) if notifications is None else notifications
        await self.slot()
        await self.device.until(lambda: len(self.device.acknowledged) >= wanted)


@asynccontextmanager
async def telling(clock: Clock, **character: Any) -> AsyncIterator[TellingDevice]:
    """A telling device on a free port of 127.0.0.1."""
    async with placed(TellingDevice(clock=clock, **character)) as made:
        yield made


@asynccontextmanager
async def rig(told: tuple[PropertyRef, ...] = (AI1, AI2), **character: Any) -> AsyncIterator[Rig]:
    """A telling device, and subscriptions to it on a driven clock."""
    clock = DrivenClock()
    async with telling(clock, **character) as made, client(timeout=0.1) as bridge:
        gate, directory = Gate(), Directory(bridge, clock)
        reached = Device(made.instance, made.address, bridge, directory, clock, gate)
        subscriptions = Subscriptions(bridge, clock, gate)
        refs = (AI1, flags_of(AI1), AI2, flags_of(AI2))
        try:
            yield Rig(made, clock, bridge, reached, subscriptions, told, refs)
        finally:
            await directory.stop()
            await reached.stop()
            await subscriptions.stop()
