"""The one server that every client reads: made by hand, in a process of its own, with little to do for an answer.

Nothing here uses the product's codec or bacpypes3.
"""

import asyncio
import socket
import struct
import sys
from collections.abc import Iterator
from typing import Any, Final

from bacnet_bridge.vocabulary.fields import ELECTRICAL, Field, Quantity

DEVICE: Final = 4711
NAME: Final = "Point {}"
UNKNOWN_PROPERTY: Final = b"\x91\x02\x91\x20"
_READ_PROPERTY, _READ_PROPERTY_MULTIPLE, _PRESENT_VALUE = 12, 14, 85
_INSTANCE: Final = 0x3FFFFF
_REAL: Final = struct.Struct(">f")
_UNITS: Final = {
    Quantity.ACTIVE_POWER: 48,
    Quantity.REACTIVE_POWER: 12,
    Quantity.APPARENT_POWER: 9,
    Quantity.VOLTAGE: 5,
    Quantity.CURRENT: 3,
    Quantity.ENERGY: 19,
}
"""kW, kVAr, kVA, V, A, kWh: what meters claim; the bridge converts all but volts and amperes."""


def field_of(instance: int) -> Field:
    """What analog-input `instance` measures: the 21 electrical fields in turn."""
    return ELECTRICAL[(instance - 1) % len(ELECTRICAL)]


def units_of(instance: int) -> int:
    """The code of its unit."""
    return _UNITS[field_of(instance).quantity]


def value_of(instance: int, moves: int) -> float:
    """What analog-input `instance` shows after so many moves, before it becomes a Real.

    Always another value, always a higher one: odd instances with one decimal, as a sensor rounds, even ones with
    whatever digits a Real has, as a meter calculates.
    """
    return instance * 10 + (round((moves + 3) * 0.1, 1) if instance % 2 else moves * 0.1234567)


def free_port() -> int:
    """A UDP port of 127.0.0.1 that nobody has bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Answers:
    """What the device says. Its values move whenever a pass begins: whenever the first object's is asked for."""

    def __init__(self, objects: int) -> None:
        self.moves = 0
        self._objects = objects
        self._templates: dict[bytes, tuple[bytearray, list[tuple[int, int]], bool]] = {}
        self._shown: list[float] = []
        self._next: list[float] = []
        self.prepare()

    def to(self, invoke: int, service: int, request: bytes) -> bytes:
        """The APDU. Made once for each question but for the values, so that this process has time to spare."""
        key = bytes([service]) + request
        if key not in self._templates:
            self._templates[key] = _template(service, request)
        answer, places, begins = self._templates[key]
        if begins:
            self.moves += 1
            self._shown = self._next or self._values()
            self._next = []
        answer[1] = invoke
        for place, instance in places:
            _REAL.pack_into(answer, place, self._shown[instance])
        return bytes(answer)

    def prepare(self) -> None:
        """Work out the next move's values, while nobody waits."""
        self._next = self._next or self._values()

    def _values(self) -> list[float]:
        return [0.0, *(value_of(instance, self.moves + 1) for instance in range(1, self._objects + 1))]


def _template(service: int, request: bytes) -> tuple[bytearray, list[tuple[int, int]], bool]:
    """An answer, where in it which instances' values stand, and whether a pass begins with it."""
    if service == _READ_PROPERTY:
        value = property_of(int.from_bytes(request[1:5]) & _INSTANCE, request[6])
        found = b"\x50\x00\x0c" + UNKNOWN_PROPERTY if value is None else b"\x30\x00\x0c" + request[:7] + b"\x3e"
        return bytearray(found if value is None else found + value + b"\x3f"), [], False
    if service != _READ_PROPERTY_MULTIPLE:
        return bytearray(b"\x60\x00\x09"), [], False
    answer, places = bytearray(b"\x30\x00\x0e"), []
    for identifier, numbers in asked(request):
        instance = int.from_bytes(identifier) & _INSTANCE
        answer += b"\x0c" + identifier + b"\x1e"
        for number in numbers:
            if number == _PRESENT_VALUE:
                places.append((len(answer) + 4, instance))
            answer += result_of(instance, number)
        answer += b"\x1f"
    return answer, places, any(instance == 1 for _, instance in places)


class _Device(asyncio.DatagramProtocol):
    """On its port: Who-Is, ReadProperty, ReadPropertyMultiple, in one piece each."""

    def __init__(self, objects: int) -> None:
        self._answers = _Answers(objects)
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if data[5] & 0xA8:
            return
        apdu = data[6:]
        if apdu[:2] == b"\x10\x08":
            identifier = struct.pack(">I", 8 << 22 | DEVICE)
            self._send(b"\x10\x00\xc4" + identifier + b"\x22\x05\xc4\x91\x03\x22\x03\xe7", addr)
        elif apdu[0] >> 4 == 0:
            self._send(self._answers.to(apdu[2], apdu[3], apdu[4:]), addr)
            self._answers.prepare()

    def _send(self, apdu: bytes, addr: Any) -> None:
        self._transport.sendto(b"\x81\x0a" + struct.pack(">H", len(apdu) + 6) + b"\x01\x00" + apdu, addr)


def asked(request: bytes) -> Iterator[tuple[bytes, list[int]]]:
    """A ReadPropertyMultiple-Request: each object identifier with its properties (below 256, no index)."""
    at = 0
    while at < len(request):
        identifier, at = request[at + 1 : at + 5], at + 6
        numbers = []
        while request[at] != 0x1F:
            numbers.append(request[at + 1])
            at += 2
        at += 1
        yield identifier, numbers


def result_of(instance: int, number: int) -> bytes:
    """An analog-input's property in the answer to ReadPropertyMultiple."""
    value = property_of(instance, number)
    shown = b"\x5e" + UNKNOWN_PROPERTY + b"\x5f" if value is None else b"\x4e" + value + b"\x4f"
    return bytes([0x29, number]) + shown


def property_of(instance: int, number: int) -> bytes | None:
    """An analog-input's property, encoded, before anything moved."""
    match number:
        case 77:
            name = NAME.format(instance).encode()
            return bytes([0x75, len(name) + 1, 0]) + name
        case 85:
            return b"\x44" + _REAL.pack(value_of(instance, moves=0))
        case 111:
            return b"\x82\x04\x00"
        case 117:
            return bytes([0x91, units_of(instance)])
        case _:
            return None


async def _serve(port: int, objects: int) -> None:
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: _Device(objects), ("127.0.0.1", port))
    print('{"ready": 0}', flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        pass


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
