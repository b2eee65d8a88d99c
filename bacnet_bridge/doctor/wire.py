"""What the BACnet network answers: one socket, a search that ends in time, and every datagram that passed."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from bacnet_bridge.bacnet.client import Client, IAm, Identity
from bacnet_bridge.bacnet.pacing import Gate, Limits
from bacnet_bridge.bacnet.roll_call import Scope, Search
from bacnet_bridge.bacnet.standing import own_now
from bacnet_bridge.bacnet.windows import ALL
from bacnet_bridge.doctor.pcap import Datagram, Station
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Meter
from bacnet_bridge.survey.model import FoundNetwork
from bacnet_bridge.vocabulary.ranges import Range

SEARCH: Final = 15.0
"""Seconds; who has not answered until then is silent."""
_TABLE: Final = 2.0
"""Seconds that the BBMD has to show its table; asked twice."""
_KEPT: Final = 100_000
"""Datagrams: some 100 MB at the very most."""


@dataclass(slots=True)
class Traffic:
    """Every datagram that passed our sockets (a `Witness`). `cut`: there were more than are kept."""

    own: Station
    everyone: str
    """The broadcast address, or nothing."""
    datagrams: list[Datagram] = field(default_factory=list)
    cut: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def sent(self, source: Station, destination: Station, data: bytes) -> None:
        self._keep(source, destination, data)

    def received(self, source: Station, destination: Station, data: bytes) -> None:
        self._keep(source, destination, data, back=True)

    @property
    def broadcasts(self) -> list[Datagram]:
        """Our own, as we sent them."""
        return [each for each in self.datagrams if each.broadcast and not each.back]

    def _keep(self, source: Station, destination: Station, data: bytes, *, back: bool = False) -> None:
        self.cut = len(self.datagrams) >= _KEPT
        if not self.cut:
            at = time.time_ns() // 1000
            broadcast = destination[0] == self.everyone
            self.datagrams.append(Datagram(at, source, destination, data, broadcast, back))
        self.news.set()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to look for; all instances where the mapping names none."""

    ranges: Sequence[Range] = (ALL,)
    addresses: Sequence[str] = ()

    @classmethod
    def by(cls, meters: Sequence[Meter], own: int | None) -> "Wanted":
        """The mapped devices, and whoever else bears the bridge's own instance."""
        if not meters:
            return cls()
        instances = {meter.device for meter in meters} | ({own} if own is not None else set())
        addresses = sorted({meter.address for meter in meters if meter.address is not None})
        return cls(tuple((each, each) for each in sorted(instances)), addresses)


@dataclass(slots=True)
class Heard:
    """All that came back. `trouble`: why the port could not be opened."""

    identity: Identity
    traffic: Traffic
    trouble: str = ""
    devices: Sequence[IAm] = ()
    networks: Sequence[FoundNetwork] = ()
    registered: bool = False
    table: bytes | None = None
    """The BBMD's answer to our question for its table, as it came."""
    ended: bool = False
    """Whether the search came to its end in time."""

    @property
    def broadcasting(self) -> bool:
        """Whether we broadcast ourselves, on a network of our own."""
        return bool(self.traffic.everyone)


async def listen(identity: Identity, patience: float, wanted: Wanted) -> Heard:
    """Ask who is there; a device has `patience` seconds for an answer. `identity` names an address, and no interface.

    Raises nothing: see `trouble`.
    """
    interface, port = own_now(identity.address)
    alone = identity.bbmd is not None or interface.network.prefixlen > 30
    traffic = Traffic((str(interface.ip), port), "" if alone else str(interface.network.broadcast_address))
    heard = Heard(identity, traffic)
    client = Client(identity, patience, traffic)
    try:
        await client.start()
        await asyncio.gather(_search(client, wanted, heard), _table(client, heard))
        heard.registered = not client.unregistered
    except BridgeError as error:
        heard.trouble = str(error)
    finally:
        await client.stop()
    return heard


async def _search(client: Client, wanted: Wanted, heard: Heard) -> None:
    broadcast = heard.broadcasting or heard.identity.bbmd is not None
    scope = Scope(wanted.ranges, wanted.addresses, broadcast=broadcast)
    search = Search(client, scope, Gate(Limits(per_router=1)), lambda _: None)
    try:
        async with asyncio.timeout(SEARCH):
            await search.run()
            heard.ended = True
    except TimeoutError:
        pass
    heard.devices, heard.networks = search.found, search.networks


async def _table(client: Client, heard: Heard) -> None:
    """Its answer is a table, or the word that it gives none (J.2.1)."""
    if heard.identity.bbmd is None:
        return
    for _ in range(2):
        await client.ask_for_table(heard.identity.bbmd)
        try:
            async with asyncio.timeout(_TABLE):
                while (found := table_answer(heard.traffic.datagrams)) is None:
                    heard.traffic.news.clear()
                    await heard.traffic.news.wait()
        except TimeoutError:
            continue
        heard.table = found
        return


def table_answer(datagrams: Sequence[Datagram]) -> bytes | None:
    """Read-Broadcast-Distribution-Table-Ack, or the result 0x0020 that refuses it; None where neither came."""
    for each in datagrams:
        if each.back and (each.data[:2] == b"\x81\x03" or each.data == b"\x81\x00\x00\x06\x00\x20"):
            return each.data
    return None
