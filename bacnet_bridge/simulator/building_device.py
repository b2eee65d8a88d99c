"""One simulated device: a bacpypes3 application whose values move, with the manners that it is told to have."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from bacpypes3.apdu import (
    AbortPDU,
    ConfirmedRequestPDU,
    ReadPropertyMultipleRequest,
    ReadPropertyRequest,
    ReadRangeRequest,
    RejectPDU,
)
from bacpypes3.app import Application
from bacpypes3.basetypes import NetworkType
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import PDU

from bacnet_bridge.simulator.behaviour import Behaviour
from bacnet_bridge.simulator.building_logs import ClockedDevice, SimulatedLog, answered
from bacnet_bridge.simulator.building_objects import Shown, SimulatedObject
from bacnet_bridge.simulator.building_wire import asked_service, limited
from bacnet_bridge.simulator.declaration import DeviceDeclaration
from bacnet_bridge.simulator.log_declaration import Mishap
from bacnet_bridge.simulator.trend_log import DeviceTime

_PATIENCE = 120_000
"""Milliseconds that the stack waits for the application; by default 3 s, after which a late answer is lost."""

_LONGEST = 1476
"""Octets of an APDU that BACnet/IP carries."""
_WILDCARD = (8, 4_194_303)


class SimulatedDevice:
    """A device on the virtual network `lan`. It needs a running event loop.

    `now` is the building's time: a UTC instant in milliseconds.
    """

    def __init__(self, declared: DeviceDeclaration, lan: str, zone: ZoneInfo, now: Callable[[], int]) -> None:
        self.declared = declared
        self._now = now
        self._time = _past(declared, zone, now())
        self.behaviour = declared.behaviour
        self.requests: Counter[str] = Counter()
        """How often each service was asked of the device, as it came over the wire: retries count too."""
        self.objects = {
            each.object: SimulatedObject(each, f"{declared.instance} {each.object}", zone) for each in declared.objects
        }
        self.logs = [
            SimulatedLog(each, self.objects, self._time, now() - round(1000 * each.history)) for each in declared.logs
        ]
        port = NetworkPortObject(
            objectIdentifier=("network-port", 1),
            objectName=f"{declared.name} port",
            networkType=NetworkType.virtual,
            networkInterfaceName=lan,
            networkNumber=0,
            networkNumberQuality="unknown",
            macAddress=bytes([declared.mac]),
            protocolLevel="bacnet-application",
            changesPending=False,
            linkSpeed=0.0,
            outOfService=False,
            reliability="no-fault-detected",
        )
        self._application = _MannerlyApplication.from_object_list([self._device_object(), port])
        self._application.device = self
        self._application.asap.applicationTimeout = _PATIENCE
        for each in self.objects.values():
            self._application.add_object(each.bacnet)
        for log in self.logs:
            self._application.add_object(log.bacnet)
        self._guard(self._application.link_layers[port.objectIdentifier])

    def refresh(self, instant: int) -> None:
        """Bring every object's value to that instant."""
        for each in self.objects.values():
            each.refresh(instant, zero=self.behaviour.zero)
        for log in self.logs:
            log.refresh(instant)

    def happens(self, mishap: Mishap) -> None:
        """It begins now."""
        now = self._now()
        for log in self.logs:
            log.refresh(now)
        self._time.happens(now + 1, mishap)

    def shown(self) -> int | None:
        """What its clock shows, in milliseconds read as if it were UTC; None where it does not say."""
        return None if self.declared.clock.hidden else self._time.local(self._now())

    def misbehave(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour

    def values(self) -> dict[str, Shown | None]:
        """The present-values as they stand, by object identifier."""
        return {str(object_id): each.shown() for object_id, each in self.objects.items()}

    def close(self) -> None:
        self._application.close()

    def _device_object(self) -> Any:
        declared = self.declared
        made = ClockedDevice(
            objectIdentifier=("device", declared.instance),
            objectName=declared.name,
            description=declared.description,
            vendorIdentifier=declared.vendor_id,
            vendorName=declared.vendor_name,
            modelName=declared.model,
            serialNumber=declared.serial,
            maxApduLengthAccepted=declared.max_apdu,
            segmentationSupported=declared.segmentation,
        )
        made._shown = self.shown  # noqa: SLF001  bacpypes3 takes other names for BACnet properties
        return made

    def _guard(self, link_layer: Any) -> None:
        """Stand between the wire and the stack: count what comes, keep silent, keep to the size that is declared."""
        answer = link_layer.confirmation

        async def confirmation(pdu: PDU) -> None:
            network_message = bytes(pdu.pduData)
            service = asked_service(network_message)
            if service is not None:
                self.requests[service] += 1
            if not self.behaviour.silent and not self._time.off(self._now()):
                pdu.pduData = bytearray(limited(network_message, self.declared.max_apdu))
                await answer(pdu)

        link_layer.confirmation = confirmation


class _MannerlyApplication(Application):  # type: ignore[misc]  # bacpypes3 ships no types
    """Answers, or answers late, or refuses, as its device's behaviour says."""

    device: SimulatedDevice

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._late: set[asyncio.Task[None]] = set()

    async def indication(self, apdu: Any) -> None:
        """In a task of its own when late: the virtual network delivers to one device after the other."""
        if not self.device.behaviour.delay_ms:
            await self._answer(apdu)
            return
        task = asyncio.get_running_loop().create_task(self._answer_late(apdu))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _answer_late(self, apdu: Any) -> None:
        await asyncio.sleep(self.device.behaviour.delay_ms / 1000)
        await self._answer(apdu)

    async def _answer(self, apdu: Any) -> None:
        behaviour = self.device.behaviour
        if behaviour.abort is not None and isinstance(apdu, ConfirmedRequestPDU):
            await self.response(AbortPDU(srv=True, reason=str(behaviour.abort), context=apdu))
        elif behaviour.refuse_rpm and isinstance(apdu, ReadPropertyMultipleRequest):
            await self.response(RejectPDU(reason="unrecognized-service", context=apdu))
        elif isinstance(apdu, ReadRangeRequest):
            room = min(self.device.declared.max_apdu, _LONGEST)
            await self.response(answered(apdu, self.device.logs, room, behaviour))
        else:
            self._name_wildcard(apdu)
            await super().indication(apdu)

    def _name_wildcard(self, apdu: Any) -> None:
        """`device,4194303` means the asked device, whatever its instance (clause 15.5.2); bacpypes3 does not know."""
        own = self.device_object.objectIdentifier
        asked = [apdu] if isinstance(apdu, ReadPropertyRequest) else []
        if isinstance(apdu, ReadPropertyMultipleRequest):
            asked = list(apdu.listOfReadAccessSpecs)
        for each in asked:
            if tuple(map(int, each.objectIdentifier)) == _WILDCARD:
                each.objectIdentifier = own


def _past(declared: DeviceDeclaration, zone: ZoneInfo, now: int) -> DeviceTime:
    """Its clock, and what became of it before now."""
    clock = declared.clock
    time = DeviceTime(zone if clock.zone is None else ZoneInfo(clock.zone), clock.ahead)
    for each in declared.past:
        time.happens(now - round(1000 * each.ago), each)
    return time
