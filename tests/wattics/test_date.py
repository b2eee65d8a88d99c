"""The platform's date: over verified TLS only, Age added, nonsense ignored."""

import pytest

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.wattics.date import date_of, platform_date
from bacnet_bridge.wattics.session import trust
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture


async def test_any_answer_over_verified_tls_has_a_date(platform: StrictPlatform) -> None:
    before = SystemClock().wall() // 1000 * 1000
    date = await platform_date(platform.url, trust(platform.ca))
    assert date is not None
    assert before <= date <= SystemClock().wall()
    assert platform.counts().attempts == 0


async def test_who_is_not_trusted_is_not_believed(platform: StrictPlatform) -> None:
    assert await platform_date(platform.url, trust(None)) is None


async def test_nobody_there(platform: StrictPlatform) -> None:
    await platform.go_down()
    assert await platform_date(platform.url, trust(platform.ca)) is None


@pytest.mark.parametrize(
    ("headers", "instant"),
    [
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT"}, 10_000),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT", "Age": "5"}, 15_000),
        ({}, None),
        ({"Date": "yesterday"}, None),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 -0000"}, None),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT", "Age": "old"}, None),
    ],
)
def test_date_of(headers: dict[str, str], instant: int | None) -> None:
    assert date_of(headers) == instant
