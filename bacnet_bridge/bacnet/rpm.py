"""ReadProperty and ReadPropertyMultiple: pure, bytes in, values out (clauses 15.5, 15.7, 20.2).

Values are decoded by the tags on the wire. One that is of an unexpected type, or belongs to an object type that
nobody knows, costs nothing but itself. Answers are keyed by (object, property, index): guarantee 4. What questions
and answers are long is known beforehand, so that both stay in one piece.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.tags import DecodeError, Tag, Tags, datum, unsigned
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import OBJECT_NAME, PRESENT_VALUE, STATES, STATUS_FLAGS, UNITS, ObjectId

__all__ = ["DecodeError"]  # whoever decodes answers catches it from here

READ_PROPERTY: Final = 12
READ_PROPERTY_MULTIPLE: Final = 14

QUESTION_HEAD: Final = 4
"""Octets of an APDU before the request of an unsegmented question (clause 20.1.2)."""
ANSWER_HEAD: Final = 3
"""And before that of its answer (clause 20.1.5)."""
AROUND_OBJECT: Final = 7
"""Octets of an object in question and answer: tag, identifier, opening and closing tag."""
_AROUND_VALUE: Final = 2
_ANALOG: Final = frozenset({0, 1, 2, 12})
_LARGE_ANALOG: Final = 46
_SCALE: Final = 187
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
    67: "unrecognized-service",
}
"""BACnetErrorCode, clause 21: those that a read meets."""

UNKNOWN_OBJECT: Final = 31
UNKNOWN_PROPERTY: Final = 32
UNRECOGNIZED_SERVICE: Final = 67


@dataclass(frozen=True, slots=True)
class Refusal:
    """The device's error for one property: BACnet's error class and code."""

    error_class: int
    code: int

    def __str__(self) -> str:
        return _ERRORS.get(self.code, f"error {self.error_class}/{self.code}")


@dataclass(frozen=True, slots=True)
class Result:
    """One property in an answer; its value's octets, or its error's, are `start` to `end` of the answer."""

    ref: PropertyRef
    found: Datum | Refusal
    start: int
    end: int


def encode_read(ref: PropertyRef) -> bytes:
    """A ReadProperty-Request."""
    return _object(0, ref.object) + _property(1, ref)


def encode_read_multiple(refs: Iterable[PropertyRef]) -> bytes:
    """A ReadPropertyMultiple-Request; neighbours of one object share its specification."""
    parts: list[bytes] = []
    for wanted, group in groupby(refs, key=lambda ref: ref.object):
        parts += [_object(0, wanted), b"\x1e", *(_property(0, ref) for ref in group), b"\x1f"]
    return b"".join(parts)


def property_octets(ref: PropertyRef) -> int:
    """What the property's reference takes, in a ReadPropertyMultiple's question and answer."""
    return 1 + _width(ref.property) + (0 if ref.index is None else 1 + _width(ref.index))


def result_octets(ref: PropertyRef, value: int) -> int:
    """What the property takes in the answer, where its value, or its error, takes so many octets."""
    return property_octets(ref) + _AROUND_VALUE + value


def likely_octets(ref: PropertyRef) -> int:
    """What the value probably takes at most, before it was ever seen. Nothing is less than an error's 4 octets."""
    match ref.property:
        case _ if ref.property in {STATUS_FLAGS, UNITS}:
            return 4
        case _ if ref.property == OBJECT_NAME:
            return 50
        case _ if ref.property == PRESENT_VALUE and ref.object.type in _ANALOG | STATES:
            return 5
        case _ if ref.property == PRESENT_VALUE and ref.object.type == _LARGE_ANALOG:
            return 10
        case _ if ref.property == _SCALE:
            return 5
        case _:
            return 16


def decode_read(data: bytes) -> tuple[PropertyRef, Datum]:
    """A ReadProperty-ACK. Raises DecodeError."""
    tags = Tags(data)
    wanted = _object_id(tags.context(0))
    number, index = _reference(tags, 1)
    tags.expect_opening(3)
    return PropertyRef(wanted, number, index), tags.value(3)


def decode_read_multiple(data: bytes) -> dict[PropertyRef, Datum | Refusal]:
    """A ReadPropertyMultiple-ACK. Raises DecodeError."""
    return {result.ref: result.found for result in results(data)}


def results(data: bytes) -> Iterator[Result]:
    """A ReadPropertyMultiple-ACK's elements, in the answer's order. Raises DecodeError."""
    tags = Tags(data)
    while not tags.done:
        wanted = _object_id(tags.context(0))
        tags.expect_opening(1)
        while not tags.take_closing(1):
            number, index = _reference(tags, 2)
            opening = tags.next()
            start = tags.at
            found = _found(opening, tags)
            yield Result(PropertyRef(wanted, number, index), found, start, tags.at - 1)


def found_in(content: bytes, *, error: bool) -> Datum | Refusal:
    """What so many octets between an opening and a closing tag mean. Raises DecodeError."""
    end = 5 if error else 4
    tags = Tags(content + bytes([end << 4 | 0x0F]))
    inside = tags.until_closing(end)
    if not tags.done:
        raise DecodeError("closed too early")
    return _refusal(inside) if error else datum(inside, content)


def refusal_of(content: bytes) -> Refusal:
    """What the body of an Error PDU says (clause 20.1.7). Raises DecodeError."""
    tags = Tags(content)
    return _refusal([tags.next(), tags.next()])


def _found(opening: Tag, tags: Tags) -> Datum | Refusal:
    if opening.opens(4):
        return tags.value(4)
    if opening.opens(5):
        return _refusal(tags.until_closing(5))
    raise DecodeError("neither a value nor an error")


def _refusal(tags: list[Tag]) -> Refusal:
    if len(tags) < 2:
        raise DecodeError("an error without class and code")
    return Refusal(unsigned(tags[0].data), unsigned(tags[1].data))


def _reference(tags: Tags, first: int) -> tuple[int, int | None]:
    number = unsigned(tags.context(first).data)
    index = tags.take_context(first + 1)
    return number, None if index is None else unsigned(index.data)


def _object(tag: int, wanted: ObjectId) -> bytes:
    return struct.pack(">BI", tag << 4 | 0x0C, wanted.type << 22 | wanted.instance)


def _property(tag: int, ref: PropertyRef) -> bytes:
    index = b"" if ref.index is None else _context_unsigned(tag + 1, ref.index)
    return _context_unsigned(tag, ref.property) + index


def _width(number: int) -> int:
    return max(1, (number.bit_length() + 7) // 8)


def _context_unsigned(tag: int, number: int) -> bytes:
    data = number.to_bytes(_width(number))
    return bytes([tag << 4 | 0x08 | len(data)]) + data


def _object_id(tag: Tag) -> ObjectId:
    if len(tag.data) != 4:
        raise DecodeError("an object identifier has four octets")
    number = int.from_bytes(tag.data)
    return ObjectId(number >> 22, number & 0x3FFFFF)
