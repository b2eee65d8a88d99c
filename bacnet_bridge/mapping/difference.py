"""What an edit of the mapping changes: meters added, removed and changed, in words. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Final

from bacnet_bridge.model import Condition, Counting, Meter, Point
from bacnet_bridge.vocabulary.objects import PRESENT_VALUE, property_name
from bacnet_bridge.vocabulary.units import Unit

_NAMED: Final = 3
_USUAL: Final = f" {property_name(PRESENT_VALUE)}"
"""The property that is read where none is named."""
_POINT: Final = tuple(each.name for each in fields(Point) if each.name not in {"field", "source", "place"})
_METER: Final = tuple(each.name for each in fields(Meter) if each.name not in {"id", "points", "place"})
_point_says: Final = attrgetter("field", "source", *_POINT)
_meter_says: Final = attrgetter("id", *_METER)
_SAID: Final = {"nature": "as", "name": "name", "require_all": "require_all", "frozen_after": "frozen_after"}
"""Words of the mapping that the model calls otherwise; most are called the same."""


@dataclass(frozen=True, slots=True)
class Change:
    """A meter that the mapping words otherwise now."""

    old: Meter
    new: Meter
    words: tuple[str, ...]
    loses: bool
    """Points of it are gone and none came, as where a file was copied in part."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Between the mapping in force and another one. Where a fact stands in its file is no difference."""

    added: tuple[Meter, ...] = ()
    removed: tuple[Meter, ...] = ()
    changed: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    @property
    def takes_away(self) -> bool:
        """Something is read no more. It may be meant, or a file that was copied in part: a person says which."""
        return bool(self.removed) or any(change.loses for change in self.changed)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One for each meter, those from which something is taken away first."""
        renumbered = _renumbered(self.removed, self.added)
        gone = [
            f"{_called(meter)}: its id becomes {renumbered[meter.id].id}; what waits is sent under the old one"
            if meter.id in renumbered
            else f"{_called(meter)}: removed; what waits is sent all the same"
            for meter in self.removed
        ]
        news = {meter.id for meter in renumbered.values()}
        came = [
            f"{_called(meter)}: added, device {meter.device}, {_some(_sources(meter.points))}, every {meter.interval} s"
            for meter in self.added
            if meter.id not in news
        ]
        changed = sorted(self.changed, key=lambda change: not change.loses)
        return (*gone, *(f"{_called(change.new)}: {', '.join(change.words)}" for change in changed), *came)

    @property
    def summary(self) -> str:
        """`removes Gas (gas), changes Main (main) and adds a, b, c and 2 more`."""
        parts = {
            "removes": self.removed,
            "takes points from": [change.new for change in self.changed if change.loses],
            "changes": [change.new for change in self.changed if not change.loses],
            "adds": self.added,
        }
        said = [f"{verb} {_some(map(_called, meters))}" for verb, meters in parts.items() if meters]
        return " and ".join(filter(None, (", ".join(said[:-1]), *said[-1:]))) or "changes nothing"


def difference(before: Iterable[Meter], after: Iterable[Meter]) -> Difference:
    """What is to be done so that `after` is read instead of `before`; a meter is the same where its id is."""
    old, new = {meter.id: meter for meter in before}, {meter.id: meter for meter in after}
    return Difference(
        tuple(meter for meter in new.values() if meter.id not in old),
        tuple(meter for meter in old.values() if meter.id not in new),
        tuple(
            _change(old[meter.id], meter)
            for meter in new.values()
            if meter.id in old and not same(old[meter.id], meter)
        ),
    )


def same(one: Meter, other: Meter) -> bool:
    """Whether the mapping says the same of both, wherever it says it."""
    return one == other or (
        _meter_says(one) == _meter_says(other)
        and list(map(_point_says, one.points)) == list(map(_point_says, other.points))
    )


def _change(old: Meter, new: Meter) -> Change:
    before, after = _sources(old.points), _sources(new.points)
    kind = [f"{_kind(old)} → {_kind(new)}"] if old.single != new.single else []
    words = (*kind, *_unequal(old, new, _METER), *_point_words(before, after, old.points, new.points))
    had, has = _pairs(before), _pairs(after)
    return Change(old, new, words or ("the order of its points",), has < had)


def _point_words(
    before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]], old: Sequence[Point], new: Sequence[Point]
) -> Iterator[str]:
    if gone := [key for key in before if key not in after]:
        yield f"no more {_some(gone)}"
    if came := [key for key in after if key not in before]:
        yield f"{_some(came)} added"
    for key in [key for key in before if key in after and before[key] != after[key]]:
        yield f"{key} {' + '.join(before[key])} → {' + '.join(after[key])}"
    known = {(point.field, point.source): point for point in old}
    for point in new:
        was = known.get((point.field, point.source))
        if was is not None:
            yield from (f"{point.field} {words}" for words in _unequal(was, point, _POINT))


def _unequal(old: object, new: object, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        was, now = getattr(old, name), getattr(new, name)
        if isinstance(was, Counting) and was != now:
            yield "watched by other limits"
        elif was != now:
            yield f"{_SAID.get(name, name)} {_text(was)} → {_text(now)}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset | None):
        return " ".join(sorted(value or ())) or "none"
    if isinstance(value, Unit):
        return value.symbol
    if isinstance(value, float):
        return f"{value:g}"
    return value.text if isinstance(value, Condition) else str(value)


def _sources(points: Iterable[Point]) -> dict[str, list[str]]:
    """By field, in the mapping's order, what feeds it."""
    sources: dict[str, list[str]] = {}
    for point in points:
        sources.setdefault(point.field, []).append(str(point.source).removesuffix(_USUAL))
    return sources


def _pairs(sources: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    return {(key, source) for key, those in sources.items() for source in those}


def _renumbered(removed: Iterable[Meter], added: Iterable[Meter]) -> dict[str, Meter]:
    """By the old id, the meter that bears its name, or reads what it read, under a new one."""
    by_name = {meter.name: meter for meter in added}
    by_points = {(meter.device, meter.address, *map(_point_says, meter.points)): meter for meter in added}
    found = {}
    for meter in removed:
        points = (meter.device, meter.address, *map(_point_says, meter.points))
        if match := by_name.get(meter.name) or by_points.get(points):
            found[meter.id] = match
    return found


def _kind(meter: Meter) -> str:
    return "single value" if meter.single else "electrical"


def _called(meter: Meter) -> str:
    return meter.id if meter.name == meter.id else f"{meter.name} ({meter.id})"


def _some(names: Iterable[str]) -> str:
    known = list(names)
    more = len(known) - _NAMED
    return ", ".join(known) if more <= 0 else f"{', '.join(known[:_NAMED])} and {more} more"
