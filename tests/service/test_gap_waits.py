"""Gaps that are held while clocks are set, meters go, and files fail: none is waited for longer than was said."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.bacnet.trend import LogRefusedError
from bacnet_bridge.errors import DeviceSilentError, OutboxError, ReadError
from bacnet_bridge.model import Meter
from bacnet_bridge.outbox.contract import StoredGap
from bacnet_bridge.service.healing import Healing
from bacnet_bridge.vocabulary.gaps import DAMAGED, DEFECT, NOT_READ, TOO_LATE, Stage
from bacnet_bridge.vocabulary.slots import Grid
from tests.service.test_gap_finding import FIVE, METER, Nobody, Site
from tests.support.outbox import packet, queue


class Silent(Nobody):
    """A device that never answers, unless it `says` something else."""

    def __init__(self) -> None:
        self.says: Exception = DeviceSilentError("device 1001 does not answer")
        self.asked = 0

    def logs(self, _meter: Meter) -> Any:
        return self

    async def read(self, *_what: object, **_how: object) -> None:
        self.asked += 1
        raise self.says

    facts = read


class Held(Site):
    """The meter's slots 1 to 3 are held, and its device is silent."""

    meters: list[Meter]

    def restart(self) -> None:
        """After a crash: what ran is gone."""
        for each in self.running() if hasattr(self, "healing") else ():
            each.cancel()
        self.meters = [METER]
        self.others: list[asyncio.Task[None]] = []
        self.device = Silent()
        parts = self.device, self.backend.outbox, self.backend.ledger, self.clock, self.marks
        self.healing = Healing(*parts, lambda: self.meters, lambda: True, lambda _meter, _packets: None)

    def run(self) -> None:
        self.others.append(asyncio.create_task(self.healing.run()))

    def running(self) -> list[asyncio.Task[None]]:
        return [each for each in (*self.others, *self.healing._jobs) if not each.done()]

    async def until(self, so: Callable[[], bool], seconds: int) -> None:
        """Time passes, second by second, while every task waits for it."""
        for _ in range(seconds):
            while self.clock.sleeping < len(self.running()):  # noqa: ASYNC110  who waits for the file tells nobody
                await asyncio.sleep(0.001)
            if so():
                return
            await self.clock.advance(1)
        assert so()

    def given_up(self) -> bool:
        return self.healing.outcomes["given up"] == 1

    async def spoiled(self, column: str, text: str) -> None:
        """The bridge stops; what the file has of the gaps is another text now; and the bridge starts."""
        await self.backend.close()
        with closing(sqlite3.connect(self.backend.path)) as file:
            file.execute(f"UPDATE gap SET {column} = ?", (text,))
            file.commit()
        await self.backend.open()
        self.restart()

    async def gap(self) -> StoredGap:
        return (await self.backend.outbox.gaps("m"))[0]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Held]:
    site = Held(tmp_path)
    await site.open()
    await site.put(4)
    assert await site.held() == [(1, 3)]
    yield site
    running = site.running()
    for each in running:
        each.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await site.backend.close()


async def test_a_clock_that_is_set_back_an_hour_does_not_lengthen_the_wait(site: Held) -> None:
    await site.until(lambda: site.clock.boot() >= 5_000 + 4 * 300 + 60, 61)
    site.clock.step(-3600)
    await site.until(site.given_up, 841)
    assert (await site.gap()).why.startswith(TOO_LATE)
    assert await site.backend.outbox.head(queue("m")) is not None


async def test_nor_does_one_that_was_set_back_before_a_start(site: Held) -> None:
    await site.backend.crash()
    site.restart()
    site.clock.step(-3600)
    site.run()
    await site.until(site.given_up, 901)


async def test_a_meter_that_moved_to_another_device_is_given_up_at_once(site: Held) -> None:
    await site.until(lambda: bool(site.healing._devices[METER.device, None].known), 5)
    site.meters[:] = [replace(METER, device=1002)]
    site.healing._wake((1002, None))
    site.healing.remapped()
    await site.until(site.given_up, 5)
    gap = await site.gap()
    assert (gap.stage, gap.why) == (Stage.RELEASED, NOT_READ)
    last = await site.backend.ledger.last_hole("m")
    assert last is not None
    assert last[2] == f"its log: {NOT_READ}"
    assert await site.backend.outbox.head(queue("m")) is not None


async def test_so_is_one_that_was_removed_and_one_that_is_not_there_any_more_at_a_start(site: Held) -> None:
    await site.until(lambda: bool(site.healing._devices[METER.device, None].known), 5)
    site.meters.clear()
    site.healing.remapped()
    await site.until(site.given_up, 5)
    await site.accept_all()
    site.meters.append(METER)
    await site.put(9)
    await site.backend.crash()
    site.restart()
    site.meters.clear()
    site.run()
    await site.until(site.given_up, 5)
    assert [each.why for each in await site.backend.outbox.gaps("m")] == [NOT_READ, NOT_READ]


