"""ReadRange, as far as discovery needs it: the instant of a trend log's oldest record (clauses 15.8, 12.25). Pure."""

import struct
from typing import Final

from bacnet_bridge.bacnet.tags import DecodeError, Tags, unsigned
from bacnet_bridge.vocabulary.objects import ObjectId

READ_RANGE: Final = 26
_LOG_BUFFER: Final = 131
_OPEN: Final = 255
"""Stands for a part of a date or time that is left open (clause 20.2.12)."""


def encode_first(log: ObjectId) -> bytes:
    """A ReadRange-Request for the first record of the log's buffer, by position."""
    identifier = struct.pack(">I", log.type << 22 | log.instance)
    return b"\x0c" + identifier + bytes([0x19, _LOG_BUFFER]) + b"\x3e\x21\x01\x31\x01\x3f"


def decode_first(log: ObjectId, data: bytes) -> str | None:
    """When the record was made, ISO 8601 in the device's local time; None where there is none. Raises DecodeError."""
    tags = Tags(data)
    if tags.context(0).data != struct.pack(">I", log.type << 22 | log.instance):
        raise DecodeError("about another object")
    if unsigned(tags.context(1).data) != _LOG_BUFFER:
        raise DecodeError("about another property")
    tags.take_context(2)
    tags.context(3)
    if not unsigned(tags.context(4).data):
        return None
    tags.expect_opening(5)
    tags.expect_opening(0)
    date, time = tags.next(), tags.next()
    if (date.number, time.number) != (10, 11) or len(date.data) != 4 or len(time.data) != 4:
        raise DecodeError("a record without its time")
    return iso(date.data, time.data)


def iso(date: bytes, time: bytes) -> str:
    """A BACnet date and time; asterisks stand for what is left open."""
    year, month, day, _ = date
    hour, minute, second, hundredth = time
    years = "****" if year == _OPEN else str(1900 + year)
    parts = f"{_two(month)}-{_two(day)}T{_two(hour)}:{_two(minute)}:{_two(second)}.{_two(hundredth)}"
    return f"{years}-{parts}"


def _two(number: int) -> str:
    return "**" if number == _OPEN else f"{number:02}"
