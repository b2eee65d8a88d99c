import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bacnet_bridge.bacnet.discover import Binding, Directory
from bacnet_bridge.errors import DeviceSilentError, ReadError
from tests.support.bacnet import apdu_of, client, device


class HandmadeBBMD(asyncio.DatagramProtocol):
    """Takes registrations and answers a broadcast Who-Is on behalf of the given devices."""

    def __init__(self, claims: list[tuple[str, int]]) -> None:
        self.claims = claims
        self.who_is = 0
        self.refusals = 0
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[1] == 0x05:
            self.refusals -= 1
            self.transport.sendto(bytes.fromhex("81 00 0006 0030" if self.refusals >= 0 else "81 00 0006 0000"), addr)
        elif data[1] == 0x09 and apdu_of(data):
            self.who_is += 1
            for host, instance in self.claims:
                origin = socket.inet_aton(host) + struct.pack(">H", 47808)
                i_am = b"\x10\x00\xc4" + struct.pack(">I", 8 << 22 | instance) + bytes.fromhex("22 01E0 91 03 21 2A")
                npdu = b"\x01\x00" + i_am
                self.transport.sendto(b"\x81\x04" + struct.pack(">H", 10 + len(npdu)) + origin + npdu, addr)


@asynccontextmanager
async def bbmd(*claims: tuple[str, int]) -> AsyncIterator[tuple[HandmadeBBMD, str]]:
    made = HandmadeBBMD(list(claims))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: made, ("127.0.0.1", 0))
    try:
        yield made, "{}:{}".format(*transport.get_extra_info("sockname"))
    finally:
        transport.close()


async def test_by_instance_through_a_bbmd_and_only_once() -> None:
    async with bbmd(("192.0.2.1", 5), ("192.0.2.2", 6)) as (made, where), client(bbmd=where) as bridge:
        directory = Directory(bridge)
        assert await directory.find(5, None) == Binding(5, "192.0.2.1", 480)
        assert await directory.find(5, None) == Binding(5, "192.0.2.1", 480)
        assert made.who_is == 1
        directory.forget(5, None)
        made.claims[0] = ("192.0.2.9", 5)
        assert (await directory.find(5, None)).address == "192.0.2.9"


async def test_two_devices_with_one_instance_are_both_named() -> None:
    async with bbmd(("192.0.2.2", 5), ("192.0.2.1", 5)) as (_, where), client(bbmd=where) as bridge:
        with pytest.raises(ReadError, match=r"both 192\.0\.2\.1 and 192\.0\.2\.2 claim this instance; give"):
            await Directory(bridge).find(5, None)


async def test_nobody_answers() -> None:
    async with bbmd() as (made, where), client(bbmd=where, timeout=0.15) as bridge:
        with pytest.raises(DeviceSilentError, match="no answer to Who-Is"):
            await Directory(bridge).find(5, None)
        assert made.who_is == 3


async def test_by_its_address() -> None:
    async with device(max_apdu=480) as made, client() as bridge:
        assert await Directory(bridge).find(77, made.address) == Binding(77, made.address, 480)


@pytest.mark.parametrize(("says", "taken"), [(206, 206), (65535, 1476), (1, 50)])
async def test_by_a_read_where_nobody_says_i_am(says: int, taken: int) -> None:
    async with (
        device(answers_who_is=False, knows_wildcard=False, max_apdu=says) as made,
        client(timeout=0.1) as bridge,
    ):
        found = await Directory(bridge).find(77, made.address)
        assert found == Binding(77, made.address, taken)


async def test_another_device_at_the_address() -> None:
    async with device(instance=78, answers_who_is=False) as made, client(timeout=0.1) as bridge:
        with pytest.raises(ReadError, match=r"at .* stands device 78; correct the address or the instance"):
            await Directory(bridge).find(77, made.address)


async def test_a_stranger_at_the_address() -> None:
    async with device(instance=78, answers_who_is=False, knows_wildcard=False) as made, client(timeout=0.1) as bridge:
        with pytest.raises(ReadError, match="does not say which device it is"):
            await Directory(bridge).find(77, made.address)


async def test_nobody_at_the_address() -> None:
    async with device(silent=True) as made, client(timeout=0.1) as bridge:
        with pytest.raises(DeviceSilentError, match=f"no answer at {made.address}"):
            await Directory(bridge).find(77, made.address)
