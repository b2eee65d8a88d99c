"""What becomes of a gap whose log cannot be had: holes with a reason, and never a meter that is late for longer."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

import pytest

from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.bacnet.trend import Logs
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.control.door import ask
from bacnet_bridge.errors import DeviceSilentError
from bacnet_bridge.outbox.contract import StoredGap
from bacnet_bridge.service import logs_read
from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.service.questions import Release
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.state import StateFolder
from bacnet_bridge.vocabulary.gaps import ENDED, Stage
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.service.test_healing import HOUR, MINUTE, MINUTELY, sent
from tests.support.bridge import site_settings, until
from tests.support.healed_site import declared, left_at, mapped, opened
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

MAPPING = "meters:\n  Growth: {id: growth, device: 1001, as: delta, value: {object: LAV1, backfill: TL2}}\n"
Trouble = Callable[[int], Exception | None]
"""Of the so-many-th reading of a log, from 1."""


class Troubled:
    """A device's logs that cannot be read at times."""

    def __init__(self, logs: Logs, trouble: Trouble) -> None:
        self._logs, self._trouble, self.tries = logs, trouble, 0

    async def read(self, *what: object) -> object:
        self.tries += 1
        error = self._trouble(self.tries)
        if error is not None:
            raise error
        return await self._logs.read(*what)  # type: ignore[arg-type]  # handed on


@asynccontextmanager
async def site(
    folder: Path, platform: StrictPlatform, trouble: Trouble, monkeypatch: pytest.MonkeyPatch, heal_wait: float = 900
) -> AsyncIterator[tuple[SimulatedBuilding, Bridge]]:
    """Stopped for an hour, and on hold since this moment."""
    mapped(folder, MAPPING)
    honest = Reader.logs
    monkeypatch.setattr(Reader, "logs", lambda reader, meter: Troubled(honest(reader, meter), trouble))
    async with run_building(declared(folder)) as building:
        settings = site_settings(folder, building, platform, **MINUTELY, heal_wait=heal_wait)
        await left_at(settings, building, SystemClock().wall() - HOUR)
        async with running(settings) as bridge:
            await until(bridge, lambda _: bridge.collector.packed)
            yield building, bridge
    assert not platform.counts().discarded


async def over(bridge: Bridge) -> StoredGap:
    """The one gap, once its packets have left."""
    await until(bridge, lambda seen: not any(each.waiting for each in seen.meters))
    (gap,) = await bridge._outbox.gaps("growth")
    assert gap.stage is Stage.RELEASED
    return gap


def silent(_try: int) -> Exception:
    return DeviceSilentError("device 1001 does not answer")


async def test_a_silent_device_is_waited_for_up_to_the_deadline(
    tmp_path: Path, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, platform, silent, monkeypatch, heal_wait=5) as (_, bridge):
        overview = await bridge.overview()
        assert "on hold for its log until" in overview.meters[0].attention
        assert overview.problems == ()
        gap = await over(bridge)
        assert (gap.healed, gap.why) == (0, "the log had not told it before the deadline: device 1001 does not answer")
        assert bridge.intake.healing.outcomes == {"filled": 0, "given up": 1}
        assert SystemClock().wall() < gap.deadline + 20_000
    async with opened(bridge._settings) as ledger:
        last = await ledger.last_hole("growth")
    assert last == (gap.last, HoleReason.STOPPED, f"its log: {gap.why}")
    (grown,) = list(sent(platform, "growth").values())[:1]
    assert grown["value"] > 500, "the first packet has all that grew, as without a log"


async def test_a_device_that_answers_again_in_time_is_healed(
    tmp_path: Path, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_first(number: int) -> Exception | None:
        return silent(number) if number <= 2 else None

    async with site(tmp_path, platform, at_first, monkeypatch) as (_, bridge):
        gap = await over(bridge)
        assert (gap.healed, gap.why) == ((gap.last - gap.first) // MINUTE + 1, "")


async def test_a_long_log_is_read_in_turns_with_those_of_other_devices(
    tmp_path: Path, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here one question a turn; what was read is not read again, and nothing is filled before it is all there."""
    monkeypatch.setattr(logs_read, "_TURN", 0.0)
    cut: list[bool] = []

    class InTurns(Troubled):
        async def read(self, *what: object) -> object:
            reading = await super().read(*what)
            cut.append(reading.cut)  # type: ignore[attr-defined]
            return reading

    monkeypatch.setattr("tests.service.test_healing_trouble.Troubled", InTurns)
    async with site(tmp_path, platform, lambda _: None, monkeypatch) as (_, bridge):
        gap = await over(bridge)
    assert (gap.healed, gap.why) == ((gap.last - gap.first) // MINUTE + 1, "")
    assert cut == [True] * (len(cut) - 1) + [False]
    assert len(cut) > 1


async def test_a_log_that_is_refused_is_given_up_at_once(tmp_path: Path, platform: StrictPlatform) -> None:
    mapped(tmp_path, MAPPING.replace("TL2", "TL9"))
    async with run_building(declared(tmp_path)) as building:
        settings = site_settings(tmp_path, building, platform, **MINUTELY)
        await left_at(settings, building, SystemClock().wall() - HOUR)
        async with running(settings) as bridge:
            await until(bridge, lambda _: bridge.intake.healing.outcomes["given up"])
            gap = await over(bridge)
    assert gap.healed == 0
    assert "trend-log,9" in gap.why
    assert not platform.counts().discarded


async def test_an_operator_who_releases_the_meter_has_the_last_word(
    tmp_path: Path, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, platform, silent, monkeypatch) as (_, bridge):
        (state,) = await bridge._outbox.states()
        await ask(StateFolder(tmp_path / "state").control, "outbox release", **asdict(Release(state.queue)))
        gap = await over(bridge)
        assert (gap.healed, gap.why) == (0, ENDED)
        await until(bridge, lambda _: bridge.intake.healing.outcomes["given up"])


async def test_a_defect_costs_the_gap_and_not_the_service(
    tmp_path: Path, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with site(tmp_path, platform, lambda _: RuntimeError("a defect"), monkeypatch, heal_wait=3) as (_, bridge):
        assert (await over(bridge)).healed == 0
        assert (await bridge.overview()).problems == ()
