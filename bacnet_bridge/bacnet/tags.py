"""The tags that BACnet's encoding is made of (clause 20.2): pure, forward only, never past the end."""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.datum import Datum, Kind

_OPENING, _CLOSING = 6, 7


class DecodeError(ValueError):
    """The bytes are not an answer to a read."""


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag with its content octets; for an application-tagged boolean its length field, where the value stands."""

    number: int
    context: bool
    kind: int
    """6 opening, 7 closing, otherwise 0."""
    data: bytes

    def opens(self, number: int) -> bool:
        return self.kind == _OPENING and self.number == number

    def closes(self, number: int) -> bool:
        return self.kind == _CLOSING and self.number == number


class Tags:
    """Walks over the tags; every step goes forward, so crafted bytes cannot hold it. All raise DecodeError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self._data)

    def next(self) -> Tag:
        first = self._octets(1)[0]
        number, context, length = first >> 4, bool(first & 0x08), first & 0x07
        if number == 15:
            number = self._octets(1)[0]
        if context and length in {_OPENING, _CLOSING}:
            return Tag(number, context, length, b"")
        if not context and number == 1:
            return Tag(number, context, 0, bytes([length]))
        return Tag(number, context, 0, self._octets(self._length(length)))

    def context(self, number: int) -> Tag:
        tag = self.next()
        if not (tag.context and tag.kind == 0 and tag.number == number):
            raise DecodeError(f"context tag {number} is missing")
        return tag

    def take_context(self, number: int) -> Tag | None:
        """The tag if it comes next, else None and nothing is consumed."""
        before = self.at
        tag = self.next()
        if tag.context and tag.kind == 0 and tag.number == number:
            return tag
        self.at = before
        return None

    def take_closing(self, number: int) -> bool:
        before = self.at
        if self.next().closes(number):
            return True
        self.at = before
        return False

    def expect_opening(self, number: int) -> None:
        if not self.next().opens(number):
            raise DecodeError(f"opening tag {number} is missing")

    def value(self, number: int) -> Datum:
        """What stands up to the closing tag that belongs to the opening one just read."""
        start = self.at
        inside = self.until_closing(number)
        return datum(inside, self._data[start : self.at - 1])

    def until_closing(self, number: int) -> list[Tag]:
        """All tags up to the closing one that belongs to the opening one just read."""
        open_tags = [number]
        inside: list[Tag] = []
        while True:
            tag = self.next()
            if tag.kind == _OPENING:
                open_tags.append(tag.number)
            elif tag.kind == _CLOSING:
                if tag.number != open_tags.pop():
                    raise DecodeError("closing tags do not match")
                if not open_tags:
                    return inside
            inside.append(tag)

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
        end = self.at + count
        if end > len(self._data):
            raise DecodeError("the answer is cut short")
        taken, self.at = self._data[self.at : end], end
        return taken


def unsigned(data: bytes) -> int:
    """Raises DecodeError for what is no number of 1 to 8 octets."""
    if not 1 <= len(data) <= 8:
        raise DecodeError(f"an unsigned number of {len(data)} octets")
    return int.from_bytes(data)


def datum(tags: list[Tag], content: bytes) -> Datum:
    """What stands between a value's opening and closing tag; `content` is all of it, as octets."""
    if len(tags) != 1 or tags[0].kind:
        return Datum(Kind.OTHER, content)
    (tag,) = tags
    if tag.context:
        return Datum(Kind.CHOICE, tag.data, tag.number)
    decode = _APPLICATION.get(tag.number)
    return Datum(Kind.OTHER, tag.data) if decode is None else decode(tag.data) or Datum(Kind.OTHER, tag.data)


def elements(value: Datum) -> list[Datum]:
    """Those of an array or list of plain values; one that has one element looks like the element. DecodeError."""
    if value.kind is not Kind.OTHER or not isinstance(value.value, bytes):
        return [value]
    tags, found = Tags(value.value), []
    while not tags.done:
        start = tags.at
        found.append(datum([tags.next()], value.value[start : tags.at]))
    return found


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
    2: lambda data: Datum(Kind.UNSIGNED, unsigned(data)) if 1 <= len(data) <= 8 else None,
    3: lambda data: Datum(Kind.INTEGER, int.from_bytes(data, signed=True)) if 1 <= len(data) <= 8 else None,
    4: _sized(Kind.REAL, ">f"),
    5: _sized(Kind.DOUBLE, ">d"),
    7: lambda data: Datum(Kind.TEXT, _text(data)) if data else None,
    8: lambda data: Datum(Kind.BITS, _bits(data)) if data and data[0] < min(8, 8 * len(data) - 7) else None,
    9: lambda data: Datum(Kind.ENUMERATED, unsigned(data)) if 1 <= len(data) <= 8 else None,
    12: _sized(Kind.OBJECT, ">I"),
}
"""By application tag number (clause 20.2.1.4); None where the octets cannot be that type."""
