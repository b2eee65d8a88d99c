"""Gaps that heal: found when the packet that ends one is put, then filled from the device's own logs, or given up.

Guarantee 2: what is newer than a gap waits on hold while its log is read, up to a deadline that is set once and stored.
A device is one job at a time; its questions stand in turn with those of the live slots, which they never keep waiting
for longer than an answer takes.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import structlog

from bacnet_bridge.backfill import gaps as finding
from bacnet_bridge.backfill.gaps import Gap
from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.errors import DeviceSilentError, OutboxError, ReadError
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import Meter, Nature, Packet, Queue
from bacnet_bridge.outbox.contract import NewGap, StoredGap
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.service.clock_marks import ClockMarks, logs_of
from bacnet_bridge.service.device_healing import DeviceHealing, named
from bacnet_bridge.service.gap_waits import key_of
from bacnet_bridge.service.logs_read import LogReader
from bacnet_bridge.service.unheard import Unheard
from bacnet_bridge.vocabulary.objects import ObjectId

At = tuple[int, str | None]
"""A device, as meters name it: instance and address."""
_NOWHERE: Final = -1, None
"""Stands for the device of meters that are not mapped any more."""
_DEVICES: Final = 8
"""Whose logs are read at once."""
_LOOK_EVERY: Final = 3600.0
"""Seconds between two looks at the clock of a device that has logs."""
_FIRST_LOOK: Final = 30.0
"""Seconds after the start, when the first slots are over."""
_SOON, _LATER = 1.0, 60.0
"""Seconds until what is held is read again at a start, where it could not be: doubled each time."""
FILLED, GIVEN_UP = "filled", "given up"
"""What gaps come to: some of their slots were filled, or none."""
_SHARE: Final = 2
"""A gap takes half of a meter's room at most: live packets need some, too."""
_log = structlog.get_logger()


