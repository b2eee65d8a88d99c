"""Three ways to put packets on disk durably (WAL, synchronous=FULL), one a process. Run by benchmarks.delivery.

`{"packets": 2000, "callers": 64}` on the line: so many at once put them; seconds of wall time are told.
"""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.database import Database
from bacnet_bridge.model import Account, Packet
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from benchmarks.clients.channel import lines
from benchmarks.clients.senders import packets

_INSERT = "INSERT INTO packet (meter, instant, day, body) VALUES (?, ?, ?, ?)"
_TABLE = "CREATE TABLE packet (id INTEGER PRIMARY KEY, meter TEXT, instant INTEGER, day TEXT, body TEXT)"

Put = Callable[[Packet], Awaitable[Any]]


@asynccontextmanager
async def bridge(folder: Path) -> AsyncIterator[Put]:
    """The product's outbox: order, fence, counts and index besides."""
    database = Database(folder / "outbox.sqlite", MIGRATIONS)
    await database.start()
    outbox = SqliteOutbox(database, SystemClock())
    await outbox.start()
    yield outbox.put
    await database.close()


@asynccontextmanager
async def by_aiosqlite(folder: Path) -> AsyncIterator[Put]:
    """One connection; an insert and a commit for each packet, one after the other."""
    async with aiosqlite.connect(folder / "aiosqlite.sqlite") as connection:
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=FULL")
        await connection.execute(_TABLE)
        alone = asyncio.Lock()

        async def put(packet: Packet) -> None:
            async with alone:
                await connection.execute(_INSERT, (packet.queue.id, packet.instant, packet.day, packet.body))
                await connection.commit()

        yield put


class _Base(DeclarativeBase):
    pass


class _Row(_Base):
    __tablename__ = "packet"
    id: Mapped[int] = mapped_column(primary_key=True)
    meter: Mapped[str]
    instant: Mapped[int]
    day: Mapped[str]
    body: Mapped[str]


@asynccontextmanager
async def by_sqlalchemy(folder: Path) -> AsyncIterator[Put]:
    """An async session and a commit for each packet."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'orm.sqlite'}")

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    async with engine.begin() as connection:
        await connection.run_sync(_Base.metadata.create_all)
    alone = asyncio.Lock()  # SQLite has one writer; without it the sessions time out on each other

    async def put(packet: Packet) -> None:
        async with alone, AsyncSession(engine) as session:
            session.add(_Row(meter=packet.queue.id, instant=packet.instant, day=packet.day, body=packet.body))
            await session.commit()

    yield put
    await engine.dispose()


async def main() -> None:
    task = json.loads(sys.argv[1])
    kinds = {"bridge": bridge, "aiosqlite": by_aiosqlite, "sqlalchemy": by_sqlalchemy}
    account, first = Account("https://localhost/", "default"), 0
    async with kinds[task["kind"]](Path(task["folder"])) as put:
        print(json.dumps("ready"), flush=True)
        async for line in lines():
            order = json.loads(line)
            coming = iter(list(packets(account, order["packets"], order["callers"], first)))
            first += order["packets"]

            async def caller(coming: Any = coming) -> None:
                for packet in coming:
                    await put(packet)

            began = time.perf_counter()
            await asyncio.gather(*(caller() for _ in range(order["callers"])))
            print(json.dumps(time.perf_counter() - began), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
