"""When the platform's date is asked for, and what is said of the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import SecretStr

from bacnet_bridge.schedule.credibility import ClockMode, Credibility, SiteClock
from bacnet_bridge.service.timekeeper import Timekeeper
from bacnet_bridge.settings import BacnetSettings, PlatformSettings, Settings
from bacnet_bridge.wattics.date import NoDate
from bacnet_bridge.wattics.validity import AnyTime
from tests.support.clock import DrivenClock


@dataclass
class Site:
    """A machine whose clock departs from the true time by what it was stepped."""

    clock: DrivenClock
    credibility: Credibility
    keeper: Timekeeper
    asked: list[float] = field(default_factory=list)
    """Boot times."""
    trusted: list[object] = field(default_factory=list)
    """By what each asking trusted the platform."""
    away: bool = False
    ahead: int = 0
    """Milliseconds that the platform is ahead of the machine as it started."""

    def date(self) -> int | NoDate:
        self.asked.append(self.clock.boot())
        if self.away:
            return NoDate("it is away")
        running = round((self.clock.boot() - DrivenClock().boot()) * 1000)
        return (DrivenClock().wall() + running + self.ahead) // 1000 * 1000

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.keeper.run())
        yield
        task.cancel()


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Site]:
    def make(mode: ClockMode, *, synchronised: bool = False) -> Site:
        clock = DrivenClock()
        credibility = Credibility(clock, mode, lambda: synchronised)
        settings = Settings(
            zone="UTC",
            state=tmp_path,
            bacnet=BacnetSettings(instance=1, address="127.0.0.1/8:47808"),
            platform=PlatformSettings(username="u", password=SecretStr("p")),
            clock=mode.value,
        )
        site = Site(clock, credibility, Timekeeper(settings, SiteClock(clock, credibility), credibility))

        async def date(_address: object, trusted: object, **_: object) -> int | NoDate:
            site.trusted.append(trusted)
            return site.date()

        monkeypatch.setattr("bacnet_bridge.service.timekeeper.platform_date", date)
        return site

    return make


async def test_with_the_platform_s_clock_three_dates_take_seconds(make: Callable[..., Site]) -> None:
    site = make(ClockMode.PLATFORM)
    async with site.running():
        await site.clock.advance(2)
        assert site.credibility.credible()
        await site.clock.advance(7200)
    assert len(site.asked) == 5


async def test_one_contrary_date_brings_the_next_ones_at_once_and_they_stop_the_stamping(
    make: Callable[..., Site],
) -> None:
    site = make(ClockMode.SYSTEM, synchronised=True)
    site.ahead = 121_000
    async with site.running():
        await site.clock.advance(1)
        assert site.credibility.credible()
        await site.clock.advance(1)
        assert not site.credibility.credible()
        assert "departs from the platform's by 12" in site.keeper.problem
        assert "set it right" in site.keeper.problem
        site.ahead = 0
        await site.clock.advance(11)
    assert (site.credibility.credible(), site.keeper.problem) == (True, "")


@pytest.mark.parametrize("synchronised", [False, True])
async def test_a_step_is_followed_by_a_date_at_once(make: Callable[..., Site], synchronised: bool) -> None:
    site = make(ClockMode.SYSTEM, synchronised=synchronised)
    async with site.running():
        await site.clock.advance(600)
        assert len(site.asked) == 1
        site.clock.step(-600)
        await site.clock.advance(5)
        assert not site.credibility.credible()
        site.clock.step(600)
        await site.clock.advance(2)
        assert site.credibility.credible()
        assert len(site.asked) < 8


async def test_a_small_step_is_confirmed_anew_within_seconds(make: Callable[..., Site]) -> None:
    site = make(ClockMode.SYSTEM)
    async with site.running():
        await site.clock.advance(600)
        site.clock.step(-30)
        assert not site.credibility.credible()
        await site.clock.advance(1)
        assert site.credibility.credible()


async def test_after_a_suspended_night_the_date_is_asked_for(make: Callable[..., Site]) -> None:
    site = make(ClockMode.SYSTEM)
    async with site.running():
        await site.clock.advance(60)
        site.clock.suspend(8 * 3600)
        await site.clock.advance(1)
    assert len(site.asked) == 2


async def test_a_minute_s_departure_is_a_problem_before_it_stops_anything(make: Callable[..., Site]) -> None:
    site = make(ClockMode.SYSTEM)
    site.ahead = 75_000
    async with site.running():
        await site.clock.advance(1)
        assert site.credibility.credible()
        assert site.keeper.problem.startswith("the clock departs from the platform's by 7")


async def test_a_platform_that_is_away_is_asked_every_ten_seconds_while_nothing_else_confirms(
    make: Callable[..., Site],
) -> None:
    site = make(ClockMode.SYSTEM)
    site.away = True
    async with site.running():
        await site.clock.advance(60)
    assert len(site.asked) == 7
    assert "it is away" in site.keeper.problem


async def test_only_a_clock_to_be_corrected_and_not_credible_does_not_judge_the_certificate(
    make: Callable[..., Site],
) -> None:
    site = make(ClockMode.PLATFORM)
    site.ahead = 90_000
    async with site.running():
        await site.clock.advance(4000)
        assert site.keeper.now() == site.clock.wall() + site.credibility.correction > site.clock.wall()
        site.clock.step(-86_400)
        assert site.keeper.now() == site.clock.wall(), "what was learnt ended with the step"
        await site.clock.advance(5)
    assert [isinstance(trusted, AnyTime) for trusted in site.trusted] == [True] * 3 + [False] + [True] * 3
    site = make(ClockMode.SYSTEM)
    async with site.running():
        await site.clock.advance(100)
    assert site.trusted
    assert not any(isinstance(trusted, AnyTime) for trusted in site.trusted)
