import json
import time

import pytest

from bacnet_bridge.status.overview_page import overview_page
from bacnet_bridge.status.visible import all_visible, visible
from tests.support.status import MadeUp, meter

HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "a\x00b\x1b[31mc\r\nd",
    "\u202egnp.exe", "\ud800", "x" * 65536, "&lt;script&gt;", "\u2028line", "]]>", "</title><script>",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
def test_whatever_a_device_calls_itself_stays_text(name: str) -> None:
    shown = visible(name)
    assert shown.isprintable()
    assert len(shown) <= 4096
    json.dumps(all_visible({"name": [name], name: 1})).encode("ascii")


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
async def test_the_page_escapes_it_wherever_it_stands(name: str) -> None:
    mean = meter(name=name, last=name, slot=name, attention=name, problem=name)
    clean = overview_page(await MadeUp(problems=["x"], meters=[meter(last="x", problem="x", attention="x")]).overview())
    page = overview_page(await MadeUp(problems=[name], meters=[mean]).overview())
    for sign in "<>\"'":
        assert page.count(sign) == clean.count(sign), "markup that we did not write"
    page.encode()
    assert len(page) < 20_000


def test_plain_text_stays_as_it_is() -> None:
    assert visible("Außenlufttemperatur 21,3 °C – 中文") == "Außenlufttemperatur 21,3 °C – 中文"


async def test_a_page_of_thousands_of_meters_is_short_and_quick() -> None:
    overview = await MadeUp(meters=[meter(n, problem="away" * (n == 4999)) for n in range(5000)]).overview()
    began = time.process_time()
    page = overview_page(overview)
    assert time.process_time() - began < 1
    assert "Meter 4999" in page, "what is wrong comes first"
    assert "and 4500 more" in page
