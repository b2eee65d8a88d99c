"""Numbers and times as the page writes them, asked in Chromium."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.support.browser import chromium, looking
from tests.support.showcase import Showcase
from tests.support.status import serving

pytestmark = pytest.mark.page

WRITTEN = """async ([name, ...told]) => {
    const said = (await import("/page/words.js"))[name](...told);
    return typeof said === "function" ? told.map(said).join(" ") : said;
}"""


async def written(*questions: tuple[Any, ...]) -> list[str]:
    async with serving(Showcase()) as status, chromium() as browser, looking(browser, status.port, "/") as page:
        return [str(await page.evaluate(WRITTEN, list(each))) for each in questions]


async def test_whether_a_slot_is_of_today_is_asked_where_the_building_is() -> None:
    evening, morning = "2026-11-23T21:00:00.000Z", "2026-11-24T08:00:00.000+11:00"  # the same instant
    assert await written(
        ("localTime", "2026-11-23T09:00:00.000+11:00", evening),
        ("localTime", "2026-11-24T07:59:00.000+11:00", evening),
        ("localTime", "2026-11-24T07:59:00.000+11:00", morning),
        ("localTime", "2026-11-23T17:29:00.000-03:30", evening),
        ("localTime", "2026-11-23T21:00:00.000+00:00", morning),
        ("localTime", "2026-11-22T21:00:00.000+00:00", morning),
        ("localTime", None, morning),
    ) == ["2026-11-23 09:00", "07:59:00", "07:59:00", "17:29:00", "21:00:00", "2026-11-22 21:00", "–"]


async def test_values_that_differ_are_written_so_that_they_do() -> None:
    assert await written(
        ("between", 0.001, 0.004),
        ("between", 1000.001, 1000.004),
        ("between", 1234567.8, 7654321.987),
        ("between", -3e-7, 2e-7),
        ("between", 0.00012345, 0.00012345),
        ("between", 5, 5),
        ("between", 0, 0),
        ("between", 1e-300, 2e-300),
    ) == [
        "0.001 0.004", "1,000.001 1,000.004", "1,234,567.8 7,654,321.99", "-0.0000003 0.0000002", "0.000123 0.000123",
        "5 5", "0 0", "0 0",
    ]  # fmt: skip


async def test_small_values_are_told_of_the_curve_and_of_the_trend() -> None:
    class Small(Showcase):
        async def history(self, meter: str) -> dict[str, Any] | None:
            found = await super().history(meter)
            return found and found | {"values": [0.001] * 200 + [0.004] * 88}

    told = Small()
    told.meters[1] |= {"low": 0.001, "high": 0.004}
    async with serving(told) as status, chromium() as browser:
        async with looking(browser, status.port, "/meters/m-1") as page:
            await expect(page.locator("main")).to_contain_text("From 0.001 to 0.004 kWh, 0.004 at last")
        async with looking(browser, status.port, "/meters") as page:
            await expect(page.get_by_role("img", name="between 0.001 and 0.004 kWh")).to_have_count(1)
