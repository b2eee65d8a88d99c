"""The building's own process: what stays inside, how it ends, and why it does not start."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from bacnet_bridge.errors import NetworkError, SettingsError
from bacnet_bridge.simulator.building import run_building
from bacnet_bridge.simulator.declaration import DEMO_BUILDING
from tests.support.building import free_port

PARENT = """
import asyncio, sys
from pathlib import Path
from bacnet_bridge.simulator.building import run_building

async def main():
    async with run_building(Path(sys.argv[1])) as building:
        imported = {name.split(".")[0] for name in sys.modules} & {"BAC0", "bacpypes3"}
        print(building._process.pid, *imported, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def listens(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def gone(pid: int) -> None:
    """Wait until a process that is not our child has ended."""
    ended = asyncio.Event()
    descriptor = os.pidfd_open(pid)
    try:
        asyncio.get_running_loop().add_reader(descriptor, ended.set)
        await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(descriptor)
        os.close(descriptor)


async def parent(home: Path) -> asyncio.subprocess.Process:
    """A process of its own that runs the building, in a home that may be soiled."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(DEMO_BUILDING)),
        cwd=home,
        env={**os.environ, "HOME": str(home), "TMPDIR": str(home / "tmp")},
        stdout=asyncio.subprocess.PIPE,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_side_effects_stay_inside_and_the_child_ends_with_its_parent(home: Path, number: signal.Signals) -> None:
    process = await parent(home)
    assert process.stdout is not None
    pid, *imported = (await process.stdout.readline()).decode().split()
    assert imported == []  # neither BAC0 nor the stack came with the parent's own imports
    (folder,) = (home / "tmp").iterdir()
    assert (folder / ".BAC0").is_dir()  # it did import BAC0: the side effects went there
    ended = asyncio.create_task(gone(int(pid)))

    process.send_signal(number)
    await process.wait()
    await ended
    assert [file.name for file in home.rglob("*")] == ["tmp"]


async def test_chosen_ports_are_taken_and_left() -> None:
    port = free_port()
    async with run_building(DEMO_BUILDING, port=port, control=port) as building:
        assert building.port == port
        assert building.control_url.endswith(f":{port}")
        assert listens(port)
    assert await building.ended() == 0
    assert not listens(port)


async def test_cancelled_block_ends_the_process() -> None:
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def run() -> None:
        async with run_building(DEMO_BUILDING) as building:
            port.set_result(building.port)
            await asyncio.Event().wait()

    running = asyncio.create_task(run())
    await port
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not listens(port.result())


async def test_taken_port_is_a_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(NetworkError, match=rf"UDP 127\.0\.0\.1:{port} \(Address already in use\).*--port"):
            async with run_building(DEMO_BUILDING, port=port):
                pass


async def test_taken_control_port_is_a_sentence() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(NetworkError, match=r"control address 127\.0\.0\.1:\d+ cannot be opened.*--control"):
            async with run_building(DEMO_BUILDING, control=other.getsockname()[1]):
                pass


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("192.0.2.1", "an --address of this machine"),  # TEST-NET-1: nobody's
        ("localhost", "'localhost' is not an IPv4 address"),
        ("127.0.0.1/99", "is not an IPv4 address"),
    ],
)
async def test_wrong_address_is_a_sentence(address: str, said: str) -> None:
    with pytest.raises(NetworkError, match=said):
        async with run_building(DEMO_BUILDING, address=address):
            pass


async def test_wrong_declaration_never_starts_a_process(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text("name: Nothing\nnetwork: 7\ndevices: []\n")
    with pytest.raises(SettingsError, match=r"wrong\.yaml:3:10: devices: there is none"):
        async with run_building(file):
            pass


async def test_child_that_dies_at_start_gives_its_last_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(NetworkError, match="ended while it started: exit status 1"):
        async with run_building(DEMO_BUILDING):
            pass
