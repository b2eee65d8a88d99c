"""What a trend log that records at intervals is good for: which meters, and gaps of which length. Pure; seconds."""

import math
from typing import Final

LONGEST_TOLERANCE: Final = 60.0
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def usual_tolerance(interval: float) -> float:
    """That a reading, or a record, may be off its slot where neither meter nor site states it."""
    return min(interval / 4, LONGEST_TOLERANCE)


def misfit(every: float, interval: float, tolerance: float) -> str:
    """Why a log has no record for each slot of a meter of that interval; empty where it has one.

    One that records often enough has one near each slot, whatever its phase; else its records can be on all slots only
    where the meter's interval is a multiple of its own.
    """
    if every <= 2 * min(tolerance, interval / 2) or interval % every == 0:
        return ""
    if every % interval == 0:
        slots = every / interval
        return f"it records every {length(every)}, and a meter of {length(interval)} has {slots:g} slots in that time"
    return f"it records every {length(every)}, which do not meet the slots of a meter of {length(interval)}"


def reach(every: float, buffer: int) -> float:
    """The longest gap of which all records are still there when the device is heard again."""
    return every * buffer


def length(seconds: float) -> str:
    """For people, rounded down to a tenth: `5 s`, `15 min`, `28 hours`, `9.3 days`."""
    for unit, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "min")):
        if seconds >= 2 * unit:
            return f"{math.floor(10 * seconds / unit) / 10:g} {name}"
    return f"{seconds:g} s"
