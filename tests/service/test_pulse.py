"""Whether somebody notices that the event loop hangs, and that a bridge which should end does not."""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bacnet_bridge.service import pulse
from bacnet_bridge.service.pulse import Pulse
from tests.support.building import free_port


class Loop:
    """Answers as long as it is meant to; `asked` counts."""

    def __init__(self, answers: int, *, closed: bool = False) -> None:
        self.answers, self.closed, self.asked = answers, closed, 0

    def call_soon_threadsafe(self, call: Callable[[], None]) -> None:
        self.asked += 1
        if self.asked <= self.answers:
            call()
        elif self.closed:
            raise RuntimeError("Event loop is closed")

    def is_closed(self) -> bool:
        return self.closed and self.asked > self.answers


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Steps that take no time of the test; by the clock each takes what stands here, then a second."""
    times: list[float] = []
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += times.pop(0) if times else seconds

    monkeypatch.setattr(pulse, "sleep", sleep)
    monkeypatch.setattr(pulse, "monotonic", lambda: now[0])
    return times


def told_of(loop: Loop, hurry: float | None = None) -> list[str]:
    """What it ends with."""
    told: list[str] = []
    made = Pulse(loop, end=told.append)  # type: ignore[arg-type]  # the two methods that it calls
    if hurry is not None:
        made.hurry(hurry)
    made.run()
    return told


@pytest.mark.usefixtures("steps")
def test_a_loop_that_answers_no_more_is_ended_after_two_minutes() -> None:
    (why,) = told_of(loop := Loop(5))
    assert why.startswith("the event loop has not answered for 120 s")
    assert loop.asked == 6, "while it does not answer it is asked no second time"


@pytest.mark.usefixtures("steps")
def test_a_loop_that_was_closed_ends_it() -> None:
    assert told_of(Loop(5, closed=True)) == []


@pytest.mark.usefixtures("steps")
def test_who_should_end_and_does_not_is_ended() -> None:
    assert told_of(Loop(10_000), hurry=60) == told_of(Loop(3, closed=True), hurry=60)
    assert told_of(Loop(10_000), hurry=60)[0].startswith("it does not end")


def test_a_machine_that_was_suspended_did_not_hang(steps: list[float]) -> None:
    steps += [3600.0] * 50
    assert told_of(Loop(1, closed=True)) == []
    steps[:] = [3600.0] * 100
    assert len(told_of(Loop(0))) == 1
    assert len(steps) == 40, "each counted for two seconds"


def test_a_running_loop_answers() -> None:
    told: list[str] = []

    async def busy() -> Pulse:
        made = Pulse(asyncio.get_running_loop(), 60, 0.001, told.append)
        made.start()
        await asyncio.sleep(0.05)
        assert made.is_alive()
        return made

    made = asyncio.run(busy())
    made.join(100)
    assert (made.is_alive(), told) == (False, [])


MUTE = """
import os
from bacnet_bridge.service import pulse

os.set_blocking(2, False)
try:
    while True:
        os.write(2, b"x" * 4096)
except BlockingIOError:
    os.set_blocking(2, True)
pulse._TO_TELL = 0.1
pulse._exit("nobody reads this")
"""


async def test_a_log_that_nobody_reads_keeps_no_process_alive() -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", MUTE, stderr=writing)
    try:
        async with asyncio.timeout(60):
            assert await process.wait() == 1
    finally:
        if process.returncode is None:
            process.kill()
        os.close(writing)
        os.close(reading)


SERVICE = """
import time
from bacnet_bridge.cli import main
from bacnet_bridge.service import pulse, supervisor

class Quick(pulse.Pulse):
    def __init__(self, loop):
        super().__init__(loop, {patience}, 0.05)

async def hang(*_):
    time.sleep(600)

pulse.Pulse = Quick
{trouble}
main()
"""


STUCK = "supervisor._LOOK = 0.05; supervisor.stuck = lambda _: ('nothing moves',)"


async def ended(folder: Path, trouble: str, patience: float) -> tuple[int | None, str]:
    """`run` as a process of its own, with such a trouble: exit status and standard error."""
    inherited = {name: value for name, value in os.environ.items() if not name.upper().startswith("BRIDGE_")}
    settings = {
        "BRIDGE_ZONE": "UTC",
        "BRIDGE_CLOCK": "trust",
        "BRIDGE_STATE": str(folder / "state"),
        "BRIDGE_STATUS__PORT": "0",
        "BRIDGE_MAPPING": str(folder / "none"),
        "BRIDGE_SECRETS_DIR": str(folder),
        "BRIDGE_BACNET__INSTANCE": "4194000",
        "BRIDGE_BACNET__ADDRESS": f"127.0.0.1/8:{free_port()}",
        "BRIDGE_PLATFORM__ADDRESS": "https://127.0.0.1:1/",
        "BRIDGE_LOG_FORMAT": "json",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE.format(trouble=trouble, patience=patience), "run",
        env=inherited | settings, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(100):
            _, told = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode, told.decode()


@pytest.mark.timeout(120)
async def test_a_service_that_stands_still_ends_in_order_to_be_started_anew(tmp_path: Path) -> None:
    status, told = await ended(tmp_path, STUCK, 60)
    assert status == 1
    assert '"event": "stopping"' in told
    assert told.splitlines()[-1] == (
        "bacnet-bridge: it stands still, and no part of it knows why: nothing moves. Ended, to be started anew"
    )


@pytest.mark.timeout(120)
async def test_a_service_that_hangs_is_ended_and_shows_where(tmp_path: Path) -> None:
    status, told = await ended(tmp_path, "supervisor.Supervisor.watch = hang", 1)
    assert status == 1
    assert "bacnet-bridge: the event loop has not answered for 1 s; ended, to be started anew" in told
    assert "in hang" in told, "every thread's place is shown"
