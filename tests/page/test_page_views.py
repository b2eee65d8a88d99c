"""Every view in a real Chromium: what it shows, that everybody can read it, and that nothing comes from elsewhere."""

import os
from itertools import product
from pathlib import Path
from typing import Any, cast

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import PHONE, WIDE, chromium, findings, looking, shown
from tests.support.showcase import SILENT, Showcase
from tests.support.status import serving

pytestmark = pytest.mark.page

VIEWS = {
    "/": [
        "The bridge works; something in the building does not.",
        "2 meters: device silent",
        "What to do: look at the device",
        "Packets waiting",
    ],
    "/meters": ["48 meters", "Floor 1 lighting", "°C", SILENT],
    "/meters/m-4": ["Heat riser 1", "19 holes", "accepted (HTTP 200)", '{"id":"m-4"', "2026-11-20", "Europe/Dublin"],
    "/meters/m-7": [SILENT, "has no packet", "503 from the platform", "The first 1 that wait"],
    "/devices": ["Network 2001", "Device 3004", "silent", "in conflict"],
    "/delivery": ["9", "https://web.example:443", "closed: sending", "m-12"],
    "/mapping": ["The files are wrong.", "floors.yaml:41:7", "did you mean `tolerance`?", "Roof solar"],
}
PICTURES = Path(__file__).parents[2] / "docs/pictures"


@pytest.mark.parametrize("path", list(VIEWS))
async def test_a_view_shows_what_it_should_to_everybody(path: str) -> None:
    async with serving(Showcase()) as status, chromium() as browser, looking(browser, status.port, path) as page:
        for text in VIEWS[path]:
            await expect(page.locator("main")).to_contain_text(text)
        for scheme, size in product(("light", "dark"), (WIDE, PHONE)):
            await page.emulate_media(color_scheme=cast("Any", scheme))
            await page.set_viewport_size(size)
            assert await findings(page) == [], (scheme, size)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "scrolls sideways"


async def test_all_is_well_is_said_at_a_glance() -> None:
    async with serving(Showcase(troubled=False)) as status, chromium() as browser:
        async with looking(browser, status.port, "/") as page:
            await expect(page.locator(".verdict.well")).to_contain_text("All is well.")
            await expect(page.locator(".sentences")).to_have_count(0)
        async with looking(browser, status.port, "/mapping") as page:
            await expect(page.locator(".verdict.well")).to_contain_text("in force")


async def test_the_plot_is_a_picture_with_its_content_in_words() -> None:
    async with serving(Showcase()) as status, chromium() as browser:
        for dark in (False, True):
            async with looking(browser, status.port, "/meters/m-4", dark=dark) as page:
                picture = page.get_by_role("img", name="Trend of the last 24 hours")
                assert await picture.evaluate("each => each.naturalWidth") == 900
                assert ("dark" in await picture.evaluate("each => each.currentSrc")) == dark
                assert "19 holes" in (await picture.get_attribute("alt") or "")


async def test_it_is_used_by_keyboard_and_what_is_asked_stands_in_the_address() -> None:
    async with serving(Showcase()) as status, chromium() as browser, looking(browser, status.port, "/meters") as page:
        await page.keyboard.press("Tab")
        await expect(page.get_by_text("To the content")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.keyboard.type("co₂ m-23")
        await expect(page.get_by_role("status")).to_have_text("1 of 48 meters")
        await page.get_by_label("Search").fill("")
        for direction in ("ascending", "descending"):
            await page.get_by_role("button", name="Last value").press("Enter")
            await expect(page.locator(f"th[aria-sort={direction}]")).to_have_text("Last value")
            await expect(page.get_by_role("button", name="Last value")).to_be_focused()
        assert (await names(page))[0] == "Heat riser 4", "the greatest value"
        await page.get_by_label("Show").select_option("holes")
        found = await names(page)
        assert page.url.endswith("/meters?only=holes&sort=last&down=")
        await page.reload()
        await shown(page)
        assert await names(page) == found
        await page.get_by_role("link", name=found[0]).press("Enter")
        await expect(page.locator("h1")).to_have_text(found[0])


async def names(page: Page) -> list[str]:
    return await page.locator("tbody th a").all_inner_texts()


async def test_what_is_open_and_focused_stays_so_when_it_is_updated() -> None:
    told = Showcase()
    async with serving(told) as status, chromium() as browser, looking(browser, status.port, "/devices") as page:
        await page.locator("summary", has_text="Device 3003").press("Enter")
        conflict = page.get_by_text("192.168.1.77 also says")
        await expect(conflict).to_be_visible()
        silent = told.device_list[3] | {"round_trip": 77.0, "silent_since": told.device_list[3]["last_i_am"]}
        told.news.put_nowait({"devices": [silent]})
        await expect(page.get_by_text("2 silent")).to_be_visible(timeout=15_000)
        await expect(page.get_by_text("77 ms")).to_be_visible()
        await expect(conflict).to_be_visible()
        await expect(page.locator("summary", has_text="Device 3003")).to_be_focused()


async def test_without_script_the_overview_is_whole_and_the_others_say_where_to_look() -> None:
    async with serving(Showcase()) as status, chromium() as browser:
        page = await (await browser.new_context(java_script_enabled=False)).new_page()
        await page.goto(f"http://127.0.0.1:{status.port}/")
        await expect(page.get_by_role("status")).to_contain_text("something in the building does not")
        await expect(page.locator("tbody tr")).to_have_count(48)
        await page.get_by_role("link", name="Devices").click()
        await expect(page.locator("main")).to_contain_text("A script shows this view")


@pytest.mark.skipif("DOCS_PICTURES" not in os.environ, reason="DOCS_PICTURES=1 makes the pictures of the docs anew")
async def test_pictures_for_the_docs() -> None:
    PICTURES.mkdir(exist_ok=True)
    made = {"overview": "/", "meters": "/meters", "meter": "/meters/m-4"}
    async with serving(Showcase()) as status, chromium() as browser:
        for name, path in made.items():
            async with looking(browser, status.port, path) as page:
                await page.set_viewport_size({"width": 1000, "height": 640})
                await page.screenshot(path=PICTURES / f"{name}.png")
        async with looking(browser, status.port, "/meters", dark=True, phone=True) as page:
            await page.screenshot(path=PICTURES / "phone.png")
