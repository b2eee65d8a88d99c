"""What the service tells the alarms of its meters and queues, without a running one."""

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from bacnet_bridge.alarms.conditions import MeterFacts, QueueFacts, find
from bacnet_bridge.model import Account, Hole, Meter, Queue, Retry
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.service.alarming import Alarming
from bacnet_bridge.service.collect import Collected
from bacnet_bridge.settings import BacnetSettings, Settings
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.wattics.deliver import Snapshot
from bacnet_bridge.wattics.verdict import Action
from tests.support.clock import DrivenClock

SETTINGS = Settings(bacnet=BacnetSettings(instance=1, address="127.0.0.1/8"), zone="UTC")
ACCOUNT = Account("https://platform", "default")
NOTHING_SENT = Snapshot(0, 0, 0, 0, None, {}, {})
HOUR = 3600.0


def meter(name: str) -> Meter:
    return Meter(name, name, 1001, (), 300, "UTC", 60)


@dataclass
class Stages:
    """The running stages, as far as alarms ask them."""

    clock: DrivenClock = field(default_factory=DrivenClock)
    queues: dict[str, QueueState] = field(default_factory=dict)
    delivery: Snapshot = NOTHING_SENT
    may: bool = True

    def __post_init__(self) -> None:
        collector = SimpleNamespace(queue=lambda each: Queue(ACCOUNT, each.id), latest={})
        self.intake = SimpleNamespace(
            meters=(meter("gas"),), collector=collector, may_stamp=lambda: self.may, port_problem="",
            due=SimpleNamespace(problem=""), reader=SimpleNamespace(attention=()),
        )  # fmt: skip
        told: Any = SimpleNamespace(problems=(), attention=())
        time: Any = SimpleNamespace(problem="")
        kept: Any = SimpleNamespace(problems=lambda _: (), damaged=False)
        self.time, self.kept = time, kept
        clock: Any = self.clock
        intake: Any = self.intake
        outbox: Any = self
        self.alarming = Alarming(SETTINGS, clock, outbox, intake, told, time, kept, lambda: self.delivery, self.moving)

    async def moving(self) -> tuple[str, ...]:
        return ()

    async def states(self) -> tuple[QueueState, ...]:
        return tuple(self.queues.values())

    def queue(self, name: str, *, put: int | None = None, oldest: int | None = None) -> None:
        queue = Queue(ACCOUNT, name)
        self.queues[name] = QueueState(queue, oldest is not None, oldest, None, put, None, None, Retry())

    async def found(self) -> list[str]:
        return list(find(await self.alarming.facts()).conditions)

    async def passes(self, seconds: float) -> list[str]:
        """Looks, as the watch does, and what it found last."""
        for _ in range(10):
            await self.clock.advance(seconds / 10)
            last = await self.found()
        return last


async def test_a_meter_that_an_edit_brings_is_given_its_time() -> None:
    stages = Stages()
    stages.queue("gas", put=stages.clock.wall() + 86_400_000)
    await stages.found()
    assert await stages.passes(HOUR) == []
    stages.intake.meters = (meter("gas"), meter("new"))
    assert await stages.passes(800) == []
    assert await stages.passes(200) == ["meters-silent"]


async def test_after_a_closed_port_and_a_wrong_clock_meters_are_given_their_time() -> None:
    stages = Stages()
    stages.queue("gas", put=stages.clock.wall())
    assert await stages.passes(2 * HOUR) == ["meters-silent"]
    stages.intake.port_problem = "the port is taken"
    assert await stages.passes(HOUR) == ["no-port"]
    stages.intake.port_problem = ""
    assert await stages.passes(800) == []
    stages.may = False
    assert await stages.passes(HOUR) == []
    stages.may = True
    assert await stages.passes(800) == []
    assert await stages.passes(200) == ["meters-silent"]


async def test_after_a_full_disk_too() -> None:
    stages = Stages()
    stages.queue("gas", put=stages.clock.wall())
    full = Collected(0, Hole(HoleReason.FULL, "no space"), ())
    stages.intake.collector.latest["gas"] = full
    assert await stages.passes(HOUR) == ["no-room"]
    stages.intake.collector.latest["gas"] = replace(full, outcome=Hole(HoleReason.SILENT, "no answer"))
    assert await stages.passes(800) == []
    assert await stages.passes(200) == ["meters-silent"]


