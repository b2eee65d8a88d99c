"""Three ways to bring packets to the platform, one a process. Run by benchmarks.delivery.

`{"packets": 500, "connections": 32}` on the line: they are sent, and what it took is told.
"""

import asyncio
import json
import ssl
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bacnet_bridge.clock import SystemClock, moment_of
from bacnet_bridge.database import Database
from bacnet_bridge.model import AcceptedBy, Account, Packet, Queue
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.contract import Holder
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.session import Sessions
from benchmarks.clients.channel import lines

_WHO = Credentials("demo", SecretStr("demo-password"))
_HEADERS = {"Authorization": _WHO.header(), "Content-Type": "application/json"}
_METERS_PER_CONNECTION = 4
"""Queues that wait for each connection."""

Measured = tuple[float, float]
"""Seconds of wall time and of CPU, user and system, of the whole process."""


def packets(account: Account, count: int, connections: int, first: int) -> Iterator[Packet]:
    """Evenly over the meters, each meter's in order; `first` minutes after those of the turn before."""
    meters = connections * _METERS_PER_CONNECTION
    for n in range(count):
        instant = 1_800_014_400_000 + (first + n // meters) * 60_000
        text = moment_of(instant).isoformat(timespec="milliseconds")
        body = f'{{"id":"meter-{n % meters}","tsISO8601":"{text}","value":{n}.5}}'
        yield Packet(Queue(account, f"meter-{n % meters}"), instant, text[:10], body)


class Countdown(SqliteOutbox):
    """The outbox, and when all of its packets are accepted: the product needs no such moment, so it has none."""

    def __init__(self, database: Database, clock: SystemClock, count: int) -> None:
        super().__init__(database, clock)
        self._left = count
        self.empty = asyncio.Event()

    async def accept(
        self, packet: Packet, by: AcceptedBy, at: int, holder: Holder | None = None, *, patience: float = 0.0
    ) -> None:
        await super().accept(packet, by, at, holder, patience=patience)
        self._left -= 1
        if not self._left:
            self.empty.set()


class Bridge:
    """The product: each packet is read from the outbox, sent, and its acceptance committed before the next one."""

    def __init__(self, url: str, ca: Path, folder: Path) -> None:
        self._account, self._ca, self._folder = Account(url, "default"), ca, folder
        self._turn = 0

    async def send(self, count: int, connections: int) -> Measured:
        database = Database(self._folder / f"{self._turn}.sqlite", MIGRATIONS)
        self._turn += 1
        await database.start()
        clock = SystemClock()
        outbox = Countdown(database, clock, count)
        await outbox.start()
        for each in packets(self._account, count, connections, 0):
            await outbox.put(each)
        sessions = Sessions({self._account: _WHO}, site_ca=self._ca, limit=connections)
        courier = Courier(outbox, sessions, clock, limit=connections)
        began, cpu = time.perf_counter(), time.process_time()
        running = asyncio.create_task(courier.run())
        await outbox.empty.wait()
        took = time.perf_counter() - began, time.process_time() - cpu
        await courier.stop()
        await running
        await sessions.close()
        await database.close()
        return took


class Bare:
    """aiohttp alone, its connections kept open: nothing is remembered, ordered or committed."""

    def __init__(self, url: str, ca: Path, _folder: Path) -> None:
        self._url, self._trusted = url, ssl.create_default_context(cafile=ca)

    async def send(self, count: int, connections: int) -> Measured:
        bodies = [each.body.encode() for each in packets(Account(self._url, ""), count, connections, 0)]
        connector = aiohttp.TCPConnector(ssl=self._trusted, limit=connections)
        async with aiohttp.ClientSession(connector=connector, headers=_HEADERS) as session:
            began, cpu = time.perf_counter(), time.process_time()
            await in_parallel(bodies, connections, lambda body: self._post(session, body))
            return time.perf_counter() - began, time.process_time() - cpu

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> None:
        async with session.post(self._url, data=body) as response:
            await response.read()
            response.raise_for_status()


class Anew(Bare):
    """A TLS connection and a full handshake for each packet, as the platform's official client does.

    What that does besides is left out: its client and its TLS settings are made anew for each packet, too, and a packet
    is first sent without credentials, to be asked for them.
    """

    async def send(self, count: int, connections: int) -> Measured:
        bodies = [each.body.encode() for each in packets(Account(self._url, ""), count, connections, 0)]
        began, cpu = time.perf_counter(), time.process_time()
        await in_parallel(bodies, connections, self._connect_and_post)
        return time.perf_counter() - began, time.process_time() - cpu

    async def _connect_and_post(self, body: bytes) -> None:
        connector = aiohttp.TCPConnector(ssl=self._trusted, force_close=True)
        async with aiohttp.ClientSession(connector=connector, headers=_HEADERS) as session:
            await self._post(session, body)


async def in_parallel(bodies: list[bytes], connections: int, post: Callable[[bytes], Awaitable[None]]) -> None:
    waiting = iter(bodies)

    async def worker() -> None:
        for body in waiting:
            await post(body)

    await asyncio.gather(*(worker() for _ in range(connections)))


async def main() -> None:
    task = json.loads(sys.argv[1])
    kinds: dict[str, type[Bridge | Bare]] = {"bridge": Bridge, "bare": Bare, "anew": Anew}
    sender = kinds[task["kind"]](task["url"], Path(task["ca"]), Path(task["folder"]))
    await sender.send(20, 2)  # what the first one imports and sets up is not measured
    print(json.dumps("ready"), flush=True)
    async for line in lines():
        order = json.loads(line)
        print(json.dumps(await sender.send(order["packets"], order["connections"])), flush=True)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
