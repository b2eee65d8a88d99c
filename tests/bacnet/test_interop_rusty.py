"""Against a BACnet stack that shares nothing with ours or with bacpypes3: rusty-bacnet, written in Rust."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from tests.support.bacnet import client, meter, point
from tests.support.building import free_port

rusty = pytest.importorskip("rusty_bacnet")
pytestmark = pytest.mark.interop

POINTS = 300


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """An address with a device 555 of 300 analog inputs and one each of others."""
    port = free_port()
    made: Any = rusty.BACnetServer(
        device_instance=555, device_name="Rust", interface="127.0.0.1", port=port, broadcast_address="127.255.255.255"
    )
    for number in range(1, POINTS + 1):
        made.add_analog_input(instance=number, name=f"Power {number}", units=48, present_value=number + 0.3)
    made.add_large_analog_value(instance=1, name="Energy")
    made.add_binary_input(instance=1, name="Fan")
    made.add_accumulator(instance=1, name="Gas")
    await made.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await made.stop()


async def test_many_points_in_few_requests(server: str) -> None:
    async with client(timeout=2) as bridge:
        reader = Reader(bridge, SystemClock())
        meters = [
            meter(555, point(f"AI{number}", "aP_1", name=f"Power {number}"), address=server, name=str(number))
            for number in range(1, POINTS + 1)
        ]
        gathered = await asyncio.gather(*(reader.read(each, {}) for each in meters))
        await reader.stop()
    readings = [gathering.readings[0] for gathering in gathered]
    assert [reading.problem for reading in readings] == [None] * POINTS
    assert [reading.value for reading in readings] == [number * 1000 + Decimal(300) for number in range(1, POINTS + 1)]


async def test_other_objects_and_an_unknown_one(server: str) -> None:
    async with client(timeout=2) as bridge:
        reader = Reader(bridge, SystemClock())
        wanted = meter(555, *(point(text) for text in ("LAV1", "BI1", "ACC1", "AI9999")), address=server)
        energy, fan, gas, unknown = (await reader.read(wanted, {})).readings
        await reader.stop()
    assert [reading.value for reading in (energy, fan, gas)] == [Decimal(0)] * 3
    assert unknown.problem is not None
    assert unknown.problem.detail == "device 555, analog-input,9999 present-value: unknown-object"
