"""The ledger in the outbox's file: schedule history and reasons are its own rows, the counts are the outbox's.

The outbox writes `tally` and `queue.last_live` in the transactions of its packets; the ledger only reads them.
"""

import sqlite3
from collections.abc import Sequence

from bacnet_bridge.database import Database
from bacnet_bridge.ledger.account import BookedRange, Entry, Tally, day_count
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.exchanges import ExchangeBook
from bacnet_bridge.vocabulary import slots
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid


class SqliteLedger(ExchangeBook):
    """Keeps `contract.Ledger`, on the database that the outbox lives in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, meter: str, grid: Grid, zone: str, at: int) -> None:
        def goes_on(connection: sqlite3.Connection) -> bool:
            latest = _latest(connection, meter)
            return latest is not None and latest.until is None and (latest.grid, latest.zone) == (grid, zone)

        def change(connection: sqlite3.Connection) -> None:
            latest = _latest(connection, meter)
            _end(connection, meter, at)
            since = at if latest is None else max(at, latest.since, latest.until or at)
            connection.execute(
                "INSERT INTO schedule (meter, since, interval, phase, zone) VALUES (?, ?, ?, ?, ?)",
                (meter, since, grid.interval, grid.phase, zone),
            )

        if not await self._database.read(goes_on):  # nothing is written for what goes on: a full disk allows that
            await self._database.write(change, notes=True)

    async def close(self, meter: str, at: int) -> None:
        await self._database.write(lambda connection: _end(connection, meter, at))

    async def scheduled(self) -> set[str]:
        def query(connection: sqlite3.Connection) -> set[str]:
            return {meter for (meter,) in connection.execute("SELECT meter FROM schedule WHERE until IS NULL")}

        return await self._database.read(query)

    async def accounted(self, meter: str) -> int | None:
        return await self._database.read(lambda connection: latest_accounted(connection, meter))

    async def hole(self, meter: str, first: int, last: int, reason: HoleReason, detail: str = "") -> None:
        await self.holes(meter, [(first, last, reason, detail)])

    async def holes(self, meter: str, holes: Sequence[tuple[int, int, HoleReason, str]]) -> None:
        def change(connection: sqlite3.Connection) -> None:
            for each in holes:
                _book(connection, meter, *each)

        if holes:
            await self._database.write(change, notes=True)

    async def day(self, meter: str, day: str, upto: int) -> DayCount:
        return await self._database.read(lambda connection: count_day(connection, meter, day, upto))

    async def days(self, wanted: Sequence[tuple[str, str, int]]) -> list[DayCount]:
        return await self._database.read(lambda connection: [count_day(connection, *each) for each in wanted])

    async def due(self, meter: str, after: int | None, upto: int) -> tuple[list[range], list[BookedRange]]:
        """The meter's due slots later than `after` (None: all) up to `upto`, a range for each grid that it was on.

        And the reasons that were booked for any of them, in the order of booking.
        """

        def query(connection: sqlite3.Connection) -> tuple[list[range], list[BookedRange]]:
            due = [entry.between(after, upto) for entry in entries(connection, meter)]
            return [each for each in due if each], _booked(connection, meter, due)

        return await self._database.read(query)

    async def holes_since(self, meter: str, since: int) -> list[tuple[int, int]]:
        """The booked holes' ranges that end then or later: first and last slot, both included."""

        def query(connection: sqlite3.Connection) -> list[tuple[int, int]]:
            return connection.execute(
                "SELECT first, last FROM hole WHERE meter = ? AND last >= ?", (meter, since)
            ).fetchall()

        return await self._database.read(query)

    async def last_hole(self, meter: str) -> tuple[int, HoleReason, str] | None:
        def query(connection: sqlite3.Connection) -> tuple[int, HoleReason, str] | None:
            row = connection.execute(
                "SELECT last, reason, detail FROM hole WHERE meter = ? ORDER BY last DESC, id DESC LIMIT 1", (meter,)
            ).fetchone()
            return row and (row[0], HoleReason(row[1]), row[2])

        return await self._database.read(query)


