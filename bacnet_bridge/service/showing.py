"""What the status page, health and metrics are told: see `status/sources.py`."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final

from bacnet_bridge import __version__
from bacnet_bridge.bacnet.profile import document
from bacnet_bridge.clock import Clock
from bacnet_bridge.ledger.contract import DayCount, Ledger
from bacnet_bridge.model import Hole, Meter, Reading
from bacnet_bridge.outbox.contract import Outbox, QueueState
from bacnet_bridge.packet.wire import local_day, timestamp
from bacnet_bridge.schedule.credibility import Credibility
from bacnet_bridge.service.collect import Collected
from bacnet_bridge.service.due import wall_at
from bacnet_bridge.service.intake import Intake
from bacnet_bridge.service.moving import Facts, moving
from bacnet_bridge.service.overview import Overview
from bacnet_bridge.status.sources import DeviceFigures, Figures
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.wattics.deliver import Snapshot
from bacnet_bridge.wattics.verdict import Action

_EVERY: Final = 10.0
_SAMPLES: Final = 30
"""A rate is that of the latest five minutes."""
_DAYS: Final = 7
_VERDICTS: Final = (
    Action.ACCEPTED,
    Action.PAUSE_QUEUE,
    Action.PAUSE_ACCOUNT,
    Action.BACK_OFF,
    Action.SLOW_DOWN,
)
"""What one attempt can come to; the others are about several."""


class Showing:
    """Reads what the stages know, and changes nothing."""

    def __init__(
        self,
        intake: Intake,
        outbox: Outbox,
        ledger: Ledger,
        clock: Clock,
        credibility: Credibility,
        delivery: Callable[[], Snapshot],
        overview: Callable[[], Awaitable[Overview]],
        facts: Callable[[], Awaitable[Facts]],
    ) -> None:
        self._intake, self._outbox, self._ledger = intake, outbox, ledger
        self._clock, self._credibility = clock, credibility
        self._delivery, self._overview, self._facts = delivery, overview, facts
        self._began = clock.boot()
        self._samples: deque[tuple[float, int, int]] = deque(maxlen=_SAMPLES + 1)

    async def sample(self) -> None:
        """For ever: remember what was accepted and put when, so that there is a rate."""
        while True:
            self._samples.append((self._clock.monotonic(), self._delivery().accepted, self._intake.collector.packed))
            await self._clock.sleep(_EVERY)

    async def overview(self) -> Mapping[str, Any]:
        return await asyncio.to_thread((await self._overview()).document)  # of thousands of meters it takes a while

    async def moving(self) -> Sequence[str]:
        return moving(await self._facts())

    def devices(self) -> list[dict[str, Any]]:
        return [
            {
                **document(each.profile),
                "device": each.key,
                "asked": each.asked,
                "unanswered": each.unanswered,
                "refused": each.refused,
            }
            for each in self._intake.reader.traffic
        ]

    async def delivery(self) -> dict[str, Any]:
        states = await self._outbox.states()
        seen, now = self._delivery(), self._clock.wall()
        waiting = sum(state.waiting for state in states)
        accepted, put = self._rates()
        return {
            "waiting": waiting,
            "oldest_seconds": _oldest(states, now),
            "accepted": seen.accepted,
            "attempts": {str(action): count for action, count in seen.verdicts.items()},
            "in_flight": seen.in_flight,
            "accepted_per_second": accepted,
            "put_per_second": put,
            "seconds_to_drain": round(waiting / (accepted - put)) if waiting and accepted > put else None,
            "queues": [_queue(state, seen) for state in states if state.waiting],
            "accounts": [{**asdict(account), "retry": asdict(retry)} for account, retry in seen.paused.items()],
            "platforms": [{"host": host, "retry": asdict(retry)} for host, retry in seen.away.items()],
        }

    async def meter(self, meter: str) -> dict[str, Any] | None:
        found = next((each for each in self._intake.meters if each.id == meter), None)
        if found is None:
            return None
        queue = self._intake.collector.queue(found)
        states = [state for state in await self._outbox.states(queue) if state.queue == queue]
        collected = self._intake.collector.latest.get(meter)
        return {
            "id": found.id,
            "name": found.name,
            "device": found.device,
            "address": found.address,
            "interval": found.interval,
            "tolerance": found.tolerance,
            "account": found.account,
            "place": None if found.place is None else str(found.place),
            "points": _points(found, collected),
            "packet": _packet(collected),
            "queue": _queue(states[0], self._delivery()) if states else None,
            "days": [_day(each) for each in await self._days(found)],
        }

    async def figures(self) -> Figures:
        seen, now = self._delivery(), self._clock.wall()
        states = await self._outbox.states()
        collector, departure = self._intake.collector, self._credibility.departure
        return Figures(
            version=__version__,
            started=wall_at(self._clock, self._began) / 1000,
            meters=len(self._intake.meters),
            meters_without_packet=sum(isinstance(each.outcome, Hole) for each in collector.latest.values()),
            packed=collector.packed,
            holes={str(reason): collector.holes[reason] for reason in HoleReason if reason is not HoleReason.STOPPED},
            waiting=sum(state.waiting for state in states),
            oldest=_oldest(states, now),
            attempts={str(action): seen.verdicts.get(action, 0) for action in _VERDICTS},
            accepted=seen.accepted,
            unknown_outcomes=seen.unknown_outcomes,
            in_flight=seen.in_flight,
            queues_failing=len(seen.failing),
            queues_on_hold=sum(state.held_until is not None for state in states),
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

    def _rates(self) -> tuple[float, float]:
        """Packets accepted, and put, per second."""
        if len(self._samples) < 2:
            return 0.0, 0.0
        (began, *first), (ended, *last) = self._samples[0], self._samples[-1]
        accepted, put = ((new - old) / (ended - began) for old, new in zip(first, last, strict=True))
        return round(accepted, 3), round(put, 3)

    async def _days(self, meter: Meter) -> list[DayCount]:
        """The latest ones of the building's local days, today first; none before the clock is credible."""
        each = next((each for each in self._intake.schedule.snapshot() if each.meter == meter.id), None)
        if each is None or each.accounted is None:
            return []
        upto = each.accounted - each.running
        today = date.fromisoformat(local_day(self._clock.wall(), meter.zone))
        days = [(today - timedelta(days=back)).isoformat() for back in range(_DAYS)]
        return [await self._ledger.day(meter.id, day, upto) for day in days]


