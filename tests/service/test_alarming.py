"""Alarms of the whole service: a building that falls silent, a mail server, a webhook, and a BMS that looks on."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bacnet_bridge.alarms.http import check_address
from bacnet_bridge.bacnet.rpm import decode_read, encode_read
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.service.bridge import running
from bacnet_bridge.service.receivers import check_alarms
from bacnet_bridge.settings import AlarmSettings, BacnetSettings, Settings
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bridge import site_settings
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.peer import Peer, peer_of
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.receivers import Hook, hook, mailbox

DEVICES = (1001, 1002, 1003)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks and ends come within seconds."""
    monkeypatch.setattr("bacnet_bridge.alarms.watch.EVERY", 0.2)
    monkeypatch.setattr("bacnet_bridge.alarms.standing.GONE", 0.5)


def alarms(**more: Any) -> AlarmSettings:
    """Shorter times than a site may have."""
    given = AlarmSettings().model_dump() | {"silent": 3.0, "heartbeat_every": 0.2, "site": "Building 47"}
    return AlarmSettings.model_construct(**given | more)


async def until(holds: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  the servers tell nobody
            await asyncio.sleep(0.05)


async def shown(peer: Peer) -> tuple[Any, ...]:
    """Delivering, Oldest waiting, Meters silent, as the BMS reads them."""
    answers = [
        await peer.ask(12, encode_read(PropertyRef(each))) for each in (ObjectId(3, 1), ObjectId(0, 1), ObjectId(0, 2))
    ]
    return tuple(decode_read(answer[3:])[1].value for answer in answers)


async def until_shown(peer: Peer, delivering: int, silent: int) -> None:
    async with asyncio.timeout(30):
        while (await shown(peer))[::2] != (delivering, silent):  # noqa: ASYNC110  it has to be asked
            await asyncio.sleep(0.1)


def beats(far: Hook) -> int:
    return len([each for each in far.asked if each[1] == "/beat"])


def posted(far: Hook) -> list[Any]:
    return [document for _, path, _, document in far.asked if path == "/hook"]


@pytest.mark.usefixtures("quick")
async def test_a_building_that_falls_silent_is_told_once_everywhere_and_its_end_too(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with hook() as far, mailbox() as box:
        told = alarms(
            webhook=SecretStr(f"{far.address}/hook"),
            heartbeat=SecretStr(f"{far.address}/beat"),
            mail_server="localhost", mail_port=box.port, mail_security="none",
            mail_from="bridge@example.com", mail_to="a@example.com",
        )  # fmt: skip
        settings = site_settings(tmp_path, building, platform, alarms=told)
        impatient = settings.bacnet.model_copy(update={"timeout": 0.3})
        settings = settings.model_copy(update={"bacnet": impatient})
        async with running(settings) as bridge, peer_of(bridge.intake._client) as peer:
            await platform.until("accepted", 3)
            await until(lambda: beats(far) >= 2)
            delivering, oldest, silent = await shown(peer)
            assert (delivering, silent) == (1, 0)
            assert oldest < 60

            for device in DEVICES:
                await building.misbehave(device, silent=True)
            await until(lambda: posted(far) and box.received)
            assert (posted(far)[0]["event"], posted(far)[0]["condition"]) == ("start", "meters-silent")
            await until_shown(peer, 0, 3)
            stopped = beats(far)
            assert (await bridge.overview()).problems
            assert beats(far) == stopped, "no heartbeat while nothing is read"

            for device in DEVICES:
                await building.misbehave(device)
            await until(lambda: posted(far)[-1]["event"] == "end")
            await until(lambda: beats(far) > stopped)
            await until_shown(peer, 1, 0)
            assert bridge.alarms.told == ()
    events = [each["event"] for each in posted(far)]
    assert (events[0], events[-1]) == ("start", "end")
    assert set(events[1:-1]) <= {"worse"}, "the three meters may fall silent one after the other"
    assert {each["condition"] for each in posted(far)} == {"meters-silent"}
    assert len(box.received) == len(events)
    assert "device silent" in box.received[0][2].get_content()
    assert json.loads((tmp_path / "state" / "alarms.json").read_text())["told"] == {}


SITE: dict[str, Any] = {
    "bacnet": BacnetSettings(instance=1, address="127.0.0.1/8"),
    "zone": "UTC",
}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"webhook": "hooks.example.com/s3cr3t"}, "alarms.webhook is no address; it must begin with https://"),
        ({"webhook": "http://hooks.example.com/s3cr3t", "webhook_token": "t"}, "alarms.webhook must begin with https://"),
        ({"webhook_token": "t"}, "alarms.webhook is missing"),
        ({"webhook": "https://x", "webhook_template": Path("/none.json")}, "alarms.webhook_template: /none.json"),
        ({"heartbeat": "ftp://s3cr3t"}, "alarms.heartbeat is no address"),
        ({"heartbeat": "https://[s3cr3t"}, "alarms.heartbeat is no address"),
        ({"heartbeat": "https://x:99999/s3cr3t"}, "alarms.heartbeat is no address"),
        ({"mail_to": "a@example.com"}, "alarms.mail_server is missing"),
        ({"mail_server": "m"}, "alarms.mail_from is missing"),
        ({"mail_server": "m", "mail_from": "a@example.com"}, "alarms.mail_to is missing"),
        ({"mail_server": "m", "mail_from": "a", "mail_to": "b@c"}, "alarms.mail_from: 'a' is no mail address"),
        ({"mail_server": "m", "mail_from": "a@b", "mail_to": "b@c, d"}, "alarms.mail_to: 'd' is no mail address"),
        (
            {"mail_server": "m", "mail_from": "a@b", "mail_to": "b@c", "mail_username": "u"},
            "alarms.mail_password is missing",
        ),
        (
            {
                "mail_server": "m", "mail_from": "a@b", "mail_to": "b@c", "mail_security": "none",
                "mail_username": "u", "mail_password": "p",
            },
            "alarms.mail_security: none would show",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_a_sentence(given: dict[str, Any], sentence: str) -> None:
    settings = Settings(**SITE, alarms=AlarmSettings(**given))
    with pytest.raises(SettingsError) as refused:
        check_alarms(settings)
    assert str(refused.value).startswith(sentence)
    assert "s3cr3t" not in str(refused.value)
    assert "s3cr3t" not in repr(settings)


@pytest.mark.parametrize("address", ["https://example.com/a", "http://10.0.0.5:3001/api/push/x"])
def test_what_can_be_asked(address: str) -> None:
    check_address("alarms.heartbeat", address, with_secret=False)
