"""The book of exchanged meters: what operators said, when and who. Nothing in it is ever deleted."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bacnet_bridge.database import Database
from bacnet_bridge.model import Exchange


class ExchangeBook:
    """The part of the ledger that the `exchange` command writes."""

    _database: Database

    async def exchanges(self) -> Sequence[Exchange]:
        """All that were ever told, in that order."""
        return await self._database.read(exchanges)

    async def tell_exchange(self, exchange: Exchange, instead: Sequence[int] = ()) -> Exchange:
        """Record it, and take back those with the numbers `instead`; gives it with its number."""

        def change(connection: sqlite3.Connection) -> Exchange:
            _withdraw(connection, instead, exchange.told_at)
            (number,) = connection.execute(
                "INSERT INTO exchange (meter, point, old_final, new_start, continues, at, told_at, told_by)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    exchange.meter,
                    exchange.point,
                    str(exchange.old_final),
                    str(exchange.new_start),
                    exchange.continues,
                    exchange.at,
                    exchange.told_at,
                    exchange.told_by,
                ),
            ).fetchone()
            return replace(exchange, number=number)

        return await self._database.write(change, adds=True)

    async def withdraw_exchanges(self, numbers: Sequence[int], at: int) -> None:
        """Take them back; they stay in the book."""
        await self._database.write(lambda connection: _withdraw(connection, numbers, at))


def exchanges(connection: sqlite3.Connection) -> list[Exchange]:
    """On any connection; none where the file is of a version before them."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'exchange'").fetchone():
        return []
    return [
        Exchange(meter, point, Decimal(old), Decimal(new), bool(continues), at, told_at, by, number, withdrawn)
        for number, meter, point, old, new, continues, at, told_at, by, withdrawn in connection.execute(
            "SELECT id, meter, point, old_final, new_start, continues, at, told_at, told_by, withdrawn_at"
            " FROM exchange ORDER BY id"
        )
    ]


def _withdraw(connection: sqlite3.Connection, numbers: Sequence[int], at: int) -> None:
    connection.executemany("UPDATE exchange SET withdrawn_at = ? WHERE id = ?", ((at, number) for number in numbers))
