"""What the bridge is on the network: one device object that answers who it is, and nothing that anybody can change.

Guarantee 5 (never a write) is kept here, in two places where everything passes:
- `objection` decides over every datagram before the socket gets it, on its bytes, whatever code above made it;
- `QuietApplication` and `QuietNetworkElement` answer reads and Who-Is, and refuse everything else.

bacpypes3 ships no types: its classes are `Any` to mypy, which is what the ignores beside them say.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

import structlog
from bacpypes3.apdu import (
    ComplexAckPDU,
    ConfirmedRequestPDU,
    ErrorPDU,
    RejectPDU,
    RejectReason,
    SimpleAckPDU,
    UnconfirmedRequestPDU,
)
from bacpypes3.app import Application
from bacpypes3.appservice import IDLE, ApplicationServiceAccessPoint, ClientSSM
from bacpypes3.basetypes import ServicesSupported
from bacpypes3.comm import ServiceAccessPoint
from bacpypes3.ipv4 import IPv4DatagramServer
from bacpypes3.netservice import NetworkServiceElement, RouterInfoCache

from bacnet_bridge.bacnet.cov import CONFIRMED_NOTIFICATION, UNCONFIRMED_NOTIFICATION
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, READ_PROPERTY_MULTIPLE

_log = structlog.get_logger()

_BVLC_ALONE: Final = {0x00: "result", 0x02: "read BDT", 0x05: "register foreign device", 0x06: "read FDT"}
"""BVLC functions that carry no NPDU (Annex J.2)."""
_BVLC_WITH_NPDU: Final = {0x09: "distribute broadcast", 0x0A: "unicast", 0x0B: "broadcast"}
_CONFIRMED: Final = {5: "SubscribeCOV", 12: "ReadProperty", 14: "ReadPropertyMultiple", 26: "ReadRange"}
_UNCONFIRMED: Final = {0: "I-Am", 1: "I-Have", 7: "Who-Has", 8: "Who-Is"}
_SIMPLE_ACKS: Final = {1: "ConfirmedCOVNotification"}
"""Acknowledging anything else would mean that somebody changed something here."""
_COMPLEX_ACKS: Final = {12: "ReadProperty", 14: "ReadPropertyMultiple"}
_SAID_TO_TRANSACTIONS: Final = (
    "numberOfApduRetries",
    "apduTimeout",
    "segmentationSupported",
    "apduSegmentTimeout",
    "maxSegmentsAccepted",
    "maxApduLengthAccepted",
)
_WHO_IS_ROUTER: Final = 0x00
_PATHS: Final = 500
"""Networks that are known at a time; a large site has some dozens."""

_UNCONFIRMED_NOTIFICATION: Final = bytes([0x10, UNCONFIRMED_NOTIFICATION])
_CONFIRMED_NOTIFICATION: Final = bytes([CONFIRMED_NOTIFICATION])
_UNKNOWN_SUBSCRIPTION: Final = bytes([0x91, 5, 0x91, 79])
"""The error's class, services, and its code (clause 21)."""
_WHOLE_REQUEST: Final = (b"\x00", b"\x02")
"""First octet of a confirmed request that is in one piece (clause 20.1.2); the 2: its answer may be in segments."""
_ANSWERED_CONFIRMED: Final = frozenset({READ_PROPERTY, READ_PROPERTY_MULTIPLE})
_ANSWERED_UNCONFIRMED: Final = frozenset({0, 7, 8})
_TOLD_AT_MOST: Final = 100
"""Refusals that are logged: the first of each service and source, and no more than these."""
_HEARD_NETWORK_MESSAGES: Final = frozenset({"IAmRouterToNetwork"})


def objection(datagram: bytes) -> str | None:
    """Why this datagram must not leave, or None where it is on the allow-list of guarantee 5."""
    if len(datagram) < 4 or datagram[0] != 0x81:
        return "not BACnet/IP"
    function = datagram[1]
    if function in _BVLC_ALONE:
        return None
    if function not in _BVLC_WITH_NPDU:
        return f"BVLC function {function:#04x}"
    try:
        return _npdu_objection(datagram[4:])
    except IndexError:
        return "cut short"


def _npdu_objection(npdu: bytes) -> str | None:
    control, at = npdu[1], 2
    if control & 0x20:
        at += 3 + npdu[at + 2]
    if control & 0x08:
        at += 3 + npdu[at + 2]
    if control & 0x20:
        at += 1
    if control & 0x80:
        return None if npdu[at] == _WHO_IS_ROUTER else f"network message {npdu[at]:#04x}"
    return _apdu_objection(npdu[at:])


