"""The courier: takes what waits in the outbox to the platform, every queue in its order, until each packet's 200.

`turns.py` knows whose turn it is, `attempt.py` does one turn; here is the loop around them, and `ending.py` ends it.
Each queue and each account has a pause of its own, each host a breaker; `compare.py` looks now and then at what the
platform has.
"""

import asyncio
import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from bacnet_bridge.clock import Clock
from bacnet_bridge.model import Account, Queue, Retry
from bacnet_bridge.wattics import ending
from bacnet_bridge.wattics.attempt import Attempts
from bacnet_bridge.wattics.backoff import after_restart
from bacnet_bridge.wattics.compare import Comparisons
from bacnet_bridge.wattics.needs import Outbox, QueueState, first_of_each_id
from bacnet_bridge.wattics.operated import Operated
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.turns import Lane, Place, Turns
from bacnet_bridge.wattics.verdict import Action
from bacnet_bridge.wattics.watched import Watched

_LOOK_SPACING = 0.05
"""Seconds between two looks at queues, so that a slot's packets of thousands of meters cost few looks."""

_ALL_AGAIN = 10.0
"""Seconds after which news are taken for a look at all queues, not only at those that they are of."""

_BEHIND = 1.0
"""Seconds between two looks at a queue that waits for another queue of its id."""

