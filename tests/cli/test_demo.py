"""The demo as a newcomer runs it: in a folder of its own, to its end, and interrupted."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest


async def start(folder: Path, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bacnet_bridge", "demo", *options,
        cwd=folder, env=os.environ | {"TMPDIR": str(folder), "BRIDGE_ZONE": "Nowhere/Land"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.timeout(120)
async def test_it_keeps_its_promise_and_leaves_nothing(tmp_path: Path) -> None:
    process = await start(tmp_path, "--for", "20s")
    text = " ".join((await process.communicate())[0].decode().split())
    assert process.returncode == 0, text
    assert "Every packet accepted in order, and every hole as the building declares it." in text
    first = re.search(r"the first ([\d.]+) s after", text)
    assert first is not None
    assert float(first[1]) <= 15
    assert "0 discarded" in text
    assert list(tmp_path.iterdir()) == []


async def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    process = await start(tmp_path)
    assert process.stdout is not None
    seen = b""
    while b"accepted, " not in seen:
        line = await process.stdout.readline()
        assert line, seen
        seen += line
    page = re.search(rb"^status +(http://127\.0\.0\.1:[0-9]+/)", seen, re.MULTILINE)
    assert page is not None, seen
    assert "<title>" in await asyncio.to_thread(lambda: urlopen(page[1].decode(), timeout=10).read().decode())
    process.send_signal(signal.SIGINT)
    rest = (await process.stdout.read()).decode()
    assert await process.wait() == 0
    assert "Traceback" not in rest
    assert "packets accepted" in rest
    assert "promised" not in rest  # whoever watches may have broken something
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("time", ["soon", "0s", "-5s"])
async def test_a_time_that_is_none_is_refused(tmp_path: Path, time: str) -> None:
    process = await start(tmp_path, f"--for={time}")
    text = (await process.communicate())[0].decode()
    assert process.returncode == 2
    assert "write 30s, 2m or 1h" in text
