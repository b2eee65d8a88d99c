"""BACnet/IP made by hand: devices whose every octet a test decides, and an ear on what the bridge sends.

Nothing here uses bacpypes3 or the product's codec, so that a mistake cannot agree with itself.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.model import Meter, Nature, Point, PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object
from bacnet_bridge.vocabulary.units import parse_unit
from tests.support.building import free_port

UNKNOWN_OBJECT = (1, 31)
UNKNOWN_PROPERTY = (2, 32)

OBJECT_NAME, PRESENT_VALUE, STATUS_FLAGS, UNITS, SCALE = 77, 85, 111, 117, 187
KILOWATTS, WATTS, KILOWATT_HOURS, DEGREES, NO_UNITS = 48, 47, 19, 62, 95


def real(value: float) -> bytes:
    return b"\x44" + struct.pack(">f", value)


def double(value: float) -> bytes:
    return b"\x55\x08" + struct.pack(">d", value)


def unsigned(value: int) -> bytes:
    return b"\x24" + struct.pack(">I", value)


def enumerated(value: int) -> bytes:
    return b"\x92" + struct.pack(">H", value)


def text(value: str) -> bytes:
    data = b"\x00" + value.encode()
    return bytes([0x75, len(data)]) + data


def bits(*raised: int) -> bytes:
    octet = sum(0x80 >> bit for bit in raised)
    return bytes([0x82, 4, octet])


def object_id(kind: int, instance: int) -> bytes:
    return b"\xc4" + struct.pack(">I", kind << 22 | instance)


def analog(value: float, name: str = "AI", units: int | None = KILOWATTS, flags: bytes = bits()) -> dict[int, bytes]:
    """An analog object's properties, encoded."""
    properties = {PRESENT_VALUE: real(value), STATUS_FLAGS: flags, OBJECT_NAME: text(name)}
    return properties if units is None else {**properties, UNITS: enumerated(units)}


