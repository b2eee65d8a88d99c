"""How long values probably are that were never read: like others of the same property on the same device. Pure."""

import math
from typing import Final

from bacnet_bridge.bacnet.rpm import likely_octets
from bacnet_bridge.model import PropertyRef

_OBJECT_LIST: Final = 76
_IDENTIFIER: Final = 5
_TOGETHER: Final = 16
"""Objects in a request, roughly: what is longer than usual in one is made up for by the others."""
_ENOUGH: Final = 5
"""Values of a property that say what is usual."""


class Typical:
    """Learns by property. A guess is a little more than the mean, so that a request of many values rarely overflows."""

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, int, int]] = {}

    def learn(self, ref: PropertyRef, octets: int) -> None:
        count, total, squares = self._seen.get(ref.property, (0, 0, 0))
        self._seen[ref.property] = count + 1, total + octets, squares + octets * octets

    def octets(self, ref: PropertyRef) -> int:
        """At least an error's length."""
        if ref.property == _OBJECT_LIST and ref.index:
            return _IDENTIFIER
        count, total, squares = self._seen.get(ref.property, (0, 0, 0))
        if count < _ENOUGH:
            return likely_octets(ref)
        mean = total / count
        spread = math.sqrt(max(0.0, squares / count - mean * mean))
        return max(4, math.ceil(mean + 2 * spread / math.sqrt(_TOGETHER)))
