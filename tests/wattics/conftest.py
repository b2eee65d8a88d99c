"""A site's outbox (the real one), sessions that trust the strict platform, and a clock whose minutes are short."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from bacnet_bridge.database import Database
from bacnet_bridge.model import Account
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.simulator.certificate import Certificate, make_certificate
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME, StrictPlatform
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.session import Sessions
from tests.support.platform import platform
from tests.wattics.rig import HastyClock

__all__ = ["platform"]


@pytest.fixture
def clock() -> HastyClock:
    return HastyClock()


@pytest.fixture
async def outbox(tmp_path: Path, clock: HastyClock) -> AsyncIterator[SqliteOutbox]:
    database = Database(tmp_path / "outbox.sqlite", MIGRATIONS)
    await database.start()
    opened = SqliteOutbox(database, clock)
    await opened.start()
    yield opened
    await database.close()


@pytest.fixture
def account(platform: StrictPlatform) -> Account:
    return Account(platform.url, "default")


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(USERNAME, SecretStr(PASSWORD))


@pytest.fixture
async def sessions(platform: StrictPlatform, account: Account, credentials: Credentials) -> AsyncIterator[Sessions]:
    opened = Sessions({account: credentials}, site_ca=platform.ca, time_out=5)
    yield opened
    await opened.close()


@dataclass
class RawServer:
    """A TLS server that answers with bytes as given, and keeps what came in."""

    port: int
    heard: list[bytes] = field(default_factory=list)
    """Per connection, in the order of their first bytes."""
    begun: int = 0
    """Connections over which a single byte of a request came, whole request or not."""

    @property
    def account(self) -> Account:
        return Account(f"https://localhost:{self.port}/packets/", "default")


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
MakeServer = Callable[[bytes | Talk], Awaitable[RawServer]]


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path / "raw")


@pytest.fixture
async def raw_server(certificate: Certificate) -> AsyncIterator[MakeServer]:
    async with AsyncExitStack() as stack:

        async def make(answer: bytes | Talk) -> RawServer:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate.chain, certificate.key)
            server = RawServer(0)

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                first = await reader.read(1)
                if not first:  # it hung up after the handshake
                    writer.close()
                    return
                server.begun += 1
                head = first + await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")
                )
                server.heard.append(head + await reader.readexactly(length))
                if isinstance(answer, bytes):
                    writer.write(answer)
                    await writer.drain()
                else:
                    await answer(reader, writer)
                writer.close()

            listening = await asyncio.start_server(serve, "localhost", 0, ssl=context)
            server.port = listening.sockets[0].getsockname()[1]
            stack.callback(listening.close)
            return server

        yield make
