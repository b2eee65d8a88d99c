"""One BACnet/IP stack on one UDP socket.

Only this file, edge.py, transaction.py, presence.py, own_objects.py, refused.py and foreign.py know bacpypes3.

Everything outside sees addresses as text (`192.168.1.20`, `192.168.1.20:47809`, `100:10`), bytes, and the
errors of errors.py. Runs in one event loop and nowhere else.
"""

import asyncio
import contextlib
import logging
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import structlog
from bacpypes3.apdu import ComplexAckPDU, ErrorRejectAbortNack, SimpleAckPDU, WhoIsRequest
from bacpypes3.appservice import ABORTED
from bacpypes3.ipv4.service import BIPNormal
from bacpypes3.npdu import WhoIsRouterToNetwork
from bacpypes3.pdu import Address, GlobalBroadcast, IPv4Address, LocalBroadcast, RemoteBroadcast

from bacnet_bridge.bacnet.cov import SUBSCRIBE_COV
from bacnet_bridge.bacnet.edge import Edge, Station
from bacnet_bridge.bacnet.foreign import ForeignLink
from bacnet_bridge.bacnet.own_objects import OwnObjects
from bacnet_bridge.bacnet.port import parse_own, prove_bindable, resolve
from bacnet_bridge.bacnet.presence import MAX_APDU, application, device_object
from bacnet_bridge.bacnet.refused import RefusedError, error_of
from bacnet_bridge.bacnet.transaction import Question
from bacnet_bridge.bacnet.witness import Witness
from bacnet_bridge.errors import DeviceSilentError, NetworkError, ReadError
from bacnet_bridge.system import IS_POSIX
from bacnet_bridge.vocabulary.addresses import BACNET_PORT

_log = structlog.get_logger()

_RECEIVE_BUFFER: Final = 4 * 1024 * 1024
"""Holds the I-Ams of 3,000 devices that answer at once; the system's default keeps 257 (measured)."""
_ROUTER_SEARCH: Final = 2.0
"""Seconds that the stack looks for a router before it sends."""
_ROUTER_AGAIN: Final = 10.0
"""Seconds between two questions for the router of a network whose devices are silent."""
_FOR_SEGMENTS: Final = 3
"""Times the time-out that all segments of an answer may take: who lets them drip is not waited for."""
_REGISTRATION_WAIT: Final = 2.0
"""Seconds that a broadcast waits for the BBMD to take it."""
_ADDRESSES: Final = 10_000
"""Addresses that are kept at a time, for forged I-Ams' are looked at, too."""
_READ_TABLE: Final = b"\x81\x02\x00\x04"
_NUMBERED: Final = re.compile(r"\d+:.+")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the bridge is on the network, and where it stands."""

    instance: int
    address: str
    """Own interface as `192.168.1.10/24` or `192.168.1.10/24:47809`."""
    name: str = "BACnet Bridge"
    vendor: int = 999
    bbmd: str | None = None
    """`host` or `host:port` of the BBMD to register with as a foreign device (Annex J.5)."""
    ttl: int = 300
    """Seconds that the registration lasts; it is renewed in time."""
    shares_port: bool = False
    """Broadcasts go to BACnet's own port and are heard there, beside another program of the same user, whatever the
    own port is."""


@dataclass(frozen=True, slots=True)
class IAm:
    """A device's answer to Who-Is (clause 16.10)."""

    instance: int
    address: str
    max_apdu: int


