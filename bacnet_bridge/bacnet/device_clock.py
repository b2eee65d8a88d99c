"""What time a device's clock shows, against ours (clauses 12.11.24 to 12.11.27). Pure but for the asking.

The clock was read between question and answer: half of the round trip is what the offset may be wrong by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.line import Line
from bacnet_bridge.bacnet.log_record import local_time
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    UNKNOWN_PROPERTY,
    DecodeError,
    Refusal,
    decode_read,
    decode_read_multiple,
    encode_read,
    encode_read_multiple,
)
from bacnet_bridge.clock import Clock
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

_DEVICE: Final = 8
_SUMMER_TIME, _LOCAL_DATE, _LOCAL_TIME, _UTC_OFFSET = 24, 56, 57, 119
RECORD_COUNT: Final = 141
TOTAL_RECORDS: Final = 145
_WHOLE_SECONDS: Final = 500
"""Milliseconds by which a clock that shows no hundredths is behind what it shows, ± as many."""
_HUNDREDTH: Final = 10

Said = Mapping[PropertyRef, object]


@dataclass(frozen=True, slots=True)
class Looked:
    """One look at a device's clock, and at a log's counts at the same moment. None: the device does not say it."""

    at: int
    """UTC milliseconds, in the middle of the round trip."""
    within: int
    """Milliseconds from there to question and answer."""
    local: int | None
    """What the clock showed, in milliseconds, read as if it were UTC."""
    utc_offset: int | None
    summer_time: bool | None
    records: int | None
    total: int | None
    clockless: bool = False
    """What it says of its clock is its last word: no such property, or no time."""

    @property
    def offset(self) -> int | None:
        """What the clock is ahead of UTC; in the middle of a second where it shows whole ones."""
        return None if self.local is None else self.local + self._coarse - self.at

    @property
    def uncertainty(self) -> int:
        return self.within + (self._coarse or _HUNDREDTH)

    @property
    def _coarse(self) -> int:
        return 0 if self.local is None or self.local % 1000 else _WHOLE_SECONDS


async def look(line: Line, clock: Clock, log: ObjectId) -> Looked:
    """In one request, or where the device refuses that, one by one. Raises DeviceSilentError."""
    own = ObjectId(_DEVICE, line.profile.instance)
    date, time = PropertyRef(own, _LOCAL_DATE), PropertyRef(own, _LOCAL_TIME)
    offset, summer = PropertyRef(own, _UTC_OFFSET), PropertyRef(own, _SUMMER_TIME)
    total, count = PropertyRef(log, TOTAL_RECORDS), PropertyRef(log, RECORD_COUNT)
    wanted = (total, count, date, time, offset, summer)
    said = await _together(line, clock, wanted)
    at, took = clock.wall(), line.took
    if said is None:
        singly = {ref: await _single(line, ref) for ref in wanted if ref != time}
        singly[time], at, took = await _single(line, time), clock.wall(), line.took
        if await _single(line, date) != singly[date]:  # midnight came between them
            singly[date], singly[time] = await _single(line, date), await _single(line, time)
            at, took = clock.wall(), line.took
        said = singly
    half = round(500 * took)
    return Looked(
        at - half, half, _local(said.get(date), said.get(time)), _whole(said.get(offset)), _flag(said.get(summer)),
        _whole(said.get(count)), _whole(said.get(total)), _last_word(said.get(date)) and _last_word(said.get(time)),
    )  # fmt: skip


async def _together(line: Line, clock: Clock, wanted: Sequence[PropertyRef]) -> Said | None:
    if line.profile.reads_singly(clock.wall()):
        return None
    try:
        return decode_read_multiple(await line.send(READ_PROPERTY_MULTIPLE, encode_read_multiple(wanted), len(wanted)))
    except (RefusedError, DecodeError):
        return None


async def _single(line: Line, ref: PropertyRef) -> object:
    try:
        answered, datum = decode_read(await line.send(READ_PROPERTY, encode_read(ref), 1))
    except RefusedError as refusal:
        return Refusal(0, refusal.code) if refusal.kind == "error" else None
    except DecodeError:
        return None
    return datum if answered == ref else None


def _last_word(said: object) -> bool:
    """It is no time, and will be none before long."""
    if isinstance(said, Refusal):
        return said.code == UNKNOWN_PROPERTY
    return isinstance(said, Datum)


def _local(date: object, time: object) -> int | None:
    if not (isinstance(date, Datum) and isinstance(time, Datum)):
        return None
    if not (isinstance(date.value, bytes) and isinstance(time.value, bytes)):
        return None
    return local_time(date.value, time.value)


def _whole(said: object) -> int | None:
    return said.value if isinstance(said, Datum) and type(said.value) is int else None


def _flag(said: object) -> bool | None:
    return said.value if isinstance(said, Datum) and isinstance(said.value, bool) else None