def _oldest(states: Sequence[QueueState], now: int) -> float:
    """Seconds."""
    oldest = min((state.oldest for state in states if state.oldest is not None), default=now)
    return max(0, now - oldest) / 1000


def _queue(state: QueueState, seen: Snapshot) -> dict[str, Any]:
    """Instants are UTC milliseconds, as the outbox has them."""
    queue = state.queue
    retry = seen.paused.get(queue.account) or seen.failing.get(queue)
    return {
        "id": queue.id,
        "account": asdict(queue.account),
        "waiting": state.waiting,
        "oldest": state.oldest,
        "last_accepted": state.last_accepted,
        "held_until": state.held_until,
        "unproven": state.unproven,
        "alarm": seen.alarms.get(queue, ""),
        "under_way": queue in seen.under_way,
        "retry": None if retry is None else asdict(retry),
        "answers": seen.answers.get(queue, ()),
    }


def _points(meter: Meter, collected: Collected | None) -> list[dict[str, Any]]:
    read = () if collected is None else collected.readings
    return [_point(each, meter) for each in read] or [
        {"field": point.field, "source": str(point.source)} for point in meter.points
    ]


def _point(reading: Reading, meter: Meter) -> dict[str, Any]:
    return {
        "field": reading.point.field,
        "source": str(reading.point.source),
        "value": None if reading.value is None else str(reading.value),
        "raw": reading.raw,
        "unit": reading.unit,
        "flags": list(reading.flags),
        "problem": None if reading.problem is None else f"{reading.problem.reason}: {reading.problem.detail}",
        "notice": reading.notice,
        "at": timestamp(reading.at, meter.zone),
    }


def _packet(collected: Collected | None) -> dict[str, Any] | None:
    """What the newest slot came to: the exact line, or the hole."""
    if collected is None:
        return None
    outcome = collected.outcome
    if isinstance(outcome, Hole):
        return {"slot": collected.slot, "hole": str(outcome.reason), "detail": outcome.detail}
    return {"slot": collected.slot, "body": outcome.body}


def _day(count: DayCount) -> dict[str, Any]:
    return {
        "day": count.day,
        "due": count.due,
        "accepted": count.accepted,
        "waiting": count.waiting,
        "set_aside": count.set_aside,
        "holes": count.holes,
        "reasons": {str(reason): number for reason, number in count.reasons.items()},
    }
