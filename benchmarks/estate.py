"""Devices to discover, made by hand, many in one process: a port of 127.0.0.1 each, one answer at a time.

Each has so many objects as controllers have them: analog inputs and values, binary inputs, multi-state values, with
names, descriptions, units and texts of usual lengths. Nothing here uses the product's codec or bacpypes3. Answers are
made once for each question. A device that may segment does so where an answer is longer than what the asker takes
(clause 5.4, without losses); one that may not aborts. Every line on stdin is answered with how many requests each
device got so far.
"""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

FIRST: Final = 20_000
"""Instance of the first device; the others follow."""
APDU: Final = 1476
_SEGMENT: Final = 1400
_AI, _AV, _BI, _DEVICE, _MSV = 0, 2, 3, 8, 19
_SHARES: Final = ((_AI, 0.6), (_AV, 0.15), (_BI, 0.15), (_MSV, 0.1))
_UNITS: Final = (62, 48, 19, 5, 98, 29)
_WHAT: Final = ("Supply Air Temperature", "Active Power", "Energy Import", "Voltage L1", "Valve Position", "Humidity")
_UNKNOWN_OBJECT, _UNKNOWN_PROPERTY, _NO_SUCH_INDEX = (1, 31), (2, 32), (2, 42)
_ABORT_SEGMENTATION: Final = 4

Found = bytes | tuple[int, int]
"""A value, encoded, or an error's class and code."""


def objects_of(count: int) -> list[tuple[int, int]]:
    """Type and instance of each, in the list's order."""
    found = [(kind, number + 1) for kind, share in _SHARES for number in range(round(count * share))]
    return found[:count]


def name_of(device: int, kind: int, number: int) -> str:
    return f"B{device % 100:02}.AHU{number % 9 + 1}.{_WHAT[number % 6]} {kind}-{number}"


@cache
def _values(device: int, kind: int, instance: int) -> dict[int, Found | list[bytes]]:
    """An object's properties; a list stands for an array."""
    analog, binary = kind in {_AI, _AV}, kind == _BI
    values: dict[int, Found | list[bytes]] = {
        75: _identifier(kind, instance),
        77: _text(name_of(device, kind, instance)),
        28: _text(f"{_WHAT[instance % 6]}, floor {instance % 12}, room {instance:03}"),
        85: b"\x44" + struct.pack(">f", 20 + instance / 4) if analog else bytes([0x91 if binary else 0x21, 1]),
        111: b"\x82\x04\x00",
        36: b"\x91\x00",
        81: b"\x10",
    }
    if analog:
        values[117] = bytes([0x91, _UNITS[instance % 6]])
    if binary:
        values |= {46: _text("Off"), 4: _text("On"), 84: b"\x91\x00"}
    if kind == _MSV:
        values |= {110: [_text(text) for text in ("Off", "Auto", "Manual")], 74: b"\x21\x03"}
    return values


def _about(device: int, listed: list[tuple[int, int]], *, segments: bool) -> dict[int, Found | list[bytes]]:
    """The device object's."""
    return {
        75: _identifier(_DEVICE, device),
        76: [_identifier(*each) for each in ((_DEVICE, device), *listed)],
        77: _text(f"Controller {device}"),
        28: _text("Made by hand"),
        120: b"\x22\x03\xe7",
        121: _text("Hand-made devices"),
        70: _text("Estate"),
        44: _text("1.2.3"),
        12: _text("4.5"),
        62: b"\x22" + struct.pack(">H", APDU),
        98: b"\x21\x01",
        139: b"\x21\x0e",
        155: b"\x21\x07",
        107: b"\x91\x00" if segments else b"\x91\x03",
        112: b"\x91\x00",
        97: b"\x85\x07\x01\x00\x0a\x00\x00\x00\x00",
    }


