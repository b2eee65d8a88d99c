"""A command's way to what the service keeps, where no service runs: it takes the lock, and nobody else is in there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bacnet_bridge.clock import Clock, SystemClock
from bacnet_bridge.database import Database
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import Account, Meter
from bacnet_bridge.outbox.damage import opened_whole
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.service.accounts import accounts_of, sessions_of
from bacnet_bridge.service.mapped import mapped
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder
from bacnet_bridge.wattics.deliver import Courier


@dataclass(frozen=True, slots=True)
class Alone:
    """Outbox and ledger, open, and the mapping in force."""

    settings: Settings
    state: StateFolder
    clock: SystemClock
    outbox: SqliteOutbox
    ledger: SqliteLedger
    accounts: dict[str, Account]
    meters: tuple[Meter, ...]


@asynccontextmanager
async def alone(settings: Settings) -> AsyncIterator[Alone]:
    """The state folder, locked until the context ends. Raises StateError where another process holds the lock."""
    state, clock, accounts = StateFolder(settings.state), SystemClock(), accounts_of(settings)
    state.create()
    async with locked_outbox(state, clock) as (database, outbox):
        meters = mapped(settings, state, accounts).meters
        yield Alone(settings, state, clock, outbox, SqliteLedger(database), accounts, meters)


@asynccontextmanager
async def delivering(settings: Settings, rest: Alone) -> AsyncIterator[None]:
    """All that waits is sent, in order, until the context ends; nothing is read. Raises SettingsError."""
    waiting = {state.queue.account for state in await rest.outbox.states()}
    sessions = sessions_of(settings, waiting.union(rest.accounts.values()))
    courier = Courier(rest.outbox, sessions, rest.clock, limit=settings.platform.connections)
    try:
        async with asyncio.TaskGroup() as delivery:
            delivery.create_task(courier.run())
            try:
                yield
            finally:
                await courier.stop()
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None  # what went wrong, and not that it did so within a group
    finally:
        await sessions.close()


@asynccontextmanager
async def locked_outbox(state: StateFolder, clock: Clock) -> AsyncIterator[tuple[Database, SqliteOutbox]]:
    """The outbox alone, under the state folder's lock. Raises StateError where another process holds it."""
    with state.locked():
        database, outbox = await opened_whole(state.database, clock)
        try:
            yield database, outbox
        finally:
            await database.close()
