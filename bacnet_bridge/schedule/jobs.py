"""The schedule: an alarm clock per meter, rung by APScheduler."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import structlog
from apscheduler.job import Job
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bacnet_bridge.clock import Clock
from bacnet_bridge.model import Meter
from bacnet_bridge.schedule.alarm import Alarm, start_offset
from bacnet_bridge.schedule.trigger import SlotTrigger
from bacnet_bridge.schedule.watch import EVERY, Watch
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid

_log = structlog.get_logger()

_AT_ONCE: Final = 100
"""Jobs in one turn of the loop, which 10,000 that are due together would keep for a second."""
_LAST: Final = 2
"""Readings that a meter may still begin when it is concluded: one that never catches up is not waited for."""

logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)  # it warns of overlaps: here they become holes
logging.getLogger("apscheduler.executors.default").setLevel(logging.CRITICAL)  # tick() logs, and lets only cancels out


class Work(Protocol):
    """Reads a meter for a slot and puts the packet, or books the hole."""

    async def __call__(self, meter: Meter, slot: int, until: int) -> None:
        """A failed gathering may be repeated until the instant `until`, where the slot's tolerance ends."""


class Book(Protocol):
    """Writes why the slots from `first` to `last`, both included, have no packet."""

    async def __call__(self, meter: Meter, first: int, last: int, reason: HoleReason, detail: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Appointment:
    """A meter's alarm clock at a glance; instants."""

    meter: str
    next_slot: int
    accounted: int | None
    """Up to here every slot was read, booked or not ours; None until the clock is credible."""
    running: bool


class _Store(MemoryJobStore):  # type: ignore[misc]  # APScheduler has no types
    """Gives out so many due jobs at a time. The scheduler asks for the others at once, in the loop's next turn."""

    def get_due_jobs(self, now: datetime) -> list[Job]:
        due: list[Job] = super().get_due_jobs(now)
        return due[:_AT_ONCE]


class Schedule:
    """Every meter is worked on at its slots, one slot at a time, and no slot is silent (guarantee 6).

    A job is an alarm clock only: it is not told its run time but asks its `Alarm` what is due. Whatever goes
    wrong in one slot of one meter is booked there, and the alarm clock goes on.
    """

    def __init__(self, clock: Clock, work: Work, book: Book, credible: Callable[[], bool]) -> None:
        self._clock = clock
        self._work = work
        self._book = book
        self._credible = credible
        self._alarms: dict[str, Alarm] = {}
        self._failing: dict[str, str] = {}
        self._unwritten: dict[str, str] = {}
        """By meter id, why its holes' reasons cannot be written."""
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._concluded: set[str] = set()
        self._closing = False
        self._watching: asyncio.Task[None] | None = None
        self._scheduler = AsyncIOScheduler(
            jobstores={"default": _Store()},
            timezone=UTC,
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def add(self, meter: Meter, grid: Grid, accounted: int | None, began: float) -> None:
        """Schedule a meter. `accounted`: its latest slot that has a packet or a reason, if any.

        `began`, in boot time because wall time may not be right yet, is when a new meter's slots begin. Those of one
        that was scheduled before begin where it was left: a slot still within tolerance is read at once.
        """
        if meter.id in self._alarms:
            raise ValueError(f"meter {meter.id} is scheduled already")
        if not self._scheduler.running:
            self._scheduler.start(paused=True)  # or all that were added would be set in one turn of the loop
        self._scheduler.add_job(self.tick, self._set(meter, grid, accounted, began), args=(meter.id,), id=meter.id)

    async def conclude(self, meter_id: str) -> int | None:
        """Account for what is due of the meter and begin nothing more; the instant up to which all is given out.

        A running reading is awaited. None where it cannot be said now, because the clock is not credible or the
        schedule ends. Until `replace`, `remove` or `go_on` its alarm clock rings in vain.
        """
        self._concluded.add(meter_id)
        while meter_id in self._running:
            await asyncio.wait({self._running[meter_id]})
        alarm = self._alarms[meter_id]
        alarm.offset = 0  # what is due waits no more for its turn
        last = asyncio.create_task(self._account_last(alarm), name=f"last of {meter_id}")
        self._running[meter_id] = last
        try:
            return await last
        finally:
            del self._running[meter_id]

    def go_on(self, meter_id: str) -> None:
        """As if it had not been concluded."""
        alarm = self._alarms[meter_id]
        alarm.offset = start_offset(alarm.meter.device, alarm.meter.tolerance)
        self._concluded.discard(meter_id)

    def replace(self, meter: Meter, grid: Grid, accounted: int) -> None:
        """Of a concluded meter, what the mapping says now: its next slot is the first one later than `accounted`."""
        trigger = self._set(meter, grid, accounted, self._alarms[meter.id].began)
        self._scheduler.reschedule_job(meter.id, trigger=trigger)
        self._concluded.discard(meter.id)

    def remove(self, meter_id: str) -> None:
        """Schedule it no more. To be concluded before."""
        del self._alarms[meter_id]
        self._failing.pop(meter_id, None)
        self._unwritten.pop(meter_id, None)
        self._concluded.discard(meter_id)
        self._scheduler.remove_job(meter_id)

    def _set(self, meter: Meter, grid: Grid, accounted: int | None, began: float) -> SlotTrigger:
        alarm = self._alarms[meter.id] = Alarm(meter, grid, accounted, began)
        if self._credible():
            alarm.settle(*self._now())
        else:
            alarm.doubt()  # it may not ring before: in 1970 its next slot is far away
        return SlotTrigger(grid, alarm.offset, self._clock, lambda: alarm.after(*self._now()))

    async def start(self) -> "asyncio.Task[None]":
        """The alarm clocks run from here on. Gives the task that watches the clocks; before `stop` it never ends."""
        self._watching = asyncio.create_task(self._watch(Watch(self._clock), self._credible()), name="clock watch")
        if self._scheduler.running:
            self._scheduler.resume()
        else:
            self._scheduler.start()
        return self._watching

    def stop_scheduling(self) -> None:
        """No new slot is begun; what is running goes on."""
        self._closing = True
        if self._scheduler.running:
            self._scheduler.pause()

    async def stop(self, grace: float) -> None:
        """Begin no new slot, give running readings `grace` seconds, then cancel them, and shut down.

        A cancelled slot is not booked: that the bridge stopped is what it means to have no reason.
        """
        self.stop_scheduling()
        await self._end_running(grace)
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait({self._watching})
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)  # it shuts down in the loop's next turn

    def snapshot(self) -> tuple[Appointment, ...]:
        """Every meter's alarm clock, in the order of their adding."""
        now = self._now()
        return tuple(
            Appointment(name, alarm.next_slot(*now), alarm.accounted, name in self._running)
            for name, alarm in self._alarms.items()
        )

    def is_up_to_date(self, meter_id: str, instant: int) -> bool:
        """Whether, by a credible clock, no slot of the meter up to that instant is being read or still to be."""
        alarm = self._alarms.get(meter_id)
        return alarm is not None and meter_id not in self._running and not alarm.waits(instant, self._clock.boot())

    async def tick(self, meter_id: str) -> None:
        """The alarm rings: account for all that is due. Ringing while the meter is worked on does nothing."""
        task = asyncio.current_task()
        alarm = self._alarms.get(meter_id)
        if meter_id in self._running or meter_id in self._concluded or alarm is None or task is None:
            return
        self._running[meter_id] = task
        try:
            while meter_id not in self._concluded and await self._account(alarm):
                pass
        finally:
            del self._running[meter_id]

    async def _account(self, alarm: Alarm) -> bool:
        """Book what was missed, work on what is timely; whether there was any, for then more may be due."""
        if self._closing:
            return False
        plan = alarm.ring(*self._now(), self._credible())
        for missed in plan.missed:
            await self._explain(alarm.meter, missed.first, missed.last, missed.reason, missed.detail)
        if plan.read is None:
            return False
        await self._attempt(alarm.meter, plan.read, plan.read + alarm.tolerance)
        alarm.freed(self._clock.boot())
        return True

    async def _account_last(self, alarm: Alarm) -> int | None:
        for _ in range(_LAST):
            if not await self._account(alarm):
                break
        return alarm.concluded(self._clock.wall()) if self._credible() and not self._closing else None

    async def _attempt(self, meter: Meter, slot: int, until: int) -> None:
        try:
            await self._work(meter, slot, until)
        except Exception as error:  # noqa: BLE001  whatever it is, it is this slot's: booked, and the alarm goes on
            cause = f"{type(error).__name__}: {error}"[:200]
            if self._failing.get(meter.id) != cause:
                _log.exception("a slot failed", meter=meter.id, slot=slot)
            self._failing[meter.id] = cause
            await self._explain(meter, slot, slot, HoleReason.FAILED, cause)
        else:
            if self._failing.pop(meter.id, None):
                _log.info("slots succeed again", meter=meter.id, slot=slot)

    async def _explain(self, meter: Meter, first: int, last: int, reason: HoleReason, detail: str) -> None:
        try:
            await self._book(meter, first, last, reason, detail)
        except Exception as error:  # noqa: BLE001  a reason that cannot be written must not cost the next reading
            cause = f"{type(error).__name__}: {error}"[:200]
            if self._unwritten.get(meter.id) != cause:
                _log.exception("a hole's reason was not written", meter=meter.id, first=first, last=last, reason=reason)
            self._unwritten[meter.id] = cause
        else:
            if self._unwritten.pop(meter.id, None):
                _log.info("a hole's reason is written again", meter=meter.id)

    async def _watch(self, watch: Watch, was_credible: bool) -> None:
        """Timers count monotonic time; when wall time parts from it, or is believed again, they are set anew."""
        while True:
            await self._clock.sleep(EVERY)
            credible = self._credible()
            if was_credible and not credible:
                for alarm in self._alarms.values():
                    alarm.doubt()
            if watch.parted() or (credible and not was_credible):
                await self._set_anew()
            was_credible = credible

    async def _set_anew(self) -> None:
        self._scheduler.pause()  # or every change would wake it
        for number, job in enumerate(self._scheduler.get_jobs()):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            if job.id in self._alarms:
                job.modify(next_run_time=job.trigger.get_next_fire_time(None, datetime.now(UTC)))
        if not self._closing:
            self._scheduler.resume()

    async def _end_running(self, grace: float) -> None:
        over = asyncio.create_task(self._clock.sleep(grace))
        while self._running and not over.done():
            await asyncio.wait({over, *self._running.values()}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        leftover = set(self._running.values())
        for task in leftover:
            task.cancel()
        if leftover:
            _log.warning("readings did not end in time", meters=sorted(self._running), seconds=grace)
            await asyncio.wait(leftover)

    def _now(self) -> tuple[int, float]:
        return self._clock.wall(), self._clock.boot()