@pytest.mark.parametrize("failing", ["give_up", "gaps_waited_for"])
async def test_a_file_that_cannot_be_written_for_a_while_ends_no_job(
    site: Held, failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox, failures = site.backend.outbox, list[str]()
    honest = getattr(outbox, failing)

    async def full(*what: object, **how: object) -> object:
        if len(failures) < 3:
            failures.append("")
            raise OutboxError("the disk is full")
        return await honest(*what, **how)

    monkeypatch.setattr(outbox, failing, full)
    await site.until(site.given_up, 960)
    assert len(failures) == 3
    assert (await site.gap()).why.startswith(TOO_LATE)


async def test_a_reason_that_cannot_be_looked_up_costs_the_sentence_and_nothing_else(
    site: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreadable(*_what: object) -> None:
        raise OutboxError("the ledger cannot be read")

    monkeypatch.setattr(site.backend.ledger, "due", unreadable)
    job = next(iter(site.healing._jobs))
    site.meters.clear()
    site.healing.remapped()
    await site.until(job.done, 5)
    assert site.given_up()
    assert job.exception() is None


@pytest.mark.parametrize("text", ['{"k', "7", '{"k": 7}'])
@pytest.mark.parametrize("column", ["before", "after"])
async def test_a_gap_whose_row_is_damaged_is_given_up_and_its_meter_goes_on(site: Held, column: str, text: str) -> None:
    await site.spoiled(column, text)
    site.run()
    await site.until(site.given_up, 5)
    assert (await site.gap()).why == DAMAGED
    assert await site.backend.outbox.head(queue("m")) is not None
    await site.put(6)
    await site.put(9)
    assert await site.held() == [(7, 8)]
    assert not site.others[0].done()


async def test_a_stage_that_nobody_knows_is_waited_for_by_nobody(site: Held) -> None:
    await site.spoiled("stage", "hel")
    gap = await site.gap()
    assert (gap.stage, gap.damaged) == (Stage.RELEASED, True)
    await site.put(6)
    assert site.slot(6) in site.backend.outbox.horizon("m").waiting


async def test_a_defect_while_gaps_are_looked_for_keeps_no_packet_out(
    site: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_what: object) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(site.backend.ledger, "due", broken)
    await site.put(9)
    assert site.slot(9) in site.backend.outbox.horizon("m").waiting


@pytest.mark.parametrize("says", [LogRefusedError("trend-log,1: device-busy"), ReadError("device 1001: abort 4")])
async def test_a_device_that_is_busy_is_asked_again_until_the_deadline(site: Held, says: ReadError) -> None:
    site.device.says = says
    await site.until(lambda: site.device.asked > 5, 300)
    assert not site.given_up()
    await site.until(site.given_up, 901)
    gap = await site.gap()
    assert gap.why == str(says)
    assert site.clock.wall() >= gap.deadline - 3_000


async def test_what_asking_again_does_not_change_is_given_up_at_once(site: Held) -> None:
    site.device.says = LogRefusedError("no such log", final=True)
    await site.until(site.given_up, 5)
    assert (await site.gap()).why == "no such log"


async def test_what_is_held_at_a_start_is_read_again_where_it_could_not_be(
    site: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.backend.crash()
    site.restart()
    outbox, failures = site.backend.outbox, list[str]()
    honest = outbox.gaps_waited_for

    async def unreadable(*what: Any) -> object:
        if len(failures) < 3:
            failures.append("")
            raise OutboxError("the outbox cannot be read")
        return await honest(*what)

    monkeypatch.setattr(outbox, "gaps_waited_for", unreadable)
    site.run()
    await site.until(lambda: bool(site.healing._devices), 10)
    await site.until(site.given_up, 901)


async def test_a_defect_costs_the_gap_that_it_is_met_in_and_no_other(site: Held) -> None:
    other = replace(METER, id="n", name="N")
    site.meters.append(other)
    ledger, outbox = site.backend.ledger, site.backend.outbox
    await ledger.open("n", Grid(FIVE, 0), "UTC", site.slot(0) - 1)
    await outbox.put(packet(site.slot(0), "n"))
    site.device.says = LogRefusedError("busy")
    await site.healing.put(other, packet(site.slot(4), "n"), {})
    assert len(await outbox.gaps_waited_for()) == 2
    job = next(iter(site.healing._jobs))
    met: list[str] = []

    async def read(*_what: object, **_how: object) -> None:
        met.append("")
        raise RuntimeError("a defect") if len(met) == 1 else LogRefusedError("busy")

    site.device.read = read  # type: ignore[method-assign]
    await site.until(site.given_up, 65)
    (left,) = await outbox.gaps_waited_for()
    assert not job.done()
    (gone,) = await outbox.gaps("m" if left.queue.id == "n" else "n")
    assert gone.why == f"{DEFECT} (RuntimeError)"
