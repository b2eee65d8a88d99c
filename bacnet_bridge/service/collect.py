"""One slot of one meter, from reading to the outbox or the ledger."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import FencedError, OutboxError, QuotaError
from bacnet_bridge.ledger.contract import Ledger
from bacnet_bridge.model import Account, Hole, Meter, Origin, Packet, Queue, Reading
from bacnet_bridge.outbox.contract import Outbox
from bacnet_bridge.packet.build import build, unheard
from bacnet_bridge.vocabulary.holes import HoleReason

Put = Callable[[Meter, Packet, Mapping[str, str], frozenset[str]], Awaitable[None]]
"""Puts a meter's packet with its points' memory, and what it lacks because nobody answered: see `healing.py`."""
Told = Callable[[str, Mapping[str, str]], Mapping[str, str]]
"""A meter's id and memory → its memory with the exchanges that operators told."""
_PAUSE: Final = 1.0
"""Seconds until a silent device is tried again within one slot's tolerance; doubled each time, to be gentle."""
_LOOK: Final = 0.1
"""Seconds between two looks whether an extra packet may be put."""
_log = structlog.get_logger(__name__)  # named, or each slot's line would look for its module in the frames


class Gathering(Protocol):
    """What a reading brings back: see `bacnet/reader.py`."""

    @property
    def readings(self) -> Sequence[Reading]: ...
    @property
    def memory(self) -> Mapping[str, str]: ...
    @property
    def unsent(self) -> Mapping[str, str]: ...


class Reader(Protocol):
    """Reads a meter's points; a device's trouble stands in the readings."""

    def read(self, meter: Meter, memory: Mapping[str, str]) -> Awaitable[Gathering]: ...


