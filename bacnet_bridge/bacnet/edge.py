"""The bridge's socket: what may leave, and the short way in for what devices answer.

Guarantee 5 (never a write) is kept here, where everything passes: `objection` decides over every datagram before the
socket gets it, on its bytes, whatever code above made it.
"""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import structlog
from bacpypes3.ipv4 import IPv4DatagramProtocol, IPv4DatagramServer
from bacpypes3.pdu import PDU, IPv4Address

from bacnet_bridge.bacnet.witness import WatchedProtocol, WatchedTransport, Witness

_log = structlog.get_logger()

_BVLC_ALONE: Final = {0x00: "result", 0x02: "read BDT", 0x05: "register foreign device", 0x06: "read FDT"}
"""BVLC functions that carry no NPDU (Annex J.2)."""
_BVLC_WITH_NPDU: Final = {0x09: "distribute broadcast", 0x0A: "unicast", 0x0B: "broadcast"}
_CONFIRMED: Final = {5: "SubscribeCOV", 12: "ReadProperty", 14: "ReadPropertyMultiple", 26: "ReadRange"}
_UNCONFIRMED: Final = {0: "I-Am", 1: "I-Have", 7: "Who-Has", 8: "Who-Is"}
_SIMPLE_ACKS: Final = {1: "ConfirmedCOVNotification"}
"""Acknowledging anything else would mean that somebody changed something here."""
_COMPLEX_ACKS: Final = {12: "ReadProperty", 14: "ReadPropertyMultiple"}
_WHO_IS_ROUTER: Final = 0x00

Station = tuple[str, int]
"""Host and port of a device on the own network."""

_ACKNOWLEDGED: Final = b"\x01\x00\x30"
"""How an answer in one piece begins behind its BVLC: NPDU from the own network, of normal priority, and ComplexAck."""


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


_TOLD_AT_MOST: Final = 100
"""Refusals that are logged: the first of each kind and receiver, and no more than these."""


class Edge(IPv4DatagramServer):  # type: ignore[misc]
    """The socket. Nothing leaves without passing `objection`; bytes that nobody can decode end here.

    `acknowledged` is offered every answer in one piece from the own network: who sent it, and the whole datagram, of
    nine octets or more. What it does not take goes through the layers, as everything else does.
    """

    undecodable = 0
    local_protocol: Any
    local_transport: Any
    broadcast_transport: Any
    acknowledged: Callable[[Station, bytes], bool]

    def __init__(self, address: Any) -> None:
        super().__init__(address)
        self.address = address
        self._refused: set[tuple[str, str]] = set()

    def station(self, address: Any) -> Station | None:
        """Where `send` reaches the address; None where only the layers know the way, ourselves included."""
        if not address.is_localstation:
            return None
        host, port = address.addrTuple
        own = (host, port) == self.local_address or (host.startswith("127.") and port == self.local_address[1])
        return None if own else (host, port)

    def send(self, datagram: bytes, to: Station) -> None:
        """Past the layers, not past the allow-list."""
        if self._may_leave(datagram, to):
            self.local_transport.sendto(datagram, to)

    async def indication(self, pdu: Any) -> None:
        if self._may_leave(bytes(pdu.pduData), pdu.pduDestination):
            await super().indication(pdu)

    async def confirmation(self, pdu: Any) -> None:
        if pdu.pduSource.addrTuple == self.local_address or bytes(pdu.pduData[:1]) != b"\x81":
            return
        try:
            await self.response(pdu)
        except Exception as error:  # noqa: BLE001 whatever arrives on the port must not stop the bridge
            self.undecodable += 1
            _log.debug("undecodable datagram", source=str(pdu.pduSource), cause=str(error))

    def set_broadcast_transport_protocol(self, address: Any, task: Any) -> None:
        if not task.cancelled():
            super().set_broadcast_transport_protocol(address, task)

    def set_local_transport_protocol(self, address: Any, task: Any) -> None:
        if task.cancelled():
            return
        super().set_local_transport_protocol(address, task)
        door = Door(self, self.local_protocol.destination)
        self.local_transport.set_protocol(door)
        self.local_protocol = door

    def show(self, witness: Witness) -> None:
        """Everything that passes the open sockets, from now on."""
        own = self.local_address
        self.local_transport.set_protocol(WatchedProtocol(self.local_protocol, own, witness))
        self.local_transport = WatchedTransport(self.local_transport, own, witness)
        if self.broadcast_transport is not None:
            everyone = WatchedProtocol(self.broadcast_protocol, self.broadcast_address, witness)
            self.broadcast_transport.set_protocol(everyone)

    def _may_leave(self, datagram: bytes, to: object) -> bool:
        why = objection(datagram)
        if why is not None and len(self._refused) < _TOLD_AT_MOST and (why, str(to)) not in self._refused:
            self._refused.add((why, str(to)))
            _log.error("refused to send what is not on the allow-list", what=why, to=str(to))
        return why is None


class Door(IPv4DatagramProtocol):  # type: ignore[misc]
    """Gives each datagram to who waits for it, or to a task in which the layers take it apart."""

    def __init__(self, edge: Edge, destination: Any) -> None:
        self.server = edge
        self.destination = destination
        self._tasks: set[asyncio.Future[None]] = set()

    def datagram_received(self, data: bytes, addr: Station) -> None:
        if is_acknowledgement(data) and self.server.acknowledged(addr, data):
            return
        pdu = PDU(data, source=_address(addr), destination=self.destination)
        task = asyncio.ensure_future(self.server.confirmation(pdu))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def is_acknowledgement(datagram: bytes) -> bool:
    """Whether it is an answer in one piece from the own network, its header whole (clauses 6.2.2, 20.1.5, J.2.11)."""
    return (
        datagram[4:7] == _ACKNOWLEDGED
        and datagram[:2] == b"\x81\x0a"
        and len(datagram) == datagram[2] << 8 | datagram[3]
        and len(datagram) > 8
    )


@lru_cache(maxsize=4096)
def _address(station: Station) -> Any:
    """The library's, which takes longer to make than anything else on the way in; nobody changes it."""
    return IPv4Address(station)
