"""One device's gaps, round after round, until none of them is held any more: logs read, slots filled, or given up.

What is done to a gap is one transaction, and a crash before it changes nothing: the next start reads the logs anew.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import structlog

from bacnet_bridge.backfill.gaps import Gap
from bacnet_bridge.backfill.heal import Case, Healed, Packing, heal
from bacnet_bridge.backfill.place import rule_of
from bacnet_bridge.bacnet.rule import Rule
from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.errors import FencedError, OutboxError, QuotaError
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.logged import LogReading
from bacnet_bridge.model import Meter, Packet
from bacnet_bridge.outbox.contract import StoredGap
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.packet.build import packet_of, whole_fields
from bacnet_bridge.packet.wire import values
from bacnet_bridge.service.clock_marks import ClockMarks
from bacnet_bridge.service.gap_waits import LAST_CHANCE, GapWaits, Key, key_of
from bacnet_bridge.service.left_holes import left_holes
from bacnet_bridge.service.log_strands import Readings, strands_of
from bacnet_bridge.service.logs_read import LogReader, LogsRead
from bacnet_bridge.service.unheard import Unheard
from bacnet_bridge.vocabulary.gaps import DAMAGED, DEFECT, ENDED, NOT_READ, TOO_LATE, Stage
from bacnet_bridge.vocabulary.holes import HoleReason

PACKING: Final = Packing(whole_fields, packet_of, values)
_SOON, _LATER = 1.0, 60.0
"""Seconds until a log that does not tell yet, or a silent device, is asked again: doubled each time."""
_WAITING: Final = 1_000_000
_log = structlog.get_logger()


class DeviceHealing:
    """`run` ends when nothing is held any more. `ended` is told of each gap that is over, and how many slots it got."""

    def __init__(
        self,
        reader: LogReader,
        outbox: SqliteOutbox,
        ledger: SqliteLedger,
        clock: Clock,
        marks: ClockMarks,
        credible: Callable[[], bool],
        held: Callable[[], Any],
        filled: Callable[[Meter, Sequence[Packet]], None],
        ended: Callable[[int], None],
    ) -> None:
        self._reader, self._outbox, self._ledger, self._clock, self._marks = reader, outbox, ledger, clock, marks
        self._credible, self._held, self._filled, self._ended = credible, held, filled, ended
        self.news = asyncio.Event()
        """Another gap is held."""
        self.unheard = Unheard()
        self._more = False
        """A log has more to say than there was time for in this round."""
        self._waits = GapWaits(clock)
        self._logs = LogsRead(reader, clock, marks, self._waits)
        self.known: dict[Key, StoredGap] = {}
        """Those that were held when it was last looked, and of which nobody was told yet that they are over."""

    def take(self, gap: StoredGap) -> None:
        """It is held, and this job's."""
        self.known[key_of(gap)] = gap
        self._waits.seen(gap)

    async def run(self, free: asyncio.Semaphore) -> None:
        """Round after round, as long as `free` lets so many devices be read at once."""
        pause = _SOON
        while True:
            self.news.clear()
            try:
                if not await self._turn(free) and not self.known and not self.news.is_set():
                    return
            except OutboxError as error:
                _log.error("gaps are seen to later", error=str(error), again_in_seconds=pause)
            else:
                if not self.known:
                    continue
            due = min(map(self._waits.left, self.known.values()), default=pause) - LAST_CHANCE
            pause = _SOON if self._more else pause
            await self._rest(min(pause, max(due, _SOON / 2)))
            pause = min(2 * pause, _LATER)

    async def _turn(self, free: asyncio.Semaphore) -> bool:
        """Whether anything is held. Raises OutboxError where nobody knows."""
        held: list[tuple[Meter, StoredGap]] = await self._held()
        await self._tell_of_others(held)
        for _, gap in held:
            if gap.damaged:
                await self._give_up(gap, DAMAGED)
        whole = [each for each in held if not each[1].damaged]
        if whole and self._credible():  # a log's instants are known by our clock
            async with free:
                await self._round(whole)
        await self._give_up_overdue()
        return bool(held)

    async def _rest(self, seconds: float) -> None:
        """Until it is time for another round, or another gap is held."""
        tasks = {asyncio.create_task(self._clock.sleep(seconds)), asyncio.create_task(self.news.wait())}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    async def _round(self, held: Sequence[tuple[Meter, StoredGap]]) -> None:
        self._logs.begin(held)
        self._more = False
        for meter, gap in sorted(held, key=lambda each: each[1].deadline):
            try:
                readings = await self._logs.of(meter, gap)
                if readings is None:
                    break
                await self._settle(meter, gap, readings)
            except OutboxError as error:
                _not_now(gap, error)
            except Exception as error:  # noqa: BLE001  whatever it is, it is this gap's
                _log.exception("a gap cannot be healed", **named(gap))
                if key_of(gap) in self.known:
                    await self._give_up(gap, f"{DEFECT} ({type(error).__name__})")
        self._marks.write()

    async def _settle(self, meter: Meter, gap: StoredGap, readings: Readings) -> None:
        """Fill the gap with what its logs say, or leave it to a later round."""
        refused = [each for each in readings.values() if isinstance(each, str)]
        last_chance = self._waits.at_last(gap)
        if not last_chance and self._logs.busy(meter):
            return
        if not readings or len(refused) == len(readings):
            await self._give_up(gap, next(iter(refused), "the mapping names no log of it any more"))
            return
        if not last_chance and _hazy(meter, readings):
            self._logs.forget()
            return
        if not last_chance and any(isinstance(each, LogReading) and each.cut for each in readings.values()):
            self._more = True
            return
        case = await self._case(meter, gap)
        if case is None:
            await self._give_up(gap, "its slots are not in the schedule's history any more")
            return
        rules = self._reader.rules(meter)
        if None in rules:
            await self._reader.warm([meter])
            rules = self._reader.rules(meter)
        healed = await asyncio.to_thread(healed_of, case, rules, readings)
        if healed.waits and not last_chance:
            return
        doubts = [doubt for each in readings.values() if isinstance(each, LogReading) for doubt in each.doubts]
        await self._mend(meter, gap, healed, why_left(healed, [*refused, *doubts]))

    async def _case(self, meter: Meter, gap: StoredGap) -> Case | None:
        due, _ = await self._ledger.due(meter.id, gap.first - 1, gap.last)
        if not due:
            return None
        waiting = await self._outbox.waiting(gap.queue, gap.first - 1, _WAITING)
        sent = self._outbox.horizon(meter.id).sent
        by_instant = {packet.instant: packet for packet in waiting}
        slots, unheard, refused = Gap(due[0]), self.unheard.of(meter.id), await self._refused(meter, gap)
        return Case(meter, gap.queue, slots, gap.resumed, sent, by_instant, gap.before, gap.after, unheard, refused)

    async def _refused(self, meter: Meter, gap: StoredGap) -> list[int]:
        """The slots on both sides of the gap, where a value was read and refused."""
        beside = gap.first - meter.interval * 1000, gap.last + meter.interval * 1000
        _, booked = await self._ledger.due(meter.id, beside[0] - 1, beside[1])
        latest = {slot: each.reason for each in booked for slot in beside if each.first <= slot <= each.last}
        return [slot for slot, reason in latest.items() if reason is HoleReason.REFUSED]

    async def _mend(self, meter: Meter, gap: StoredGap, healed: Healed, why: str) -> None:
        if not healed.fills and not healed.completed:
            await self._give_up(gap, why or "each of its slots has its packet", healed.left)
            return
        try:
            await self._outbox.mend(gap.queue, healed.fills, healed.completed, gap=gap.first, why=why)
        except QuotaError as error:
            await self._give_up(gap, str(error))
        else:
            self._over(gap, len(healed.fills))
            self._filled(meter, healed.fills)
            await self._explain(gap, healed.left)
            _log.info(
                "a gap was filled", **named(gap), healed=len(healed.fills), completed=len(healed.completed), why=why
            )

    async def _give_up_overdue(self) -> None:
        for gap in list(self.known.values()):
            if self._waits.at_last(gap):
                await self._give_up(gap, f"{TOO_LATE}: {self._logs.silent}" if self._logs.silent else TOO_LATE)

    async def _give_up(self, gap: StoredGap, why: str, left: Mapping[int, str] | None = None) -> None:
        """Where that cannot be written, the next round does it, or the hold's deadline.

        `left`: slot by slot, why they stay holes, where that is known; the others have packets.
        """
        try:
            await self._outbox.give_up(gap.queue, gap.first, why)
        except FencedError:
            await self._stays(gap)  # its hold ended meanwhile
        except OutboxError as error:
            _not_now(gap, error)
        else:
            self._over(gap, 0)
            _log.warning("a gap stays holes", **named(gap), reason=why)
            await self._explain(gap, why if left is None else left)

    async def _tell_of_others(self, held: Sequence[tuple[Meter, StoredGap]]) -> None:
        """Gaps that were held, and are not any more by an operator's doing, the deadline's, or the mapping's."""
        for key in self.known.keys() - {key_of(gap) for _, gap in held}:
            await self._stays(self.known[key])
        for _, gap in held:
            self.take(gap)

    async def _stays(self, gap: StoredGap) -> None:
        """It was ended by another; or it is held still, and its meter is not read from this device any more."""
        now = next((each for each in await self._outbox.gaps(gap.queue.id) if key_of(each) == key_of(gap)), None)
        if now is not None and now.stage is Stage.HELD:
            await self._give_up(gap, NOT_READ)
            return
        self._over(gap, 0 if now is None else now.healed)
        why = ENDED if now is None else now.why
        _log.warning("a gap stays holes", **named(gap), reason=why)
        await self._explain(gap, why)

    async def _explain(self, gap: StoredGap, left: Mapping[int, str] | str) -> None:
        """Why these slots of it stay holes, or all of them, beside why they were. Where it cannot be written, the log
        line has told it.
        """
        with suppress(OutboxError):
            due, booked = await self._ledger.due(gap.queue.id, gap.first - 1, gap.last)
            slots = due[0] if due else range(0)
            why = dict.fromkeys(slots, left) if isinstance(left, str) else left
            await self._ledger.holes(gap.queue.id, left_holes(slots, why, booked))

    def _over(self, gap: StoredGap, healed: int) -> None:
        self._waits.over(gap)
        if self.known.pop(key_of(gap), None) is not None:
            self._ended(healed)


