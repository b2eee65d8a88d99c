"""The page over the real bridge, a simulated building and a strict platform: what happens is seen without reloading."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Route, expect

from bacnet_bridge.service.bridge import running
from bacnet_bridge.settings import StatusSettings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.status import events
from bacnet_bridge.status.server import Place
from bacnet_bridge.vocabulary.password import hashed
from tests.support.bridge import site_settings
from tests.support.browser import chromium, looking
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.showcase import Showcase
from tests.support.status import serving

pytestmark = pytest.mark.page

SOON = 30_000.0
"""Milliseconds; the bridge tells within seconds, and this machine may be busy."""


async def test_a_device_dies_and_comes_back_before_your_eyes(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform, status=free())
    settings = settings.model_copy(update={"bacnet": settings.bacnet.model_copy(update={"timeout": 0.5})})
    async with running(settings) as bridge, chromium() as browser:
        await platform.until("accepted", 3)
        port = bridge.status_port
        async with (
            looking(browser, port, "/") as overview,
            looking(browser, port, "/meters") as meters,
            looking(browser, port, "/meters/gas") as gas,
            looking(browser, port, "/devices") as devices,
        ):
            pages = (overview, meters, gas, devices)
            for page in pages:
                await page.evaluate("window.neverReloaded = true")
            await expect(gas.locator("main")).to_contain_text("accepted (HTTP 200)", timeout=SOON)
            well = overview.locator(".verdict.well")
            await expect(well).to_be_visible(timeout=SOON)
            await building.misbehave(1002, silent=True)
            await expect(overview.locator(".verdict")).to_contain_text("something in the building", timeout=SOON)
            await expect(overview.locator("main")).to_contain_text("device silent", timeout=SOON)
            await expect(meters.locator("tr", has_text="Gas")).to_contain_text("device silent", timeout=SOON)
            await expect(gas.locator("main")).to_contain_text("has no packet", timeout=SOON)
            await expect(devices.locator("summary", has_text="1002")).to_contain_text("silent", timeout=SOON)

            await building.misbehave(1002, silent=False)
            await expect(well).to_be_visible(timeout=SOON)
            await expect(meters.locator("main")).not_to_contain_text("device silent", timeout=SOON)
            await expect(gas.locator("pre").first).to_contain_text('{"id":"gas"', timeout=SOON)
            await expect(devices.locator("summary", has_text="1002")).not_to_contain_text("silent", timeout=SOON)
            assert all([await page.evaluate("window.neverReloaded") for page in pages])


async def test_a_bridge_that_stops_is_missed_and_found_again() -> None:
    async with chromium() as browser, AsyncExitStack() as stack:
        port = (await stack.enter_async_context(serving(Showcase()))).port
        async with looking(browser, port, "/", expected=("ERR_",)) as page:
            sign = page.locator(".live")
            await stack.aclose()
            await expect(sign).to_have_text("No news: the bridge cannot be reached", timeout=SOON)
            async with serving(Showcase(troubled=False), Place("127.0.0.1", port)):
                await expect(sign).to_contain_text("Live", timeout=SOON)
                await expect(page.locator(".verdict")).to_contain_text("All is well.", timeout=SOON)


@pytest.mark.timeout(240)
async def test_a_bridge_that_hangs_is_not_called_live() -> None:
    """Its connections stand, because the kernel keeps them."""
    with standing_bridge() as (process, port):
        async with chromium() as browser, looking(browser, port, "/", expected=("ERR_",)) as page:
            sign = page.locator(".live")
            process.send_signal(signal.SIGSTOP)
            await expect(sign).to_contain_text("No news: nothing was heard since", timeout=60_000.0)
            await expect(sign).to_have_text("No news: the bridge does not answer", timeout=60_000.0)
            process.send_signal(signal.SIGCONT)
            await expect(sign).to_contain_text("Live", timeout=60_000.0)


@contextmanager
def standing_bridge() -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """Its status server in a process of its own: one that can be stopped without stopping the test."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        assert process.stdout is not None
        yield process, next(int(line) for line in process.stdout if line.strip().isdigit())  # after the log
    finally:
        process.kill()
        process.communicate()


_SERVER = """
import asyncio
from tests.support.showcase import Showcase
from tests.support.status import serving

async def serve():
    async with serving(Showcase(troubled=False)) as status:
        print(status.port, flush=True)
        await asyncio.Event().wait()

asyncio.run(serve())
"""


async def test_behind_a_password_the_script_gets_its_documents_too() -> None:
    place = Place("127.0.0.1", 0, hashed("correct horse battery"))
    async with (
        serving(Showcase(), place) as status,
        chromium() as browser,
        looking(browser, status.port, "/meters", password="correct horse battery") as page,
    ):
        await expect(page.get_by_role("status")).to_have_text("48 meters")


async def test_every_tab_is_live_again_after_a_restart_with_a_password() -> None:
    """All of them show the password at once, which nobody remembers any more."""
    said = "correct horse battery"
    async with chromium() as browser, AsyncExitStack() as first:
        port = (await first.enter_async_context(serving(Showcase(), Place("127.0.0.1", 0, hashed(said))))).port
        context = await browser.new_context(http_credentials={"username": "anybody", "password": said})
        tabs = [await context.new_page() for _ in range(4)]
        for tab in tabs:
            await tab.goto(f"http://127.0.0.1:{port}/meters")
            await expect(tab.locator(".live")).to_contain_text("Live", timeout=SOON)
        await first.aclose()
        for tab in tabs:
            await expect(tab.locator(".live")).to_contain_text("No news", timeout=SOON)
        async with serving(Showcase(), Place("127.0.0.1", port, hashed(said))):
            for tab in tabs:
                await expect(tab.locator(".live")).to_contain_text("Live", timeout=SOON)


async def test_what_changes_while_a_document_is_on_its_way_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told once, and the document that comes does not know it yet."""
    monkeypatch.setattr(events, "EVERY", 0.05)
    told = Showcase(troubled=False)

    async def slowly(route: Route) -> None:
        answer = await route.fetch()
        told.news.put_nowait({"overview": {"problems": ["the roof is gone"]}})
        await asyncio.sleep(1)
        await route.fulfill(response=answer)

    async with serving(told) as status, chromium() as browser:
        page = await browser.new_page()
        await page.route("**/api/overview", slowly)
        await page.goto(f"http://127.0.0.1:{status.port}/")
        await expect(page.locator("main")).to_contain_text("the roof is gone", timeout=10_000.0)
        await page.unroute_all(behavior="wait")


@pytest.mark.timeout(120)
async def test_who_was_refused_as_a_listener_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LISTENERS", 1)
    async with serving(Showcase()) as status, chromium() as browser, aiohttp.ClientSession() as client:
        other = await client.get(f"http://127.0.0.1:{status.port}/api/events")
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{status.port}/")
        await expect(page.locator(".live")).to_contain_text("As of", timeout=SOON)
        other.close()
        await expect(page.locator(".live")).to_contain_text("Live", timeout=60_000.0)


def free() -> StatusSettings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return StatusSettings(port=probe.getsockname()[1])
