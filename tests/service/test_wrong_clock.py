"""Clocks that are wrong in every way: no instant twice, none from the future, every slot accounted for.

Judged by the true time, which only the test knows, and by the strict platform's record. The long form of the drift is
marked `soak`.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from bacnet_bridge.clock import instant_of
from bacnet_bridge.schedule.credibility import ClockMode
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.drifting import DriftingSite, judge
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

HOUR = 3600
SYSTEM, PLATFORM, TRUST = ClockMode.SYSTEM, ClockMode.PLATFORM, ClockMode.TRUST
WRONG = {"1970": 5_000, "2036": instant_of(datetime(2036, 2, 7, 6, 28, tzinfo=UTC))}


@pytest.mark.parametrize("step", [-600, 600, 86_400, -86_400], ids=["-10min", "+10min", "+1day", "-1day"])
@pytest.mark.parametrize("mode", [SYSTEM, PLATFORM])
async def test_a_step(tmp_path: Path, platform: StrictPlatform, mode: ClockMode, step: int) -> None:
    """The system's word ends with the step, and the platform's contradicts it, until somebody sets the clock right."""
    site = DriftingSite(tmp_path, platform, mode, synchronised=mode is SYSTEM)
    async with site.running():
        await site.lasts(5 * HOUR)
        site.step(step)
        await site.lasts(7 * HOUR)
        site.set_right()
        await site.lasts(5 * HOUR)
    judged = await judge(site)
    assert judged.due == 17
    assert judged.holes == ({HoleReason.CLOCK: 7} if mode is SYSTEM else {})


async def test_a_step_of_a_minute_costs_nothing_once_the_platform_confirms_it(
    tmp_path: Path, platform: StrictPlatform
) -> None:
    site = DriftingSite(tmp_path, platform, SYSTEM)
    async with site.running():
        for step in (60, -60, -60, 60):
            await site.lasts(2 * HOUR)
            site.step(step)
        await site.lasts(2 * HOUR)
    assert (await judge(site)).holes == {}


@pytest.mark.parametrize("year", WRONG)
@pytest.mark.parametrize("mode", [SYSTEM, PLATFORM])
async def test_wrong_at_the_first_boot(tmp_path: Path, platform: StrictPlatform, mode: ClockMode, year: str) -> None:
    site = DriftingSite(tmp_path, platform, mode)
    site.off(0, WRONG[year])
    async with site.running():
        await site.lasts(6 * HOUR)
        site.set_right()
        await site.lasts(6 * HOUR)
    judged = await judge(site)
    assert judged.due == 12
    assert judged.holes == ({HoleReason.CLOCK: 6} if mode is SYSTEM else {})


@pytest.mark.parametrize("year", WRONG)
@pytest.mark.parametrize("mode", [SYSTEM, PLATFORM])
async def test_wrong_at_a_later_boot(tmp_path: Path, platform: StrictPlatform, mode: ClockMode, year: str) -> None:
    """The slots until the boot are nobody's fault but the stop's, those after it the clock's."""
    site = DriftingSite(tmp_path, platform, mode)
    async with site.running():
        await site.lasts(4 * HOUR)
    site.off(3 * HOUR, WRONG[year])
    async with site.running():
        await site.lasts(6 * HOUR)
        site.set_right(by_server=False)
        await site.lasts(4 * HOUR)
    judged = await judge(site)
    assert judged.due == 17
    clock = {HoleReason.CLOCK: 6} if mode is SYSTEM else {}
    assert judged.holes == {HoleReason.STOPPED: 3, **clock}


@pytest.mark.parametrize("ahead", [-121, 121, 86_400])
async def test_a_platform_s_date_that_differs_by_over_two_minutes_overrules_the_system(
    tmp_path: Path, platform: StrictPlatform, ahead: int
) -> None:
    """The machine says that it is synchronised, by a server that is wrong."""
    site = DriftingSite(tmp_path, platform, SYSTEM, synchronised=True)
    async with site.running():
        await site.lasts(3 * HOUR)
        site.machine.step(ahead)
        site._stepped = True
        await site.lasts(4 * HOUR)
        site.set_right()
        await site.lasts(3 * HOUR)
    judged = await judge(site)
    assert judged.holes == {HoleReason.CLOCK: 4}


async def test_suspended_nights(tmp_path: Path, platform: StrictPlatform) -> None:
    site = DriftingSite(tmp_path, platform, SYSTEM)
    async with site.running():
        for _ in range(3):
            await site.lasts(4 * HOUR)
            site.suspend(8 * HOUR)
        await site.lasts(4 * HOUR)
    judged = await judge(site)
    assert judged.due == 40
    assert judged.holes == {HoleReason.LATE: 24}


CHANGES = [
    ("Europe/Dublin", datetime(2027, 3, 28, 1, tzinfo=UTC)),
    ("Europe/Dublin", datetime(2027, 10, 31, 1, tzinfo=UTC)),
    ("America/St_Johns", datetime(2027, 11, 7, 4, 30, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 4, 3, 15, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2027, 10, 2, 15, 30, tzinfo=UTC)),
    ("Pacific/Chatham", datetime(2027, 4, 3, 14, tzinfo=UTC)),
    ("Asia/Kathmandu", datetime(2027, 4, 3, 14, tzinfo=UTC)),
    ("Africa/Casablanca", datetime(2027, 3, 14, 2, tzinfo=UTC)),
    ("Antarctica/Troll", datetime(2027, 3, 28, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "change"), CHANGES)
async def test_the_days_around_a_change_of_daylight_saving(
    tmp_path: Path, platform: StrictPlatform, zone: str, change: datetime
) -> None:
    """No slot more or less than the day has, each once, and the ledger's local days are what the zone makes them."""
    begin = instant_of(change) - 26 * HOUR * 1000 + 1_000
    site = DriftingSite(tmp_path, platform, TRUST, zone=zone, begin=begin, interval=1800)
    async with site.running():
        await site.lasts(52 * HOUR)
    judged = await judge(site)
    assert (judged.due, judged.accepted, judged.holes) == (104, 104, {})


async def drifts(site: DriftingSite, days: int) -> None:
    """And a technician comes and sets the clock."""
    async with site.running():
        await site.lasts(days * 86_400)
        site.set_right(by_server=False)
        await site.lasts(2 * HOUR)


FOUR_MONTHS = pytest.param(120, 2, marks=[pytest.mark.soak, pytest.mark.timeout(600)])


@pytest.mark.parametrize("mode", [SYSTEM, PLATFORM])
@pytest.mark.parametrize("way", [-1, 1], ids=["slow", "fast"])
@pytest.mark.parametrize(("days", "seconds_a_day"), [(4, 45), FOUR_MONTHS])
async def test_a_drift_that_nobody_corrects(
    tmp_path: Path, platform: StrictPlatform, mode: ClockMode, way: int, days: int, seconds_a_day: float
) -> None:
    """Until two minutes are reached slots are read, after that they are holes; the platform's clock loses none."""
    site = DriftingSite(tmp_path, platform, mode, rate=1 + way * seconds_a_day / 86_400)
    with structlog.testing.capture_logs():  # thousands of slots
        await drifts(site, days)
    judged = await judge(site)
    if mode is PLATFORM:
        assert judged.holes == {}
        assert judged.accepted == 24 * days + 2
        return
    good = 120 / seconds_a_day * 24 + 2
    slack = 2 + 24 / seconds_a_day  # a date has whole seconds
    assert good - slack <= judged.accepted <= good + slack
    assert judged.holes == {HoleReason.CLOCK: judged.due - judged.accepted}
