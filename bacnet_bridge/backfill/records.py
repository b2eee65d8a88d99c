"""A log's records, put in order, each once, and counted by what is lost between them. Pure."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from bacnet_bridge.logged import ClockChanged, LogRecord

_HIGHEST: Final = 2**32 - 1
"""The sequence number that is followed by 1 (clause 12.25.16)."""
_NUMBERS: Final = 2**32
_HALF: Final = 2**31


class Counted(NamedTuple):
    """A record, and how often records were lost before it: two of one count have all that was between them."""

    record: LogRecord
    losses: int

    @property
    def clock(self) -> bool:
        """It tells of the device's clock, not of what is logged."""
        return isinstance(self.record.content, ClockChanged)


def counted(records: Iterable[LogRecord]) -> list[Counted]:
    """By instant, equal ones by number: a buffer that moves on while it is read in chunks gives some twice.

    What does not follow by its number (the buffer was overwritten, a record's instant is not known, the numbers make no
    sense) is taken for a loss.
    """
    found: list[Counted] = []
    losses = 0
    once = list(dict.fromkeys(records))
    base = once[0].sequence - _HALF if once else 0
    for record in sorted(once, key=lambda record: (record.instant, (record.sequence - base) % _NUMBERS)):
        if found and not _follows(found[-1].record.sequence, record.sequence):
            losses += 1
        found.append(Counted(record, losses))
    return found


def _follows(before: int, after: int) -> bool:
    return after == before + 1 or (before, after) == (_HIGHEST, 1)
