"""Numbers and times as the page writes them, asked in Chromium."""

from typing import Any

import pytest

from tests.support.browser import chromium, looking
from tests.support.showcase import Showcase
from tests.support.status import serving

pytestmark = pytest.mark.page

WRITTEN = """async ([name, ...told]) => (await import("/page/words.js"))[name](...told)"""


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
