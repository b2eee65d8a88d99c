"""The day report: every meter's local days, from a connection that only reads, service running or not.

Guarantee 6, never silent: a day's account is computed from the schedule's history, so a day of which nothing at all
was written is in the report, too, with every slot of it `stopped`.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bacnet_bridge.clock import moment_of
from bacnet_bridge.ledger.account import Entry
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.sqlite import count_day, entries, latest_accounted

_A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Local days, both included. Without `first`, the last `days` of each meter up to its `last`, which is today."""

    days: int = 7
    first: date | None = None
    last: date | None = None


def known_meters(connection: sqlite3.Connection) -> list[str]:
    """The ids of all that were ever scheduled, or of which a packet was ever put."""
    return [
        meter
        for (meter,) in connection.execute("SELECT meter FROM schedule UNION SELECT meter FROM queue ORDER BY meter")
    ]


def days(connection: sqlite3.Connection, meters: Iterable[str], span: Span, now: int, zone: str) -> Iterator[DayCount]:
    """Meter by meter, day by day, in order; days without a due slot and without a packet are left out.

    `now` is an instant. A slot counts as due once it has a packet or a reason, or the one after it has begun: the
    newest may just be read. `zone` is the one of meters that were never scheduled.
    """
    counted_from = _counted_from(connection, span, now)
    for meter in meters:
        history = entries(connection, meter)
        upto = _over(connection, meter, history, now)
        today = _local(now, history[-1].zone if history else zone)
        last = today if span.last is None else min(span.last, today)
        first = last - (span.days - 1) * _A_DAY if span.first is None else span.first
        beginnings = [_local(entry.since, entry.zone) for entry in history] + counted_from.get(meter, [])
        first = max(first, min(beginnings, default=last + _A_DAY))
        for number in range((last - first).days + 1):
            counted = count_day(connection, meter, (first + number * _A_DAY).isoformat(), upto, history)
            if counted.due or counted.extra:
                yield counted


def _over(connection: sqlite3.Connection, meter: str, history: list[Entry], now: int) -> int:
    """The instant up to which slots are over. A clock that was set back takes none of them away."""
    begun = now - history[-1].grid.interval if history else now
    accounted = latest_accounted(connection, meter)
    return begun if accounted is None else max(begun, accounted)


def _counted_from(connection: sqlite3.Connection, span: Span, now: int) -> dict[str, list[date]]:
    """By meter, the first day in the span of which packets were counted."""
    earliest = span.first or (span.last or moment_of(now).date()) - (span.days + 1) * _A_DAY
    return {
        meter: [date.fromisoformat(day)]
        for meter, day in connection.execute(
            "SELECT meter, min(day) FROM tally WHERE day >= ? GROUP BY meter", (earliest.isoformat(),)
        )
    }


def _local(instant: int, zone: str) -> date:
    return moment_of(instant).astimezone(ZoneInfo(zone)).date()