_SECRETS = 10.0
"""Seconds between two looks at the secrets, while an account is paused for want of the right one."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Delivery at a glance, since the start. `last_accepted` is an instant."""

    attempts: int
    accepted: int
    unknown_outcomes: int
    in_flight: int
    last_accepted: int | None
    failing: Mapping[Queue, Retry]
    """Queues whose last attempt failed: how often, why, and when the next one is due."""
    paused: Mapping[Account, Retry]
    """Accounts whose credentials were refused or are missing."""
    away: Mapping[str, Retry] = field(default_factory=dict)
    """Hosts of the platform whose breaker is open: how many probes failed, why, and when the next one is due."""
    alarms: Mapping[Queue, str] = field(default_factory=dict)
    """What is wrong at the platform, as its latest packets show, or a hold that people must end."""
    under_way: frozenset[Queue] = frozenset()
    """Queues of which something is being sent."""
    answers: Mapping[Queue, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    """The latest failures of the heads that failed: instant and sentence, the newest last."""
    verdicts: Mapping[Action, int] = field(default_factory=dict)
    """How many attempts ended so."""


class Courier:
    """Delivers until stopped. `limit` is the most attempts at once, over all queues; `draw` gives numbers in [0, 1)."""

    def __init__(
        self,
        outbox: Outbox,
        sessions: Sessions,
        clock: Clock,
        *,
        limit: int = 32,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._outbox, self._clock, self._limit, self._draw = outbox, clock, limit, draw
        self._sessions = sessions
        self._turns = Turns()
        self._attempts = Attempts(outbox, sessions, clock, self._turns, draw)
        self._comparisons = Comparisons(sessions, clock, self._turns, draw, self._attempts.hold, self._compared)
        self.operated = Operated(self._turns, clock, self._look_soon)
        """For operators, who act on queues while all this goes on."""
        self.watched = Watched(self._turns, clock)
        self._tasks: dict[Lane, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._look_at = self._looked_at_all = -math.inf  # all queues
        self._seen, self._news_at = -1, math.inf  # those of which there is news, and those `again`
        self._again: set[Queue] = set()
        self._alarm_at = math.inf
        self._alarm: asyncio.Task[None] | None = None
        self._grace: float | None = None
        self._ended = asyncio.Event()
        self._ended.set()

    async def run(self) -> None:
        """Deliver until `stop`. Takes up the queues' stored retry times, none later than an hour from now."""
        self._ended.clear()
        try:
            async with asyncio.TaskGroup() as group:
                beside = [self._watch(), self._watch_secrets(), self._comparisons.run()]
                tasks = [group.create_task(each) for each in beside]
                while self._grace is None:
                    self._wake.clear()
                    if min(self._look_at, self._news_at) <= self._clock.monotonic():
                        await self._look()
                    self._launch(group)
                    self._set_alarm(group)
                    await self._wake.wait()
                for task in tasks:
                    task.cancel()
                self._silence_alarm()
                await ending.cut(self._tasks, self._clock, self._grace)
                await ending.note(self._turns, self._attempts, self._clock)
        finally:
            self._ended.set()

    async def stop(self, grace_seconds: float = 10.0) -> None:
        """No new attempts. Requests under way end, or are cut after the grace; acceptances are committed.

        Where the disk refuses one, that takes up to `ending.NOTED_WITHIN` seconds more.
        """
        self._grace = grace_seconds
        self._attempts.may_repeat = False
        self._wake.set()
        await self._ended.wait()

    @property
    def accepted(self) -> int:
        """Packets since the start."""
        return self._attempts.accepted

    def snapshot(self) -> Snapshot:
        """For the status."""
        return Snapshot(
            attempts=self._attempts.made,
            accepted=self._attempts.accepted,
            unknown_outcomes=self._attempts.unknown_outcomes,
            in_flight=len(self._tasks),
            last_accepted=self._attempts.last_accepted,
            failing={
                lane.queue: replace(lane.retry, next_attempt=self._next_attempt(lane), reason=lane.reason())
                for lane in self._turns.lanes.values()
                if lane.retry.attempts and lane.place is not Place.RESTING
            },
            paused={
                gate.account: replace(gate.retry, next_attempt=self._instant(gate.due))
                for gate in self._turns.gates.values()
                if gate.closed
            },
            away={
                host.name: replace(host.retry, next_attempt=self._instant(host.due))
                for host in self._turns.hosts.values()
                if host.closed
            },
            alarms={lane.queue: lane.alarm for lane in self._turns.lanes.values() if lane.alarm},
            under_way=frozenset(lane.queue for lane in self._tasks),
            answers={lane.queue: lane.answers for lane in self._turns.lanes.values() if lane.answers},
            verdicts=dict(self._attempts.verdicts),
        )

    def _next_attempt(self, lane: Lane) -> int:
        if lane.place is not Place.PARKED:
            return self._instant(lane.due)
        return self._instant(max(gate.due for gate in (lane.gate, lane.gate.host) if gate.closed))

    def _instant(self, due: float) -> int:
        """A monotonic time on the wall clock as it goes now, stepped or not."""
        return self._clock.wall() + round((due - self._clock.monotonic()) * 1000)

    async def _watch(self) -> None:
        seen = 0
        while True:
            seen = await self._outbox.wait_for_put(seen)
            self._look_again(self._clock.monotonic())
            await self._clock.sleep(_LOOK_SPACING)

    async def _watch_secrets(self) -> None:
        """While an account is paused: a secret that changes lets one of its queues probe at once."""
        while True:
            await self._clock.sleep(_SECRETS)
            if any(gate.closed for gate in self._turns.gates.values()):
                for account in await self._sessions.read_secrets():
                    self._try_now(account)

    def _try_now(self, account: Account) -> None:
        gate = self._turns.gates.get(account)
        if gate is not None and gate.closed:
            gate.retry = replace(gate.retry, attempts=0)
            self._turns.close(gate, self._clock.monotonic())
            self._wake.set()

    def _look_soon(self) -> None:
        self._look_by(self._clock.monotonic())

    def _compared(self, queue: Queue) -> None:
        """A comparison is over: packets may have come meanwhile."""
        self.operated.turn_ended()
        self._look_again(self._clock.monotonic(), queue)

    def _look_by(self, due: float) -> None:
        self._look_at = min(self._look_at, due)
        self._wake.set()

    def _look_again(self, due: float, *queues: Queue) -> None:
        self._again.update(queues)
        self._news_at = min(self._news_at, due)
        self._wake.set()

    async def _look(self) -> None:
        """Ask the outbox which queues have packets, and let those that rest enter.

        After a put only its queue is looked at: of thousands, all would keep the event loop for long, again and again.
        Guarantee 2, also where a meter's account changed: the platform orders by id, whoever sends. So the newer of
        two queues with one id at one address waits until the older one's packets are accepted.
        """
        now = self._clock.monotonic()
        if self._look_at <= now or self._looked_at_all + _ALL_AGAIN <= now:
            self._look_at, self._looked_at_all, self._seen = math.inf, now, -1
        again, self._again, self._news_at = self._again, set(), math.inf
        self._seen, states = await self._outbox.news(self._seen)
        states = [*states, *chain.from_iterable([await self._outbox.states(queue) for queue in again])]
        first = first_of_each_id(states)
        for state in states:
            lane = self._turns.lanes.get(state.queue) or self._take_up(state)
            lane.expected = state.waiting
            if state.waiting and lane.place is Place.RESTING:
                if first[state.queue.account.address, state.queue.id] == state.queue:
                    self._admit(lane, state.held_until)
                else:
                    self._look_again(self._clock.monotonic() + _BEHIND, state.queue)

    def _take_up(self, state: QueueState) -> Lane:
        """A queue not seen before, with what is stored of its failures before the start.

        Its head may have been attempted then, with an outcome that nobody knows any more.
        """
        retry = state.retry
        if retry.attempts and retry.kind != Action.HOLD:
            retry = replace(retry, reason=f"before the restart: {retry.reason}")
        lane = self._turns.add(state.queue, retry)
        lane.attempted, lane.accepted = state.fence, state.last_accepted
        if state.oldest is not None and state.fence is not None and state.oldest <= state.fence:
            lane.unsure = state.oldest
        now = self._clock.monotonic()
        if retry.kind == Action.HOLD:
            lane.alarm = retry.reason if state.held_until is not None else ""
        elif retry.attempts:
            lane.due = now + after_restart(retry.kind, (retry.next_attempt - self._clock.wall()) / 1000, self._draw)
        if retry.kind == Action.PAUSE_ACCOUNT and state.waiting and not lane.gate.closed:
            lane.gate.retry = replace(lane.retry, attempts=0)
            self._turns.close(lane.gate, now)
        return lane

    def _admit(self, lane: Lane, held_until: int | None) -> None:
        wall, now = self._clock.wall(), self._clock.monotonic()
        if held_until is not None and held_until >= wall:
            self._look_by(now + (held_until + 1 - wall) / 1000)
        elif lane.due > now:
            self._turns.wait(lane, lane.due)
        else:
            self._turns.enter(lane)

    def _launch(self, group: asyncio.TaskGroup) -> None:
        self._turns.advance(self._clock.monotonic())
        while len(self._tasks) < self._limit and (lane := self._turns.take()) is not None:
            self._tasks[lane] = group.create_task(self._serve(lane))

    async def _serve(self, first: Lane) -> None:
        """One lane's turn; then, while all goes well, those of others: a task for each turn would cost more."""
        task = self._tasks[first]
        lane: Lane | None = first
        while lane is not None:
            try:
                await self._attempts.serve(lane)
            finally:
                del self._tasks[lane]
                self.operated.turn_ended()
            if lane.place is Place.RESTING and lane.expected:  # put or put on hold meanwhile
                self._look_again(self._clock.monotonic() + _LOOK_SPACING, lane.queue)
            lane = self._turns.take() if self._grace is None and not lane.retry.attempts else None
            if lane is not None:
                self._tasks[lane] = task
            if self._turns.next_due() < self._alarm_at or (self._turns.in_line and len(self._tasks) < self._limit):
                self._wake.set()

    def _set_alarm(self, group: asyncio.TaskGroup) -> None:
        """See to it that the loop wakes when the next one's time comes; an alarm that rings too early does no harm."""
        due = min(self._turns.next_due(), self._look_at, self._news_at)
        if due < self._alarm_at:
            self._silence_alarm()
            self._alarm_at, self._alarm = due, group.create_task(self._ring(due))

    async def _ring(self, due: float) -> None:
        await self._clock.sleep(due - self._clock.monotonic())
        self._alarm_at = math.inf
        self._wake.set()

    def _silence_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
