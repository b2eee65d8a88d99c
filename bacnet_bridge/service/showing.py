"""What the status page, health and metrics are told: see `status/sources.py`."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final

from bacnet_bridge import __version__
from bacnet_bridge.bacnet.traffic import Traffic
from bacnet_bridge.errors import DamagedError
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Hole, Meter, Queue
from bacnet_bridge.packet.wire import local_day
from bacnet_bridge.service.changes import Changes, Shown
from bacnet_bridge.service.history import History
from bacnet_bridge.service.moving import moving
from bacnet_bridge.service.overview import MeterStatus, unit_of
from bacnet_bridge.service.seeing import Moment, Seeing, Stages
from bacnet_bridge.service.shown_delivery import Rates, delivery_sums, oldest
from bacnet_bridge.service.shown_devices import device_document, meters_by_device
from bacnet_bridge.service.shown_meter import (
    answer_document,
    day_document,
    gap_document,
    packet_document,
    point_documents,
    queue_document,
    waiting_document,
)
from bacnet_bridge.status.sources import DeviceFigures, Figures
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.verdict import Action

_AT_ONCE: Final = 100
"""Meters whose curves are drawn in one turn of the event loop."""
_NEXT: Final = 10
"""Packets of a queue that are shown."""
_DAYS: Final = 7
_GAPS: Final = 10
"""The latest gaps of a meter that are shown, newest first."""
_VERDICTS: Final = (
    Action.ACCEPTED,
    Action.PAUSE_QUEUE,
    Action.PAUSE_ACCOUNT,
    Action.BACK_OFF,
    Action.SLOW_DOWN,
)
"""What one attempt can come to; the others are about several."""


class Showing:
    """Reads what the stages know, and changes nothing. `rates` are to be sampled beside the stages."""

    def __init__(self, stages: Stages, seeing: Seeing, courier: Courier, history: History, zone: str) -> None:
        self._intake, self._outbox, self._ledger = stages.intake, stages.outbox, stages.ledger
        self._clock, self._credibility, self._editing = stages.clock, stages.credibility, stages.editing
        self._seeing, self._courier, self._history, self._zone = seeing, courier, history, zone
        self.rates = Rates(stages.clock, lambda: courier.accepted, lambda: stages.intake.collector.packed)

    async def overview(self) -> Mapping[str, Any]:
        overview = await self._seeing.overview()
        return await asyncio.to_thread(overview.document)  # of thousands of meters it takes a while

    async def curves(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        now = self._clock.wall()
        found: list[dict[str, Any]] = []
        for row in rows:
            if len(found) % _AT_ONCE == 0:
                await asyncio.sleep(0)
            found.append(self._with_spark(row, now))
        return found

    async def moving(self) -> Sequence[str]:
        return moving(await self._seeing.facts())

    def devices(self) -> list[dict[str, Any]]:
        return self._devices(self._intake.reader.traffic)

    async def delivery(self) -> dict[str, Any]:
        states = await self._outbox.states()
        seen = self._courier.snapshot()
        return {
            **delivery_sums(states, self._clock.wall(), seen, self._courier.watched.breakers(), self.rates),
            "rates": self.rates.document(),
            "queues": [queue_document(state, seen) for state in states if state.waiting],
        }

    async def mapping(self) -> dict[str, Any]:
        return await asyncio.to_thread(self._editing.document)  # an edit may concern thousands

    def is_mapped(self, meter: str) -> bool:
        return self._mapped(meter) is not None

    async def history(self, meter: str) -> dict[str, Any] | None:
        found = self._mapped(meter)
        if found is None:
            return None
        track, collected = self._history.track(found), self._intake.collector.latest.get(meter)
        return {
            "id": meter,
            "unit": unit_of(track.field, collected),
            **track.document(self._clock.wall()),
            "complete": self._history.complete,
        }

    async def meter(self, meter: str) -> dict[str, Any] | None:
        found = self._mapped(meter)
        if found is None:
            return None
        queue = self._intake.collector.queue(found)
        collected = self._intake.collector.latest.get(meter)
        moment = await self._seeing.moment()
        (row,) = self._rows(await self._seeing.statuses(moment, (found,)), moment.now)
        return {
            **row,
            "address": found.address,
            "tolerance": found.tolerance,
            "account": found.account,
            "zone": found.zone,
            "place": None if found.place is None else str(found.place),
            "points": point_documents(found, collected),
            "packet": packet_document(collected),
            "answer": answer_document(self._courier.watched.last(queue)),
            "queue": await self._queue(queue),
            "gaps": [gap_document(each) for each in (await self._outbox.gaps(meter))[: -_GAPS - 1 : -1]],
            "days": [day_document(each) for each in await self._days(found)],
        }

    def changes(self) -> Changes:
        """To be asked again and again by one who shows them."""
        reader = self._intake.reader
        shown = Shown(self._rows, self._sums, self._devices, lambda: reader.traffic, self._mapping_at_a_glance)
        return Changes(self._seeing, shown, self._zone)

    def _rows(self, statuses: Sequence[MeterStatus], now: int) -> list[dict[str, Any]]:
        return [self._with_spark(asdict(status), now) for status in statuses]

    def _with_spark(self, row: Mapping[str, Any], now: int) -> dict[str, Any]:
        spark = self._history.spark(row["id"], now)
        return {**row, "spark": spark.text, "low": spark.low, "high": spark.high}

    def _sums(self, moment: Moment) -> dict[str, Any]:
        states = tuple(moment.queues.values())
        return delivery_sums(states, moment.now, moment.delivery, self._courier.watched.breakers(), self.rates)

    def _mapping_at_a_glance(self) -> dict[str, Any]:
        return {"state": str(self._editing.standing), "problems": self._editing.wrong_places}

    async def _queue(self, queue: Queue) -> dict[str, Any] | None:
        """None before its first packet."""
        states = [state for state in await self._outbox.states(queue) if state.queue == queue]
        if not states:
            return None
        try:
            waiting = await self._outbox.waiting(queue, limit=_NEXT)
        except DamagedError:  # the queue's own trouble tells of it
            waiting = ()
        return {
            **queue_document(states[0], self._courier.snapshot()),
            "next": [waiting_document(each) for each in waiting],
        }

    def _devices(self, traffic: Sequence[Traffic]) -> list[dict[str, Any]]:
        meters = meters_by_device(self._intake.meters) if traffic else {}
        return [device_document(each, meters.get(each.key, [])) for each in traffic]

    def _mapped(self, meter: str) -> Meter | None:
        return next((each for each in self._intake.meters if each.id == meter), None)

    async def figures(self) -> Figures:
        seen, now = self._courier.snapshot(), self._clock.wall()
        states = await self._outbox.states()
        collector, departure = self._intake.collector, self._credibility.departure
        return Figures(
            version=__version__,
            started=self._seeing.started / 1000,
            meters=len(self._intake.meters),
            meters_without_packet=sum(isinstance(each.outcome, Hole) for each in collector.latest.values()),
            packed=collector.packed,
            holes={str(reason): collector.holes[reason] for reason in HoleReason if reason is not HoleReason.STOPPED},
            waiting=sum(state.waiting for state in states),
            oldest=oldest(states, now),
            attempts={str(action): seen.verdicts.get(action, 0) for action in _VERDICTS},
            accepted=seen.accepted,
            unknown_outcomes=seen.unknown_outcomes,
            in_flight=seen.in_flight,
            queues_failing=len(seen.failing),
            queues_on_hold=sum(state.held_until is not None and not state.heals for state in states),
            queues_healing=sum(state.heals for state in states),
            healed=self._intake.healing.healed,
            gaps=dict(self._intake.healing.outcomes),
            accounts_paused=len(seen.paused),
            platforms_away=len(seen.away),
            clock_offset=None if departure is None else departure / 1000,
            clock_credible=self._credibility.credible(),
            moves=not await self.moving(),
            devices=[
                DeviceFigures(
                    each.key,
                    each.asked,
                    each.unanswered,
                    each.refused,
                    each.profile.round_trip / 1000,
                    bool(each.profile.silent_since),
                )
                for each in self._intake.reader.traffic
            ],
        )

    async def _days(self, meter: Meter) -> list[DayCount]:
        """The latest ones of the building's local days, today first; none before the clock is credible."""
        each = next((each for each in self._intake.schedule.snapshot() if each.meter == meter.id), None)
        if each is None or each.accounted is None:
            return []
        upto = each.accounted - each.running
        today = date.fromisoformat(local_day(self._clock.wall(), meter.zone))
        days = [(today - timedelta(days=back)).isoformat() for back in range(_DAYS)]
        return [await self._ledger.day(meter.id, day, upto) for day in days]
