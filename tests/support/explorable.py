"""A device with an object list, made by hand, to be explored: as rude as told.

Arrays are lists of encoded elements. Nothing here uses bacpypes3 or the product's codec.
"""

import asyncio
import struct
from collections.abc import Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from bacnet_bridge.bacnet.roll_call import Scope
from bacnet_bridge.survey.model import FoundDevice
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object
from tests.support.bacnet import (
    OBJECT_NAME,
    UNKNOWN_OBJECT,
    UNKNOWN_PROPERTY,
    HandmadeDevice,
    enumerated,
    object_id,
    placed,
    text,
    unsigned,
)

Found = bytes | list[bytes] | tuple[int, int]
NO_SUCH_INDEX = (2, 42)
OBJECT_LIST, DESCRIPTION, VENDOR, VENDOR_NAME, MODEL, SEGMENTATION = 76, 28, 120, 121, 70, 107


@dataclass
class Explorable(HandmadeDevice):
    """`objects` as a HandmadeDevice's; its list is theirs. Answers longer than its APDU are aborted."""

    counts: int | None = None
    """What it says that its list holds, where that is a lie."""
    silent_after: int | None = None
    """Requests, after which it answers no further one; Who-Is it still does."""
    reject_index: bool = False
    """An array is not read by its elements."""
    refused: frozenset[tuple[str, int]] = frozenset()
    """Properties that may not be read."""
    records: dict[str, bytes] = field(default_factory=dict)
    """By trend log, its first record, encoded."""
    requests: int = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.silent_after is not None and self.requests >= self.silent_after and data[6] >> 4 == 0:
            return
        super().datagram_received(data, addr)

    def _answer(self, invoke: int, service: int, request: bytes) -> bytes:
        answer = self._of_any_length(invoke, service, request)
        return answer if len(answer) <= self.max_apdu else bytes([0x71, invoke, 4])

    def _of_any_length(self, invoke: int, service: int, request: bytes) -> bytes:
        self.requests += 1
        if service == 26:
            return self._record(invoke, request)
        if service not in {12, 14} or (service == 14 and self.reject_rpm):
            return bytes([0x60, invoke, 9])
        if service == 12:
            wanted, [(number, index)] = _object(request[1:5]), list(_references(request[5:]))
            found = self._found(wanted, number, index)
            if isinstance(found, tuple):
                return bytes([0x50, invoke, 12, 0x91, found[0], 0x91, found[1]])
            return bytes([0x30, invoke, 12]) + request + b"\x3e" + found + b"\x3f"
        asked = list(_asked(request))
        if self.abort_rpm or sum(len(references) for _, references in asked) > self.most_values:
            return bytes([0x71, invoke, 1])
        return bytes([0x30, invoke, 14]) + b"".join(self._all(asked))

    def _all(self, asked: Iterable[tuple[bytes, list[tuple[int, int | None]]]]) -> Iterator[bytes]:
        for head, references in asked:
            wanted = _object(head[1:])
            yield head + b"\x1e"
            for number, index in references:
                found = self._found(wanted, number, index)
                yield _context(2, number) + (b"" if index is None else _context(3, index))
                wrong = isinstance(found, tuple)
                yield bytes([0x5E, 0x91, *found[:1], 0x91, *found[1:], 0x5F]) if isinstance(found, tuple) else b""
                yield b"" if wrong else b"\x4e" + bytes(found) + b"\x4f"
            yield b"\x1f"

    def _found(self, wanted: ObjectId, number: int, index: int | None) -> bytes | tuple[int, int]:
        found = self._property(wanted, number)
        if (str(wanted), number) in self.refused:
            return 2, 27
        if not isinstance(found, list):
            return found
        if index is None:
            return b"".join(found)
        if self.reject_index:
            return 2, 50
        if index == 0:
            lies = number == OBJECT_LIST and self.counts is not None
            return unsigned(self.counts if lies and self.counts is not None else len(found))
        return found[index - 1] if index <= len(found) else NO_SUCH_INDEX

    def _property(self, wanted: ObjectId, number: int) -> Found:
        if wanted.type == 8:
            about: dict[int, Found] = {
                75: object_id(8, self.instance),
                62: unsigned(self.max_apdu),
                OBJECT_NAME: text("handmade"),
                VENDOR: unsigned(999),
                VENDOR_NAME: text("Hand"),
                MODEL: text("Made"),
                SEGMENTATION: enumerated(3),
                OBJECT_LIST: [object_id(8, self.instance), *_listed(tuple(self.objects))],
            }
            return (about | self.about).get(number, UNKNOWN_PROPERTY)
        properties: dict[int, Any] | None = self.objects.get(str(wanted))
        return UNKNOWN_OBJECT if properties is None else properties.get(number, UNKNOWN_PROPERTY)

    def _record(self, invoke: int, request: bytes) -> bytes:
        record = self.records.get(str(_object(request[1:5])))
        if record is None:
            return bytes([0x30, invoke, 26]) + request[:7] + b"\x3a\x05\xe0\x49\x00\x5e\x5f"
        return bytes([0x30, invoke, 26]) + request[:7] + b"\x3a\x05\x80\x49\x01\x5e" + record + b"\x5f"


