"""An outbox and a ledger on a file, for tests of all rooms; and packets to put into it."""

from pathlib import Path

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.database import Database
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import Account, Origin, Packet, Queue
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.sqlite import SqliteOutbox

ACCOUNT = Account("https://localhost/measurements/v2/unifiedjson/", "default")


def queue(meter: str = "meter-1", account: Account = ACCOUNT) -> Queue:
    return Queue(account, meter)


def packet(
    instant: int, meter: str = "meter-1", origin: Origin = Origin.LIVE, value: str = "21.3", account: Account = ACCOUNT
) -> Packet:
    """A packet of a building in UTC."""
    moment = moment_of(instant)
    text = moment.isoformat(timespec="milliseconds")
    body = f'{{"id":"{meter}","tsISO8601":"{text}","value":{value}}}'
    return Packet(queue(meter, account), instant, moment.date().isoformat(), body, origin)


class SqliteBackend:
    """One file in `folder`; `crash` forgets the process that had it open, as `kill -9` does."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.path = folder / "outbox.db"
        self._clock = clock
        self._opened: list[Database] = []

    async def open(self) -> SqliteOutbox:
        self.database = Database(self.path, MIGRATIONS)
        await self.database.start()
        self._opened.append(self.database)
        self.outbox = SqliteOutbox(self.database, self._clock)
        self.ledger = SqliteLedger(self.database)
        await self.outbox.start()
        return self.outbox

    async def crash(self) -> SqliteOutbox:
        """The same file, opened anew, with nothing closed before."""
        return await self.open()

    async def restart(self) -> SqliteOutbox:
        """An orderly end and a new start."""
        await self.database.close()
        return await self.open()

    async def close(self) -> None:
        for database in self._opened:
            await database.close()
