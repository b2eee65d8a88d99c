"""Ranges of device instances for Who-Is, so that few enough devices answer at once. Pure.

Nobody knows beforehand how many devices there are. The first pass goes through the instances with windows that grow
while few answer and shrink when many do; every further pass repeats the question in windows that hold as many of the
devices that are known by then as may answer at once.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from bacnet_bridge.vocabulary.objects import MAX_INSTANCE
from bacnet_bridge.vocabulary.ranges import Range

ALL: Final[Range] = (0, MAX_INSTANCE)
AT_ONCE: Final = 100
"""Devices that may answer one question: a trunk of MS/TP has no more, and any socket holds as many I-Ams."""
_FIRST: Final = 1_000
_FASTEST: Final = 8
"""Times by which a window grows or shrinks from one question to the next."""


class Growing:
    """The first pass: `next` is the window to ask, `answered` says how many new devices it had."""

    def __init__(self, ranges: Sequence[Range]) -> None:
        self._left = list(ranges)
        self._size = _FIRST

    def next(self) -> Range | None:
        """None when all was asked."""
        if not self._left:
            return None
        low, high = self._left.pop(0)
        last = min(high, low + self._size - 1)
        if last < high:
            self._left.insert(0, (last + 1, high))
        return low, last

    def answered(self, devices: int) -> None:
        """Sizes the next window by how dense this one was."""
        wanted = self._size * AT_ONCE // max(1, devices)
        self._size = max(self._size // _FASTEST, 1, min(wanted, self._size * _FASTEST))


def even(ranges: Iterable[Range], known: Iterable[int]) -> list[Range]:
    """All the ranges, in windows that hold `AT_ONCE` known instances at most."""
    instances = sorted(set(known))
    cuts = [0, *(instances[at] for at in range(AT_ONCE, len(instances), AT_ONCE)), MAX_INSTANCE + 1]
    return [
        (max(low, start), min(high, end - 1))
        for low, high in ranges
        for start, end in pairwise(cuts)
        if max(low, start) <= min(high, end - 1)
    ]
