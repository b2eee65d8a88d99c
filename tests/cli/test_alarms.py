import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bacnet_bridge.cli import app
from tests.support.receivers import Hook, hook

SITE = "zone: Europe/Dublin\nbacnet: {instance: 4711, address: 127.0.0.1/8, name: Bridge 47}\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("BRIDGE_SITE", "BRIDGE_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "site.yaml").write_text(SITE)
    return tmp_path / "site.yaml"


@pytest.fixture
def far() -> Iterator[Hook]:
    """A receiver with an event loop of its own, since the command has one, too."""
    loop, ready, found = asyncio.new_event_loop(), threading.Event(), list[Hook]()
    done = asyncio.Event()

    async def serve() -> None:
        async with hook() as made:
            found.append(made)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield found[0]
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


def said(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["alarms", *words])
    return result.exit_code, result.output


def test_a_trial_says_of_each_receiver_whether_it_took_the_message(site: Path, far: Hook) -> None:
    site.write_text(SITE + f"alarms: {{webhook: '{far.address}/s3cr3t', heartbeat: '{far.address}/beat'}}\n")
    status, told = said("--trial")
    assert (status, sorted(told.splitlines())) == (0, ["heartbeat: taken", "webhook: taken"])
    beat, message = sorted(far.asked, key=lambda each: each[0])
    assert (beat[:2], message[:2]) == (("GET", "/beat"), ("POST", "/s3cr3t"))
    assert message[3]["subject"] == "[Bridge 47] trial: somebody tries whether messages arrive"
    far.status = 500
    status, told = said("--trial")
    assert (status, "webhook: localhost answers 500\n" in told) == (1, True)
    assert "s3cr3t" not in told


def test_who_hangs_keeps_no_other_receiver_waiting(site: Path, far: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that hangs takes half a minute: the first does here until the second was asked, answered, and is shown."""
    site.write_text(SITE + f"alarms: {{webhook: '{far.address}/s3cr3t', heartbeat: '{far.address}/beat'}}\n")
    seen: list[str] = []
    shown = far.held["/s3cr3t"] = threading.Event()

    def echo(text: str) -> None:
        seen.append(text)
        shown.set()

    monkeypatch.setattr(typer, "echo", echo)
    assert said("--trial")[0] == 0
    assert seen == ["heartbeat: taken", "webhook: taken"]


@pytest.mark.usefixtures("site")
def test_without_receivers_it_says_that_nobody_is_told() -> None:
    status, told = said("--trial")
    assert status == 1
    assert told.startswith("nobody is told: the settings name no webhook, mail server or heartbeat")
    assert said()[0] == 0


def test_what_was_told_is_shown_with_its_remedy(site: Path) -> None:
    condition = {"name": "clock", "headline": "the clock is not in order", "details": ["it departs"], "extent": 1}
    kept = {
        "told": {"clock": {"condition": condition, "since": 1_800_014_400_000, "told": 0}},
        "waiting": {"mail": [{}]},
    }
    (site.parent / "state").mkdir()
    (site.parent / "state" / "alarms.json").write_text(json.dumps(kept))
    status, told = said()
    assert status == 0
    assert told.startswith(
        "the clock is not in order, since 2027-01-15 12:00 (Europe/Dublin)\n- it departs\nWhat to do: "
    )
    assert "mail: 1 message waits to be taken\n" in told
