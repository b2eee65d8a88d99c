"""Which fields packets in waiting lack because their device did not answer for them: a log may add these, and no other.

A field that was read and refused stays out, whatever a log says of it (guarantee 4). It is known in memory only: what a
packet that was put before a start lacks stays out of it.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from bacnet_bridge.model import Meter

_MOST: Final = 256
"""Packets of one meter, the newest: more hardly wait for a log."""


class Unheard:
    """Noted with every packet of a meter that has logs."""

    def __init__(self) -> None:
        self._fields: defaultdict[str, dict[int, frozenset[str]]] = defaultdict(dict)

    def note(self, meter: Meter, instant: int, fields: frozenset[str]) -> None:
        logged = fields and fields & {point.field for point in meter.points if point.backfill is not None}
        if logged:
            known = self._fields[meter.id]
            known[instant] = logged
            if len(known) > _MOST:
                del known[next(iter(known))]

    def of(self, meter: str) -> Mapping[int, frozenset[str]]:
        """By the instants of its packets, of a meter by its id."""
        return self._fields.get(meter, {})
