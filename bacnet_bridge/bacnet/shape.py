"""The shape of an answer: where in its octets the values stand. Pure.

A device answers the same question with the same octets but for the values. So one look over all of them tells
whether a further answer is about exactly the same objects, properties and indices in the same order, with values of
the same length (guarantee 4), and gives the values. Everything else is for rpm.py, which goes from tag to tag.
"""

import struct
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.rpm import Refusal, Result, found_in
from bacnet_bridge.bacnet.tags import DecodeError

_REAL_HEAD: Final = b"\x44"
_DOUBLE_HEAD: Final = b"\x55\x08"
_LONGEST: Final = 64
"""Octets of a value that may stand in a shape: longer ones are texts and lists, read now and then."""

_value = lru_cache(maxsize=4096)(partial(found_in, error=False))
_error = lru_cache(maxsize=4096)(partial(found_in, error=True))


class Shape:
    """What an answer's octets are but for its values."""

    def __init__(self, data: bytes, elements: Sequence[Result]) -> None:
        """From an answer that was understood, and its elements in order. Raises DecodeError for one of long values."""
        form, at = [">"], 0
        fixed: list[bytes] = []
        self._makers: list[Callable[[Any], Datum | Refusal]] = []
        self.sound = all(isinstance(each.found, Datum) for each in elements)
        """Nothing in it was refused."""
        for each in elements:
            kind, skip, make = _part(each, data)
            fixed.append(data[at : each.start + skip])
            form += [f"{len(fixed[-1])}s", kind]
            self._makers.append(make)
            at = each.end
        fixed.append(data[at:])
        self._struct = struct.Struct("".join([*form, f"{len(fixed[-1])}s"]))
        self._fixed = tuple(fixed)

    def values(self, data: bytes) -> list[Datum | Refusal] | None:
        """The values in the elements' order; None for an answer of any other shape."""
        if len(data) != self._struct.size:
            return None
        parts = self._struct.unpack(data)
        if parts[0::2] != self._fixed:
            return None
        try:
            return [make(part) for make, part in zip(self._makers, parts[1::2], strict=True)]
        except DecodeError:
            return None


def _part(each: Result, data: bytes) -> tuple[str, int, Callable[[Any], Datum | Refusal]]:
    """How `struct` takes the value, how many of its octets never change, and what is made of it."""
    content = data[each.start : each.end]
    if isinstance(each.found, Datum) and len(content) == 5 and content.startswith(_REAL_HEAD):
        return "f", 1, partial(Datum, Kind.REAL)
    if isinstance(each.found, Datum) and len(content) == 10 and content.startswith(_DOUBLE_HEAD):
        return "d", 2, partial(Datum, Kind.DOUBLE)
    if len(content) > _LONGEST:
        raise DecodeError("too long for a shape")
    return f"{len(content)}s", 0, _error if isinstance(each.found, Refusal) else _value
