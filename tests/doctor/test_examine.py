"""No look holds up another, and none holds up the end of the program."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bacnet_bridge.doctor.examine import examine
from bacnet_bridge.doctor.finding import Findings, Look, State, ok
from bacnet_bridge.errors import StateError

ROOT = Path(__file__).parents[2]


def look(see: Callable[[], Awaitable[Findings]], *names: str, seconds: float = 5) -> Look:
    return Look(names, see, seconds)


async def test_what_hangs_fails_or_forgets_is_unknown_and_the_rest_is_as_it_is() -> None:
    async def hangs() -> Findings:
        await asyncio.Event().wait()
        return []

    async def fails() -> Findings:
        raise KeyError("x")

    async def says() -> Findings:
        raise StateError("the folder is not ours")

    async def half() -> Findings:
        return [ok("d", "well")]

    looks = [look(hangs, "a", seconds=0.05), look(fails, "b"), look(says, "c"), look(half, "d", "e")]
    found = {each.check: each for each in await examine(looks)}
    assert {name: each.state for name, each in found.items()} == {
        "a": State.UNKNOWN, "b": State.UNKNOWN, "c": State.UNKNOWN, "d": State.OK, "e": State.UNKNOWN,
    }  # fmt: skip
    assert found["a"].says == "nothing within 0.05 s"
    assert "KeyError" in found["b"].says
    assert found["c"].says == "the folder is not ours"
    assert "did not come to an end" in found["e"].says


def test_a_thread_that_never_ends_does_not_keep_the_program() -> None:
    script = """
import asyncio, threading
from bacnet_bridge.doctor.examine import examine
from bacnet_bridge.doctor.finding import Look

async def stuck():
    await asyncio.to_thread(threading.Event().wait)

print(asyncio.run(examine([Look(("name server",), stuck, 0.05)]))[0].state)
"""
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, timeout=30, capture_output=True, text=True, check=True
    )
    assert told.stdout == "unknown\n"
