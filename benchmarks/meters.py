"""The measured points as the product maps them: meters of one field, or electrical ones of up to 21."""

from typing import Final

from bacnet_bridge.model import Meter, Nature, Point, PropertyRef
from bacnet_bridge.vocabulary.fields import SINGLE, Quantity
from bacnet_bridge.vocabulary.objects import ObjectId
from benchmarks.building import NAME, field_of

_ANALOG_INPUT: Final = 0


def meters(device: int, address: str, objects: int, points_per_meter: int) -> list[Meter]:
    """Analog-input 1 … `objects` of a device, every one pinned to its name; counters are followed as such."""
    firsts = range(1, objects + 1, points_per_meter)
    groups = [range(first, min(first + points_per_meter, objects + 1)) for first in firsts]
    return [_meter(device, address, group, single=points_per_meter == 1) for group in groups]


def _meter(device: int, address: str, instances: range, *, single: bool) -> Meter:
    points = tuple(_point(instance, single=single) for instance in instances)
    name = f"{device}-{instances[0]}"
    return Meter(name, name, device, points, 60, "Europe/Dublin", 15.0, address=address)


def _point(instance: int, *, single: bool) -> Point:
    source = PropertyRef(ObjectId(_ANALOG_INPUT, instance))
    if single:
        return Point(SINGLE.key, source, name=NAME.format(instance))
    counts = field_of(instance).quantity is Quantity.ENERGY
    nature = Nature.INDEX if counts else Nature.INSTANT
    return Point(field_of(instance).key, source, nature, NAME.format(instance))