def latest_accounted(connection: sqlite3.Connection, meter: str) -> int | None:
    """The latest slot that has a live packet or a reason."""
    (slot,) = connection.execute(
        "SELECT max(slot) FROM (SELECT last_live AS slot FROM queue WHERE meter = :meter"
        " UNION ALL SELECT slot FROM booked WHERE meter = :meter)",
        {"meter": meter},
    ).fetchone()
    return None if slot is None else int(slot)


def count_day(
    connection: sqlite3.Connection, meter: str, day: str, upto: int, history: Sequence[Entry] | None = None
) -> DayCount:
    """The day's account, on any connection; `history` is the meter's, where the caller has it."""
    known = entries(connection, meter) if history is None else history
    due = [entry.due(day, upto) for entry in known]
    return day_count(meter, day, due, _tally(connection, meter, day), _booked(connection, meter, due))


def entries(connection: sqlite3.Connection, meter: str) -> list[Entry]:
    """The meter's history, from its beginning on. Entries never overlap, also where the clock stepped back."""
    return [
        Entry(since, until, Grid(interval, phase), zone)
        for since, until, interval, phase, zone in connection.execute(
            "SELECT since, until, interval, phase, zone FROM schedule WHERE meter = ? ORDER BY id", (meter,)
        )
    ]


def _latest(connection: sqlite3.Connection, meter: str) -> Entry | None:
    return next(reversed(entries(connection, meter)), None)


def _end(connection: sqlite3.Connection, meter: str, at: int) -> None:
    connection.execute("UPDATE schedule SET until = max(since, ?) WHERE meter = ? AND until IS NULL", (at, meter))


def _book(connection: sqlite3.Connection, meter: str, first: int, last: int, reason: HoleReason, detail: str) -> None:
    """A range, or the latest one lengthened where it goes on for the same reason and on the same grid."""
    connection.execute(
        "INSERT INTO booked (meter, slot) VALUES (?, ?) ON CONFLICT DO UPDATE SET slot = max(slot, excluded.slot)",
        (meter, last),
    )
    entry = _latest(connection, meter)
    latest = connection.execute(
        "SELECT id, first, last FROM hole WHERE meter = ? AND reason = ? AND detail = ?"
        " AND id = (SELECT max(id) FROM hole WHERE meter = ?)",
        (meter, reason, detail, meter),
    ).fetchone()
    if entry is not None and latest is not None:
        row, begins, ends = latest
        if ends > entry.since and begins <= first <= slots.following(entry.grid, ends):
            connection.execute("UPDATE hole SET last = max(last, ?) WHERE id = ?", (last, row))
            return
    connection.execute(
        "INSERT INTO hole (meter, first, last, reason, detail) VALUES (?, ?, ?, ?, ?)",
        (meter, first, last, reason, detail),
    )


def _booked(connection: sqlite3.Connection, meter: str, due: list[range]) -> list[BookedRange]:
    """The ranges that touch these slots, in the order of their booking."""
    spans = [each for each in due if each]
    if not spans:
        return []
    first, last = min(each[0] for each in spans), max(each[-1] for each in spans)
    return [
        BookedRange(begins, ends, HoleReason(reason), detail)
        for begins, ends, reason, detail in connection.execute(
            "SELECT first, last, reason, detail FROM hole WHERE meter = ? AND last >= ? AND first <= ? ORDER BY id",
            (meter, first, last),
        )
    ]


def _tally(connection: sqlite3.Connection, meter: str, day: str) -> Tally:
    return Tally(
        *connection.execute(
            "SELECT coalesce(sum(accepted * due), 0), coalesce(sum(waiting * due), 0),"
            " coalesce(sum(set_aside * due), 0),"
            " coalesce(sum((accepted + waiting + set_aside) * (1 - due)), 0),"
            " coalesce(sum(accepted * due * (origin = 'healed')), 0),"
            " coalesce(sum(accepted * due * (origin = 'pushed')), 0),"
            " coalesce(sum(accepted * (1 - due)), 0)"
            " FROM tally WHERE day = ? AND meter = ?",
            (day, meter),
        ).fetchone()
    )