def _apdu_objection(apdu: bytes) -> str | None:
    kind, segmented = apdu[0] >> 4, bool(apdu[0] & 0x08)
    match kind:
        case 0:
            service = apdu[5] if segmented else apdu[3]
            return None if service in _CONFIRMED else f"confirmed service {service}"
        case 1:
            return None if apdu[1] in _UNCONFIRMED else f"unconfirmed service {apdu[1]}"
        case 2:
            return None if apdu[2] in _SIMPLE_ACKS else f"acknowledgement of service {apdu[2]}"
        case 3:
            service = apdu[4] if segmented else apdu[2]
            return None if service in _COMPLEX_ACKS else f"answer to service {service}"
        case 4 | 5 | 6 | 7:
            return None
        case _:
            return f"APDU type {kind}"


class Edge(IPv4DatagramServer):  # type: ignore[misc]
    """The socket. Nothing leaves without passing `objection`; bytes that nobody can decode end here."""

    undecodable = 0

    async def indication(self, pdu: Any) -> None:
        why = objection(bytes(pdu.pduData))
        if why is not None:
            _log.error("refused to send what is not on the allow-list", what=why, to=str(pdu.pduDestination))
            return
        await super().indication(pdu)

    async def confirmation(self, pdu: Any) -> None:
        if pdu.pduSource.addrTuple == self.local_address or bytes(pdu.pduData[:1]) != b"\x81":
            return
        try:
            await self.response(pdu)
        except Exception as error:  # noqa: BLE001 whatever arrives on the port must not stop the bridge
            self.undecodable += 1
            _log.debug("undecodable datagram", source=str(pdu.pduSource), cause=str(error))


class Question(ConfirmedRequestPDU):  # type: ignore[misc]
    """A confirmed request, encoded already, with its own number of repetitions."""

    retries = 0


class TransactionLayer(ApplicationServiceAccessPoint):  # type: ignore[misc]
    """bacpypes3's transactions, with repetitions per question and the answers left undecoded.

    An answer that the stock layer cannot decode is lost with its whole batch, and an error with its question; rpm.py
    decodes by the tags instead.
    """

    notified: Callable[[str, bytes], bool]
    """Called with the source and the undecoded data of a notification of a change; whether somebody waits for it."""

    def __init__(self, device: Any, cache: Any) -> None:
        """Every transaction asks what `device` says of these, which took a third of its CPU: it is asked once."""
        said = {name: getattr(device, name) for name in _SAID_TO_TRANSACTIONS if hasattr(device, name)}
        super().__init__(SimpleNamespace(**said), cache)

    async def sap_indication(self, apdu: Any) -> None:
        if not isinstance(apdu, Question):
            await super().sap_indication(apdu)
            return
        transaction = ClientSSM(self, apdu.pduDestination)
        transaction.numberOfApduRetries = apdu.retries
        self.clientTransactions.append(transaction)
        await transaction.indication(apdu)

    async def confirmation(self, pdu: Any) -> None:
        head = bytes(pdu.pduData[:4])
        if head[:2] == _UNCONFIRMED_NOTIFICATION:
            self.notified(str(pdu.pduSource), bytes(pdu.pduData[2:]))
            return
        if head[:1] in _WHOLE_REQUEST and head[3:] == _CONFIRMED_NOTIFICATION:
            # Without a transaction: one that is repeated is answered again.
            known = self.notified(str(pdu.pduSource), bytes(pdu.pduData[4:]))
            answer = (SimpleAckPDU if known else ErrorPDU)(CONFIRMED_NOTIFICATION, head[2], destination=pdu.pduSource)
            answer.put_data(b"" if known else _UNKNOWN_SUBSCRIPTION)
            await self.request(answer)
            return
        try:
            await super().confirmation(pdu)
        except BaseException:
            # Listed before it was looked at: a request that could not be begun would stay for ever.
            self.serverTransactions[:] = [each for each in self.serverTransactions if each.state != IDLE]
            raise

    async def sap_response(self, apdu: Any) -> None:
        if isinstance(apdu, (ComplexAckPDU, ErrorPDU)):
            await ServiceAccessPoint.sap_response(self, apdu)
        else:
            await super().sap_response(apdu)


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

    def __init__(self) -> None:
        super().__init__()
        self._told: set[tuple[int, str]] = set()

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
    """Hears where routers are; whoever wants to set routing tables or network numbers is not heard."""

    async def indication(self, adapter: Any, npdu: Any) -> None:
        if type(npdu).__name__ in _HEARD_NETWORK_MESSAGES:
            await super().indication(adapter, npdu)