class Onlooker(Protocol):
    """Told of every slot that is over: see `history.py`."""

    def put(self, meter: Meter, slot: int, readings: Sequence[Reading]) -> None: ...
    def missed(self, meter: Meter, first: int, last: int) -> None: ...
    def healed(self, meter: Meter, packets: Sequence[Packet]) -> None: ...
    def forget(self, meter: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of a meter's newest slot."""

    slot: int
    outcome: Packet | Hole
    readings: tuple[Reading, ...]


class Collector:
    """Guarantees 1 and 6: a slot ends as a packet that is committed, or as a hole that has a reason."""

    def __init__(
        self, reader: Reader, outbox: Outbox, ledger: Ledger, clock: Clock, accounts: Mapping[str, Account]
    ) -> None:
        self._reader, self._outbox, self._ledger, self._clock = reader, outbox, ledger, clock
        self._accounts = accounts
        self.told: Told = lambda _meter, memory: memory
        self.put: Put = lambda _meter, packet, memory, _unheard: outbox.put(packet, memory)
        self._memory: dict[str, Mapping[str, str]] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        """By meter id: two readings at a time would count one growth twice."""
        self._speechless = False
        self.latest: dict[str, Collected] = {}
        """By meter id."""
        self.missing: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """By meter id, how often each field was left out of a packet since the start."""
        self.packed = 0
        """Slots whose packet was put, since the start."""
        self.holes: Counter[HoleReason] = Counter()
        """Slots that were booked, since the start."""
        self.read_took: Callable[[float], None] = lambda _seconds: None
        """Told of every slot's reading."""
        self.onlooker: Onlooker | None = None

    def queue(self, meter: Meter) -> Queue:
        """Where the meter's new packets wait."""
        return Queue(self._accounts[meter.account], meter.id)

    async def collect(self, meter: Meter, slot: int, until: int) -> None:
        """Read the slot, again while its device is silent and `until` (an instant) is not reached; put or book it."""
        async with self._turns[meter.id]:
            await self._collect(meter, slot, until)

    async def once(self, meter: Meter, ready: Callable[[int], bool]) -> Collected:
        """Read the meter once beside its slots and put the packet, of this very instant, behind whatever waits.

        Not before `ready` says of the instant that no earlier slot is still to be put: it would be fenced. A hole is
        not booked, because no slot is missing.
        """
        while True:
            async with self._turns[meter.id]:
                now = self._clock.wall()
                if ready(now):
                    return await self._once(meter, now)
            await self._clock.sleep(_LOOK)

    async def _once(self, meter: Meter, now: int) -> Collected:
        gathering = await self._reader.read(meter, self.told(meter.id, await self.remembered(meter.id)))
        outcome = build(meter, self.queue(meter), now, gathering.readings)
        if isinstance(outcome, Packet):
            outcome = await self._put(meter, replace(outcome, origin=Origin.PUSHED), gathering)
        self._memory[meter.id] = gathering.memory if isinstance(outcome, Packet) else gathering.unsent
        return Collected(now, outcome, tuple(gathering.readings))

    async def _collect(self, meter: Meter, slot: int, until: int) -> None:
        pause = _PAUSE
        over = self._clock.boot() + (until - self._clock.wall()) / 1000  # in boot time, which nobody sets
        while True:
            memory = self.told(meter.id, await self.remembered(meter.id))
            began = self._clock.monotonic()
            gathering = await self._reader.read(meter, memory)
            self.read_took(self._clock.monotonic() - began)
            outcome = build(meter, self.queue(meter), slot, gathering.readings)
            silent = isinstance(outcome, Hole) and outcome.reason is HoleReason.SILENT
            if not silent or self._clock.boot() + pause > over:
                break
            await self._clock.sleep(pause)
            pause *= 2
        if isinstance(outcome, Packet):
            outcome = await self._put(meter, outcome, gathering)
        self._memory[meter.id] = gathering.memory if isinstance(outcome, Packet) else gathering.unsent
        if isinstance(outcome, Hole):
            await self.book(meter, slot, slot, outcome.reason, outcome.detail)
        else:
            self.packed += 1
            self.missing[meter.id].update({reading.point.field for reading in gathering.readings if reading.problem})
            if self.onlooker is not None:
                self.onlooker.put(meter, slot, gathering.readings)
        self.latest[meter.id] = Collected(slot, outcome, tuple(gathering.readings))

    async def book(self, meter: Meter, first: int, last: int, reason: HoleReason, detail: str = "") -> None:
        """Book the slots from `first` to `last` as holes. On a full disk they stay holes, only unexplained."""
        self.holes[reason] += 1 + (last - first) // (meter.interval * 1000)
        if self.onlooker is not None:
            self.onlooker.missed(meter, first, last)
        _log.debug("slots without a packet", meter=meter.id, first=first, last=last, reason=reason, detail=detail)
        try:
            await self._ledger.hole(meter.id, first, last, reason, detail)
        except OutboxError as error:
            if not self._speechless:
                _log.error("no hole's reason can be written until this is mended", error=str(error))
            self._speechless = True
        else:
            if self._speechless:
                _log.info("holes' reasons are written again")
            self._speechless = False

    def healed(self, meter: Meter, packets: Sequence[Packet]) -> None:
        """Holes that were booked have these packets after all."""
        if self.onlooker is not None:
            self.onlooker.healed(meter, packets)

    async def _put(self, meter: Meter, packet: Packet, gathering: Gathering) -> Packet | Hole:
        try:
            await self.put(meter, packet, gathering.memory, unheard(meter, gathering.readings))
        except FencedError as error:
            return Hole(HoleReason.FENCED, str(error))
        except QuotaError as error:
            return Hole(HoleReason.QUOTA, str(error))
        except OutboxError as error:
            return Hole(HoleReason.FULL, str(error))
        # An outside witness may count on this line: it is written once the packet's commit is on disk.
        _log.debug("packet put", meter=meter.id, instant=packet.instant)
        return packet

    def forget(self, meter: str) -> None:
        """What was seen of a meter that is mapped no more, by its id. What it wrote stays."""
        for seen in (self._memory, self.latest, self.missing):
            seen.pop(meter, None)
        if self.onlooker is not None:
            self.onlooker.forget(meter)

    async def remembered(self, meter: str) -> Mapping[str, str]:
        """The memories of a meter's points after its latest reading, by its id."""
        if meter not in self._memory:
            self._memory[meter] = await self._outbox.memory(meter)
        return self._memory[meter]
