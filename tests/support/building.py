"""The demo's building for any room's tests, and a bacpypes3 client to look at it.

`building` is one that other tests had before: its counters are under way, its devices as they are declared.
"""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from bacpypes3.apdu import IAmRequest, WhoIsRequest
from bacpypes3.app import Application
from bacpypes3.basetypes import HostNPort
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import Address, GlobalBroadcast

from bacnet_bridge.simulator.building import SimulatedBuilding
from tests.support.standing import borrowed


@pytest.fixture
async def building(standing: SimulatedBuilding) -> AsyncIterator[SimulatedBuilding]:
    """The demo's building; what the test makes of it is taken back."""
    async with borrowed(standing) as made:
        yield made


def free_port() -> int:
    """A UDP port of 127.0.0.1 that nobody has bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Client(Application):  # type: ignore[misc]  # bacpypes3 ships no types
    """A stock bacpypes3 application, registered as a foreign device with the building's router."""

    heard: "asyncio.Queue[IAmRequest]"

    async def do_IAmRequest(self, apdu: IAmRequest) -> None:  # noqa: N802  bacpypes3 calls it so
        await super().do_IAmRequest(apdu)
        self.heard.put_nowait(apdu)

    async def find(self, instances: set[int]) -> dict[int, Address]:
        """Broadcast Who-Is until these have answered. Returns everyone's address by instance."""
        found: dict[int, Address] = {}
        while not self.heard.empty():
            self.heard.get_nowait()
        while not instances <= found.keys():
            self.request(WhoIsRequest(destination=GlobalBroadcast()))
            try:
                while not instances <= found.keys():
                    i_am = await asyncio.wait_for(self.heard.get(), 1)
                    found[i_am.iAmDeviceIdentifier[1]] = i_am.pduSource
            except TimeoutError:
                continue  # the first ones go out before the registration is confirmed
        return found


_instances = itertools.count(3000)


@contextmanager
def client_of(building: SimulatedBuilding, **device: Any) -> Iterator[Client]:
    """A client on a port of its own; `device` is anything for its device object. It needs a running loop."""
    port = NetworkPortObject(
        f"127.0.0.1/32:{free_port()}",
        objectIdentifier=("network-port", 1),
        objectName="port",
        bacnetIPMode="foreign",
        fdBBMDAddress=HostNPort(f"{building.address}:{building.port}"),
        fdSubscriptionLifetime=60,
    )
    instance = next(_instances)
    about = DeviceObject(objectIdentifier=("device", instance), objectName=f"client {instance}", **device)
    client = Client.from_object_list([about, port])
    client.heard = asyncio.Queue()
    try:
        yield client
    finally:
        client.close()
