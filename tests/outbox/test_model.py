"""The outbox beside a simple model of it, through anything that may happen in any order.

Judged by guarantee 1 (whatever was confirmed waits, was accepted or was set aside) and guarantee 2 (what leaves
never goes back), not by how either is kept.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bacnet_bridge.database import Database
from bacnet_bridge.errors import FencedError, OutboxError
from bacnet_bridge.model import AcceptedBy
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.contract import NewGap
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from tests.support.clock import DrivenClock
from tests.support.outbox import packet, queue

T = TypeVar("T")
LOWEST = -1
METERS = st.sampled_from(["a", "b"])
INSTANTS = st.integers(0, 30)
FAILS = st.sampled_from([False] * 5 + [True])


class DiskError(OutboxError):
    """The disk failed on purpose."""


class FailingDatabase(Database):
    """Fails where it is told to, after the change did its work and before the commit."""

    fail = False

    async def write(
        self,
        change: Callable[[sqlite3.Connection], T],
        then: Callable[[bool], None] | None = None,
        **how: Any,
    ) -> T:
        failing, self.fail = self.fail, False

        def broken(connection: sqlite3.Connection) -> T:
            result = change(connection)
            if failing:
                raise DiskError
            return result

        return await super().write(broken, then, **how)


class ModelQueue:
    def __init__(self) -> None:
        self.waiting: dict[int, str] = {}
        self.accepted: set[int] = set()
        self.aside: set[int] = set()
        self.attempts: list[int] = []
        self.tail = self.durable = self.fence = LOWEST
        self.hold: tuple[int, int] | None = None
        self.open: dict[int, int] = {}
        """Gaps by first slot, with their deadlines; `awaited` are those that were neither filled nor given up."""
        self.awaited: set[int] = set()
        self.found: set[int] = set()
        self.heals = False
        """The hold is its gaps' own."""

    def hold_for(self, first: int, deadline: int, now: int) -> None:
        self.end_overdue(now)
        own = self.hold is None or self.heals
        self.open[first] = deadline
        self.found.add(first)
        self.awaited.add(first)
        if own:
            self.hold, self.heals = (min(self.open) - 1, max(self.open.values())), True

    def gap_is_over(self, first: int) -> None:
        self.awaited.discard(first)
        if not self.awaited:
            self.hold = None if self.heals else self.hold
            self.heals = False
            self.open.clear()

    def end_overdue(self, now: int) -> None:
        if self.hold is not None and not self.held(now):
            self.give_back(now)

    def give_back(self, now: int) -> None:
        self.open = {first: deadline for first, deadline in self.open.items() if deadline > now}
        self.awaited &= self.open.keys()
        self.open = self.open if self.awaited else {}
        self.hold = (min(self.open) - 1, max(self.open.values())) if self.open else None
        self.heals = self.hold is not None

    def can_put(self, instant: int) -> bool:
        return instant > max(self.fence, self.tail)

    def can_fill(self, instant: int, now: int) -> bool:
        return self.held(now) and instant > max(self.fence, self.hold[0] if self.hold else 0) and (
            instant not in self.waiting
        )  # fmt: skip

    def held(self, now: int) -> bool:
        return self.hold is not None and now < self.hold[1]

    def put(self, instant: int, body: str) -> None:
        self.waiting[instant] = body
        self.tail = max(self.tail, instant)

    def leave(self, instant: int, to: set[int]) -> None:
        del self.waiting[instant]
        to.add(instant)
        self.durable = max(self.durable, instant)
        self.fence = max(self.fence, instant)

    def reopen(self) -> None:
        self.fence = self.durable
        if self.hold is None and self.waiting:
            self.fence = max(self.fence, min(self.waiting))


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.clock = DrivenClock()
        self.opened: list[Database] = []
        self.model = {"a": ModelQueue(), "b": ModelQueue()}
        self.bodies = 0
        self.run(self.open())

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(doing)

    async def open(self) -> None:
        self.database = FailingDatabase(self.folder / "outbox.db", MIGRATIONS)
        await self.database.start()
        self.opened.append(self.database)
        self.outbox = SqliteOutbox(self.database, self.clock)
        await self.outbox.start()

    def body(self) -> str:
        self.bodies += 1
        return str(self.bodies)

    def attempt(self, doing: Coroutine[Any, Any, object], allowed: bool, fails: bool) -> bool:
        """Whether it was done; it must be exactly where the model allows it and nothing fails."""
        self.database.fail = fails
        try:
            self.run(doing)
        except DiskError:
            assert allowed
            assert fails
            return False
        except FencedError:
            assert not allowed
            return False
        finally:
            self.database.fail = False
        assert allowed
        return True

    @rule(meter=METERS, instant=INSTANTS, fails=FAILS)
    def put(self, meter: str, instant: int, fails: bool) -> None:
        model, put = self.model[meter], packet(instant, meter, value=self.body())
        if self.attempt(self.outbox.put(put), model.can_put(instant), fails):
            model.put(instant, put.body)

    @rule(meter=METERS, instant=st.none() | INSTANTS, after=INSTANTS, lasts=st.sampled_from([1, 10, 1000]), fails=FAILS)
    def put_and_hold(self, meter: str, instant: int | None, after: int, lasts: int, fails: bool) -> None:
        model, deadline = self.model[meter], self.clock.wall() + lasts * 1000
        put = None if instant is None else packet(instant, meter, value=self.body())
        doing = self.outbox.put_and_hold(queue(meter), after, deadline, put)
        if self.attempt(doing, put is None or model.can_put(put.instant), fails):
            model.durable = model.fence
            model.hold, model.heals = (after, deadline), False
            if put is not None:
                model.put(put.instant, put.body)

    @rule(meter=METERS, instant=INSTANTS, first=INSTANTS, lasts=st.sampled_from([1, 10, 1000]), fails=FAILS)
    def put_after_gap(self, meter: str, instant: int, first: int, lasts: int, fails: bool) -> None:
        model, now = self.model[meter], self.clock.wall()
        if first in model.found:
            return
        put, deadline = packet(instant, meter, value=self.body()), now + lasts * 1000
        doing = self.outbox.put_after_gaps([NewGap(first, first + 1, deadline)], put)
        if self.attempt(doing, model.can_put(instant), fails):
            model.durable = model.fence
            model.hold_for(first, deadline, now)
            model.put(instant, put.body)

    @rule(meter=METERS, gap=INSTANTS, fills=st.sets(INSTANTS, max_size=4), fails=FAILS, data=st.data())
    def mend_gap(self, meter: str, gap: int, fills: set[int], fails: bool, data: st.DataObject) -> None:
        model, now = self.model[meter], self.clock.wall()
        gap = data.draw(st.sampled_from(sorted(model.awaited))) if model.awaited else gap
        new = [packet(instant, meter, value=self.body()) for instant in sorted(fills)]
        allowed = gap in model.awaited and all(model.can_fill(instant, now) for instant in fills)
        if self.attempt(self.outbox.mend(queue(meter), new, [], gap=gap), allowed, fails):
            for each in new:
                model.put(each.instant, each.body)
            model.gap_is_over(gap)

    @rule(meter=METERS, gap=INSTANTS, fails=FAILS)
    def give_up(self, meter: str, gap: int, fails: bool) -> None:
        model = self.model[meter]
        if self.attempt(self.outbox.give_up(queue(meter), gap, "because"), gap in model.awaited, fails):
            model.gap_is_over(gap)

    @rule(meter=METERS, instant=INSTANTS, fails=FAILS)
    def fill(self, meter: str, instant: int, fails: bool) -> None:
        model, put = self.model[meter], packet(instant, meter, value=self.body())
        if self.attempt(self.outbox.fill(put), model.can_fill(instant, self.clock.wall()), fails):
            model.put(instant, put.body)

    @rule(meter=METERS, instant=INSTANTS, fails=FAILS)
    def complete(self, meter: str, instant: int, fails: bool) -> None:
        model, fuller = self.model[meter], packet(instant, meter, value=self.body())
        allowed = model.held(self.clock.wall()) and instant in model.waiting and instant > model.fence
        if self.attempt(self.outbox.complete(fuller), allowed, fails):
            model.waiting[instant] = fuller.body

    @rule(meter=METERS, fills=st.sets(INSTANTS, max_size=4), completes=st.sets(INSTANTS, max_size=2), fails=FAILS)
    def mend(self, meter: str, fills: set[int], completes: set[int], fails: bool) -> None:
        model, now = self.model[meter], self.clock.wall()
        new = [packet(instant, meter, value=self.body()) for instant in sorted(fills)]
        fuller = [packet(instant, meter, value=self.body()) for instant in sorted(completes)]
        allowed = all(model.can_fill(instant, now) for instant in fills) and all(
            model.held(now) and instant in model.waiting and instant > model.fence for instant in completes
        )
        if self.attempt(self.outbox.mend(queue(meter), new, fuller), allowed, fails):
            for each in new:
                model.put(each.instant, each.body)
            model.waiting.update((each.instant, each.body) for each in fuller)

    @rule(meter=METERS, fails=FAILS, gaps=st.booleans())
    def release(self, meter: str, fails: bool, gaps: bool) -> None:
        model, now = self.model[meter], self.clock.wall()
        if self.attempt(self.outbox.release(queue(meter), gaps=gaps), True, fails):
            if not gaps:
                model.give_back(now)
                return
            model.hold, model.heals = None, False
            model.open.clear()
            model.awaited.clear()

    @rule(meter=METERS, fails=FAILS, accept=st.sampled_from([None, AcceptedBy.ANSWER, AcceptedBy.READ_BACK]))
    def send(self, meter: str, fails: bool, accept: AcceptedBy | None) -> None:
        model = self.model[meter]
        model.end_overdue(self.clock.wall())
        head = self.run(self.outbox.head(queue(meter)))
        if model.hold is not None or not model.waiting:
            assert head is None
            return
        assert head is not None
        assert (head.instant, head.body) == min(model.waiting.items())
        assert head.instant >= max(model.attempts, default=LOWEST), "what leaves never goes back"
        assert head.instant not in model.accepted, "what was accepted never leaves again"
        model.attempts.append(head.instant)
        model.fence = max(model.fence, head.instant)
        if accept is not None and self.attempt(self.outbox.accept(head, accept, self.clock.wall()), True, fails):
            model.leave(head.instant, model.accepted)

    @rule(meter=METERS, instant=INSTANTS)
    def accept_what_may_not_be(self, meter: str, instant: int) -> None:
        if instant != min(self.model[meter].waiting, default=None):
            try:
                self.run(self.outbox.accept(packet(instant, meter), AcceptedBy.ANSWER, 0))
            except OutboxError:
                return
            raise AssertionError("only the head can be accepted")

    @rule(meter=METERS, fails=FAILS, data=st.data())
    def set_aside(self, meter: str, fails: bool, data: st.DataObject) -> None:
        model = self.model[meter]
        if model.waiting:
            instant = data.draw(st.sampled_from(sorted(model.waiting)))
            if self.attempt(self.outbox.set_aside(packet(instant, meter), "because", 0), True, fails):
                model.leave(instant, model.aside)

    @rule(seconds=st.sampled_from([1, 5, 20]))
    def time_passes(self, seconds: int) -> None:
        self.run(self.clock.advance(seconds))

    @precondition(lambda self: len(self.opened) < 6)
    @rule(orderly=st.booleans())
    def reopen(self, orderly: bool) -> None:
        if orderly:
            self.run(self.database.close())
        self.run(self.open())
        for model in self.model.values():
            model.reopen()

    @invariant()
    def memory_shows_what_the_model_expects(self) -> None:
        states = {each.queue.id: each for each in self.run(self.outbox.states())}
        for meter, model in self.model.items():
            if meter in states:
                found = states[meter]
                assert found.waiting == len(model.waiting)
                assert found.oldest == min(model.waiting, default=None)
                assert (LOWEST if found.fence is None else found.fence) == model.fence
                assert found.held_until == (model.hold and model.hold[1])
                assert found.heals == model.heals
                awaited = {each.first for each in self.run(self.outbox.gaps_waited_for([meter]))}
                assert awaited == model.awaited
            else:
                assert not model.waiting

    def teardown(self) -> None:
        for database in self.opened:
            self.run(database.close())
        self.loop.close()
        self.nothing_vanished()
        shutil.rmtree(self.folder)

    def nothing_vanished(self) -> None:
        connection = sqlite3.connect(self.folder / "outbox.db")
        for meter, model in self.model.items():
            rows = connection.execute(
                "SELECT instant, state FROM packet JOIN queue ON queue.id = queue WHERE meter = ?", (meter,)
            ).fetchall()
            expected = ((0, set(model.waiting)), (1, model.accepted), (2, model.aside))
            assert sorted(rows) == sorted((instant, state) for state, instants in expected for instant in instants)
            counted = connection.execute(
                "SELECT total(waiting), total(accepted), total(set_aside) FROM tally WHERE meter = ?", (meter,)
            ).fetchone()
            assert counted == (len(model.waiting), len(model.accepted), len(model.aside))
        connection.close()


TestOutboxModel = OutboxMachine.TestCase
TestOutboxModel.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