async def test_a_packet_waits_for_too_long_once_it_was_the_first_for_an_hour() -> None:
    stages = Stages()
    stages.queue("gas", put=stages.clock.wall() + 86_400_000, oldest=stages.clock.wall() - 86_400_000)
    await stages.found()
    assert await stages.passes(HOUR - 10) == []
    stages.queue("gas", put=stages.clock.wall() + 86_400_000, oldest=stages.clock.wall() - 80_000_000)
    assert await stages.passes(HOUR - 10) == [], "one was accepted, and the next is the first only now"
    assert await stages.passes(HOUR) == ["waiting"]


async def test_what_the_platform_has_against_a_meter_is_no_matter_of_the_network() -> None:
    stages = Stages()
    now = stages.clock.wall()
    stages.queue("gas", put=now, oldest=now)
    queue = Queue(ACCOUNT, "gas")
    stages.delivery = replace(NOTHING_SENT, failing={queue: Retry(1, 0, "no connection", Action.BACK_OFF)})
    assert await stages.found() == []
    stages.delivery = replace(NOTHING_SENT, failing={queue: Retry(1, 0, "answered 404", Action.PAUSE_QUEUE)})
    assert await stages.found() == ["refused"]
    stages.delivery = replace(NOTHING_SENT, alarms={queue: "an operator holds it"})
    assert await stages.found() == ["refused"]


async def test_what_explains_the_silence_of_all() -> None:
    stages = Stages()
    assert (await stages.alarming.facts()).everywhere == set()
    stages.time.problem = "the clock departs from the platform's by 90 s"
    assert (await stages.alarming.facts()).everywhere == set(), "slots are read all the same"
    stages.may, stages.intake.port_problem, stages.kept.damaged = False, "taken", True
    assert (await stages.alarming.facts()).everywhere == {"clock", "no-port", "outbox"}
    stages.kept.damaged, stages.intake.due.problem = False, "the ledger cannot be written"
    assert "outbox" in (await stages.alarming.facts()).everywhere


async def test_what_a_queue_s_account_platform_and_outbox_explain() -> None:
    stages = Stages()
    stages.queue("gas", oldest=stages.clock.wall())
    stages.queue("heat", oldest=stages.clock.wall())
    stages.queues["heat"] = replace(stages.queues["heat"], unproven="restored")

    async def under(delivery: Snapshot) -> dict[str, frozenset[str]]:
        stages.delivery = delivery
        queues: list[QueueFacts] = list((await stages.alarming.facts()).queues)
        return {queue.name: queue.under for queue in queues}

    assert await under(NOTHING_SENT) == {"gas": set(), "heat": {"outbox"}}
    retry = Retry(1, 0, "refused")
    both = replace(NOTHING_SENT, paused={ACCOUNT: retry}, away={"platform": retry})
    assert (await under(both))["gas"] == {"credentials", "platform-away"}
    other = replace(NOTHING_SENT, paused={Account("https://platform", "other"): retry}, away={"elsewhere": retry})
    assert (await under(other))["gas"] == set()


async def test_a_queue_heals_up_to_its_deadline() -> None:
    stages = Stages()
    wall = stages.clock.wall()
    stages.queue("gas", oldest=wall)
    stages.queues["gas"] = replace(stages.queues["gas"], heals=True, held_until=wall + 60_000)
    (healing,) = (await stages.alarming.facts()).queues
    await stages.clock.advance(61)
    (late,) = (await stages.alarming.facts()).queues
    assert (healing.heals, late.heals) == (True, False)


async def test_of_what_was_not_read_since_the_start_nobody_knows_fields_and_room() -> None:
    stages = Stages()
    stages.queue("gas", put=stages.clock.wall())
    unknown: list[MeterFacts] = list((await stages.alarming.facts()).meters)
    assert [(each.no_room, each.lacks) for each in unknown] == [(None, None)]
    stages.intake.collector.latest["gas"] = Collected(0, Hole(HoleReason.SILENT, "no answer"), ())
    (hole,) = (await stages.alarming.facts()).meters
    assert (hole.no_room, hole.lacks) == (False, None)
