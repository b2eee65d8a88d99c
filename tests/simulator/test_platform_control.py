"""The control address, the process of its own, and the command."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.simulator.platform_faults import Fault
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_record import Record
from bacnet_bridge.simulator.platform_remote import PlatformError, RemotePlatform, run_platform
from bacnet_bridge.simulator.platform_rules import instant
from tests.support.platform import body, client, minute, platform, trusting  # noqa: F401 - fixtures

# fixtures are imported by name, and asked for by the same name
# ruff: noqa: F811


@pytest.fixture
async def control(platform: StrictPlatform) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(platform.control_url) as session:
        yield session


async def _send(client: aiohttp.ClientSession, url: str, n: int) -> int:
    async with client.post(url, data=body("m1", minute(n))) as answer:
        return answer.status


async def test_faults_are_told_listed_and_cleared(
    client: aiohttp.ClientSession, platform: StrictPlatform, control: aiohttp.ClientSession
) -> None:
    async with control.post("/faults", data='{"status": 503, "times": 2}') as answer:
        assert [fault["times"] for fault in await answer.json()] == [2]
    await control.post("/faults", data='[{"delay": 0.01}, {"cut": "close", "id": "m2"}]')

    assert await _send(client, platform.url, 0) == 503
    async with control.get("/faults") as answer:
        assert [fault["times"] for fault in await answer.json()] == [1, 1, 1]
    await control.delete("/faults")
    assert await _send(client, platform.url, 0) == 200


async def test_the_record_and_the_counts(
    client: aiohttp.ClientSession, platform: StrictPlatform, control: aiohttp.ClientSession
) -> None:
    for n in (1, 0, 1):
        await _send(client, platform.url, n)

    async with control.get("/record") as answer:
        assert Record.model_validate_json(await answer.read()) == platform.record
    async with control.get("/record", params={"bodies": "0"}) as answer:
        assert "bodies" not in await answer.json()
    async with control.get("/counts", params={"id": "m1"}) as answer:
        assert await answer.json() == {
            "attempts": 3, "accepted": 1, "duplicates": 1, "discarded": 1, "malformed": 0, "in_flight": 0,
        }  # fmt: skip


async def test_behaviour_is_changed_in_part(platform: StrictPlatform, control: aiohttp.ClientSession) -> None:
    async with control.patch("/behaviour", data='{"duplicates": 409, "lag": 2}') as answer:
        assert (await answer.json())["duplicates"] == 409
    assert (platform.behaviour.duplicates, platform.behaviour.lag, platform.behaviour.order) == (409, 2, "instant")


@pytest.mark.parametrize(
    ("method", "path", "told", "sentence"),
    [
        ("POST", "/faults", "{", "this is not JSON, at line 1, column 2; write it like {"),
        ("POST", "/faults", "status=503", "this is not JSON, at line 1, column 1; write it like {"),
        ("POST", "/faults", '{"stauts": 500}', "there is no key 'stauts', did you mean status? (known are status, "),
        ("POST", "/faults", '{"status": 99}', "status: must be greater than or equal to 200"),
        ("POST", "/faults", '{"times": 0}', "times: must be greater than or equal to 1"),
        ("POST", "/faults", "[5]", 'write keys in braces, like {"status"'),
        ("PATCH", "/behaviour", "[]", 'write keys in braces, like {"duplicates"'),
        ("PATCH", "/behaviour", '{"duplicates": 500}', "duplicates: must be 200, 400 or 409"),
        ("GET", "/wait?what=luck", None, "'luck' is not counted; write what= and one of "),
        ("GET", "/wait?at_least=many", None, "at_least and seconds must be numbers"),
    ],
)
async def test_what_is_told_wrongly_is_answered_with_a_sentence(
    control: aiohttp.ClientSession, method: str, path: str, told: str | None, sentence: str
) -> None:
    async with control.request(method, path, data=told) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"].startswith(sentence)


async def test_waiting_is_answered_when_it_is_so(
    client: aiohttp.ClientSession, platform: StrictPlatform, control: aiohttp.ClientSession
) -> None:
    waiting = asyncio.create_task(control.get("/wait", params={"what": "accepted", "at_least": "2", "id": "m1"}))
    assert [await _send(client, platform.url, n) for n in (0, 1)] == [200, 200]

    async with await waiting as answer:
        assert (await answer.json())["accepted"] == 2
    async with control.get("/wait", params={"at_least": "3", "seconds": "0.01"}) as answer:
        assert answer.status == 408


async def test_the_process_does_all_that_it_is_told(tmp_path: Path) -> None:
    async with run_platform(Options(folder=tmp_path)) as remote, trusting(remote) as client:
        await _obeys(remote, client)


async def _obeys(remote: RemotePlatform, client: aiohttp.ClientSession) -> None:
    await remote.misbehave(Fault(status=500), Fault(cut="reset", after_storing=True))
    assert await _send(client, remote.url, 0) == 500
    with pytest.raises(aiohttp.ClientConnectionError):
        await _send(client, remote.url, 0)
    await remote.behave(duplicates=409)
    assert await _send(client, remote.url, 0) == 409
    assert (await remote.until("accepted", 1, id="m1")).duplicates == 1
    await remote.go_down()
    with pytest.raises(aiohttp.ClientConnectionError):
        await _send(client, remote.url, 1)
    await remote.come_up()
    assert await _send(client, remote.url, 1) == 200
    assert (await remote.record()).accepted == {"m1": [instant(minute(0)), instant(minute(1))]}
    with pytest.raises(TimeoutError):
        await remote.until("accepted", 9, seconds=0.01)
    with pytest.raises(PlatformError, match="colour"):
        await remote.behave(colour="red")
    await remote.reset()
    assert (await remote.counts()).attempts == 0


async def test_a_process_that_cannot_listen_is_told_of(platform: StrictPlatform, tmp_path: Path) -> None:
    taken = int(platform.url.split(":")[2].split("/")[0])

    with pytest.raises(PlatformError, match="ended at once"):
        async with run_platform(Options(folder=tmp_path, port=taken)):
            pass


async def test_the_process_ends_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    starter = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _STARTER, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert starter.stdout is not None
    url = (await starter.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:
        assert (await session.get(url + "/counts")).status == 200
        starter.kill()
        await starter.wait()
        # the platform's process shares nothing with us but this connection
        with pytest.raises(aiohttp.ClientConnectionError):
            await _talk_until_it_is_gone(session, url)


async def _talk_until_it_is_gone(session: aiohttp.ClientSession, url: str) -> None:
    while (await session.get(url + "/wait", params={"seconds": "0.2"})).status == 408:
        pass


_STARTER = """
import asyncio, sys
from pathlib import Path
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_remote import run_platform

async def main():
    async with run_platform(Options(folder=Path(sys.argv[1]))) as platform:
        print(platform.control_url, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


_COMMAND = "from bacnet_bridge.cli import main; main()"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_shows_where_it_is_and_ends_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "certificate"
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, "simulate", "platform",
        "--port", "0", "--control", "0", "--folder", str(folder),
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert command.stdout is not None
    shown = await command.stdout.readuntil(b"0 attempts")
    assert b"https://localhost:" in shown
    assert str(folder / "ca.pem").encode() in shown
    assert b"curl -d" in shown

    command.send_signal(how)

    rest, _ = await command.communicate()
    assert command.returncode == 0
    assert b"Ended: 0 attempts, 0 accepted" in rest


async def test_the_command_says_that_a_port_is_taken(platform: StrictPlatform) -> None:
    taken = platform.url.split(":")[2].split("/")[0]
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, "simulate", "platform", "--port", taken, "--control", "0",
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip

    _, errors = await command.communicate()

    assert command.returncode == 2
    assert f"port {taken} or 0 cannot be used (Address already in use)".encode() in errors
