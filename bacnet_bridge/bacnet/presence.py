"""What the bridge is on the network: one device object that answers who it is, and nothing that anybody can change.

Guarantee 5 (never a write) is kept in two places where everything passes: `edge.objection` decides over what leaves,
and here `QuietApplication` and `QuietNetworkElement` answer reads and Who-Is, and refuse everything else.

bacpypes3 ships no types: its classes are `Any` to mypy, which is what the ignores beside them say.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import structlog
from bacpypes3.apdu import ConfirmedRequestPDU, RejectPDU, RejectReason, UnconfirmedRequestPDU
from bacpypes3.app import Application
from bacpypes3.basetypes import ServicesSupported
from bacpypes3.comm import bind
from bacpypes3.ipv4.bvll import BVLLCodec
from bacpypes3.ipv4.service import UDPMultiplexer
from bacpypes3.local.device import DeviceObject
from bacpypes3.netservice import NetworkServiceAccessPoint, NetworkServiceElement, RouterInfoCache
from bacpypes3.primitivedata import ObjectType

from bacnet_bridge import __version__
from bacnet_bridge.bacnet.edge import Edge
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, READ_PROPERTY_MULTIPLE
from bacnet_bridge.bacnet.transaction import Question, TransactionLayer
from bacnet_bridge.errors import ReadError

_log = structlog.get_logger()

MAX_APDU: Final = 1476
_PATHS: Final = 500
"""Networks that are known at a time; a large site has some dozens."""

_ANSWERED_CONFIRMED: Final = frozenset({READ_PROPERTY, READ_PROPERTY_MULTIPLE})
_ANSWERED_UNCONFIRMED: Final = frozenset({0, 7, 8})
_INVOKE_IDS: Final = 256
_TOLD_AT_MOST: Final = 100
"""Refusals that are logged: the first of each service and source, and no more than these."""
_HEARD_NETWORK_MESSAGES: Final = frozenset({"IAmRouterToNetwork"})


class Paths(RouterInfoCache):  # type: ignore[misc]
    """The ways to other networks: those that were heard of last, so that nobody's inventions fill the memory.

    A way that was dropped is looked for again when a device there is asked.
    """

    async def set_path_info(self, snet: int | None, dnet: int, address: Any, status: Any) -> bool:
        while len(self.path_info) >= _PATHS and (snet, dnet) not in self.path_info:
            oldest = next(iter(self.path_info))
            router = oldest[0], self.path_info.pop(oldest)[0]
            through = self.router_dnets.get(router, set())
            through.discard(oldest[1])
            if not through:
                self.router_dnets.pop(router, None)
        return bool(await super().set_path_info(snet, dnet, address, status))


class QuietApplication(Application):  # type: ignore[misc]
    """Answers Who-Is, Who-Has and reads; refuses every other request, which a stock application would carry out.

    `heard` is called with every I-Am.
    """

    heard: Callable[[Any], None]
    next_invoke_id: int

    def __init__(self) -> None:
        super().__init__()
        self._told: set[tuple[int, str]] = set()
        self._sending: set[asyncio.Task[None]] = set()

    async def ask(self, question: Question) -> None:
        """What `request` does, but without a task where nothing can keep the question from leaving at once.

        Raises ReadError where all invoke ids are taken: `request` would look for a free one for ever.
        """
        asked = self._requests.setdefault(question.pduDestination, [])
        if len(asked) == _INVOKE_IDS:
            raise ReadError("no more questions can be under way to it")
        taken = {other.apduInvokeID for other, _ in asked}
        while self.next_invoke_id in taken:
            self.next_invoke_id = (self.next_invoke_id + 1) % _INVOKE_IDS
        question.apduInvokeID = self.next_invoke_id
        self.next_invoke_id = (self.next_invoke_id + 1) % _INVOKE_IDS
        asked.append((question, question.answer))
        question.answer.add_done_callback(partial(self._request_done, question))
        sending = self.asap.sap_indication(question)
        if question.station is not None:
            await sending
        else:
            self._sending.add(task := asyncio.create_task(sending))
            task.add_done_callback(self._sending.discard)

    async def indication(self, apdu: Any) -> None:
        if isinstance(apdu, ConfirmedRequestPDU) and apdu.apduService not in _ANSWERED_CONFIRMED:
            self._tell_once(apdu.apduService, str(apdu.pduSource))
            await self.response(RejectPDU(reason=RejectReason.unrecognizedService, context=apdu))
        elif isinstance(apdu, UnconfirmedRequestPDU) and apdu.apduService not in _ANSWERED_UNCONFIRMED:
            return
        else:
            await super().indication(apdu)

    async def do_IAmRequest(self, apdu: Any) -> None:  # noqa: N802 bacpypes3 calls it by this name
        self.heard(apdu)

    def _tell_once(self, service: int, source: str) -> None:
        if len(self._told) < _TOLD_AT_MOST and (service, source) not in self._told:
            self._told.add((service, source))
            _log.warning("refused a request to the bridge", service=service, source=source)

    def get_services_supported(self) -> ServicesSupported:
        """What the device object claims (clause 12.11.13): what is answered, nothing more."""
        notifications = ["confirmed-cov-notification", "unconfirmed-cov-notification"]
        return ServicesSupported(["read-property", "read-property-multiple", "who-has", "who-is", *notifications])


class QuietNetworkElement(NetworkServiceElement):  # type: ignore[misc]
    """Hears where routers are; whoever wants to set routing tables or network numbers is not heard.

    `routers` is called with each router and the networks that it says it leads to.
    """

    routers: Callable[[str, list[int]], None] | None = None

    async def indication(self, adapter: Any, npdu: Any) -> None:
        if type(npdu).__name__ in _HEARD_NETWORK_MESSAGES:
            await super().indication(adapter, npdu)
            if self.routers is not None:
                self.routers(str(npdu.pduSource), list(npdu.iartnNetworkList))


def device_object(instance: int, name: str, vendor: int, timeout: float) -> Any:
    """What the bridge says of itself. `timeout` is how many seconds a device has for one answer."""
    return DeviceObject(
        objectIdentifier=(ObjectType.device, instance),
        objectName=name,
        vendorIdentifier=vendor,
        vendorName="BACnet Bridge",
        modelName="BACnet Bridge",
        firmwareRevision=__version__,
        applicationSoftwareVersion=__version__,
        maxApduLengthAccepted=MAX_APDU,
        # Answers stay in one piece: segmentation fails often where packets get lost (measured: 17 of 40). A survey
        # asks for segments, question by question; whoever goes by this instead must not segment a slot's answers.
        segmentationSupported="no-segmentation",
        apduTimeout=round(timeout * 1000),
        numberOfApduRetries=0,
    )


def application(device: Any, link: Any, edge: Edge) -> QuietApplication:
    """The layers put together: the bridge as `device` on the network, over this link and socket."""
    app = QuietApplication()
    app.asap = TransactionLayer(device, app.device_info_cache, edge)
    app.nsap = NetworkServiceAccessPoint(Paths())
    app.nse = QuietNetworkElement()
    bind(app.nse, app.nsap)
    bind(app, app.asap, app.nsap)
    multiplexer = UDPMultiplexer()
    bind(link, BVLLCodec(), multiplexer.annexJ)
    bind(multiplexer, edge)
    app.nsap.bind(link, address=edge.address)
    app.add_object(device)
    return app