@dataclass
class HandmadeDevice(asyncio.DatagramProtocol):
    """Answers Who-Is, ReadProperty and ReadPropertyMultiple from encoded properties, as rudely as told."""

    instance: int = 77
    objects: dict[str, dict[int, bytes]] = field(default_factory=dict)
    about: dict[int, bytes] = field(default_factory=dict)
    """Properties of its device object, encoded, beside those that every device has."""
    max_apdu: int = 1476
    answers_who_is: bool = True
    knows_wildcard: bool = True
    silent: bool = False
    delay: float = 0
    reject_rpm: bool = False
    abort_rpm: bool = False
    ignore_rpm: bool = False
    """ReadPropertyMultiple gets no answer at all."""
    most_values: int = 1000
    """More values than these in one request are answered by an abort (buffer overflow)."""
    most_results: int = 1000
    """More values than these are left out of an answer."""
    spoilers: frozenset[str] = frozenset()
    """Objects that turn a whole ReadPropertyMultiple into an error."""
    backwards: bool = False
    rewrite: Callable[[bytes], bytes | None] = staticmethod(lambda datagram: datagram)  # noqa: RUF009 not a default to share
    asked: list[tuple[int, list[tuple[ObjectId, int]]]] = field(default_factory=list)
    """Service and what was asked, in order."""
    at_once: int = 0
    most_at_once: int = 0
    received: int = 0
    """Datagrams, whatever they were and became."""
    busy: asyncio.Event = field(default_factory=asyncio.Event)
    """Set from the first request on."""
    transport: Any = None

    @property
    def address(self) -> str:
        return "{}:{}".format(*self.transport.get_extra_info("sockname"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received += 1
        apdu = apdu_of(data)
        if self.silent or apdu is None or (self.ignore_rpm and apdu[0] >> 4 == 0 and apdu[3] == 14):
            return
        if apdu[0] >> 4 == 1 and apdu[1] == 8:
            if self.answers_who_is:
                self.say_i_am(addr)
        elif apdu[0] >> 4 == 0:
            self.at_once += 1
            self.busy.set()
            self.most_at_once = max(self.most_at_once, self.at_once)
            asyncio.get_running_loop().call_later(self.delay, self._reply, apdu, addr)

    def say_i_am(self, to: tuple[str, int]) -> None:
        size = b"\x22" + struct.pack(">H", self.max_apdu)
        self._send(b"\x10\x00" + object_id(8, self.instance) + size + b"\x91\x03\x21\x2a", to)

    def _reply(self, apdu: bytes, addr: tuple[str, int]) -> None:
        self.at_once -= 1
        self._send(self._answer(apdu[2], apdu[3], apdu[4:]), addr)

    def _send(self, apdu: bytes, addr: tuple[str, int]) -> None:
        npdu = b"\x01\x00" + apdu
        datagram = self.rewrite(b"\x81\x0a" + struct.pack(">H", len(npdu) + 4) + npdu)
        if datagram is not None:
            self.transport.sendto(datagram, addr)

    def _answer(self, invoke: int, service: int, request: bytes) -> bytes:
        if service == 12:
            wanted, number = _asked_singly(request)
            self.asked.append((12, [(wanted, number)]))
            value = self._value(wanted, number)
            if isinstance(value, tuple):
                return bytes([0x50, invoke, 12, 0x91, value[0], 0x91, value[1]])
            head = b"\x0c" + _packed(wanted) + _context(1, number)
            return bytes([0x30, invoke, 12]) + head + b"\x3e" + value + b"\x3f"
        asked = _asked_together(request)
        self.asked.append((service, asked))
        if service != 14 or self.reject_rpm:
            return bytes([0x60, invoke, 9])
        if self.abort_rpm or len(asked) > self.most_values:
            return bytes([0x71, invoke, 1])
        if any(str(wanted) in self.spoilers for wanted, _ in asked):
            return bytes([0x50, invoke, 14, 0x91, 1, 0x91, 31])
        return bytes([0x30, invoke, 14]) + self._results(
            (asked[::-1] if self.backwards else asked)[: self.most_results]
        )

    def _results(self, asked: list[tuple[ObjectId, int]]) -> bytes:
        parts = []
        for wanted, number in asked:
            value = self._value(wanted, number)
            result = (
                bytes([0x5E, 0x91, value[0], 0x91, value[1], 0x5F])
                if isinstance(value, tuple)
                else b"\x4e" + value + b"\x4f"
            )
            parts.append(b"\x0c" + _packed(wanted) + b"\x1e" + _context(2, number) + result + b"\x1f")
        return b"".join(parts)

    def _value(self, wanted: ObjectId, number: int) -> bytes | tuple[int, int]:
        if wanted.type == 8 and (wanted.instance == self.instance or self.knows_wildcard):
            about = {75: object_id(8, self.instance), 62: unsigned(self.max_apdu), 77: text("handmade")}
            return (about | self.about).get(number, UNKNOWN_PROPERTY)
        properties = self.objects.get(str(wanted))
        return UNKNOWN_OBJECT if properties is None else properties.get(number, UNKNOWN_PROPERTY)


_Made = TypeVar("_Made", bound=HandmadeDevice)


def device(**character: Any) -> AbstractAsyncContextManager[HandmadeDevice]:
    """A hand-made device on a free port of 127.0.0.1."""
    return placed(HandmadeDevice(**character))


@asynccontextmanager
async def placed(made: _Made) -> AsyncIterator[_Made]:
    """The device, on a free port of 127.0.0.1."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, ("127.0.0.1", 0))
    try:
        yield made
    finally:
        transport.close()


@asynccontextmanager
async def client(**settings: Any) -> AsyncIterator[Client]:
    """A started client on a free port, with little patience."""
    timeout = settings.pop("timeout", 0.3)
    about: dict[str, Any] = {"instance": 4_000, "address": f"127.0.0.1/32:{free_port()}", **settings}
    made = Client(Identity(**about), timeout=timeout)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


def overhear(made: Client) -> list[bytes]:
    """Every datagram that reaches the client's socket from now on."""
    sent: list[bytes] = []
    for transport in (made._edge.local_transport, made._edge.broadcast_transport):
        if transport is not None:
            transport.sendto = _recording(transport.sendto, sent)
    return sent


@contextmanager
def overhearing(port: int) -> Iterator[list[bytes]]:
    """Every datagram that leaves this process from the port, the opening of the port included."""
    sent: list[bytes] = []
    transport = asyncio.selector_events._SelectorDatagramTransport  # type: ignore[attr-defined]
    send = transport.sendto

    def record(self: Any, data: bytes, addr: Any = None) -> None:
        if self.get_extra_info("sockname")[1] == port:
            sent.append(bytes(data))
        send(self, data, addr)

    transport.sendto = record
    try:
        yield sent
    finally:
        transport.sendto = send


def _recording(send: Callable[..., None], sent: list[bytes]) -> Callable[..., None]:
    def record(data: bytes, addr: Any = None) -> None:
        sent.append(bytes(data))
        send(data, addr)

    return record


def apdu_of(datagram: bytes) -> bytes | None:
    """The APDU within a BACnet/IP datagram, by hand; None where it carries none."""
    if datagram[1] not in {0x04, 0x09, 0x0A, 0x0B}:
        return None
    npdu = datagram[10:] if datagram[1] == 0x04 else datagram[4:]
    control, rest = npdu[1], npdu[2:]
    if control & 0x80:
        return None
    if control & 0x20:
        rest = rest[3 + rest[2] :]
    if control & 0x08:
        rest = rest[3 + rest[2] :]
    return rest[1:] if control & 0x20 else rest


def meter(device: int, *points: Point, address: str | None = None, name: str = "m") -> Meter:
    return Meter(name, name, device, points, 300, "Europe/Dublin", 60, address=address)


def point(source: str, field: str = "value", **more: Any) -> Point:
    """A point by `AI1`; `unit`, `multiplier`, `offset` and `ratio` as text, `property` as a number."""
    ref = PropertyRef(parse_object(source), more.pop("property", PRESENT_VALUE))
    for key in {"multiplier", "offset", "ratio"} & more.keys():
        more[key] = Decimal(more[key])
    if "unit" in more:
        more["unit"] = parse_unit(more["unit"])
    return Point(field, ref, more.pop("nature", Nature.INSTANT), **more)


def _packed(wanted: ObjectId) -> bytes:
    return struct.pack(">I", wanted.type << 22 | wanted.instance)


def _context(tag: int, number: int) -> bytes:
    data = number.to_bytes(1 if number < 256 else 2)
    return bytes([tag << 4 | 0x08 | len(data)]) + data


def _unpacked(data: bytes) -> ObjectId:
    (number,) = struct.unpack(">I", data)
    return ObjectId(number >> 22, number & 0x3FFFFF)


def _asked_singly(request: bytes) -> tuple[ObjectId, int]:
    size = request[5] & 0x07
    return _unpacked(request[1:5]), int.from_bytes(request[6 : 6 + size])


def _asked_together(request: bytes) -> list[tuple[ObjectId, int]]:
    asked, at = [], 0
    while at < len(request):
        wanted, at = _unpacked(request[at + 1 : at + 5]), at + 6
        while request[at] != 0x1F:
            size = request[at] & 0x07
            asked.append((wanted, int.from_bytes(request[at + 1 : at + 1 + size])))
            at += 1 + size
        at += 1
    return asked
