"""What was due today and what became of it, of all meters at once."""

from collections.abc import Iterable
from typing import Final

from bacnet_bridge.ledger.contract import DayCount, Ledger
from bacnet_bridge.model import Meter
from bacnet_bridge.packet.wire import local_day
from bacnet_bridge.schedule.jobs import Appointment

_AT_ONCE: Final = 500
"""Meters of one query. One each would take a turn of the loop each: in a busy slot, longer than anybody waits."""


async def counted(
    ledger: Ledger, at: int, meters: Iterable[Meter], appointments: Iterable[Appointment]
) -> dict[str, DayCount]:
    """By meter id, the account of its local day that `at` falls on, up to its latest slot that is over."""
    by_meter = {each.meter: each for each in appointments}

    def wanted(meter: Meter) -> tuple[str, str, int]:
        each = by_meter.get(meter.id)
        upto = 0 if each is None or each.accounted is None else each.accounted - each.running
        return meter.id, local_day(at, meter.zone), upto

    asked = tuple(meters)
    counts: dict[str, DayCount] = {}
    for first in range(0, len(asked), _AT_ONCE):
        part = await ledger.days([wanted(meter) for meter in asked[first : first + _AT_ONCE]])
        counts |= {each.meter: each for each in part}
    return counts
