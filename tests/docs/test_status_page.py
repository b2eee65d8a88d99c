"""docs/status.md lists every address of the documents."""

import re
from pathlib import Path

from aiohttp import web

from bacnet_bridge.status.metrics import Metrics
from bacnet_bridge.status.pages import Pages
from tests.support.status import MadeUp

PAGE = (Path(__file__).parents[2] / "docs" / "status.md").read_text()


async def test_every_document_s_address_is_listed_and_no_other() -> None:
    app = web.Application()
    Pages(MadeUp(), Metrics()).add_to(app)
    served = {resource.canonical.replace("{meter}", "ID") for resource in app.router.resources()}
    listed = set(re.findall(r"^\| `(/\S*)` \|", PAGE, re.MULTILINE))
    assert {each for each in served if each.startswith("/api/")} == {
        each for each in listed if each.startswith("/api/")
    }
    assert listed <= served
