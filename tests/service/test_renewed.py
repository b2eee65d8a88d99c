"""Secrets of the alarms that are corrected while the service runs."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.alarms.conditions import Condition
from bacnet_bridge.alarms.heartbeat import Heartbeat
from bacnet_bridge.alarms.standing import Event, Message
from bacnet_bridge.service.receivers import heartbeat_of, renewed_receivers_of
from bacnet_bridge.settings import Settings, load_settings
from bacnet_bridge.simulator.certificate import make_certificate
from tests.support.clock import NOON, DrivenClock
from tests.support.receivers import Hook, hook, mailbox

MESSAGE = Message(Event.START, Condition("no-port", "the BACnet port cannot be opened"), NOON, NOON)


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path))
    return tmp_path


def put(secrets: Path, **given: str) -> None:
    for name, secret in given.items():
        (secrets / f"bridge_alarms__{name}").write_text(f"{secret}\n")


def read(**alarms: Any) -> Settings:
    bacnet = {"instance": 1, "address": "127.0.0.1/8"}
    return load_settings(zone="Europe/Dublin", bacnet=bacnet, alarms=alarms or None)


def asked(far: Hook) -> list[str]:
    return [path for _, path, _, _ in far.asked]


async def test_a_corrected_address_is_used_at_once_and_only_asked_for_where_the_old_one_fails(secrets: Path) -> None:
    async with hook() as far:
        put(secrets, webhook=f"{far.address}/old")
        settings = read()
        readings = []

        def again() -> Settings:
            readings.append(1)
            return read()

        (webhook,) = renewed_receivers_of(settings, None, again)
        assert await webhook.send(MESSAGE) == ""
        put(secrets, webhook=f"{far.address}/new")
        assert await webhook.send(MESSAGE) == ""
        assert (asked(far), readings) == (["/old", "/old"], [])
        far.status = 404
        assert await webhook.send(MESSAGE) == "localhost answers 404"
        assert asked(far)[2:] == ["/old", "/new"]
        assert await webhook.send(MESSAGE) == "localhost answers 404"
        assert asked(far)[4:] == ["/new"], "what has not changed is not tried twice"


async def test_a_secret_that_is_gone_or_cannot_be_used_leaves_the_old_one(secrets: Path) -> None:
    async with hook() as far:
        put(secrets, webhook=f"{far.address}/s3cr3t")
        (webhook,) = renewed_receivers_of(read(), None, read)
        far.status = 500
        put(secrets, webhook="")
        assert await webhook.send(MESSAGE) == "localhost answers 500"
        (secrets / "bridge_alarms__webhook").write_bytes(b"\xff")
        assert await webhook.send(MESSAGE) == "localhost answers 500"
        put(secrets, webhook="s3cr3t-without-a-scheme")
        told = await webhook.send(MESSAGE)
        assert told.startswith(
            "localhost answers 500; and the secret that was put in its place cannot be used: alarms."
        )
        assert "s3cr3t" not in told
        far.status = 204
        assert await webhook.send(MESSAGE) == ""
        assert set(asked(far)) == {"/s3cr3t"}


async def test_a_corrected_mail_password_is_used(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    made = make_certificate(tmp_path_factory.mktemp("tls"))
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(made.chain, made.key)
    async with mailbox(starttls=served) as box:
        put(secrets, mail_password="wrong")
        given = {"mail_server": "localhost", "mail_port": box.port, "mail_username": "bridge",
                 "mail_from": "bridge@example.com", "mail_to": "a@example.com"}  # fmt: skip
        settings = read(**given)
        trusting = settings.platform.model_copy(update={"ca": made.ca})
        settings = settings.model_copy(update={"platform": trusting})
        (mail,) = renewed_receivers_of(settings, None, lambda: read(**given))
        assert "535" in await mail.send(MESSAGE)
        put(secrets, mail_password="right")
        assert await mail.send(MESSAGE) == ""
    assert [password for _, password in box.logins][-2:] == ["wrong", "right"]


async def test_a_corrected_address_of_the_heartbeat_is_used(secrets: Path) -> None:
    async def moving() -> tuple[str, ...]:
        return ()

    async with hook() as far:
        put(secrets, heartbeat=f"{far.address}/old")
        heartbeat = heartbeat_of(read(), moving, DrivenClock(), again=read)
        assert isinstance(heartbeat, Heartbeat)
        far.status = 404
        assert await heartbeat.beat() == "localhost answers 404"
        put(secrets, heartbeat="ftp://s3cr3t")
        with capture_logs() as logged:
            assert await heartbeat.beat() == "localhost answers 404"
        assert any("cannot be used" in line["event"] for line in logged)
        assert "s3cr3t" not in str(logged)
        put(secrets, heartbeat=f"{far.address}/new")
        await heartbeat.beat()
        assert asked(far) == ["/old", "/old", "/old", "/new"]


def test_an_empty_file_holds_the_place_of_a_secret(secrets: Path) -> None:
    put(secrets, webhook="", webhook_token="", mail_password="", heartbeat="")
    (secrets / "bridge_status__password_hash").write_text("\n")
    settings = read()
    assert settings.alarms == Settings.model_fields["alarms"].default
    assert settings.status.password_hash is None
