"""Connections that say nothing, over real sockets, and who may have how many."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from bacnet_bridge.simulator.certificate import make_certificate
from bacnet_bridge.status import conversation, reception, server
from bacnet_bridge.status.conversation import Conversation
from bacnet_bridge.status.reception import Reception, Room
from bacnet_bridge.status.server import Place
from tests.support.status import MadeUp, serving

ASKED = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def reached(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", port)


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What came until the other end hung up."""
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    except ConnectionError:
        return b""


async def test_who_asks_nothing_is_hung_up_on_and_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_CONNECTIONS", 3)
    monkeypatch.setattr(conversation, "_HEAD", 0.3)
    async with serving(MadeUp()) as status:
        silent = [await reached(status.port) for _ in range(3)]
        silent[1][1].write(b"GET /")
        silent[2][1].write(ASKED[:-2])
        for reader, writer in silent:
            assert await ended(reader) == b""
            writer.close()
        reader, writer = await reached(status.port)
        writer.write(ASKED)
        await reader.readuntil(b"ok\n")
        writer.close()


async def test_who_asked_keeps_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "_HEAD", 0.3)
    async with serving(MadeUp()) as status:
        reader, writer = await reached(status.port)
        for _ in range(2):
            writer.write(ASKED)
            await reader.readuntil(b"ok\n")
            await asyncio.sleep(0.6)
        writer.write(ASKED)
        await reader.readuntil(b"ok\n")
        writer.close()


async def test_connections_count_before_their_handshake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_CONNECTIONS", 3)
    monkeypatch.setattr(reception, "_HANDSHAKE", 60.0)
    made = make_certificate(tmp_path / "made")
    trusted = ssl.create_default_context(cafile=made.ca)
    async with serving(MadeUp(), Place("127.0.0.1", 0, None, made.chain, made.key)) as status:
        silent = [await reached(status.port) for _ in range(3)]
        reader, writer = await reached(status.port)
        assert await ended(reader) == b""
        for _, each in [*silent, (reader, writer)]:
            each.close()
        async with aiohttp.ClientSession() as client:
            while not await well(client, status.port, trusted):  # noqa: ASYNC110  until it has seen them go
                await asyncio.sleep(0.01)


async def well(client: aiohttp.ClientSession, port: int, trusted: ssl.SSLContext) -> bool:
    with suppress(aiohttp.ClientConnectionError):
        async with client.get(f"https://localhost:{port}/healthz", ssl=trusted) as answer:
            return answer.status == 200
    return False


async def test_it_ends_while_a_handshake_is_under_way(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "made")
    async with serving(MadeUp(), Place("127.0.0.1", 0, None, made.chain, made.key)) as status:
        reader, writer = await reached(status.port)
        writer.write(b"\x16\x03")
        await writer.drain()
    assert await ended(reader) == b""
    writer.close()


@contextmanager
def pairs(number: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    made = [socket.socketpair() for _ in range(number)]
    yield made
    for pair in made:
        for each in pair:
            each.close()


@pytest.mark.parametrize(
    ("addresses", "taken"),
    [
        (["10.0.0.1"] * 5, 2),
        (["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.1", "10.0.0.4"], 4),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3"], 2),
        (["fe80::1%eth0"] * 3, 2),
        (["127.0.0.1"] * 5, 4),
        (["::1"] * 5, 4),
    ],
    ids=["one", "several", "one house", "link-local", "this machine", "this machine's IPv6"],
)
async def test_one_address_does_not_take_all_the_room(addresses: list[str], taken: int) -> None:
    class Still(Conversation):
        def __init__(self) -> None:
            self.begun = False

    room = Reception(Still, None, Room(4, 2))
    with pairs(len(addresses)) as sockets:
        for (ours, _theirs), address in zip(sockets, addresses, strict=True):
            room._take(ours, address)
        assert sum(room._inside.values()) == taken
        assert [ours.fileno() >= 0 for ours, _ in sockets].count(True) == taken
        for each in room._arriving:
            each.cancel()
        await asyncio.gather(*room._arriving, return_exceptions=True)
        assert not room._inside
        assert not room._arriving
