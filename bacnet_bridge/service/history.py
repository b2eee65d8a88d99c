"""Each meter's values of the last 24 hours, for trends: at most 288 points a meter, in arrays.

That is 2.8 kB a meter, 14 MB for 5,000, however short their intervals are. It is a picture for people: what was sent
stands in the outbox, what is missing in the ledger.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from bacnet_bridge.model import Meter, Packet, Reading
from bacnet_bridge.packet.wire import values
from bacnet_bridge.vocabulary.fields import FIELDS, SINGLE

SPAN: Final = 86_400
"""Seconds that are remembered."""
_FINEST: Final = 300
"""Seconds between two points at least: a finer curve shows nothing more on a screen."""
_SPARKS: Final = 48
_LEVELS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_HIGHEST: Final = len(_LEVELS) - 1
_FLAT: Final = _LEVELS[30]
_UNKNOWN: Final = "."
_HOLE: Final = "!"
_MOST_HOLES: Final = 255
_ORDER: Final = {key: number for number, key in enumerate(FIELDS)}


@dataclass(frozen=True, slots=True)
class Spark:
    """A day in a word: see `docs/status.md`. `low` and `high` are None where no value is known."""

    text: str = ""
    low: float | None = None
    high: float | None = None


class Track:
    """One meter's ring of points; a point is the latest value of `step` seconds, and how many of its slots were holes.

    Instants are slots: UTC milliseconds.
    """

    __slots__ = ("_holes", "_interval", "_newest", "_phase", "_spark", "_values", "field", "meter", "says", "step")

    def __init__(self, meter: Meter) -> None:
        self.meter, self.field, self.says = meter, headline(meter), _says(meter)
        self.step = meter.interval * math.ceil(_FINEST / meter.interval)
        points = max(1, SPAN // self.step)
        self._values = array("d", [math.nan]) * points
        self._holes = array("B", [0]) * points
        self._interval = meter.interval * 1000
        self._phase = 0
        """Milliseconds from the grid of round intervals to the meter's own."""
        self._newest: int | None = None
        self._spark: Spark | None = None

    def put(self, slot: int, value: float) -> None:
        """What was read for a slot; NaN where the packet went without it."""
        place = self._place(slot)
        if place is not None:
            self._values[place] = value

    def recall(self, slot: int, value: float) -> None:
        """What was read earlier: it takes no other's place, so of one point's slots the first that is told stays."""
        if self.lacks(slot) and (place := self._place(slot)) is not None:
            self._values[place] = value

    def missed(self, slot: int, slots: int, *, recalled: bool = False) -> None:
        """So many slots of the point that this one belongs to were holes; recalled ones may be known already."""
        place = self._place(slot)
        if place is not None:
            known = self._holes[place]
            self._holes[place] = min(_MOST_HOLES, max(known, slots) if recalled else known + slots)

    def healed(self, slot: int, value: float) -> None:
        """A hole that has its value after all."""
        self.recall(slot, value)
        place = self._place(slot)
        if place is not None:
            self._holes[place] = max(0, self._holes[place] - 1)

    def lacks(self, slot: int) -> bool:
        """Whether the slot's point is within the span, and has no value yet."""
        number, points = self.number(slot), len(self._values)
        if self._newest is None or number > self._newest:
            return True
        return number > self._newest - points and math.isnan(self._values[number % points])

    def number(self, slot: int) -> int:
        """Names the slot's point; the next one's is one more."""
        return slot // (self.step * 1000)

    def document(self, now: int) -> dict[str, Any]:
        """Every point, oldest first; the instant of one is that of its last slot."""
        numbers, values, holes = self._ordered(now)
        first = (numbers[0] + 1) * self.step * 1000 - self._interval + self._phase
        known = (number for number, each in enumerate(values) if holes[number] or not math.isnan(each))
        since = next(known, None)
        return {
            "field": self.field,
            "step": self.step,
            "first": first,
            "values": [None if math.isnan(value) else value for value in values],
            "holes": list(holes),
            "known_since": None if since is None else first + since * self.step * 1000,
        }

    def spark(self, now: int) -> Spark:
        """Kept until a point changes, so that thousands are looked at cheaply."""
        _, values, holes = self._ordered(now)
        if self._spark is None:
            self._spark = _spark(values, holes)
        return self._spark

    def _ordered(self, now: int) -> tuple[range, Sequence[float], Sequence[int]]:
        """Every point's number, value and holes, oldest first; where nothing came of late, up to now."""
        upto, points = self.number(now) - 1, len(self._values)
        newest = self._newest
        if newest is None or newest < upto:
            self._go_on(upto)
            newest = upto
        begin = (newest + 1) % points
        values, holes = self._values[begin:] + self._values[:begin], self._holes[begin:] + self._holes[:begin]
        return range(newest - points + 1, newest + 1), values, holes

    def _place(self, slot: int) -> int | None:
        """Where the slot's point stands, with room made for it; None where that is too long ago."""
        number = self.number(slot)
        if self._newest is None or number > self._newest:
            self._go_on(number)
        elif number <= self._newest - len(self._values):
            return None
        self._spark, self._phase = None, slot % self._interval
        return number % len(self._values)

    def _go_on(self, number: int) -> None:
        points = len(self._values)
        before = number - points if self._newest is None else max(self._newest, number - points)
        for each in range(before + 1, number + 1):
            self._values[each % points], self._holes[each % points] = math.nan, 0
        self._newest, self._spark = number, None


