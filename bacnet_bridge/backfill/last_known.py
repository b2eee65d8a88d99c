"""What a log that writes changes is known to say, and up to when. Pure; instants are UTC milliseconds.

A status record ends what was known: one of disabling or purging when it was written, one of an interruption or of a
start at the last record before it, because it is written only once the log works again. A log that does not record any
more, because it is disabled or full, knew its value up to its newest record.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from bacnet_bridge.backfill.records import Counted
from bacnet_bridge.logged import Failed, Happened, LogRecord, LogStatus

_ENDED: Final = "the log does not record any more: it is disabled, or full"
_LOST: Final = "records of the log are lost here"
_UNCERTAIN: Final = "the record's instant is not certain enough"


class Known(NamedTuple):
    """From `since` up to the next one: a value's record, or why there is none."""

    since: int
    record: LogRecord | None
    until: int
    """Later than that it is not known whether the value was still the same,"""
    why: str
    """and this is the reason."""


def stretches(known: Sequence[Counted], tolerance: int, read_at: int, *, writes: bool = True) -> list[Known]:
    """Record by record, in order. A record whose instant is less certain than the tolerance has no value.

    `writes`: the log was still recording when it was read.
    """
    until = (read_at, "") if writes or not known else (known[-1].record.instant, _ENDED)
    telling = [each for each in known if not each.clock]
    found = [_stretch(each, following, tolerance) for each, following in pairwise(telling)]
    return [*found, *(_last(each, known[-1], tolerance, *until) for each in telling[-1:])]


def _stretch(each: Counted, following: Counted, tolerance: int) -> Known:
    record, after = each.record, following.record
    why = _no_value(record, tolerance)
    if why:
        return Known(record.instant, None, record.instant, why)
    if each.losses != following.losses:
        return Known(record.instant, record, record.instant, _LOST)
    if isinstance(after.content, Happened) and not _tells_when(after.content):
        return Known(record.instant, record, record.instant, "the log was interrupted, and does not say since when")
    if after.within > tolerance:
        return Known(record.instant, record, after.instant - after.within, _UNCERTAIN)
    return Known(record.instant, record, after.instant, "")


def _last(each: Counted, newest: Counted, tolerance: int, until: int, ended: str) -> Known:
    """It was still so up to the end, unless what came after it is lost, up to a newer record of the clock."""
    why = _no_value(each.record, tolerance)
    if not why and each.losses != newest.losses:
        return Known(each.record.instant, each.record, each.record.instant, _LOST)
    return Known(each.record.instant, None if why else each.record, until, why or ended)


def _no_value(record: LogRecord, tolerance: int) -> str:
    content = record.content
    if isinstance(content, Failed):
        return f"the device could not read what it logs: {content.text}"
    if isinstance(content, Happened):
        said = " and ".join(sorted(content.status))
        return f"the log did not write: {said}" if said else "the log had just been started"
    return _UNCERTAIN if record.within > tolerance else ""


def _tells_when(content: Happened) -> bool:
    return bool(content.status) and LogStatus.INTERRUPTED not in content.status
