"""What systemd hears, over a socket like its own; when the watchdog starves; and the real service under it."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import BridgeError, OutboxError
from bacnet_bridge.service.moving import Facts, Pace, Waiting
from bacnet_bridge.service.supervisor import Supervisor
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import MAPPING
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.clock import DrivenClock
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import run_service, site_environment

NOW = 1_800_014_400_000
MINUTE = 60_000
FED = "WATCHDOG=1"


class Ear:
    """Where systemd listens."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        self._socket.setblocking(False)
        self.address = address

    def heard(self) -> list[list[str]]:
        """What came since it was asked last."""
        found = []
        while True:
            try:
                found.append(self._socket.recv(4096).decode().splitlines())
            except BlockingIOError:
                return found

    async def until(self, word: str) -> list[str]:
        """The next message with that word."""
        async with asyncio.timeout(30):
            while True:
                message = (await asyncio.get_running_loop().sock_recv(self._socket, 4096)).decode().splitlines()
                if word in message:
                    return message

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    listening = Ear(str(tmp_path / "notify"))
    yield listening
    listening.close()


class Site:
    """Facts as a test has them."""

    def __init__(self) -> None:
        self.read, self.broken = NOW, False
        self.unexplained: int | None = None
        self.unread: tuple[str, ...] = ()

    async def facts(self) -> Facts:
        if self.broken:
            raise OutboxError("the disk is gone")
        waiting = Waiting(self.unexplained, NOW - 3_600_000, (), self.unexplained)
        return Facts(NOW, (Pace(MINUTE, self.read),), self.unread, waiting)


@asynccontextmanager
async def watched(supervisor: Supervisor, site: Site, clock: DrivenClock) -> AsyncIterator[None]:
    watching = asyncio.create_task(supervisor.watch(site.facts, clock))
    try:
        yield
        assert not watching.done()
    finally:
        watching.cancel()


def test_what_systemd_says_is_taken_out_of_the_environment() -> None:
    environment = {"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid()), "A": "b"}
    assert Supervisor.found(environment) == Supervisor("/run/n", 120.0)
    assert environment == {"A": "b"}
    assert Supervisor.found({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"}).patience == 0
    assert Supervisor.found({}) == Supervisor()


def test_it_is_told_through_an_abstract_socket_too() -> None:
    ear = Ear(f"@bridge-{os.getpid()}-{time.monotonic_ns()}")
    Supervisor(ear.address).tell("READY=1", "STATUS=ä")
    assert ear.heard() == [["READY=1", "STATUS=ä"]]
    ear.close()


def test_nobody_listening_stops_nothing(tmp_path: Path) -> None:
    Supervisor().tell("READY=1")
    with capture_logs() as lines:
        Supervisor(str(tmp_path / "nobody")).tell("READY=1")
    assert [line["event"] for line in lines] == ["systemd was not told"]


async def test_it_is_fed_four_times_within_its_patience(ear: Ear) -> None:
    clock = DrivenClock()
    async with watched(Supervisor(ear.address, 120), Site(), clock):
        await clock.advance(120)
    assert ear.heard() == [["STATUS=reads 1 meter and delivers", FED]] * 5


@pytest.mark.parametrize("trouble", ["reading", "delivery", "disk"])
async def test_it_starves_while_something_stands_still_without_a_reason(ear: Ear, trouble: str) -> None:
    clock, site = DrivenClock(), Site()
    async with watched(Supervisor(ear.address, 120), site, clock):
        await clock.advance(0)
        assert FED in ear.heard()[-1]
        site.read = NOW - 3_600_000 if trouble == "reading" else NOW
        site.unexplained = NOW - 3_600_000 if trouble == "delivery" else None
        site.broken = trouble == "disk"
        with capture_logs() as lines:
            await clock.advance(240)
            starving = ear.heard()
            assert starving
            assert all(FED not in message for message in starving)
            site.read, site.unexplained, site.broken = NOW, None, False
            await clock.advance(30)
        assert FED in ear.heard()[-1]
    assert [line["event"] for line in lines] == [
        "the watchdog is not fed: systemd will start the bridge anew",
        "the watchdog is fed again",
    ]


async def test_a_standstill_with_a_reason_is_told_and_fed(ear: Ear) -> None:
    clock, site = DrivenClock(), Site()
    site.read, site.unread = NOW - 3_600_000, ("the clock is not credible",)
    async with watched(Supervisor(ear.address, 120), site, clock):
        await clock.advance(0)
    assert ear.heard() == [["STATUS=the clock is not credible", FED]]


async def stands_still(supervisor: Supervisor, site: Site, clock: DrivenClock, seconds: float) -> str:
    """Why it ends after so long, and not earlier."""
    watching = asyncio.create_task(supervisor.watch(site.facts, clock))
    await clock.advance(seconds - 1)
    assert not watching.done()
    await clock.advance(1)
    with pytest.raises(BridgeError) as ended:
        await watching
    return str(ended.value)


@pytest.mark.parametrize("address", ["", "/run/nobody"], ids=["no systemd", "no watchdog"])
async def test_without_a_watchdog_it_ends_itself_after_two_minutes_of_standstill(address: str) -> None:
    clock, site = DrivenClock(), Site()
    site.read = NOW - 3_600_000
    with capture_logs() as lines:
        assert "no slot of any meter was read" in await stands_still(Supervisor(address), site, clock, 120)
    told = [line["event"] for line in lines if line["event"] != "systemd was not told"]
    assert told == ["the bridge stands still: it will end, to be started anew"]


async def test_without_a_watchdog_a_standstill_that_passes_or_has_a_reason_ends_nothing() -> None:
    clock, site = DrivenClock(), Site()
    async with watched(Supervisor(), site, clock):
        for _ in range(5):
            site.read = NOW - 3_600_000
            await clock.advance(110)
            site.read = NOW
            await clock.advance(30)
        site.read, site.unread = NOW - 3_600_000, ("the clock is not credible",)
        await clock.advance(1000)


async def test_a_machine_that_was_suspended_is_given_its_time() -> None:
    """However late a look is by the clock, it is one look."""
    clock, site = DrivenClock(), Site()
    async with watched(Supervisor(), site, clock):
        await clock.advance(0)
        site.read = NOW - 3_600_000
        for _ in range(3):
            clock.step(3600)
            await clock.advance(30)
        site.read = NOW
        await clock.advance(30)


async def test_stages_that_do_not_answer_are_a_standstill(monkeypatch: pytest.MonkeyPatch) -> None:
    class Mute(Site):
        async def facts(self) -> Facts:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr("bacnet_bridge.service.supervisor._ANSWER", 0.01)
    monkeypatch.setattr("bacnet_bridge.service.supervisor._LOOK", 0.01)
    with pytest.raises(BridgeError, match="the stages do not answer"):
        async with asyncio.timeout(30):
            await Supervisor().watch(Mute().facts, SystemClock())


async def test_the_service_is_ready_alive_and_stopping(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform, ear: Ear
) -> None:
    """The platform is away all the while: no reason to start anew."""
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING)
    platform.fail(503, times=None)
    environment = site_environment(tmp_path, building, platform, NOTIFY_SOCKET=ear.address, WATCHDOG_USEC="400000")
    async with run_service(environment) as service:
        await ear.until("READY=1")
        await platform.until("attempts", 1)
        for _ in range(3):
            assert "STATUS=" in (await ear.until(FED))[0]
        assert await service.stop() == 0
        await ear.until("STOPPING=1")
