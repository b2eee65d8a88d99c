"""What the alarms' conditions are judged by: the stages' own words, and for how long a packet has been the first."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Final, TypeVar
from urllib.parse import urlsplit

from bacnet_bridge.alarms.conditions import Facts, Found, MeterFacts, QueueFacts
from bacnet_bridge.alarms.heartbeat import Moving
from bacnet_bridge.alarms.watch import Watch
from bacnet_bridge.bacnet.own_objects import Told
from bacnet_bridge.model import Hole, Queue
from bacnet_bridge.outbox.contract import Outbox, QueueState
from bacnet_bridge.schedule.credibility import SiteClock
from bacnet_bridge.service.collect import Collected
from bacnet_bridge.service.due import wall_at
from bacnet_bridge.service.editing import Editing
from bacnet_bridge.service.housekeeping import Housekeeping
from bacnet_bridge.service.intake import Intake
from bacnet_bridge.service.moving import REFUSALS, is_healing
from bacnet_bridge.service.receivers import heartbeat_of, renewed_receivers_of
from bacnet_bridge.service.renewed import Again
from bacnet_bridge.service.timekeeper import Timekeeper
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.wattics.deliver import Snapshot

_AT_ONCE: Final = 500
"""Facts that are gathered in one turn of the event loop."""
_Fact = TypeVar("_Fact")
_NO_ROOM = frozenset({HoleReason.FULL, HoleReason.QUOTA})


class Alarming:
    """Gathers facts from the running stages, and tells the BMS what comes of them."""

    def __init__(
        self,
        settings: Settings,
        clock: SiteClock,
        outbox: Outbox,
        intake: Intake,
        editing: Editing,
        time: Timekeeper,
        housekeeping: Housekeeping,
        delivery: Callable[[], Snapshot],
        moving: Moving,
    ) -> None:
        self._settings, self._clock, self._outbox = settings, clock, outbox
        self._intake, self._editing, self._time, self._housekeeping = intake, editing, time, housekeeping
        self._delivery, self._moving = delivery, moving
        self._started = clock.boot()
        self._first: dict[Queue, tuple[int, float]] = {}
        """Of each queue with packets: the oldest's instant, and since when (boot time) it is that."""
        self._readable: dict[str, float] = {}
        """By meter id, since when (boot time) nothing that concerns all meters keeps it from being read."""

    def watch(self, state: StateFolder, again: Again = None) -> Watch:
        """To be run beside the stages; `again` reads the settings again, for the secrets in them only.

        Raises SettingsError for a receiver that cannot be used.
        """
        return Watch(
            self.facts,
            renewed_receivers_of(self._settings, self._time.now, again),
            state.alarms,
            self._clock,
            remind=self._settings.alarms.remind,
            show=self._show,
            heartbeat=heartbeat_of(self._settings, self._moving, self._clock, self._time.now, again),
        )

    async def facts(self) -> Facts:
        """As of now. Cheap: no day is counted, no file read but the outbox's own table in memory."""
        states, delivery, alarms = await self._outbox.states(), self._delivery(), self._settings.alarms
        intake = self._intake
        return Facts(
            now=self._clock.wall(),
            started=wall_at(self._clock, self._started),
            silent=alarms.silent,
            waiting=alarms.waiting,
            outbox=tuple(filter(None, (*self._housekeeping.problems(states), intake.due.problem))),
            everywhere=frozenset(self._everywhere()),
            clock=self._time.problem,
            port=intake.port_problem,
            credentials=[f"account {each.credentials}: {retry.reason}" for each, retry in delivery.paused.items()],
            away=[f"{host}: {retry.reason}" for host, retry in delivery.away.items()],
            devices=intake.reader.attention,
            mapping=tuple(self._editing.problems),
            mapping_waits=tuple(self._editing.attention),
            meters=[each async for each in _gently(self._meters({state.queue: state for state in states}))],
            queues=[each async for each in _gently(self._queues(states, delivery))],
        )

    def _everywhere(self) -> Iterator[str]:
        """A clock that is off by minutes, but credible, keeps nothing from being read."""
        if self._time.problem and not self._intake.may_stamp():
            yield "clock"
        if self._intake.port_problem:
            yield "no-port"
        if self._housekeeping.damaged or self._intake.due.problem:
            yield "outbox"

    def _meters(self, states: dict[Queue, QueueState]) -> Iterator[MeterFacts]:
        collector, meters = self._intake.collector, self._intake.meters
        now, wall = self._clock.boot(), self._clock.wall()
        known = self._readable if self._intake.may_stamp() and not self._intake.port_problem else {}
        self._readable = {meter.id: known.get(meter.id, now) for meter in meters}
        for meter in meters:
            state, latest = states.get(collector.queue(meter)), collector.latest.get(meter.id)
            hole = latest.outcome if latest is not None and isinstance(latest.outcome, Hole) else None
            no_room = None if latest is None else hole is not None and hole.reason in _NO_ROOM
            if no_room:
                self._readable[meter.id] = now
            yield MeterFacts(
                meter.name,
                meter.interval,
                None if state is None else state.last_put,
                wall - round((now - self._readable[meter.id]) * 1000),
                "" if hole is None else f"{hole.reason}: {hole.detail}",
                no_room=no_room,
                lacks=None if latest is None or hole is not None else _lacks(latest),
            )

    def _queues(self, states: Sequence[QueueState], delivery: Snapshot) -> Iterator[QueueFacts]:
        names = {meter.id: meter.name for meter in self._intake.meters}
        now, before = self._clock.boot(), self._first
        self._first = {}
        for state in states:
            if state.oldest is None:
                continue
            queue, known = state.queue, before.get(state.queue)
            since = known[1] if known is not None and known[0] == state.oldest else now
            self._first[queue] = state.oldest, since
            failing = delivery.failing.get(queue)
            refused = failing.reason if failing is not None and failing.kind in REFUSALS else ""
            name = names.get(queue.id, queue.id)
            yield QueueFacts(
                name,
                state.oldest,
                now - since,
                delivery.alarms.get(queue) or refused,
                frozenset(_under(state, delivery)),
                is_healing(state, self._clock.wall()),
            )

    async def _show(self, facts: Facts, found: Found) -> None:
        await asyncio.sleep(0)
        oldest = min((queue.oldest for queue in facts.queues), default=facts.now)
        delivering = not await self._moving()
        self._intake.own_objects.tell(Told(delivering, (facts.now - oldest) / 1000, found.silent))


async def _gently(facts: Iterator[_Fact]) -> AsyncIterator[_Fact]:
    """Of thousands, slots must not wait for all."""
    for number, each in enumerate(facts):
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
        yield each


def _under(state: QueueState, delivery: Snapshot) -> Iterator[str]:
    """Conditions for which nothing of a queue leaves, whatever the platform has against its packets."""
    if state.unproven:
        yield "outbox"
    if state.queue.account in delivery.paused:
        yield "credentials"
    if urlsplit(state.queue.account.address).netloc in delivery.away:
        yield "platform-away"


def _lacks(latest: Collected) -> str:
    """Each field that its packet lacks, and why."""
    lacks = (f"{each.point.field}: {each.problem.detail}" for each in latest.readings if each.problem)
    return "; ".join(dict.fromkeys(lacks))
