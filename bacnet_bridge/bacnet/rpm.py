"""ReadProperty and ReadPropertyMultiple: pure, bytes in, values out (clauses 15.5, 15.7, 20.2).

Values are decoded by the tags on the wire. One that is of an unexpected type, or belongs to an object type that
nobody knows, costs nothing but itself. Answers are keyed by (object, property, index): guarantee 4.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

READ_PROPERTY: Final = 12
READ_PROPERTY_MULTIPLE: Final = 14

_OPENING, _CLOSING = 6, 7
_ERRORS: Final = {
    0: "other",
    2: "configuration-in-progress",
    3: "device-busy",
    9: "invalid-data-type",
    25: "operational-problem",
    27: "read-access-denied",
    29: "service-request-denied",
    30: "timeout",
    31: "unknown-object",
    32: "unknown-property",
    42: "invalid-array-index",
    45: "optional-functionality-not-supported",
    47: "datatype-not-supported",
    50: "property-is-not-an-array",
}
"""BACnetErrorCode, clause 21: those that a read meets."""

UNKNOWN_PROPERTY: Final = 32


class DecodeError(ValueError):
    """The bytes are not an answer to a read."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The device's error for one property: BACnet's error class and code."""

    error_class: int
    code: int

    def __str__(self) -> str:
        return _ERRORS.get(self.code, f"error {self.error_class}/{self.code}")


@dataclass(frozen=True, slots=True)
class _Tag:
    number: int
    context: bool
    kind: int
    """6 opening, 7 closing, otherwise 0."""
    data: bytes
    """The content octets; for an application-tagged boolean its length field, where the value stands."""

    def opens(self, number: int) -> bool:
        return self.kind == _OPENING and self.number == number

    def closes(self, number: int) -> bool:
        return self.kind == _CLOSING and self.number == number


def encode_read(ref: PropertyRef) -> bytes:
    """A ReadProperty-Request."""
    return _object(0, ref.object) + _property(1, ref)


def encode_read_multiple(refs: Iterable[PropertyRef]) -> bytes:
    """A ReadPropertyMultiple-Request; neighbours of one object share its specification."""
    parts: list[bytes] = []
    for wanted, group in groupby(refs, key=lambda ref: ref.object):
        parts += [_object(0, wanted), b"\x1e", *(_property(0, ref) for ref in group), b"\x1f"]
    return b"".join(parts)


def decode_read(data: bytes) -> tuple[PropertyRef, Datum]:
    """A ReadProperty-ACK. Raises DecodeError."""
    tags = _Reader(data)
    wanted = _object_id(tags.context(0))
    number, index = _reference(tags, 1)
    tags.expect_opening(3)
    return PropertyRef(wanted, number, index), _datum(tags.until_closing(3))


def decode_read_multiple(data: bytes) -> dict[PropertyRef, Datum | Refusal]:
    """A ReadPropertyMultiple-ACK. Raises DecodeError."""
    tags = _Reader(data)
    found: dict[PropertyRef, Datum | Refusal] = {}
    while not tags.done:
        wanted = _object_id(tags.context(0))
        tags.expect_opening(1)
        while not tags.take_closing(1):
            number, index = _reference(tags, 2)
            found[PropertyRef(wanted, number, index)] = _result(tags)
    return found


def _result(tags: "_Reader") -> Datum | Refusal:
    tag = tags.next()
    if tag.opens(4):
        return _datum(tags.until_closing(4))
    if tag.opens(5):
        return _refusal(tags.until_closing(5))
    raise DecodeError("neither a value nor an error")


def _refusal(tags: list[_Tag]) -> Refusal:
    if len(tags) < 2:
        raise DecodeError("an error without class and code")
    return Refusal(_unsigned(tags[0].data), _unsigned(tags[1].data))


def _reference(tags: "_Reader", first: int) -> tuple[int, int | None]:
    number = _unsigned(tags.context(first).data)
    index = tags.take_context(first + 1)
    return number, None if index is None else _unsigned(index.data)


def _object(tag: int, wanted: ObjectId) -> bytes:
    return struct.pack(">BI", tag << 4 | 0x0C, wanted.type << 22 | wanted.instance)


def _property(tag: int, ref: PropertyRef) -> bytes:
    index = b"" if ref.index is None else _context_unsigned(tag + 1, ref.index)
    return _context_unsigned(tag, ref.property) + index


