"""Somebody else on the building's network, who sends the bridge whatever he likes."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

from bacnet_bridge.bacnet.client import Client
from tests.support.bacnet import apdu_of


class Peer(asyncio.DatagramProtocol):
    """Somebody on the network who sends whatever bytes he likes to the bridge."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002 there is only one
        self.answers.put_nowait(data)

    def send(self, npdu: bytes, function: int = 0x0A) -> None:
        self.transport.sendto(struct.pack(">BBH", 0x81, function, len(npdu) + 4) + npdu)

    async def ask(self, service: int, request: bytes, invoke: int = 9) -> bytes:
        self.send(b"\x01\x04" + bytes([0x00, 0x05, invoke, service]) + request)
        async with asyncio.timeout(5):
            answer = apdu_of(await self.answers.get())
        assert answer is not None
        return answer


def peer_of(made: Client) -> AbstractAsyncContextManager[Peer]:
    return speaking_to(made, Peer())


_Speaker = TypeVar("_Speaker", bound=asyncio.DatagramProtocol)


@asynccontextmanager
async def speaking_to(made: Client, speaker: _Speaker) -> AsyncIterator[_Speaker]:
    """Who speaks to the bridge, and hears what it answers him."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: speaker, remote_addr=made._edge.local_address
    )
    try:
        yield speaker
    finally:
        transport.close()
