"""Readings → Packet, or the hole that they leave. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from functools import reduce
from typing import Final

from bacnet_bridge.model import Hole, Meter, Origin, Packet, Problem, Queue, Reading
from bacnet_bridge.packet.wire import line, local_day
from bacnet_bridge.vocabulary.holes import HoleReason

_EXACT: Final = Context(prec=800)
"""So many digits that no sum is rounded, whatever the magnitudes of its Reals or Doubles."""

_DETAIL: Final = 200
"""Characters of a hole's detail, at most."""


def build(meter: Meter, queue: Queue, slot: int, readings: Sequence[Reading]) -> Packet | Hole:
    """The packet that bears the slot's instant, from one reading of each of the meter's points.

    Points with one field are summed. A field of which a point is missing is left out (guarantee 4: a part of a
    sum is never sent as if it were the sum). Nothing left, or a field missing where the meter demands all: a
    hole. Its reason is SILENT only if every missing point is; otherwise that of the first which says more.
    """
    fields, problems = whole_fields(meter, readings)
    if not fields:
        return Hole(_reason(problems), _shortly([problem.detail for _, problem in problems]), tuple(readings))
    if meter.require_all and problems:
        missing = ", ".join(dict.fromkeys(key for key, _ in problems))
        details = [problem.detail for _, problem in problems]
        return Hole(HoleReason.REFUSED, _shortly([f"missing of all demanded: {missing}", *details]), tuple(readings))
    return packet_of(meter, queue, slot, fields)


def packet_of(
    meter: Meter, queue: Queue, slot: int, fields: Mapping[str, Decimal], origin: Origin = Origin.LIVE
) -> Packet:
    """The packet with these fields, in the platform's units; raises ValueError as `wire.line` does."""
    return Packet(queue, slot, local_day(slot, meter.zone), line(meter.id, slot, meter.zone, fields), origin)


def whole_fields(meter: Meter, readings: Sequence[Reading]) -> tuple[dict[str, Decimal], list[tuple[str, Problem]]]:
    """The whole fields with their sums; and, field by field in the mapping's order, what is missing."""
    read = {reading.point: reading for reading in readings}
    parts: dict[str, list[Decimal]] = {}
    problems: list[tuple[str, Problem]] = []
    for point in meter.points:
        reading = read.get(point)
        if reading is not None and reading.value is not None:
            parts.setdefault(point.field, []).append(reading.value)
        else:
            problem = reading.problem if reading is not None else None
            problems.append((point.field, problem or Problem(HoleReason.SILENT, f"{point.source} was not read")))
    missing = {key for key, _ in problems}
    return {key: reduce(_EXACT.add, part) for key, part in parts.items() if key not in missing}, problems


def unheard(meter: Meter, readings: Sequence[Reading]) -> frozenset[str]:
    """The fields that are missing only because the device did not answer for them; no value of theirs was refused."""
    if all(reading.problem is None for reading in readings) and len(readings) == len(meter.points):
        return frozenset()
    _, problems = whole_fields(meter, readings)
    refused = {key for key, problem in problems if problem.reason is not HoleReason.SILENT}
    return frozenset(key for key, _ in problems if key not in refused)


def _reason(problems: Sequence[tuple[str, Problem]]) -> HoleReason:
    telling = (problem.reason for _, problem in problems if problem.reason is not HoleReason.SILENT)
    return next(telling, HoleReason.SILENT)


def _shortly(details: Sequence[str]) -> str:
    joined = "; ".join(dict.fromkeys(detail for detail in details if detail))
    return joined if len(joined) <= _DETAIL else joined[: _DETAIL - 1] + "…"
