"""An answer that comes in segments, put together (clause 5.4.4, the client's SEGMENTED_CONF). Pure.

Memory is bounded by how many segments were asked for, time by the datagrams that are looked at: whoever sends without
end is told to stop. Segments only count in their order; nothing is ever put together across a gap.
"""

from dataclasses import dataclass
from typing import Final

MOST: Final = 64
"""Segments that are asked for at most: the largest number that a question can name (clause 20.1.2.4)."""
_LONGEST: Final = 1_500
"""Octets in a segment: what fits into an Ethernet frame. Some count the header in, some do not."""
_WINDOW: Final = 16
"""Segments that may come before they are acknowledged; a device that proposes fewer has its way."""
_WINDOWS: Final = range(1, 128)
"""What a device may propose (clause 20.1.5.6)."""
_REPEATED: Final = 4
"""Datagrams that are looked at, for each segment that was asked for."""


class SegmentError(ValueError):
    """What came belongs to no answer that was asked for; no more of it is to be taken."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What is to be said to the device now: all is there up to `sequence`; `gap`: and what came then was not next."""

    sequence: int
    window: int
    gap: bool = False


class Segments:
    """Of one answer, as they come in."""

    def __init__(self, most: int) -> None:
        """At most so many, 1 to MOST."""
        self.whole = False
        """The last one is there."""
        self._most = most
        self._looked_at = 0
        self._window = 0
        self._acknowledged = 0
        self._beyond = 0
        """The furthest behind a gap that the device was told of; 0 where there is none."""
        self._parts: list[bytes] = []

    def take(self, sequence: int, proposed: int, part: bytes, *, more: bool) -> Acknowledgement | None:
        """A segment, and the window that the device proposes; what is to be said to it.

        Raises SegmentError.
        """
        self._looked_at += 1
        if self._looked_at > _REPEATED * self._most:
            raise SegmentError("the same segments again and again")
        if len(part) > _LONGEST:
            raise SegmentError(f"a segment of {len(part)} octets")
        if not self._parts:
            return self._first(sequence, proposed, part, more=more)
        if sequence != len(self._parts):
            return self._out_of_order(sequence)
        if len(self._parts) == self._most:
            raise SegmentError(f"more segments than the {self._most} that were asked for")
        return self._next(part, more=more)

    def data(self) -> bytes:
        """The answer, where it is whole."""
        return b"".join(self._parts)

    def _first(self, sequence: int, proposed: int, part: bytes, *, more: bool) -> Acknowledgement:
        if sequence:
            raise SegmentError(f"segment {sequence} came first")
        if proposed not in _WINDOWS:
            raise SegmentError(f"a window of {proposed}")
        self._window = min(proposed, _WINDOW)
        self._parts.append(part)
        self.whole = not more
        return Acknowledgement(0, self._window)

    def _next(self, part: bytes, *, more: bool) -> Acknowledgement | None:
        self._parts.append(part)
        self.whole = not more
        last = len(self._parts) - 1
        if last >= self._beyond:
            self._beyond = 0
        if more and last < self._acknowledged + self._window:
            return None
        self._acknowledged = last
        return Acknowledgement(last, self._window)

    def _out_of_order(self, sequence: int) -> Acknowledgement | None:
        """One that is missing is asked for once for each time that the device goes past it.

        One that was there before is dropped, or it would be answered with a window of further ones; but the last that
        was acknowledged is acknowledged again, since its acknowledgement was lost.
        """
        last = len(self._parts) - 1
        if sequence > last:
            told, self._beyond = self._beyond, sequence
            if told and sequence > told:
                return None
            self._acknowledged = last
            return Acknowledgement(last, self._window, gap=True)
        return Acknowledgement(last, self._window) if sequence == last == self._acknowledged else None