class History:
    """By meter id. Told of every slot by the collector; `recall.py` fills in what was before the start."""

    def __init__(self) -> None:
        self._tracks: dict[str, Track] = {}
        self.complete = False
        """All that the outbox and the ledger still have of the span is here."""

    def put(self, meter: Meter, slot: int, readings: Sequence[Reading]) -> None:
        """A packet was made of these."""
        track = self.track(meter)
        track.put(slot, value_of(track.field, readings))

    def missed(self, meter: Meter, first: int, last: int, *, recalled: bool = False) -> None:
        """The slots from `first` to `last` are holes."""
        track, interval = self.track(meter), meter.interval * 1000
        earliest = last - SPAN * 1000
        first = max(first, earliest - (earliest - first) % interval)
        counted: dict[int, tuple[int, int]] = {}
        for slot in range(first, last + 1, interval):
            counted[track.number(slot)] = slot, counted.get(track.number(slot), (0, 0))[1] + 1
        for slot, slots in counted.values():
            track.missed(slot, slots, recalled=recalled)

    def healed(self, meter: Meter, packets: Sequence[Packet]) -> None:
        """Slots that were missed have these packets after all."""
        track = self.track(meter)
        for packet in packets[-SPAN // meter.interval :]:
            track.healed(packet.instant, float(values(packet.body).get(track.field, math.nan)))

    def forget(self, meter: str) -> None:
        """It is mapped no more."""
        self._tracks.pop(meter, None)

    def spark(self, meter: str, now: int) -> Spark:
        """Of the meter with this id; empty where nothing was told of it."""
        track = self._tracks.get(meter)
        return Spark() if track is None else track.spark(now)

    def track(self, meter: Meter) -> Track:
        """Begun anew where the mapping says otherwise what is read: then the old values are another thing's."""
        track = self._tracks.get(meter.id)
        if track is not None and track.meter is meter:
            return track
        if track is None or track.says != _says(meter):
            track = self._tracks[meter.id] = Track(meter)
        track.meter = meter
        return track


def headline(meter: Meter) -> str:
    """The field that stands for the meter: the first in the platform's order that is mapped."""
    return min((point.field for point in meter.points), key=_ORDER.__getitem__, default=SINGLE.key)


def value_of(field: str, readings: Sequence[Reading]) -> float:
    """The sum of the field's points; NaN where one is missing, or none is of the field."""
    values = [reading.value for reading in readings if reading.point.field == field]
    total = sum(float(value) for value in values if value is not None) if values and None not in values else math.nan
    return total if math.isfinite(total) else math.nan


def _says(meter: Meter) -> tuple[Any, ...]:
    """What the remembered values depend on."""
    field = headline(meter)
    return (
        meter.interval,
        field,
        *(
            (each.source, each.nature, each.multiplier, each.offset, each.unit, each.ratio)
            for each in meter.points
            if each.field == field
        ),
    )


def _spark(points: Sequence[float], holes: Sequence[int]) -> Spark:
    values = [value for value in points if not math.isnan(value)]
    if not values and not any(holes):
        return Spark()
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    together = math.ceil(len(points) / _SPARKS)
    signs = []
    for end in range(len(points), 0, -together):
        value = points[end - 1]
        if math.isnan(value):
            begin = max(end - together, 0)
            value = next((each for each in reversed(points[begin:end]) if not math.isnan(each)), math.nan)
            if math.isnan(value):
                signs.append(_HOLE if any(holes[begin:end]) else _UNKNOWN)
                continue
        signs.append(_level(value, low, high))
    signs.reverse()
    return Spark("".join(signs), *((low, high) if values else (None, None)))


def _level(value: float, low: float, high: float) -> str:
    """Of halves, because the difference of two doubles may be none."""
    return _FLAT if low == high else _LEVELS[round((value / 2 - low / 2) / (high / 2 - low / 2) * _HIGHEST)]
