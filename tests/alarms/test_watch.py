"""The watch with a driven clock: what is told over hours, restarts and full disks."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bacnet_bridge.alarms.conditions import Facts, Found, MeterFacts
from bacnet_bridge.alarms.heartbeat import Heartbeat
from bacnet_bridge.alarms.http import Way
from bacnet_bridge.alarms.standing import Event, Message
from bacnet_bridge.alarms.watch import Watch
from bacnet_bridge.errors import StateError
from tests.support.building import free_port
from tests.support.clock import DrivenClock

HOUR = 3600.0
DAY = 24 * HOUR


@dataclass
class Scene:
    """A site of two meters, of which some are silent."""

    folder: Path
    clock: DrivenClock = field(default_factory=DrivenClock)
    silent: bool = False
    away: bool = False
    problem: str = ""
    told: list[Message] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    looked: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = "test"

    async def look(self) -> Facts:
        self.looked.set()
        now = self.clock.wall()
        put = now - 7_200_000 if self.silent else now
        meters = (MeterFacts("Gas", 300, put, 0, "device silent: no answer"), MeterFacts("Water", 300, now, 0))
        away = ["platform: no connection"] if self.away else []
        return Facts(now, now - 86_400_000, 900, 3600, meters=meters, away=away)

    async def send(self, message: Message) -> str:
        if not self.problem:
            self.told.append(message)
        return self.problem

    async def show(self, _facts: Facts, found: Found) -> None:
        self.shown.append(found.silent)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[Watch]:
        watch = Watch(self.look, [self], self.folder / "alarms.json", self.clock, remind=DAY, show=self.show)
        self.looked.clear()
        task = asyncio.create_task(watch.run())
        await self.looked.wait()
        await self.passes(20)
        try:
            yield watch
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def passes(self, seconds: float) -> None:
        """Time, in steps."""
        for _ in range(4):
            await self.clock.advance(seconds / 4)

    @property
    def events(self) -> list[str]:
        return [f"{each.event} {each.condition.name}" for each in self.told]


async def test_start_reminder_and_end_over_restarts(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    async with scene.watching() as watch:
        scene.silent = True
        await scene.passes(60)
        assert scene.events == ["start meters-silent"]
        assert scene.shown[-1] == 1
        assert [each.condition.headline for each in watch.told] == ["nothing is read of meter Gas"]
    async with scene.watching():
        await scene.passes(HOUR)
        assert scene.events == ["start meters-silent"]
    await scene.clock.advance(DAY)
    async with scene.watching():
        assert scene.events == ["start meters-silent", "reminder meters-silent"]
        scene.silent = False
        await scene.passes(HOUR)
        assert scene.events[2:] == ["end meters-silent"]
    async with scene.watching() as watch:
        await scene.passes(HOUR)
        assert len(scene.events) == 3
        assert watch.told == ()


async def test_a_heartbeat_that_is_not_taken_is_a_problem_like_a_message(tmp_path: Path) -> None:
    async def moving() -> tuple[str, ...]:
        return ()

    scene = Scene(tmp_path)
    way = Way("test", ssl.create_default_context())
    heartbeat = Heartbeat(way, SecretStr(f"http://127.0.0.1:{free_port()}/s3cr3t"), 60, moving, scene.clock)
    watch = Watch(scene.look, [scene], tmp_path / "alarms.json", scene.clock, remind=DAY, heartbeat=heartbeat)
    before = watch.problems
    await heartbeat.beat()
    assert (before, len(watch.problems)) == ((), 1)
    assert watch.problems[0].startswith("alarms by heartbeat: 127.0.0.1 cannot be reached")


async def test_what_was_not_taken_before_a_restart_is_sent_after_it(tmp_path: Path) -> None:
    scene = Scene(tmp_path, silent=True, problem="no network")
    async with scene.watching() as watch:
        await scene.passes(60)
        assert watch.problems == ("alarms by test: no network",)
    scene.problem = ""
    async with scene.watching():
        await scene.passes(60)
    assert scene.events == ["start meters-silent"]
    async with scene.watching():
        await scene.passes(60)
    assert scene.events == ["start meters-silent"]


async def test_a_disk_that_takes_nothing_costs_no_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StateError("alarms.json cannot be written: no space")

    monkeypatch.setattr("bacnet_bridge.alarms.watch.write_table", full)
    scene = Scene(tmp_path, silent=True)
    with capture_logs() as logs:
        async with scene.watching():
            await scene.passes(60)
            scene.silent = False
            await scene.passes(HOUR)
    assert scene.events == ["start meters-silent", "end meters-silent"]
    assert [log["event"] for log in logs if log["log_level"] == "error"] == [
        "the alarms that were told cannot be remembered"
    ]


async def test_a_dead_receiver_does_not_keep_another_waiting(tmp_path: Path) -> None:
    scene, other = Scene(tmp_path, silent=True), Scene(tmp_path, name="other", problem="no network")
    watch = Watch(scene.look, [other, scene], tmp_path / "alarms.json", scene.clock, remind=DAY)
    task = asyncio.create_task(watch.run())
    await scene.looked.wait()
    await scene.passes(60)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert scene.events == ["start meters-silent"]
    assert other.told == []


async def test_a_damaged_memory_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "alarms.json").write_text('{"told": {"clock": {"since": "x"}}, "waiting": {"test": 5}}')
    scene = Scene(tmp_path, silent=True)
    async with scene.watching():
        await scene.passes(60)
    assert [message.event for message in scene.told] == [Event.START]