class Client:
    """Asks devices. `timeout` is how many seconds a device has for one answer; a `witness` sees every datagram.

    `own` objects stand beside the device object, for the BMS to read.
    """

    def __init__(
        self,
        identity: Identity,
        timeout: float = 3.0,
        witness: Witness | None = None,
        own: OwnObjects | None = None,
    ) -> None:
        self.timeout = timeout
        self._witness, self._own = witness, own
        self._identity = identity
        self._interface, self._port = parse_own(identity.address)
        self._app: Any = None
        self._link: Any = None
        self._edge: Any = None
        self._registration: asyncio.Task[None] | None = None
        self._routers_sought: dict[int, float] = {}
        self._listeners: list[Callable[[IAm], None]] = []
        self._notification_listeners: list[Callable[[str, bytes], bool]] = []
        self._addresses: dict[str, tuple[Any, Station | None]] = {}

    async def start(self) -> None:
        """Open the port. Raises NetworkError with what to do where that is not possible."""
        host = str(self._interface.ip)
        prove_bindable(host, self._port)
        if self._identity.bbmd is None and IS_POSIX:  # Windows hears broadcasts by the same socket
            heard_at = BACNET_PORT if self._identity.shares_port else self._port
            prove_bindable(str(self._interface.network.broadcast_address), heard_at, shared=True)
        bbmd = await resolve(self._identity.bbmd) if self._identity.bbmd else None
        # bacpypes3 reports garbage from the network with a traceback for every datagram.
        logging.getLogger("bacpypes3").setLevel(logging.CRITICAL)
        # A foreign device hears broadcasts through its BBMD and needs no broadcast socket.
        prefix = 32 if bbmd else self._interface.network.prefixlen
        self._link = ForeignLink(IPv4Address(bbmd), self._identity.ttl) if bbmd else BIPNormal()
        address = IPv4Address(f"{host}/{prefix}:{self._port}")
        if bbmd is None and self._identity.shares_port:
            address.addrBroadcastTuple = str(self._interface.network.broadcast_address), BACNET_PORT
        self._edge = Edge(address)
        own = self._identity
        device = device_object(own.instance, own.name, own.vendor, self.timeout)
        self._app = application(device, self._link, self._edge)
        if self._own is not None:
            self._own.stand_in(self._app)
        self._app.heard = self._heard
        self._app.asap.notified = self._notified
        await self._open()
        if bbmd:
            self._registration = asyncio.create_task(self._link.keep(), name="BBMD")
            await self._registered()

    async def stop(self) -> None:
        """Close the port. What is in flight is aborted first: the stack would never end with it."""
        if self._app is None:
            return
        if self._registration is not None:
            self._registration.cancel()
            await asyncio.gather(self._registration, return_exceptions=True)
        layer = self._app.asap
        for transaction in [*layer.clientTransactions, *layer.serverTransactions]:
            transaction.set_state(ABORTED)
        for pending in [pair for pairs in self._app._requests.values() for pair in pairs]:  # noqa: SLF001 as above
            pending[1].cancel()
        self._edge.close()
        self._app = None
        await asyncio.sleep(0)

    async def ask(self, address: str, service: int, request: bytes, *, tries: int, segments: int = 0) -> bytes:
        """Send an encoded confirmed request; returns the answer's service data, undecoded; none is SubscribeCOV's.

        The answer may come in so many `segments`, 0 for one piece; one that began has three times `timeout` more.
        The one place where the stack's errors become ours. Raises DeviceSilentError after `tries` × `timeout`
        seconds, RefusedError on error, reject or abort. The texts name the cause only.
        """
        if self._app is None:
            raise DeviceSilentError("the BACnet port is closed")
        destination, station = await self._address(address)
        layer = self._app.asap
        question = Question(service, request, destination, station, tries - 1, segments=segments)
        # Longer than the stack's own patience, for the cases in which it never answers.
        limit = self.timeout * (tries + (_FOR_SEGMENTS if segments else 0)) + _ROUTER_SEARCH + 1
        timer = asyncio.get_running_loop().call_later(limit, _give_up, question.answer)
        try:
            await self._app.ask(question)
            ack = await question.answer
        except ErrorRejectAbortNack as nack:
            if isinstance(error_of(nack), DeviceSilentError) and self._app is not None:
                await self._seek_router(destination)
            raise error_of(nack) from None  # a variable of it would be a cycle with this frame
        except TimeoutError:
            await layer.give_up_on(question)
            raise DeviceSilentError("no answer") from None
        except asyncio.CancelledError:
            layer.forget(question)
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise DeviceSilentError("the BACnet port was closed") from None
        finally:
            timer.cancel()
        if isinstance(ack, bytes):
            return ack
        if isinstance(ack, SimpleAckPDU) and ack.apduService == service == SUBSCRIBE_COV:
            return b""
        if not isinstance(ack, ComplexAckPDU) or ack.apduService != service:
            raise RefusedError("error", 0, "an answer to another question")
        return bytes(ack.pduData)

    async def who_is(
        self, instance: int, address: str | None = None, *, last: int | None = None, network: int | None = None
    ) -> None:
        """Ask who the device is, or those up to `last` are: everyone (through the BBMD as a foreign device), everyone
        on one network, or one address.

        Raises ReadError for an address that makes no sense.
        """
        if self._app is None:
            raise DeviceSilentError("the BACnet port is closed")
        if address is None and not self._broadcasts:
            raise ReadError("a /32 BACnet address cannot broadcast: give the device's address in the mapping")
        if address is None:
            await self._registered()
        everyone = GlobalBroadcast() if network is None else RemoteBroadcast(network)
        destination = (await self._address(address))[0] if address else everyone
        high = instance if last is None else last
        request = WhoIsRequest(
            deviceInstanceRangeLowLimit=instance, deviceInstanceRangeHighLimit=high, destination=destination
        )
        self._app.request(request)

    async def who_is_router(self) -> None:
        """Ask all routers of the own network which networks they lead to (clause 6.4.1)."""
        if self._app is None:
            raise DeviceSilentError("the BACnet port is closed")
        await self._registered()
        for adapter in self._app.nsap.adapters.values():
            await self._app.nse.request(adapter, WhoIsRouterToNetwork(destination=LocalBroadcast()))

    async def ask_for_table(self, bbmd: str) -> None:
        """Ask a BBMD whom it distributes broadcasts to (Read-Broadcast-Distribution-Table, J.2.4); a witness hears it.

        Raises NetworkError for a name without an address.
        """
        host, _, port = (await resolve(bbmd)).partition(":")
        self._edge.send(_READ_TABLE, (host, int(port)))

    def on_router(self, listener: Callable[[str, list[int]], None]) -> None:
        """Hand every I-Am-Router-To-Network to `listener`: the router's address, and the networks behind it."""
        self._app.nse.routers = listener

    @contextlib.contextmanager
    def listening(self, listener: Callable[[IAm], None]) -> Iterator[None]:
        """Hand every I-Am to `listener` while the block runs."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    def on_i_am(self, listener: Callable[[IAm], None]) -> None:
        """Hand every I-Am to `listener` from now on."""
        self._listeners.append(listener)

    def on_notification(self, listener: Callable[[str, bytes], bool]) -> None:
        """Hand every notification of a change to `listener` from now on: its source's address, and its service data.

        It says whether it waits for it: only then a confirmed one is acknowledged.
        """
        self._notification_listeners.append(listener)

    @property
    def unregistered(self) -> str:
        """A sentence where the BBMD does not distribute our broadcasts; empty where it does, or there is none."""
        if self._registration is None or self._link.registered.is_set():
            return ""
        return f"the BBMD {self._identity.bbmd} does not take us as a foreign device, so nobody hears our broadcasts"

    @property
    def deaf_to(self) -> str:
        """Why devices that answer Who-Is may not be heard; empty where nothing speaks for it."""
        if self._identity.bbmd is not None or self._port == BACNET_PORT:
            return ""
        return (
            f" (the bridge broadcasts to its own port {self._port}, the devices' is mostly {BACNET_PORT}: "
            "give their addresses in the mapping)"
        )

    async def canonical(self, address: str) -> str:
        """The address as an I-Am from there would show it; names are looked up each time.

        Raises ReadError for one that makes no sense.
        """
        try:
            return str(Address(address if _NUMBERED.fullmatch(address) else await resolve(address)))
        except (NetworkError, ValueError) as error:
            raise ReadError(f"the address {address!r} cannot be used: {error}") from None

    async def _address(self, text: str) -> tuple[Any, Station | None]:
        """The library's address, and the short way there."""
        if text not in self._addresses:
            if len(self._addresses) >= _ADDRESSES:
                self._addresses.clear()
            made = Address(await self.canonical(text))
            if self._app is None:
                raise DeviceSilentError("the BACnet port was closed")
            self._addresses[text] = made, self._edge.station(made)
        found, station = self._addresses[text]
        if found.addrNet is not None and not self._broadcasts:
            raise ReadError(
                f"a /32 BACnet address cannot look for the router of network {found.addrNet}: "
                "give it its prefix length, or a BBMD"
            )
        return found, station

    @property
    def _broadcasts(self) -> bool:
        return self._identity.bbmd is not None or self._edge.broadcast_address is not None

    def _heard(self, i_am: Any) -> None:
        if i_am.maxAPDULengthAccepted is None or i_am.iAmDeviceIdentifier is None or i_am.iAmDeviceIdentifier[0] != 8:
            return
        size = max(50, min(MAX_APDU, int(i_am.maxAPDULengthAccepted)))
        heard = IAm(int(i_am.iAmDeviceIdentifier[1]), str(i_am.pduSource), size)
        for listener in list(self._listeners):
            listener(heard)

    def _notified(self, source: str, data: bytes) -> bool:
        waited_for = [listener(source, data) for listener in self._notification_listeners]
        return any(waited_for)

    async def _open(self) -> None:
        await asyncio.gather(*self._edge._transport_tasks)  # noqa: SLF001 bacpypes3 opens the port in tasks of its own
        for transport in (self._edge.local_transport, self._edge.broadcast_transport):
            if transport is not None:
                sock = transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        if self._witness is not None:
            self._edge.show(self._witness)

    async def _registered(self) -> None:
        """Until the BBMD has answered, broadcasts are dropped: give it a moment."""
        if self._registration is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_REGISTRATION_WAIT):
                await self._link.registered.wait()

    async def _seek_router(self, destination: Any) -> None:
        """A device behind a router was silent: its router may have moved. Whoever is it now answers, and is believed.

        The known way stays in use meanwhile, for the devices that answer.
        """
        network, now = destination.addrNet, asyncio.get_running_loop().time()
        if network is None or now < self._routers_sought.get(network, now):
            return
        self._routers_sought[network] = now + _ROUTER_AGAIN
        question = WhoIsRouterToNetwork(network, destination=LocalBroadcast())
        for adapter in self._app.nsap.adapters.values():
            await self._app.nse.request(adapter, question)


def _give_up(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())
