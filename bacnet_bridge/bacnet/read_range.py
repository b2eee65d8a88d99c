"""ReadRange: questions for a trend log's records, and the answers (clause 15.8). Pure.

There are three ways to say which records are meant, and a device need not know all of them. `count` is how many: from
the named one on where it is positive, up to and with it where it is negative; an answer has them oldest first.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bacnet_bridge.bacnet.log_record import RawRecord, encoded_time, take_record
from bacnet_bridge.bacnet.tags import DecodeError, Tags, unsigned
from bacnet_bridge.vocabulary.objects import ObjectId

READ_RANGE: Final = 26
_LOG_BUFFER: Final = 131
_TREND_LOG_MULTIPLE: Final = 27
_OPEN: Final = 255
"""Stands for a part of a date or time that is left open (clause 20.2.12)."""
ANSWER_HEAD: Final = 26
"""Octets of an answer beside its records, at most."""


class Form(StrEnum):
    """How records are named."""

    SEQUENCE = "by sequence number"
    """A record keeps its number for ever."""
    POSITION = "by position"
    """From 1, the oldest that there is: all of them move when a full log takes a new one."""
    TIME = "by time"
    """Later ones than the device's time that is named, or, with a negative count, earlier ones: never of that time."""


_CHOICES: Final = {Form.POSITION: 3, Form.SEQUENCE: 6, Form.TIME: 7}


@dataclass(frozen=True, slots=True)
class RangeAnswer:
    """Records, oldest first."""

    records: tuple[RawRecord, ...]
    sequence: int | None
    """The first one's number, where the device says it."""
    first: bool
    """The log's oldest is among them."""
    last: bool
    """The log's newest is among them."""
    more: bool
    """There was no room for all that were asked for."""
    octets: int
    """Of the answer's records."""


def encode(log: ObjectId, form: Form, reference: int, count: int) -> bytes:
    """A ReadRange-Request. `reference`: a number, a position, or the device's local time in milliseconds."""
    named = encoded_time(reference) if form is Form.TIME else _tagged(2, _octets(reference))
    choice = _CHOICES[form]
    size = (count if count >= 0 else ~count).bit_length() // 8 + 1
    what = b"\x0c" + struct.pack(">I", log.type << 22 | log.instance) + bytes([0x19, _LOG_BUFFER])
    return (
        what
        + bytes([choice << 4 | 0xE])
        + named
        + _tagged(3, count.to_bytes(size, signed=True))
        + bytes([choice << 4 | 0xF])
    )


def decode(log: ObjectId, data: bytes) -> RangeAnswer:
    """A ReadRange-ACK. Raises DecodeError, also for one about something else."""
    tags = Tags(data)
    first, last, more = _head(tags, log)
    count = unsigned(tags.context(4).data)
    records: list[RawRecord] = []
    tags.expect_opening(5)
    start = tags.at
    while not tags.take_closing(5):
        records.append(take_record(tags, multiple=log.type == _TREND_LOG_MULTIPLE))
    octets = tags.at - 1 - start
    if len(records) != count:
        raise DecodeError(f"{len(records)} records, where it counts {count}")
    number = None if tags.done else unsigned(tags.context(6).data)
    if not tags.done:
        raise DecodeError("more than an answer")
    return RangeAnswer(tuple(records), number, first, last, more, octets)


def encode_first(log: ObjectId) -> bytes:
    """A ReadRange-Request for the first record of the log's buffer, by position."""
    return encode(log, Form.POSITION, 1, 1)


def decode_first(log: ObjectId, data: bytes) -> str | None:
    """When the record was made, ISO 8601 in the device's local time; None where there is none. Raises DecodeError."""
    tags = Tags(data)
    _head(tags, log)
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


def _head(tags: Tags, log: ObjectId) -> tuple[bool, bool, bool]:
    """What the answer is about; whether it holds the first and the last record, and whether it has no room for more."""
    if tags.context(0).data != struct.pack(">I", log.type << 22 | log.instance):
        raise DecodeError("about another object")
    if unsigned(tags.context(1).data) != _LOG_BUFFER:
        raise DecodeError("about another property")
    tags.take_context(2)
    flags = tags.context(3).data
    bits = flags[1] if len(flags) == 2 else 0
    return bool(bits & 0x80), bool(bits & 0x40), bool(bits & 0x20)


def _octets(number: int) -> bytes:
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8))


def _tagged(number: int, data: bytes) -> bytes:
    """An application-tagged number of up to four octets."""
    return bytes([number << 4 | len(data)]) + data


def _two(number: int) -> str:
    return "**" if number == _OPEN else f"{number:02}"
