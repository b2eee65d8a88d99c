"""What discovery asks of an object of each type, and what it makes of the answers. Pure."""

import math
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from bacnet_bridge.bacnet.answer import Answer, UnreadableError
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.log_members import logged_by
from bacnet_bridge.bacnet.number import plain, scale_of, shortest_real
from bacnet_bridge.bacnet.rpm import UNKNOWN_PROPERTY
from bacnet_bridge.bacnet.tags import DecodeError, elements
from bacnet_bridge.bacnet.trust import raised_flags, reliability_text
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.survey.model import LONGEST_TEXT, FoundObject, Trend, Unread, Value
from bacnet_bridge.vocabulary.objects import (
    ACCUMULATOR,
    OBJECT_NAME,
    PRESENT_VALUE,
    RELIABILITY,
    STATES,
    STATUS_FLAGS,
    TREND_LOG,
    UNITS,
    WITHOUT_VALUE,
    ObjectId,
    property_name,
)

DESCRIPTION: Final = 28
STATE_TEXT: Final = 110
_ACTIVE_TEXT, _INACTIVE_TEXT, _SCALE = 4, 46, 187
_BUFFER, _LOGGED, _ENABLE, _INTERVAL, _RECORDS, _STOPS, _TOTAL = 126, 132, 133, 134, 141, 144, 145
BINARY: Final = frozenset({3, 4, 5})
MULTISTATE: Final = frozenset({13, 14, 19})
TREND_LOGS: Final = frozenset({20, 27})
_WITH_VALUE: Final = frozenset({40, 42, 44, 50})
"""Texts, dates, times: WITHOUT_VALUE counts them in, because their values are no numbers."""
_MEASURING: Final = frozenset({0, 1, 2, 23, 24, 45, 46, 48})
"""Objects that must have a unit."""


def refs_of(wanted: ObjectId) -> tuple[PropertyRef, ...]:
    """Every property that is asked of the object."""
    return tuple(PropertyRef(wanted, number) for number in (OBJECT_NAME, DESCRIPTION, *_of_type(wanted.type)))


def _of_type(kind: int) -> tuple[int, ...]:
    common = (PRESENT_VALUE, STATUS_FLAGS, RELIABILITY)
    if kind in BINARY:
        return (*common, _INACTIVE_TEXT, _ACTIVE_TEXT)
    if kind in MULTISTATE:
        return (*common, STATE_TEXT)
    if kind in TREND_LOGS:
        return (_LOGGED, _INTERVAL, _ENABLE, _BUFFER, _RECORDS, _STOPS, _TOTAL)
    if kind == ACCUMULATOR:
        return (*common, UNITS, _SCALE)
    if kind in _WITH_VALUE:
        return common
    return () if kind in WITHOUT_VALUE else (*common, UNITS)


@dataclass(slots=True)
class Described:
    """Answers, as they are taken; what could not be read is collected in `unread`."""

    answers: Mapping[PropertyRef, Answer]
    of: ObjectId
    unread: list[Unread] = field(default_factory=list)

    def datum(self, number: int, *, needed: bool = False) -> Datum | None:
        """The answer, where it is a value. That an object has no such property is news only where it must have it."""
        answer = self.answers.get(PropertyRef(self.of, number))
        if isinstance(answer, UnreadableError) and (needed or answer.code != UNKNOWN_PROPERTY):
            self.miss(number, answer.cause)
        return answer if isinstance(answer, Datum) else None

    def text(self, number: int, *, needed: bool = False) -> str | None:
        datum = self.datum(number, needed=needed)
        if datum is None:
            return None
        if datum.kind is not Kind.TEXT:
            self.miss(number, f"a {datum.kind} instead of a text")
            return None
        return self.kept(number, str(datum.value))

    def kept(self, number: int, text: str) -> str:
        """Of a length that can be handled, valid in every encoding."""
        text = text.rstrip("\0")
        if len(text) > LONGEST_TEXT:
            self.miss(number, f"{len(text)} characters long: the first {LONGEST_TEXT} are kept")
        return text[:LONGEST_TEXT].encode(errors="replace").decode()

    def whole(self, number: int, *kinds: Kind) -> int | None:
        datum = self.datum(number)
        if datum is None:
            return None
        if datum.kind not in kinds or not isinstance(datum.value, int):
            self.miss(number, f"a {datum.kind} instead of a number")
            return None
        return datum.value

    def miss(self, number: int, why: str) -> None:
        self.unread.append(Unread(property_name(number), why))


