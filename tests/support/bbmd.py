"""A BBMD made by hand, as forgetful and as silent as a test wants it; and a router whose address may change."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.bacnet import HandmadeDevice, apdu_of, object_id

_WHO_IS_ROUTER = b"\x80\x00"


class HandmadeBBMD(asyncio.DatagramProtocol):
    """Takes registrations, and answers a broadcast Who-Is on behalf of those who claim an instance."""

    def __init__(self, claims: list[tuple[str, int]]) -> None:
        self.claims = claims
        """Addresses, with port 47808 where none is given, and instances."""
        self.router: HandmadeRouter | None = None
        self.who_is = 0
        self.registrations = 0
        self.refusals = 0
        """So many registrations are refused."""
        self.losses = 0
        """So many answers to registrations are lost."""
        self.answers_twice = False
        self.registered: set[tuple[str, int]] = set()
        self.changed = asyncio.Condition()
        self.transport: Any = None
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[1] == 0x05:
            self._register(addr)
        elif data[1] == 0x09 and addr not in self.registered:
            self.transport.sendto(bytes.fromhex("81 00 0006 0060"), addr)
        elif data[1] == 0x09 and data[5:7] == _WHO_IS_ROUTER:
            if self.router is not None:
                self.router.say_i_am_router(addr)
        elif data[1] == 0x09 and apdu_of(data):
            self.who_is += 1
            for address, instance in self.claims:
                self.transport.sendto(_forwarded(address, instance), addr)
        task = asyncio.get_running_loop().create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until_registered(self, times: int) -> None:
        async with asyncio.timeout(10), self.changed:
            await self.changed.wait_for(lambda: self.registrations >= times)

    def restart(self) -> None:
        """Its table of foreign devices is lost."""
        self.registered.clear()

    def _register(self, addr: tuple[str, int]) -> None:
        self.registrations += 1
        self.refusals -= 1
        self.losses -= 1
        if self.losses >= 0:
            return
        granted = self.refusals < 0
        if granted:
            self.registered.add(addr)
        for _ in range(2 if self.answers_twice else 1):
            self.transport.sendto(bytes.fromhex("81 00 0006 0000" if granted else "81 00 0006 0030"), addr)

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()


class HandmadeRouter(HandmadeDevice):
    """A device behind its router, at 100:10."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[1] == 0x0A and data[5] & 0x20:
            assert data[6:10] == bytes.fromhex("0064 01 0A")
            super().datagram_received(data, addr)

    def say_i_am_router(self, to: tuple[str, int]) -> None:
        self.transport.sendto(bytes.fromhex("81 0A 0009 01 80 01 0064"), to)

    def _send(self, apdu: bytes, addr: tuple[str, int]) -> None:
        npdu = bytes.fromhex("01 08 0064 01 0A") + apdu
        self.transport.sendto(b"\x81\x0a" + struct.pack(">H", len(npdu) + 4) + npdu, addr)


@asynccontextmanager
async def bbmd(*claims: tuple[str, int]) -> AsyncIterator[tuple[HandmadeBBMD, str]]:
    """A BBMD on a free port of 127.0.0.1, and its address."""
    made = HandmadeBBMD(list(claims))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, ("127.0.0.1", 0))
    try:
        yield made, "{}:{}".format(*transport.get_extra_info("sockname"))
    finally:
        transport.close()


@asynccontextmanager
async def router(**character: Any) -> AsyncIterator[HandmadeRouter]:
    """A router with its device on a free port of 127.0.0.1."""
    made = HandmadeRouter(**character)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, ("127.0.0.1", 0))
    try:
        yield made
    finally:
        transport.close()


def _forwarded(address: str, instance: int) -> bytes:
    host, _, port = address.partition(":")
    origin = socket.inet_aton(host) + struct.pack(">H", int(port or 47808))
    npdu = b"\x01\x00\x10\x00" + object_id(8, instance) + bytes.fromhex("22 01E0 91 03 21 2A")
    return b"\x81\x04" + struct.pack(">H", 10 + len(npdu)) + origin + npdu