def _asked(request: bytes) -> Iterator[tuple[bytes, list[tuple[int, int | None]]]]:
    """Each object's octets in a ReadPropertyMultiple request, and its properties with their indices."""
    at = 0
    while at < len(request):
        end = request.index(b"\x1f", at + 6) if request[at + 6] != 0x1F else at + 6
        while not _is_closing(request, at + 6, end):
            end = request.index(b"\x1f", end + 1)
        yield request[at : at + 5], list(_references(request[at + 6 : end]))
        at = end + 1


def explorable(**character: Any) -> AbstractAsyncContextManager[Explorable]:
    """On a free port of 127.0.0.1."""
    return placed(Explorable(**character))


class Watching:
    """A survey's progress, remembered."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int]] = []
        self.done: list[FoundDevice] = []
        self.total = 0
        self._news = asyncio.Event()

    def heard(self, devices: int) -> None:
        self.steps.append(("heard", devices))

    def identified(self) -> None:
        self.steps.append(("identified", 1))

    def exploring(self, devices: int, objects: int) -> None:
        self.steps += [("devices", devices), ("exploring", objects)]

    def objects(self, number: int) -> None:
        self.total += number
        self._news.set()

    async def explored_so_many(self, objects: int) -> None:
        while self.total < objects:
            self._news.clear()
            await self._news.wait()

    def explored(self, device: FoundDevice) -> None:
        self.done.append(device)


def at(*devices: HandmadeDevice) -> Scope:
    """Only these."""
    return Scope(addresses=[device.address for device in devices], broadcast=False)


def _is_closing(request: bytes, start: int, end: int) -> bool:
    """Whether the octet at `end` is a tag of its own, not part of a number."""
    at = start
    while at < end:
        at += 1 + (request[at] & 0x07)
    return at == end


def _references(data: bytes) -> Iterator[tuple[int, int | None]]:
    at = 0
    while at < len(data):
        size, first = data[at] & 0x07, data[at] >> 4
        number, at = int.from_bytes(data[at + 1 : at + 1 + size]), at + 1 + size
        index = None
        if at < len(data) and data[at] >> 4 == first + 1:
            size = data[at] & 0x07
            index, at = int.from_bytes(data[at + 1 : at + 1 + size]), at + 1 + size
        yield number, index


def _object(data: bytes) -> ObjectId:
    (number,) = struct.unpack(">I", data)
    return ObjectId(number >> 22, number & 0x3FFFFF)


@lru_cache(maxsize=4)
def _listed(names: tuple[str, ...]) -> list[bytes]:
    return [object_id(found.type, found.instance) for found in map(parse_object, names)]


def _context(tag: int, number: int) -> bytes:
    data = number.to_bytes(max(1, (number.bit_length() + 7) // 8))
    return bytes([tag << 4 | 0x08 | len(data)]) + data