class Device:
    """One device on a port of its own. Questions wait in line."""

    def __init__(self, instance: int, objects: int, delay: float, *, segments: bool) -> None:
        self.asked = 0
        self._instance, self._delay, self._segments = instance, delay, segments
        listed = objects_of(objects)
        self._listed = frozenset(listed)
        self._about = _about(instance, listed, segments=segments)
        self._free_at = 0.0
        self._answers: dict[bytes, bytes] = {}
        self._sending: dict[tuple[Any, int], list[bytes]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        asyncio.get_running_loop().add_reader(self._socket, self._receive)

    def _receive(self) -> None:
        data, sender = self._socket.recvfrom(2048)
        if data[5] & 0xA8:
            return
        apdu = data[6:]
        if apdu[:2] == b"\x10\x08":
            self._i_am(sender)
        elif apdu[0] >> 4 == 4:
            self._go_on(sender, apdu)
        elif apdu[0] >> 4 == 0:
            self.asked += 1
            loop = asyncio.get_running_loop()
            self._free_at = max(self._free_at, loop.time()) + self._delay
            loop.call_at(self._free_at, self._reply, apdu, sender)

    def _reply(self, apdu: bytes, sender: Any) -> None:
        invoke, service, body = apdu[2], apdu[3], self._answers.get(apdu[3:])
        if body is None:
            body = self._answers[apdu[3:]] = self._body(service, apdu[4:])
        if len(body) < APDU:
            self._send(body[:1] + bytes([invoke]) + body[2:], sender)
        elif self._segments and apdu[0] & 0x02:
            content = body[3:]
            parts = [content[at : at + _SEGMENT] for at in range(0, len(content), _SEGMENT)]
            heads = [
                bytes([0x38 | (0x04 if n < len(parts) - 1 else 0), invoke, n, 32, service]) for n in range(len(parts))
            ]
            self._sending[sender, invoke] = [head + part for head, part in zip(heads, parts, strict=True)]
            self._send(self._sending[sender, invoke][0], sender)
        else:
            self._send(bytes([0x71, invoke, _ABORT_SEGMENTATION]), sender)

    def _go_on(self, sender: Any, ack: bytes) -> None:
        """A window of segments behind the one that was acknowledged."""
        segments = self._sending.get((sender, ack[1]), [])
        for segment in segments[ack[2] + 1 : ack[2] + 1 + max(1, ack[3])]:
            self._send(segment, sender)
        if ack[2] + 1 >= len(segments):
            self._sending.pop((sender, ack[1]), None)

    def _body(self, service: int, request: bytes) -> bytes:
        """The APDU, its invoke id left open."""
        if service == 14:
            return b"\x30\x00\x0e" + b"".join(self._results(request))
        if service != 12:
            return b"\x60\x00\x09"
        (kind, instance), at = _unpacked(request[1:5]), 5
        (number, index), _ = _reference(request, at)
        found = self._found((kind, instance), number, index)
        if isinstance(found, tuple):
            return bytes([0x50, 0, 12, 0x91, found[0], 0x91, found[1]])
        return b"\x30\x00\x0c" + request + b"\x3e" + found + b"\x3f"

    def _results(self, request: bytes) -> Iterator[bytes]:
        at = 0
        while at < len(request):
            wanted = _unpacked(request[at + 1 : at + 5])
            yield request[at : at + 5] + b"\x1e"
            at += 6
            while request[at] != 0x1F:
                (number, index), end = _reference(request, at)
                found = self._found(wanted, number, index)
                yield _retagged(request[at:end])
                yield (
                    bytes([0x5E, 0x91, found[0], 0x91, found[1], 0x5F])
                    if isinstance(found, tuple)
                    else b"\x4e" + found + b"\x4f"
                )
                at = end
            yield b"\x1f"
            at += 1

    def _found(self, wanted: tuple[int, int], number: int, index: int | None) -> Found:
        if wanted[0] == _DEVICE:
            found = self._about.get(number, _UNKNOWN_PROPERTY)
        elif wanted in self._listed:
            found = _values(self._instance, *wanted).get(number, _UNKNOWN_PROPERTY)
        else:
            return _UNKNOWN_OBJECT
        if not isinstance(found, list):
            return found
        if index is None:
            return b"".join(found)
        if index == 0:
            return b"\x22" + struct.pack(">H", len(found))
        return found[index - 1] if index <= len(found) else _NO_SUCH_INDEX

    def _i_am(self, sender: Any) -> None:
        segmentation = 0 if self._segments else 3
        identifier = _identifier(_DEVICE, self._instance)
        about = b"\x22" + struct.pack(">H", APDU) + bytes([0x91, segmentation, 0x22, 0x03, 0xE7])
        self._send(b"\x10\x00" + identifier + about, sender)

    def _send(self, apdu: bytes, receiver: Any) -> None:
        self._socket.sendto(b"\x81\x0a" + struct.pack(">H", len(apdu) + 6) + b"\x01\x00" + apdu, receiver)


def _identifier(kind: int, instance: int) -> bytes:
    return b"\xc4" + struct.pack(">I", kind << 22 | instance)


def _text(value: str) -> bytes:
    data = value.encode()
    return bytes([0x75, len(data) + 1, 0]) + data


def _unpacked(data: bytes) -> tuple[int, int]:
    number = int.from_bytes(data)
    return number >> 22, number & 0x3FFFFF


def _reference(request: bytes, at: int) -> tuple[tuple[int, int | None], int]:
    """Property and index from here, and where they end."""
    size = request[at] & 0x07
    number, at = int.from_bytes(request[at + 1 : at + 1 + size]), at + 1 + size
    first = request[at - size - 1] >> 4
    if at < len(request) and request[at] & 0x08 and request[at] >> 4 == first + 1 and request[at] & 0x07 < 5:
        size = request[at] & 0x07
        return (number, int.from_bytes(request[at + 1 : at + 1 + size])), at + 1 + size
    return (number, None), at


def _retagged(reference: bytes) -> bytes:
    """Context tags 0 and 1 of a question are 2 and 3 in the answer."""
    size = 1 + (reference[0] & 0x07)
    moved = bytes([reference[0] + 0x20]) + reference[1:size]
    return moved + (bytes([reference[size] + 0x20]) + reference[size + 1 :] if len(reference) > size else b"")


async def _serve(count: int, objects: int, delay: float, segments: str) -> None:
    row = [Device(FIRST + n, objects, delay, segments=segments == "segments") for n in range(count)]
    print(json.dumps({"ports": [device.port for device in row]}), flush=True)
    while await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        print(json.dumps({"asked": [device.asked for device in row]}), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
