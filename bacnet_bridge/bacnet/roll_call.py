"""Who is on the network: Who-Is in windows, repeated until nobody new answers; given addresses; routers (clause 16.10).

I-Ams are taken whenever they come, so that a slow field bus may answer a question that is long past.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.datum import Kind
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.presence import MAX_APDU
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, DecodeError, decode_read, encode_read
from bacnet_bridge.bacnet.windows import ALL, Growing, even
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.survey.model import FoundNetwork
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, ObjectId
from bacnet_bridge.vocabulary.ranges import Range, within

_QUIET: Final = 0.4
"""Share of the device's time for an answer in which nobody answers, before the next window is asked."""
_PASSES: Final = 4
"""At most: the second repeats the first, and more follow while they find somebody."""
_DEVICE, _OBJECT_IDENTIFIER, _MAX_APDU = 8, 75, 62
_CAUTIOUS_APDU: Final = 480
_AT_ADDRESS_TRIES: Final = 2
_ANY_PORT: Final = 64
"""Given addresses that are asked at once."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where devices are looked for."""

    ranges: Sequence[Range] = (ALL,)
    """Instances."""
    addresses: Sequence[str] = ()
    """Asked by themselves."""
    broadcast: bool = True
    """Everyone is asked."""
    network: int | None = None
    """Only this one is; None for all."""


class Search:
    """One search; what was found so far can be had at any time. `heard` is told how many that are."""

    def __init__(self, client: Client, scope: Scope, gate: Gate, heard: Callable[[int], None]) -> None:
        self._client, self._scope, self._gate, self._told = client, scope, gate, heard
        self._found: dict[tuple[int, str], IAm] = {}
        self._routers: dict[tuple[int, str], FoundNetwork] = {}
        self._news = asyncio.Event()
        self._at: set[str] = set()
        self._news_at: dict[str, asyncio.Event] = {}
        self.attention: list[str] = []
        """Given addresses at which nobody is, as sentences."""
        client.on_router(self._router)

    @property
    def found(self) -> list[IAm]:
        """By instance, then by address."""
        return [self._found[key] for key in sorted(self._found)]

    @property
    def networks(self) -> tuple[FoundNetwork, ...]:
        return tuple(self._routers[key] for key in sorted(self._routers))

    async def run(self) -> None:
        """Until nobody new answers."""
        with self._client.listening(self._heard):
            await asyncio.gather(self._everyone(), self._addresses())

    def _heard(self, i_am: IAm) -> None:
        wanted = within(self._scope.ranges, i_am.instance) and (
            self._scope.network is None
            or i_am.address.startswith(f"{self._scope.network}:")
            or i_am.address in self._at
        )
        if wanted and (self._scope.broadcast or i_am.address in self._at):
            new = (i_am.instance, i_am.address) not in self._found
            self._found[i_am.instance, i_am.address] = i_am
            if new:
                self._told(len(self._found))
                self._news.set()
                if i_am.address in self._news_at:
                    self._news_at[i_am.address].set()

    def _router(self, address: str, networks: list[int]) -> None:
        for number in networks:
            self._routers[number, address] = FoundNetwork(number, address)

    async def _everyone(self) -> None:
        if not self._scope.broadcast:
            return
        await self._client.who_is_router()
        await self._first_pass()
        for _ in range(_PASSES - 1):
            before = len(self._found)
            await self._client.who_is_router()
            for low, high in even(self._scope.ranges, (instance for instance, _ in self._found)):
                await self._ask(low, high)
            await self._until_quiet(self._client.timeout)
            if len(self._found) == before:
                break
        if self._client.unregistered:
            self.attention.append(self._client.unregistered)

    async def _first_pass(self) -> None:
        windows = Growing(self._scope.ranges)
        while (window := windows.next()) is not None:
            before = len(self._found)
            await self._ask(*window)
            windows.answered(len(self._found) - before)

    async def _ask(self, low: int, high: int) -> None:
        await self._client.who_is(low, last=high, network=self._scope.network)
        await self._until_quiet(self._client.timeout * _QUIET)

    async def _until_quiet(self, seconds: float) -> None:
        """Until nobody new was heard for so long."""
        while True:
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return

    async def _addresses(self) -> None:
        at_once = asyncio.Semaphore(_ANY_PORT)

        async def one(address: str) -> None:
            async with at_once:
                try:
                    await self._address(address)
                except ReadError as error:
                    self.attention.append(f"{address}: {error}")

        await asyncio.gather(*map(one, self._scope.addresses))

    async def _address(self, address: str) -> None:
        """Who stands there: by Who-Is, else by a read of the wildcard, since many say I-Am to port 47808 only."""
        where = await self._client.canonical(address)
        self._at.add(where)
        for _ in range(_AT_ADDRESS_TRIES):
            await self._client.who_is(0, where, last=MAX_INSTANCE)
            if await self._answers(where):
                return
        try:
            wildcard = ObjectId(_DEVICE, MAX_INSTANCE + 1)
            found = await self._read(where, PropertyRef(wildcard, _OBJECT_IDENTIFIER))
            size = await self._size(where, wildcard)
        except DeviceSilentError:
            raise DeviceSilentError(
                "nobody answers there, neither to Who-Is nor to a read of its device object"
            ) from None
        except DecodeError as error:
            raise ReadError(f"what stands there answers with what cannot be decoded ({error})") from None
        if found is None or found >> 22 != _DEVICE:
            raise ReadError("what stands there does not say which device it is")
        self._heard(IAm(found & 0x3FFFFF, where, size))

    async def _answers(self, where: str) -> bool:
        """Whether an I-Am from there comes, now or earlier."""
        try:
            async with asyncio.timeout(self._client.timeout / 3):
                while not any(at == where for _, at in self._found):
                    self._news_at.setdefault(where, asyncio.Event()).clear()
                    await self._news_at[where].wait()
        except TimeoutError:
            return False
        return True

    async def _size(self, where: str, device: ObjectId) -> int:
        try:
            size = await self._read(where, PropertyRef(device, _MAX_APDU))
        except (ReadError, DecodeError):
            return _CAUTIOUS_APDU
        return max(50, min(MAX_APDU, size or _CAUTIOUS_APDU))

    async def _read(self, where: str, ref: PropertyRef) -> int | None:
        async with self._gate.turn(where, where):
            data = await self._client.ask(where, READ_PROPERTY, encode_read(ref), tries=2)
        _, datum = decode_read(data)
        return datum.value if datum.kind in {Kind.OBJECT, Kind.UNSIGNED} and isinstance(datum.value, int) else None
