import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.alarms.conditions import RULES, Condition
from bacnet_bridge.alarms.spool import Refused, Spool
from bacnet_bridge.alarms.standing import Event, Message
from tests.support.clock import NOON, DrivenClock


@dataclass
class Doubtful:
    """Takes messages, or says why not."""

    name: str = "doubtful"
    problem: str = ""
    against: dict[str, str] = field(default_factory=dict)
    """By condition, why its messages alone are not taken."""
    taken: list[Message] = field(default_factory=list)
    asked: int = 0

    async def send(self, message: Message) -> str:
        self.asked += 1
        problem = self.problem or self.against.get(message.condition.name, "")
        if not problem:
            self.taken.append(message)
        return problem

    @property
    def names(self) -> list[str]:
        return [f"{each.event} {each.condition.name}" for each in self.taken]


def message(event: Event, name: str = "clock", at: int = 0) -> Message:
    return Message(event, Condition(name, f"{name} holds"), NOON, NOON + at)


@asynccontextmanager
async def spool(receiver: Doubtful, clock: DrivenClock) -> AsyncIterator[Spool]:
    made = Spool(receiver, clock, lambda: None)
    task = asyncio.create_task(made.run())
    try:
        yield made
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_is_taken_once_and_in_order() -> None:
    receiver, clock = Doubtful(), DrivenClock()
    async with spool(receiver, clock) as made:
        made.put(message(Event.START))
        made.put(message(Event.START, "mapping"))
        await clock.advance(1)
        made.put(message(Event.END))
        await clock.advance(1)
    assert [(each.event, each.condition.name) for each in receiver.taken] == [
        (Event.START, "clock"),
        (Event.START, "mapping"),
        (Event.END, "clock"),
    ]


async def test_a_receiver_that_is_away_is_asked_ever_more_rarely_and_told_of_twice() -> None:
    receiver, clock = Doubtful(problem="no network"), DrivenClock()
    with capture_logs() as logs:
        async with spool(receiver, clock) as made:
            made.put(message(Event.START))
            await clock.advance(86_400)
            assert 50 <= receiver.asked <= 60
            assert made.problem == "no network"
            receiver.problem = ""
            await clock.advance(1801)
            assert len(receiver.taken) == 1
            assert made.problem == ""
    assert [log["event"] for log in logs] == ["an alarm is not taken", "alarms are taken again"]


async def test_a_network_that_is_dead_for_weeks_leaves_no_flood() -> None:
    receiver, clock = Doubtful(problem="no network"), DrivenClock()
    async with spool(receiver, clock) as made:
        for day in range(60):
            for name in RULES:
                for event in (Event.START, Event.WORSE, Event.REMINDER, Event.END):
                    made.put(message(event, name, at=day))
        assert len(made.waiting) == 2 * len(RULES)
        receiver.problem = ""
        await clock.advance(1801)
        assert [(each.event, each.at - NOON) for each in receiver.taken if each.condition.name == "clock"] == [
            (Event.START, 0),
            (Event.END, 59),
        ]


async def test_what_waits_outlives_a_restart() -> None:
    clock = DrivenClock()
    before = Spool(Doubtful(), clock, lambda: None)
    before.put(message(Event.START))
    before.put(message(Event.END))
    receiver = Doubtful()
    async with spool(receiver, clock) as made:
        made.take_up([*before.as_kept(), {"event": "unheard-of"}, {}])
        await clock.advance(1)
    assert receiver.taken == [message(Event.START), message(Event.END)]


@pytest.mark.parametrize("answer", [Refused("answers 400"), "answers 500"])
async def test_a_message_that_is_never_taken_keeps_no_other_waiting(answer: str) -> None:
    receiver, clock = Doubtful(against={"clock": answer, "devices": answer}), DrivenClock()
    async with spool(receiver, clock) as made:
        for name in "clock", "devices", "outbox", "mapping":
            made.put(message(Event.START, name))
        await clock.advance(100)
        assert receiver.names == ["start outbox", "start mapping"]
        await clock.advance(86_400)
        made.put(message(Event.END, "outbox"))
        await clock.advance(0)
        assert receiver.names[2:] == ["end outbox"], "at once, however long the pauses are by now"
        assert made.problem == ("" if isinstance(answer, Refused) else answer), "a refused one is dropped by then"


async def test_a_message_is_dropped_after_five_refusals_by_a_receiver_that_takes_others() -> None:
    receiver, clock = Doubtful(against={"clock": Refused("answers 400")}), DrivenClock()
    with capture_logs() as logs:
        async with spool(receiver, clock) as made:
            made.put(message(Event.START))
            await clock.advance(86_400)
            assert made.waiting == [message(Event.START)], "nobody knows whether it takes anything"
            made.put(message(Event.END))
            made.put(message(Event.START, "mapping"))
            await clock.advance(86_400)
            assert made.waiting == [message(Event.END)]
            made.put(message(Event.START, "mapping", at=1))
            await clock.advance(86_400)
            assert (made.waiting, made.problem) == ([], "")
    assert receiver.names == ["start mapping", "start mapping"]
    dropped = [(log["what"], log["cause"]) for log in logs if log["event"].startswith("an alarm is dropped")]
    assert dropped == [(Event.START, "answers 400"), (Event.END, "answers 400")]


async def test_what_a_receiver_may_take_later_is_never_dropped() -> None:
    receiver, clock = Doubtful(against={"clock": "answers 503"}), DrivenClock()
    async with spool(receiver, clock) as made:
        made.put(message(Event.START))
        for second in range(20):
            made.put(message(Event.START, "mapping", at=second))
            await clock.advance(3600)
        receiver.against.clear()
        await clock.advance(1801)
        assert receiver.names == ["start mapping"] * 20 + ["start clock"]


async def test_messages_of_one_condition_stay_in_order_while_some_are_not_taken() -> None:
    receiver, clock = Doubtful(against={"clock": "answers 500"}), DrivenClock()
    async with spool(receiver, clock) as made:
        made.put(message(Event.START))
        made.put(message(Event.START, "mapping"))
        made.put(message(Event.END))
        await clock.advance(100)
        assert receiver.names == ["start mapping"]
        receiver.against.clear()
        await clock.advance(1801)
        assert receiver.names == ["start mapping", "start clock", "end clock"]
