"""What the stages know together: how every meter stands, what is wrong, whether the bridge moves. Changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bacnet_bridge import __version__
from bacnet_bridge.ledger.contract import DayCount, Ledger
from bacnet_bridge.model import Hole, Meter, Queue
from bacnet_bridge.outbox.contract import Outbox, QueueState
from bacnet_bridge.packet.wire import timestamp
from bacnet_bridge.schedule.credibility import Credibility, SiteClock
from bacnet_bridge.schedule.jobs import Appointment
from bacnet_bridge.service.counting import counted
from bacnet_bridge.service.due import wall_at
from bacnet_bridge.service.editing import Editing
from bacnet_bridge.service.housekeeping import Housekeeping
from bacnet_bridge.service.intake import Intake
from bacnet_bridge.service.moving import NOTHING_READ, PATIENCE, Facts, Pace, waiting_of
from bacnet_bridge.service.overview import (
    MeterStatus,
    Overview,
    Seen,
    abandoned,
    delivery_problems,
    meter_status,
)
from bacnet_bridge.service.timekeeper import Timekeeper
from bacnet_bridge.settings import Settings
from bacnet_bridge.vocabulary.sentences import gathered
from bacnet_bridge.wattics.deliver import Snapshot
from bacnet_bridge.wattics.needs import first_of_each_id

_AT_ONCE: Final = 500
"""Meters whose status is made in one turn of the event loop."""
_UNCOUNTED: Final = DayCount("", "", 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Stages:
    """Those that are looked at. `also` gives sentences of others, for attention."""

    clock: SiteClock
    credibility: Credibility
    outbox: Outbox
    ledger: Ledger
    intake: Intake
    editing: Editing
    time: Timekeeper
    housekeeping: Housekeeping
    delivery: Callable[[], Snapshot]
    also: Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Moment:
    """What the stages know at the instant `now`; `mapped` are the queues of the meters that are read then."""

    now: int
    started: int
    delivery: Snapshot
    queues: Mapping[Queue, QueueState]
    first: Mapping[tuple[str, str], Queue]
    mapped: Mapping[Queue, Meter]
    appointments: Mapping[str, Appointment]


class Seeing:
    """Of the running stages. `started` is boot time."""

    def __init__(self, settings: Settings, stages: Stages, started: float) -> None:
        self._settings, self._stages, self._started = settings, stages, started
        self._explained = 0
        """When nothing waited that no stage had a reason for: an instant, as seen last."""

    @property
    def started(self) -> int:
        """When the bridge did: an instant, by the clock of today."""
        return wall_at(self._stages.clock, self._started)

    async def overview(self) -> Overview:
        """Everything at a glance. Problems come first in it and are sentences."""
        moment = await self.moment()
        meters = await self.statuses(moment, tuple(moment.mapped.values()))
        problems, attention = self.sentences(moment, meters)
        return Overview(
            version=__version__,
            now=timestamp(moment.now, self._settings.zone),
            started=timestamp(moment.started, self._settings.zone),
            problems=problems,
            attention=attention,
            meters=tuple(meters),
            other_queues=abandoned(tuple(moment.queues.values()), moment.mapped),
            exchanges=await self.exchanges(),
        )

    async def exchanges(self) -> tuple[str, ...]:
        """Exchanged meters, in sentences."""
        return await self._stages.intake.exchanges.sentences()

    async def moment(self) -> Moment:
        """As of now; no day is counted for it."""
        stages = self._stages
        now = stages.clock.wall()
        queues = {state.queue: state for state in await stages.outbox.states()}
        await asyncio.sleep(0)  # of thousands of meters, slots must not wait for all of this
        delivery, first = stages.delivery(), first_of_each_id(queues.values())
        await asyncio.sleep(0)
        mapped = {stages.intake.collector.queue(meter): meter for meter in stages.intake.meters}
        await asyncio.sleep(0)
        appointments = {each.meter: each for each in stages.intake.schedule.snapshot()}
        return Moment(now, self.started, delivery, queues, first, mapped, appointments)

    async def each_seen(self, moment: Moment) -> AsyncIterator[tuple[Meter, Seen]]:
        """Every meter in the mapping's order; its day is not counted. Of thousands, slots must not wait for all."""
        for number, meter in enumerate(moment.mapped.values()):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
            yield meter, self._seen(moment, meter)

    async def statuses(self, moment: Moment, meters: Sequence[Meter]) -> list[MeterStatus]:
        """Of some of the meters that are mapped at this moment, in their order."""
        today = await self.count(moment.now, meters)
        found: list[MeterStatus] = []
        for meter in meters:
            if len(found) % _AT_ONCE == 0:
                await asyncio.sleep(0)
            found.append(meter_status(meter, replace(self._seen(moment, meter), today=today[meter.id])))
        return found

    def _seen(self, moment: Moment, meter: Meter) -> Seen:
        """What is known of one meter but its day's count."""
        collector, appointment = self._stages.intake.collector, moment.appointments.get(meter.id)
        queue = collector.queue(meter)
        return Seen(
            _UNCOUNTED,
            collector.latest.get(meter.id),
            collector.missing.get(meter.id, {}),
            moment.queues.get(queue),
            moment.first.get((queue.account.address, queue.id)),
            moment.delivery,
            None if appointment is None else appointment.accounted,
            moment.started,
            moment.now,
            appointment is not None and appointment.running,
        )

    def sentences(self, moment: Moment, meters: Sequence[MeterStatus]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Problems and attention, where the meters stand so."""
        stages = self._stages
        attention = (
            *stages.editing.attention,
            *stages.intake.reader.attention,
            *stages.also(),
            *gathered((meter.name, meter.attention) for meter in meters),
        )
        return tuple(filter(None, self._problems(moment, meters))), attention

    def _problems(self, moment: Moment, meters: Sequence[MeterStatus]) -> Iterator[str]:
        stages = self._stages
        yield from stages.editing.problems
        yield stages.intake.port_problem
        yield from stages.housekeeping.problems(tuple(moment.queues.values()))
        yield stages.intake.due.problem
        yield stages.time.problem
        yield from delivery_problems(moment.delivery, meters)

    async def facts(self) -> Facts:
        """What tells whether the bridge moves; for thousands of meters far cheaper than an overview."""
        stages, intake = self._stages, self._stages.intake
        now, started, latest = stages.clock.wall(), self.started, intake.collector.latest
        accounted = {each.meter: each.accounted for each in intake.schedule.snapshot()}
        await asyncio.sleep(0)  # of thousands of meters, slots must not wait for all of this
        paces = [
            Pace(meter.interval * 1000, max(started, accounted[meter.id] or started), intake.read_last(meter.id))
            for meter in intake.meters
        ]
        await asyncio.sleep(0)
        newest = [latest[meter.id].outcome for meter in intake.meters if meter.id in latest]
        unread = (
            "" if stages.credibility.credible() else stages.time.problem,
            intake.due.problem,
            intake.port_problem,
            NOTHING_READ if newest and all(isinstance(outcome, Hole) for outcome in newest) else "",
        )
        states = await stages.outbox.states()
        await asyncio.sleep(0)
        intervals = {meter.id: meter.interval * 1000 for meter in intake.meters}
        waiting = waiting_of(states, stages.delivery(), now, intervals)
        await asyncio.sleep(0)
        if waiting.unexplained is None:
            self._explained = now
        patience = max(PATIENCE, round(2000 * self._settings.platform.timeout))
        return Facts(now, paces, tuple(filter(None, unread)), waiting, patience, max(started, self._explained))

    async def count(self, at: int, meters: Iterable[Meter]) -> dict[str, DayCount]:
        """By meter id, the account of its local day that `at` falls on, up to its latest slot that is over."""
        return await counted(self._stages.ledger, at, meters, self._stages.intake.schedule.snapshot())

    async def totals(self) -> dict[str, DayCount]:
        """By meter id, everything since the bridge started: for a run of hours that may cross midnight."""
        now, meters = self._stages.clock.wall(), self._stages.intake.meters
        first, last = await self.count(self.started, meters), await self.count(now, meters)
        return {
            meter: count if count.day == first[meter].day else first[meter] + count for meter, count in last.items()
        }
