"""What each mapped object said of itself when its first good value was taken: its pin.

Guarantee 4 (never a wrong value): a controller that was loaded anew may give an object's number to another point. A
point whose object says another name, unit or scale than its pin is held until the object says the old again, until the
mapping's words for the point are edited, or until an operator accepts what it says now.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from decimal import Decimal
from typing import Any, Final

from bacnet_bridge.bacnet.alarms import Alarms
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.rule import Facts
from bacnet_bridge.model import Meter, Point
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.units import unit_by_code


def pin_key(meter: Meter, point: Point) -> str:
    """Names a pin by device, object and the mapping's own words for the point, so that edited words pin anew."""
    device = f"{meter.device}" if meter.address is None else f"{meter.device} at {meter.address}"
    return f"{device} | {point.source.object} | {_words(point)}"


def condition_point(point: Point) -> Point | None:
    """The object of the point's `valid_when`, to be pinned as a point is; None where it has none, or names itself."""
    condition = point.valid_when
    if condition is None or condition.source.object == point.source.object:
        return None
    return Point(VALID_WHEN, condition.source)


VALID_WHEN: Final = "valid_when"
_BESIDE: Final = frozenset({"place", "counting", "frozen_after", "frozen_refused", "skip", "send", "valid_when"})
"""What a point is watched by says nothing of which object it means."""


class Pins:
    """The pins, and which points they hold. Each holding is logged when it starts and when it ends."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._alarms = Alarms()
        self._offered: dict[str, Mapping[str, Any]] = {}
        self._agreed: dict[str, Facts] = {}
        """The very facts that were found to agree with the pin: they need not be compared in every slot."""

    def copy(self) -> "Pins":
        """The same pins, for a reader that only looks: what becomes of them there is not kept."""
        kept = Kept()
        for key in self._kept.keys():  # noqa: SIM118  it is no mapping
            kept.put(key, self._kept[key])
        return Pins(kept)

    def pin(self, key: str, facts: Facts) -> None:
        """To be called with every good value, one that `held` let pass: the first one pins."""
        if self._agreed.get(key) is not facts:
            self._kept.put(key, _entry(facts))
            self._agreed[key] = facts

    def held(self, key: str, point: Point, facts: Facts) -> str | None:
        """Why the point has no value, as a sentence that names both; None where it may have one."""
        if self._agreed.get(key) is facts:
            return None
        pinned, now = self._kept.get(key), _entry(facts)
        if pinned is None:
            return None
        if pinned == now:
            self._agreed[key] = facts
            self._release(key)
            return None
        instance, wanted = key.split(" ", 1)[0], point.source.object
        self._offered[key] = now
        sentence = (
            f"pinned as {_said(pinned)}, the device now says {_said(now)}: correct the mapping, "
            f"or `bacnet-bridge accept {instance} {wanted}`"
        )
        self._alarms.start(key, "point is held", sentence, device=int(instance), object=str(wanted))
        return sentence

    def accept(self, instance: int, wanted: ObjectId | None) -> list[str]:
        """Pin what the held points of the device (of one object of it) say now; a sentence for each object."""
        taken = {}
        for key, now in list(self._offered.items()):
            device, name, _ = key.split(" | ", 2)
            if device.split(" ", 1)[0] == str(instance) and (wanted is None or name == str(wanted)):
                self._kept.put(key, now)
                self._agreed.pop(key, None)
                self._release(key)
                taken[name] = f"device {instance}, {name} is now {_said(now)}"
        return list(taken.values())

    async def only(self, meters: Sequence[Meter]) -> None:
        """Forget the pins of points that the mapping words otherwise now, or no longer has."""
        mapped = await asyncio.to_thread(_keys, meters)  # of thousands of meters it takes a second
        for key in set(self._kept.keys()) - mapped:
            self._kept.drop(key)
            self._agreed.pop(key, None)
            self._release(key)

    def _release(self, key: str) -> None:
        if self._offered.pop(key, None) is not None:
            device, name, _ = key.split(" | ", 2)
            self._alarms.end(key, "point is released", device=int(device.split(" ", 1)[0]), object=name)


def _keys(meters: Sequence[Meter]) -> set[str]:
    return {
        pin_key(meter, each)
        for meter in meters
        for point in meter.points
        for each in (point, condition_point(point))
        if each is not None
    }


def _words(point: Point) -> str:
    """What the mapping says of the point, where it says more than nothing."""
    said = []
    for each in fields(point):
        value = getattr(point, each.name)
        default = each.default if each.default is not MISSING else None
        if each.name not in _BESIDE and value != default:
            said.append(f"{each.name} {_plain(value)}")
    return ", ".join(said)


def _plain(value: object) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def _entry(facts: Facts) -> dict[str, Any]:
    return {
        "name": facts.name,
        "unit": None if facts.unit is None else facts.unit.code,
        "scale": None if facts.scale is None else _plain(facts.scale),
    }


def _said(entry: Mapping[str, Any]) -> str:
    name, unit, scale = entry.get("name"), entry.get("unit"), entry.get("scale")
    text = "without a name" if name is None else repr(name)
    if isinstance(unit, int):
        text += f" in {unit_by_code(unit).symbol}"
    return text if scale == "1" else f"{text} with scale {scale or 'unknown'}"
