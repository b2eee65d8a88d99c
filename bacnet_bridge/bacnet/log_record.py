"""A trend log's records: pure, bytes in, values out (clauses 12.25.14, 12.30.19, 21).

BACnetLogRecord and BACnetLogMultipleRecord are told apart by what stands in them, never by what was expected. A
record whose content nobody knows costs only itself.
"""

import math
import struct
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.number import NoValueError, number, shortest_real, shown
from bacnet_bridge.bacnet.rpm import Refusal
from bacnet_bridge.bacnet.tags import DecodeError, Tag, Tags, datum, unsigned
from bacnet_bridge.bacnet.trust import raised_flags
from bacnet_bridge.logged import ClockChanged, Content, Failed, Happened, LogStatus, Recorded

_OPEN: Final = 255
"""Stands for a part of a date or time that is left open (clause 20.2.12)."""
_DATE, _TIME = 10, 11
_TYPES: Final = {1: 1, 2: 4, 3: 9, 4: 2, 5: 3, 6: 8, 7: 0}
"""Application tag by the choice of a Trend Log's log-datum: boolean, real, enumerated, unsigned, signed, bits, null."""
_STATUS, _FAILURE, _TIME_CHANGE, _ANY = 0, 8, 9, 10
_MULTIPLE_DATA, _MULTIPLE_CHANGE = 1, 2
"""Choices of a Trend Log Multiple's log-data, beside the status, which is 0 there, too."""
_STATUSES: Final = (LogStatus.DISABLED, LogStatus.PURGED, LogStatus.INTERRUPTED)
"""In the order of their bits (clause 21, BACnetLogStatus)."""
_LONGEST_TEXT: Final = 100
_UNKNOWN: Final = Recorded(Kind.OTHER.value, None, "what nobody knows")


class RawRecord(NamedTuple):
    """As the device has it: `local` is its clock in milliseconds, read as if it were UTC; None where that is open."""

    local: int | None
    contents: tuple[Content, ...]
    """One, or one for each column; of a status and a clock record always one."""
    flags: tuple[str, ...] | None


def take_record(tags: Tags, *, multiple: bool) -> RawRecord:
    """The next one. Raises DecodeError where it has not the outline of a record."""
    tags.expect_opening(0)
    date, time = tags.next(), tags.next()
    if (date.number, time.number, date.context, time.context) != (_DATE, _TIME, False, False):
        raise DecodeError("a record without its time")
    if not tags.take_closing(0):
        raise DecodeError("more than a record's time")
    tags.expect_opening(1)
    inside = tags.until_closing(1)
    contents = _of_multiple(inside) if multiple else (_content(inside, _TYPES, 0),)
    flags = None if multiple or tags.done else tags.take_context(2)
    return RawRecord(local_time(date.data, time.data), contents, None if flags is None else _flags(flags))


def local_time(date: bytes, time: bytes) -> int | None:
    """Milliseconds of a date and a time, as if they were UTC; None where they are open, or are none."""
    if len(date) != 4 or len(time) != 4 or date[0] == _OPEN:
        return None
    hundredths = 0 if time[3] == _OPEN else time[3]
    if hundredths > 99:
        return None
    try:
        moment = datetime(1900 + date[0], date[1], date[2], time[0], time[1], time[2], hundredths * 10_000, UTC)
    except ValueError:
        return None
    return round(moment.timestamp() * 1000)


