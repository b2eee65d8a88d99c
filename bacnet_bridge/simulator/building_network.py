"""The simulated building's network: devices on a virtual one, behind a router with one UDP port (Annex J, clause 6)."""

import asyncio
from ipaddress import IPv4Interface
from typing import Any
from zoneinfo import ZoneInfo

from bacpypes3.app import Application
from bacpypes3.basetypes import NetworkType
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.vlan import VirtualNetwork

from bacnet_bridge.clock import Clock
from bacnet_bridge.simulator.building_device import SimulatedDevice
from bacnet_bridge.simulator.declaration import ROUTER_MAC, ROUTER_NETWORK, BuildingDeclaration

_REFRESH = 0.5
"""Seconds between two updates of all values."""


class SimulatedNetwork:
    """The building as it runs. Its time starts now and goes `time_scale` times as fast."""

    def __init__(self, declared: BuildingDeclaration, clock: Clock, time_scale: float) -> None:
        lan = f"building {declared.network}"
        VirtualNetwork(lan)
        zone = ZoneInfo(declared.zone)
        self._lan = lan
        self._network = declared.network
        self._clock = clock
        self._scale = time_scale
        self._begun = clock.wall()
        self.devices = {each.instance: SimulatedDevice(each, lan, zone, self.now) for each in declared.devices}
        self._router: Any = None
        self.refresh()

    async def open(self, interface: IPv4Interface, port: int) -> None:
        """Listen. The port must be free (the parent has seen to it): bacpypes3 waits for ever for a taken one.

        Returns once datagrams are received.
        """
        self._router = _router(self._lan, self._network, interface, port)
        for link_layer in self._router.link_layers.values():
            if hasattr(link_layer, "server"):  # the IP one; the virtual one has no socket
                await asyncio.gather(*link_layer.server._transport_tasks)  # noqa: SLF001  the only sign of being bound

    async def run(self) -> None:
        """Keep the values moving, until cancelled."""
        while True:
            await self._clock.sleep(_REFRESH)
            self.refresh()

    def refresh(self) -> None:
        """Bring every value to the building's present."""
        now = self.now()
        for device in self.devices.values():
            device.refresh(now)

    def now(self) -> int:
        """The building's time: a UTC instant in milliseconds."""
        return self._begun + round((self._clock.wall() - self._begun) * self._scale)

    def close(self) -> None:
        for each in (*self.devices.values(), self._router):
            each.close()


class _RouterApplication(Application):  # type: ignore[misc]  # bacpypes3 ships no types
    """A router and nothing else: its device object is bacpypes3's demand, and asking it gets no answer."""

    async def indication(self, apdu: Any) -> None:
        del apdu


def _router(lan: str, network: int, interface: IPv4Interface, port: int) -> Any:
    outside = NetworkPortObject(
        f"{interface}:{port}",
        objectIdentifier=("network-port", 1),
        objectName="IP port",
        networkNumber=ROUTER_NETWORK,
        networkNumberQuality="configured",
        bacnetIPMode="bbmd",
        bbmdAcceptFDRegistrations=True,
        bbmdForeignDeviceTable=[],
        bbmdBroadcastDistributionTable=[],
    )
    inside = NetworkPortObject(
        objectIdentifier=("network-port", 2),
        objectName="Field port",
        networkType=NetworkType.virtual,
        networkInterfaceName=lan,
        networkNumber=network,
        networkNumberQuality="configured",
        macAddress=bytes([ROUTER_MAC]),
        protocolLevel="bacnet-application",
        changesPending=False,
        linkSpeed=0.0,
        outOfService=False,
        reliability="no-fault-detected",
    )
    device = DeviceObject(objectIdentifier=("device", 4194302), objectName="Router")
    return _RouterApplication.from_object_list([device, outside, inside])