class Healing:
    """`put` stands in for the outbox's; `run` goes on beside it. What is held is stored, and survives a crash."""

    def __init__(
        self,
        reader: LogReader,
        outbox: SqliteOutbox,
        ledger: SqliteLedger,
        clock: Clock,
        marks: ClockMarks,
        meters: Callable[[], Sequence[Meter]],
        credible: Callable[[], bool],
        filled: Callable[[Meter, Sequence[Packet]], None],
        wait: int = finding.SHORTEST_WAIT,
    ) -> None:
        """`wait`: milliseconds that a gap may be waited for, at least."""
        self._reader, self._outbox, self._ledger, self._clock = reader, outbox, ledger, clock
        self._marks, self._meters, self._credible = marks, meters, credible
        self._filled, self._wait = filled, wait
        self._unheard = Unheard()
        self._latest: dict[str, int] = {}
        """By meter id, the instant of the packet put last."""
        self._devices: dict[At, DeviceHealing] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(_DEVICES)
        self.healed = 0
        """Slots that were filled, since the start."""
        self.outcomes: Counter[str] = Counter({FILLED: 0, GIVEN_UP: 0})
        """Gaps that are over, since the start."""

    async def put(
        self, meter: Meter, packet: Packet, memory: Mapping[str, str], unheard: frozenset[str] = frozenset()
    ) -> None:
        """As `Outbox.put`; where the packet ends a gap that the meter's logs may fill, on hold with it.

        `unheard` are the fields that it lacks because the device did not answer for them.
        """
        self._unheard.note(meter, packet.instant, unheard)
        gaps = await self._before(meter, packet)
        if gaps:
            await self._outbox.put_after_gaps(gaps, packet, memory)
            for each in gaps:
                first, last, until = (moment_of(at).isoformat() for at in (each.first, each.last, each.deadline))
                _log.info("a gap is held for its log", meter=meter.id, first=first, last=last, until=until)
            self._wake(_at(meter))
        else:
            await self._outbox.put(packet, memory)
        self._latest[meter.id] = packet.instant

    async def run(self) -> None:
        """Go on with what is held from before a start; look at clocks now and then. Never ends."""
        try:
            await self._go_on()
            await self._clock.sleep(_FIRST_LOOK)
            while True:
                if self._credible():
                    await self._look_at_clocks()
                await self._clock.sleep(_LOOK_EVERY)
        finally:
            for job in self._jobs:
                job.cancel()
            await asyncio.gather(*self._jobs, return_exceptions=True)
            await self._marks.flush()

    async def _go_on(self) -> None:
        """With what was held when the bridge stopped."""
        held = await self._held_from_before()
        meters = {meter.id: meter for meter in self._meters()}
        for gap in held:
            _log.info("a gap is still held for its log", **named(gap), until=moment_of(gap.deadline).isoformat())
            if gap.queue.id in meters:
                self._wake(_at(meters[gap.queue.id]))
        gone = [gap for gap in held if gap.queue.id not in meters]
        if gone:
            self._begin(_NOWHERE, gone)

    async def _held_from_before(self) -> Sequence[StoredGap]:
        """As soon as it can be read: nobody else would see to these gaps."""
        pause = _SOON
        while True:
            try:
                return await self._outbox.gaps_waited_for()
            except OutboxError as error:
                _log.error("what is held for logs cannot be read", error=str(error), again_in_seconds=pause)
            await self._clock.sleep(pause)
            pause = min(2 * pause, _LATER)

    async def _before(self, meter: Meter, packet: Packet) -> list[NewGap]:
        """The gaps that the packet ends, with their deadline. None where that fails: the packet is put all the same."""
        latest, step = self._latest.get(meter.id), meter.interval * 1000
        if not logs_of(meter) or (latest is not None and packet.instant - latest <= finding.LEAST * step):
            return []
        try:
            return await self._find(meter, packet)
        except OutboxError as error:
            _log.error("gaps cannot be looked for", meter=meter.id, error=str(error))
        except Exception:  # noqa: BLE001  whatever it is, no packet is lost by it (guarantee 1)
            _log.exception("gaps cannot be looked for", meter=meter.id)
        return []

    async def _find(self, meter: Meter, packet: Packet) -> list[NewGap]:
        """Not those before what waits already: the counters' memories before and after them are not known any more."""
        horizon = self._outbox.horizon(meter.id)
        newest = max([*horizon.waiting, *([] if horizon.sent is None else [horizon.sent])], default=None)
        due, booked = await self._ledger.due(meter.id, newest, packet.instant - 1)
        known = await self._outbox.gaps(meter.id)
        found = finding.find(due, (), booked, newest, [range(each.first, each.last + 1) for each in known])
        if any(point.nature is Nature.DELTA for point in meter.points):
            found = found[-1:]  # the packet has the growth of all of them: one can be parted from it
        now = self._clock.wall()
        intervals = [self._marks.interval(meter, log) for log in logs_of(meter)]
        deadline = finding.shared(finding.deadline(now, intervals, self._wait), known, horizon.sent, newest)
        if deadline <= now:
            return []
        return [NewGap(each.first, each.last, deadline) for each in self._fitting(packet.queue, found)]

    def _fitting(self, queue: Queue, found: Sequence[Gap]) -> list[Gap]:
        """The newest slots, as many as there is room for."""
        room = self._outbox.room(queue)
        if room is None:
            return list(found)
        left, fitting = room // _SHARE, []
        for gap in reversed(found):
            slots = gap.slots[-left:] if left else range(0)
            left -= len(slots)
            fitting += [Gap(slots)] if slots else []
        return fitting[::-1]

    def remapped(self) -> None:
        """Other meters are read now: gaps of those that went, or moved to another device, are given up."""
        for device in self._devices.values():
            device.news.set()

    def _wake(self, at: At) -> None:
        """The device's job begins, or sees the new gap at once."""
        if at in self._devices:
            self._devices[at].news.set()
        else:
            self._begin(at)

    def _begin(self, at: At, held: Iterable[StoredGap] = ()) -> None:
        """The device's job; `held` are gaps that it is to know of, whether or not their meters are still there."""
        stages = self._reader, self._outbox, self._ledger, self._clock, self._marks, self._credible
        device = self._devices[at] = DeviceHealing(*stages, partial(self._held, at), self._filled, self._ended)
        device.unheard = self._unheard
        for gap in held:
            device.take(gap)
        job = asyncio.create_task(self._heal(at, device), name=f"gaps of device {at[0]}")
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)

    async def _heal(self, at: At, device: DeviceHealing) -> None:
        """Nothing that happens in there ends the service: the gaps' deadline ends their hold in any case."""
        try:
            await device.run(self._free)
        except Exception:  # noqa: BLE001  whatever it is, it is these gaps'
            _log.exception("healing failed; gaps stay on hold until their deadline", device=at[0])
        finally:
            if self._devices.get(at) is device:
                del self._devices[at]

    async def _held(self, at: At) -> list[tuple[Meter, StoredGap]]:
        """The device's gaps that are held, with their meters; without those of a meter that moved here meanwhile."""
        meters = {meter.id: meter for meter in self._meters() if _at(meter) == at}
        held = await self._outbox.gaps_waited_for(tuple(meters))
        of_others = {key for other, device in self._devices.items() if other != at for key in device.known}
        return [(meters[gap.queue.id], gap) for gap in held if key_of(gap) not in of_others]

    def _ended(self, healed: int) -> None:
        self.healed += healed
        self.outcomes[FILLED if healed else GIVEN_UP] += 1

    async def _look_at_clocks(self) -> None:
        """Of every device with a log, one after the other: nobody waits for it."""
        meters = tuple(self._meters())
        self._marks.only(meters)
        logs: dict[At, dict[ObjectId, Meter]] = {}
        for meter in meters:
            logs.setdefault(_at(meter), {}).update(dict.fromkeys(logs_of(meter), meter))
        for of_device in logs.values():
            for log, meter in of_device.items():
                try:
                    self._marks.keep(meter, await self._reader.logs(meter).facts(log))
                except DeviceSilentError:
                    break
                except ReadError as error:
                    _log.debug("a log's clock cannot be looked at", device=meter.device, log=str(log), error=str(error))
                except Exception:  # noqa: BLE001  whatever an answer was made of, it is this log's
                    _log.exception("a log's clock cannot be looked at", device=meter.device, log=str(log))
        self._marks.write()


def _at(meter: Meter) -> At:
    return meter.device, meter.address