def object_from(wanted: ObjectId, answers: Mapping[PropertyRef, Answer], oldest: str | None = None) -> FoundObject:
    """What became of `refs_of`. `oldest` is the instant of a trend log's oldest record."""
    said = Described(answers, wanted)
    value = said.datum(PRESENT_VALUE, needed=True)
    flags, reliability = said.datum(STATUS_FLAGS), said.whole(RELIABILITY, Kind.ENUMERATED)
    scale = said.datum(_SCALE, needed=True)
    factor = None if scale is None else scale_of(scale)
    return FoundObject(
        id=wanted,
        explored=True,
        name=said.text(OBJECT_NAME, needed=True),
        description=said.text(DESCRIPTION),
        units=_units(said),
        value=None if value is None else value_of(said, value),
        flags=None if flags is None else raised_flags(flags),
        reliability=None if reliability is None else reliability_text(reliability),
        states=_states(said),
        scale=None if factor is None else plain(factor),
        trend=_trend(said, oldest) if wanted.type in TREND_LOGS else None,
        unread=tuple(said.unread),
    )


def value_of(said: Described, datum: Datum) -> Value:
    """As model.py has it."""
    value = datum.value
    if isinstance(value, str):
        return Value(datum.kind.value, said.kept(PRESENT_VALUE, value))
    if isinstance(value, bytes):
        return Value(datum.kind.value, value[:LONGEST_TEXT].hex())
    return Value(datum.kind.value, _shortest(datum))


def _shortest(datum: Datum) -> str:
    value = datum.value
    if isinstance(value, float) and math.isfinite(value):
        return shortest_real(value) if datum.kind is Kind.REAL else repr(value).removesuffix(".0")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and datum.kind is Kind.OBJECT:
        return str(ObjectId(value >> 22, value & 0x3FFFFF))
    return str(datum)


def _units(said: Described) -> int | None:
    datum = said.datum(UNITS, needed=said.of.type in _MEASURING)
    if datum is None:
        return None
    if not isinstance(datum.value, int) or datum.kind not in {Kind.ENUMERATED, Kind.UNSIGNED}:
        said.miss(UNITS, f"a {datum.kind} instead of a unit")
        return None
    return int(datum.value)


def _states(said: Described) -> tuple[str, ...] | None:
    if said.of.type not in STATES:
        return None
    if said.of.type in BINARY:
        texts = [said.text(number) for number in (_INACTIVE_TEXT, _ACTIVE_TEXT)]
        return None if None in texts else tuple(text or "" for text in texts)
    datum = said.datum(STATE_TEXT)
    if datum is None:
        return None
    return texts_of(said, datum)


def texts_of(said: Described, datum: Datum) -> tuple[str, ...] | None:
    """An array of texts."""
    with suppress(DecodeError):
        found = elements(datum)
        if all(each.kind is Kind.TEXT for each in found):
            return tuple(said.kept(STATE_TEXT, str(each.value)) for each in found)
    said.miss(STATE_TEXT, f"a {datum.kind} instead of texts")
    return None


def _trend(said: Described, oldest: str | None) -> Trend:
    interval = said.whole(_INTERVAL, Kind.UNSIGNED)
    enabled, stops = said.datum(_ENABLE), said.datum(_STOPS)
    logged = said.datum(_LOGGED)
    trend = Trend(
        interval=None if interval is None else interval / 100,
        enabled=enabled.value if enabled is not None and isinstance(enabled.value, bool) else None,
        buffer=said.whole(_BUFFER, Kind.UNSIGNED),
        records=said.whole(_RECORDS, Kind.UNSIGNED),
        total=said.whole(_TOTAL, Kind.UNSIGNED),
        oldest=oldest,
        stops_when_full=stops.value if stops is not None and isinstance(stops.value, bool) else None,
    )
    if logged is None:
        return trend
    try:
        members = logged_by(logged)
    except DecodeError as error:
        said.miss(_LOGGED, f"cannot be understood ({error})")
        return trend
    if said.of.type != TREND_LOG:
        return replace(trend, members=members)
    what = members[0]
    return (
        trend
        if what is None
        else replace(trend, object=what.object, property=what.property, index=what.index, device=what.device)
    )


def identifiers(datum: Datum) -> list[ObjectId] | None:
    """An object list, or an element of it; None for what is none."""
    try:
        found = elements(datum)
    except DecodeError:
        return None
    numbers = [each.value for each in found if each.kind is Kind.OBJECT]
    if len(numbers) != len(found):
        return None
    return [ObjectId(number >> 22, number & 0x3FFFFF) for number in numbers if isinstance(number, int)]


def ranges_text(indices: Iterable[int]) -> str:
    """`1..4, 7`."""
    made: list[list[int]] = []
    for index in sorted(indices):
        if made and index == made[-1][1] + 1:
            made[-1][1] = index
        else:
            made.append([index, index])
    return ", ".join(str(low) if low == high else f"{low}..{high}" for low, high in made)
