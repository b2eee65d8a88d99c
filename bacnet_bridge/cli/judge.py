"""Did the demo do what it promises? Pure: the platform's record and the ledger's counts against the declaration."""

import math
from collections.abc import Collection, Iterable, Mapping, Sized

from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Meter, Nature
from bacnet_bridge.vocabulary.objects import ObjectId

Sick = Collection[tuple[int, ObjectId]]
"""Device instances and objects that can never be read well."""


def judge(
    meters: Iterable[Meter],
    sick: Sick,
    counts: Mapping[str, DayCount],
    stored: Mapping[str, Sized],
    seconds: float,
) -> list[str]:
    """What is not as promised after `seconds` of running, a sentence each.

    `stored` is what the platform has, by its own record. What is not over yet, like a packet on its way, is a failure.
    """
    failures = (
        (meter, _failure(meter, sick, counts[meter.id], len(stored.get(meter.id, ())), seconds)) for meter in meters
    )
    return [f"{meter.name}: {failure}" for meter, failure in failures if failure]


def expected_holes(meter: Meter, sick: Sick, due: int) -> int:
    """How many of so many due slots can have no packet.

    A field is missing where any of its points is sick; a packet, where all fields are, or one that must be there.
    """
    missing = {point.field for point in meter.points if (meter.device, point.source.object) in sick}
    fields = {point.field for point in meter.points}
    if missing == fields or (meter.require_all and missing):
        return due
    difference = all(point.nature is Nature.DELTA for point in meter.points)
    return min(1, due) if difference else 0


def _failure(meter: Meter, sick: Sick, count: DayCount, stored: int, seconds: float) -> str:
    expected = expected_holes(meter, sick, count.due)
    least = math.floor(seconds / meter.interval) - 3 if expected < count.due else 0
    if count.holes != expected:
        return f"{counted(count.holes, 'hole')}, where the building makes {expected}"
    if count.waiting:
        return f"still waiting: {counted(count.waiting, 'packet')}"
    if stored != count.accepted:
        return f"the platform has {counted(stored, 'packet')}, the bridge counts {count.accepted} as accepted"
    if stored < least:
        return f"{counted(stored, 'packet')} accepted, {least} or more were to be expected"
    return ""


def counted(count: int, noun: str) -> str:
    """`1 packet`, `2 packets`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