def _context_unsigned(tag: int, number: int) -> bytes:
    data = number.to_bytes(max(1, (number.bit_length() + 7) // 8))
    return bytes([tag << 4 | 0x08 | len(data)]) + data


def _object_id(tag: _Tag) -> ObjectId:
    if len(tag.data) != 4:
        raise DecodeError("an object identifier has four octets")
    number = int.from_bytes(tag.data)
    return ObjectId(number >> 22, number & 0x3FFFFF)


def _unsigned(data: bytes) -> int:
    if not 1 <= len(data) <= 8:
        raise DecodeError(f"an unsigned number of {len(data)} octets")
    return int.from_bytes(data)


class _Reader:
    """Walks over the tags; every step goes forward, so crafted bytes cannot hold it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def done(self) -> bool:
        return self._at >= len(self._data)

    def next(self) -> _Tag:
        first = self._octets(1)[0]
        number, context, length = first >> 4, bool(first & 0x08), first & 0x07
        if number == 15:
            number = self._octets(1)[0]
        if context and length in {_OPENING, _CLOSING}:
            return _Tag(number, context, length, b"")
        if not context and number == 1:
            return _Tag(number, context, 0, bytes([length]))
        return _Tag(number, context, 0, self._octets(self._length(length)))

    def context(self, number: int) -> _Tag:
        tag = self.next()
        if not (tag.context and tag.kind == 0 and tag.number == number):
            raise DecodeError(f"context tag {number} is missing")
        return tag

    def take_context(self, number: int) -> _Tag | None:
        """The tag if it comes next, else None and nothing is consumed."""
        before = self._at
        tag = self.next()
        if tag.context and tag.kind == 0 and tag.number == number:
            return tag
        self._at = before
        return None

    def take_closing(self, number: int) -> bool:
        before = self._at
        if self.next().closes(number):
            return True
        self._at = before
        return False

    def expect_opening(self, number: int) -> None:
        if not self.next().opens(number):
            raise DecodeError(f"opening tag {number} is missing")

    def until_closing(self, number: int) -> list[_Tag]:
        """All tags up to the closing one that belongs to the opening one just read."""
        return list(self._inside(number))

    def _inside(self, number: int) -> Iterator[_Tag]:
        open_tags = [number]
        while True:
            tag = self.next()
            if tag.kind == _OPENING:
                open_tags.append(tag.number)
            elif tag.kind == _CLOSING:
                if tag.number != open_tags.pop():
                    raise DecodeError("closing tags do not match")
                if not open_tags:
                    return
            yield tag

    def _length(self, field: int) -> int:
        if field < 5:
            return field
        if field > 5:
            raise DecodeError("an application tag cannot open or close")
        length = self._octets(1)[0]
        if length == 254:
            return int.from_bytes(self._octets(2))
        return int.from_bytes(self._octets(4)) if length == 255 else length

    def _octets(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise DecodeError("the answer is cut short")
        taken, self._at = self._data[self._at : end], end
        return taken


def _datum(tags: list[_Tag]) -> Datum:
    if len(tags) != 1 or tags[0].kind:
        return Datum(Kind.OTHER, b"".join(tag.data for tag in tags))
    (tag,) = tags
    if tag.context:
        return Datum(Kind.CHOICE, tag.data, tag.number)
    return _application(tag.number, tag.data)


def _application(number: int, data: bytes) -> Datum:
    decode = _APPLICATION.get(number)
    return Datum(Kind.OTHER, data) if decode is None else decode(data) or Datum(Kind.OTHER, data)


def _sized(kind: Kind, form: str) -> Callable[[bytes], Datum | None]:
    size = struct.calcsize(form)
    return lambda data: Datum(kind, struct.unpack(form, data)[0]) if len(data) == size else None


def _text(data: bytes) -> str:
    """Character strings by their first octet (clause 20.2.9); undecodable characters are shown, not refused."""
    encodings = {0: "utf-8", 3: "utf-32-be", 4: "utf-16-be", 5: "latin-1"}
    return data[1:].decode(encodings.get(data[0], "latin-1"), errors="replace")


def _bits(data: bytes) -> tuple[bool, ...]:
    bits = "".join(f"{octet:08b}" for octet in data[1:])
    return tuple(bit == "1" for bit in bits[: max(0, len(bits) - data[0])])


_APPLICATION: Final[dict[int, Callable[[bytes], Datum | None]]] = {
    0: lambda _: Datum(Kind.NULL, None),
    1: lambda data: Datum(Kind.BOOLEAN, data == b"\x01") if data[0] < 2 else None,
    2: lambda data: Datum(Kind.UNSIGNED, _unsigned(data)) if 1 <= len(data) <= 8 else None,
    3: lambda data: Datum(Kind.INTEGER, int.from_bytes(data, signed=True)) if 1 <= len(data) <= 8 else None,
    4: _sized(Kind.REAL, ">f"),
    5: _sized(Kind.DOUBLE, ">d"),
    7: lambda data: Datum(Kind.TEXT, _text(data)) if data else None,
    8: lambda data: Datum(Kind.BITS, _bits(data)) if data and data[0] < min(8, 8 * len(data) - 7) else None,
    9: lambda data: Datum(Kind.ENUMERATED, _unsigned(data)) if 1 <= len(data) <= 8 else None,
    12: _sized(Kind.OBJECT, ">I"),
}
"""By application tag number (clause 20.2.1.4); None where the octets cannot be that type."""
