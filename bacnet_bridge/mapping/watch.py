"""A meter's and a field's watch keys → what a Point is watched by. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from bacnet_bridge.mapping import keys, watch_keys
from bacnet_bridge.mapping.key import Key, read
from bacnet_bridge.mapping.problems import Findings
from bacnet_bridge.mapping.rows import Cell, RawMeter, RawPoint
from bacnet_bridge.model import SKIPPED_FLAGS, AfterFall, Condition, Counting, Nature
from bacnet_bridge.vocabulary.fields import FIELDS, Quantity

T = TypeVar("T")

FROZEN_AFTER: Final = 12
"""Readings, of voltages and currents: they never stand still to the bit for so long where anything is measured."""

_LIVELY: Final = frozenset({Quantity.VOLTAGE, Quantity.CURRENT})
_OF_COUNTERS: Final[tuple[Key[Any], ...]] = (
    watch_keys.MAX_RATE,
    watch_keys.ROLLOVER,
    watch_keys.FALLS,
    watch_keys.AFTER_FALL,
)
_OF_MEASUREMENTS: Final[tuple[Key[Any], ...]] = (watch_keys.FROZEN_AFTER, watch_keys.FROZEN)


@dataclass(frozen=True, slots=True)
class Watch:
    """As Point has them."""

    counting: Counting
    frozen_after: int
    frozen_refused: bool
    skip: frozenset[str]
    send: frozenset[str]
    valid_when: Condition | None


class Watching:
    """Reads the watch keys of one meter and of its fields; a field's own word goes before the meter's."""

    def __init__(self, raw: RawMeter, findings: Findings) -> None:
        self._raw = raw
        self._findings = findings

    def of(self, point: RawPoint, nature: Nature) -> Watch:
        """What watches the point; problems go to the findings."""
        self._misplaced(point, nature)
        rules = self._said(watch_keys.FLAG_RULES, point) or {}
        skipped = frozenset(name for name, rule in rules.items() if rule == watch_keys.SKIP)
        sent = frozenset(rules) - skipped
        return Watch(
            counting=self._counting(point),
            frozen_after=self._frozen_after(point, nature),
            frozen_refused=self._said(watch_keys.FROZEN, point) is True,
            skip=(SKIPPED_FLAGS | skipped) - sent,
            send=sent,
            valid_when=self._said(watch_keys.VALID_WHEN, point),
        )

    def report_unused(self, natures: Sequence[Nature]) -> None:
        """A meter's own keys for counters, where it has none."""
        if not natures or any(nature is not Nature.INSTANT for nature in natures):
            return
        for key in _OF_COUNTERS[:3]:
            if key.name in self._raw.cells:
                self._findings.odd(self._raw.cells[key.name].place, _for_counters(key))

    def _counting(self, point: RawPoint) -> Counting:
        falls, rollover = self._said(watch_keys.FALLS, point), self._said(watch_keys.ROLLOVER, point)
        cell = self._cell(watch_keys.ROLLOVER, point)
        if falls and rollover is not None and cell is not None:
            self._findings.wrong(cell.place, "rollover contradicts falls: yes; a counter that falls by nature has none")
        return Counting(
            max_rate=self._said(watch_keys.MAX_RATE, point),
            rollover=rollover,
            falls=bool(falls),
            after_fall=self._said(watch_keys.AFTER_FALL, point) or AfterFall.FOLLOW,
        )

    def _frozen_after(self, point: RawPoint, nature: Nature) -> int:
        quantity = FIELDS[point.field.text].quantity
        own = read(watch_keys.FROZEN_AFTER, point.cells.get(watch_keys.FROZEN_AFTER.name), self._findings)
        if own is not None or nature is not Nature.INSTANT or quantity not in {*_LIVELY, Quantity.ANY}:
            return own or 0
        said = self._said(watch_keys.FROZEN_AFTER, point)
        lively = quantity in _LIVELY and not read(keys.COV, point.cells.get(keys.COV.name), self._findings)
        return (FROZEN_AFTER if lively else 0) if said is None else said

    def _misplaced(self, point: RawPoint, nature: Nature) -> None:
        counter = nature is not Nature.INSTANT
        for key in _OF_MEASUREMENTS if counter else _OF_COUNTERS:
            if key.name in point.cells:
                why = f"{key.name} is for measurements; a counter may stand still, so leave it out"
                self._findings.wrong(point.cells[key.name].place, why if counter else _for_counters(key))

    def _cell(self, key: Key[T], point: RawPoint) -> Cell | None:
        return point.cells.get(key.name) or self._raw.cells.get(key.name)

    def _said(self, key: Key[T], point: RawPoint) -> T | None:
        return read(key, self._cell(key, point), self._findings)


def _for_counters(key: Key[Any]) -> str:
    return f"{key.name} is for counters; say as: index or as: delta, or leave it out"