def encoded_time(local: int) -> bytes:
    """The date and the time of `local_time`, as tagged octets. Nothing is left open: some devices reject that."""
    seconds, milliseconds = divmod(local, 1000)
    moment = datetime.fromtimestamp(seconds, UTC)
    date = bytes([moment.year - 1900, moment.month, moment.day, moment.isoweekday()])
    return b"\xa4" + date + b"\xb4" + bytes([moment.hour, moment.minute, moment.second, milliseconds // 10])


def datum_of(recorded: Recorded) -> Datum:
    """What a device's answer would have been, had it been asked at that moment, for `value.measure`."""
    kind, exact = Kind(recorded.kind), recorded.number
    if kind in {Kind.REAL, Kind.DOUBLE}:
        value = float(recorded.text if exact is None else exact)
        return Datum(kind, struct.unpack(">f", struct.pack(">f", value))[0] if kind is Kind.REAL else value)
    if exact is None:
        return Datum(kind, None if kind is Kind.NULL else b"")
    return Datum(kind, bool(exact) if kind is Kind.BOOLEAN else int(exact))


def _of_multiple(inside: list[Tag]) -> tuple[Content, ...]:
    if not inside:
        raise DecodeError("a record without content")
    first = inside[0]
    if first.opens(_MULTIPLE_DATA):
        return tuple(_content(each, _TYPES, 1) for each in _choices(inside[1:-1]))
    if first.context and not first.kind and first.number == _MULTIPLE_CHANGE:
        return (_clock_changed(first.data),)
    return (_content(inside, {}, 0),)


def _choices(inside: list[Tag]) -> list[list[Tag]]:
    """Each column's tags: one, or what stands between an opening and its closing tag, both with it."""
    found: list[list[Tag]] = []
    deep = 0
    for tag in inside:
        if deep:
            found[-1].append(tag)
        else:
            found.append([tag])
        deep += {6: 1, 7: -1}.get(tag.kind, 0)
    return found


def _content(inside: list[Tag], types: dict[int, int], shift: int) -> Content:
    """`shift` is by how much the choices of a column's value lie below those of a Trend Log's datum."""
    if not inside or not inside[0].context:
        return _UNKNOWN
    choice = inside[0].number + shift
    choice = _ANY if shift and choice == _TIME_CHANGE else choice  # a column's time cannot change
    if inside[0].kind:
        return _constructed(choice, inside[1:-1])
    data = inside[0].data
    if choice == _STATUS and not shift:
        return _happened(data)
    if choice == _TIME_CHANGE and not shift and types:
        return _clock_changed(data)
    application = types.get(choice)
    if application is None or len(inside) > 1 or (application == 1 and len(data) != 1):
        return _UNKNOWN
    return recorded(datum([Tag(application, context=False, kind=0, data=data)], data))


def _constructed(choice: int, inside: list[Tag]) -> Content:
    if choice == _FAILURE and len(inside) == 2 and all(1 <= len(tag.data) <= 8 for tag in inside):
        refusal = Refusal(unsigned(inside[0].data), unsigned(inside[1].data))
        return Failed(refusal.error_class, refusal.code, str(refusal))
    if choice == _ANY and len(inside) == 1 and not inside[0].context:
        return recorded(datum(inside, inside[0].data))
    return _UNKNOWN


def recorded(found: Datum) -> Recorded:
    """The value, exactly."""
    try:
        exact, text = number(found)
    except NoValueError:
        return Recorded(found.kind.value, None, shown(found)[:_LONGEST_TEXT])
    return Recorded(found.kind.value, exact, text)


def _happened(data: bytes) -> Content:
    """A bit string's octets: how many bits of the last one are none, then the bits."""
    if not 1 <= len(data) <= 3:
        return _UNKNOWN
    bits = data[1] if len(data) > 1 else 0
    return Happened(frozenset(status for at, status in enumerate(_STATUSES) if bits & 0x80 >> at))


def _clock_changed(data: bytes) -> Content:
    """Of a change that is no number nobody knows how much it was, as of one of 0."""
    if len(data) != 4:
        return _UNKNOWN
    (seconds,) = struct.unpack(">f", data)
    return ClockChanged(Decimal(shortest_real(seconds)) if math.isfinite(seconds) else Decimal(0))


def _flags(tag: Tag) -> tuple[str, ...] | None:
    return raised_flags(datum([Tag(8, context=False, kind=0, data=tag.data)], tag.data))