def _hazy(meter: Meter, readings: Readings) -> bool:
    """The look at the device's clock took so long that hardly any record is certain enough: another one may not."""
    tolerances = [rule_of(meter, each.backfill, None).tolerance for each in meter.points if each.backfill is not None]
    looks = [each.facts.clock.within for each in readings.values() if isinstance(each, LogReading)]
    return 2 * max(looks, default=0) > min(tolerances, default=0)


def healed_of(case: Case, rules: Sequence[Rule | None], readings: Readings) -> Healed:
    """What the logs make of the gap. Pure; of a long one it takes a while."""
    waiting = (instant for instant in case.waiting if instant >= case.gap.first)
    slots = sorted({*case.gap.slots, *case.refused, *waiting})
    return heal(case, strands_of(case.meter, rules, slots, readings), PACKING)


def why_left(healed: Healed, others: Sequence[str]) -> str:
    """Why slots stay holes; empty where none does."""
    if not healed.left:
        return ""
    said = dict.fromkeys([*healed.left.values(), *others])
    return f"{len(healed.left)} slots: {'; '.join(list(said)[:3])}"


def _not_now(gap: StoredGap, error: OutboxError) -> None:
    _log.warning("a gap is seen to in the next round", **named(gap), reason=str(error))


def named(gap: StoredGap) -> Mapping[str, Any]:
    """For a log line: whose, from when to when."""
    return {
        "meter": gap.queue.id,
        "first": moment_of(gap.first).isoformat(),
        "last": moment_of(gap.last).isoformat(),
    }
