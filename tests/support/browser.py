"""Debian's Chromium, driven by Playwright, that notes whatever a page must not do."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

AXE = Path(__file__).parents[1] / "page/node_modules/axe-core/axe.min.js"
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Started anew: a browser belongs to the event loop of its test."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("these tests need Debian's chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def looking(
    browser: Browser,
    port: int,
    path: str,
    *,
    dark: bool = False,
    phone: bool = False,
    password: str | None = None,
    expected: tuple[str, ...] = (),
) -> AsyncIterator[Page]:
    """A page that was shown. At its end: nothing was complained of, and nothing was asked of another origin.

    What bears one of the words `expected` may be complained of.
    """
    origin = f"http://127.0.0.1:{port}"
    context = await browser.new_context(
        viewport=PHONE if phone else WIDE,
        color_scheme="dark" if dark else "light",
        http_credentials=None if password is None else {"username": "anybody", "password": password},
    )
    page = await context.new_page()
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda asked: None if asked.url.startswith(origin) else wrong.append(f"asks {asked.url}"))
    await page.goto(f"{origin}{path}")
    await shown(page)
    yield page
    await context.close()
    assert [each for each in wrong if not any(word in each for word in expected)] == []


async def shown(page: Page) -> None:
    """Wait until the script has shown the view, hears what changes, and every picture is there."""
    await page.wait_for_selector(".live.on")
    await page.evaluate("() => Promise.all([...document.images].map((each) => each.decode()))")


async def findings(page: Page) -> list[str]:
    """What axe calls serious or critical. Its script comes past the page's policy, which lets none in."""
    await page.evaluate(AXE.read_text())
    result = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {[node['html'][:120] for node in each['nodes'][:3]]}"
        for each in result["violations"]
        if each["impact"] in {"serious", "critical"}
    ]
