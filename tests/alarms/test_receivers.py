"""Messages and heartbeats over real sockets."""

import ssl
from collections.abc import Sequence
from dataclasses import replace

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bacnet_bridge.alarms.conditions import Condition
from bacnet_bridge.alarms.heartbeat import Heartbeat
from bacnet_bridge.alarms.http import Way, ask
from bacnet_bridge.alarms.mail import Mail
from bacnet_bridge.alarms.spool import Refused
from bacnet_bridge.alarms.standing import Event, Message
from bacnet_bridge.alarms.webhook import Webhook
from bacnet_bridge.alarms.words import Template, Words
from tests.support.building import free_port
from tests.support.clock import NOON, DrivenClock
from tests.support.receivers import contexts, hook, mailbox

WORDS = Words("Bâtiment 47", "Europe/Dublin")
START = Message(Event.START, Condition("no-port", "the BACnet port cannot be opened", ("Zähler: …",)), NOON, NOON)
END = replace(START, event=Event.END, at=NOON + 60_000)
WAY = Way("bacnet-bridge/test", ssl.create_default_context())


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return contexts(tmp_path_factory.mktemp("tls"))


async def test_a_webhook_gets_json_and_the_token(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with hook(tls[0]) as far:
        secret = SecretStr(f"{far.address}/hooks/s3cr3t?x=1")
        webhook = Webhook(Way("bacnet-bridge/test", tls[1]), WORDS, secret, SecretStr("t0ken"))
        assert await webhook.send(START) == ""
    ((method, path, headers, document),) = far.asked
    assert (method, path) == ("POST", "/hooks/s3cr3t?x=1")
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["User-Agent"] == "bacnet-bridge/test"
    assert document["subject"] == "[Bâtiment 47] the BACnet port cannot be opened"
    assert "s3cr3t" not in repr(webhook)
    assert "t0ken" not in repr(webhook)


async def test_a_webhook_gets_the_templates_form() -> None:
    async with hook() as far:
        webhook = Webhook(WAY, WORDS, SecretStr(far.address), template=Template({"text": "$subject"}))
        assert await webhook.send(START) == ""
    assert far.asked[0][3] == {"text": "[Bâtiment 47] the BACnet port cannot be opened"}


@pytest.mark.parametrize(("status", "taken"), [(200, True), (202, True), (302, False), (404, False), (500, False)])
async def test_only_success_takes_a_message(status: int, taken: bool) -> None:
    async with hook() as far, hook() as elsewhere:
        far.status, far.headers = status, {"Location": elsewhere.address}
        told = await Webhook(WAY, WORDS, SecretStr(f"{far.address}/s3cr3t")).send(START)
        redirect = ": a redirect, which is not followed; give the final address" if status == 302 else ""
        assert told == ("" if taken else f"localhost answers {status}{redirect}")
        assert elsewhere.asked == [], "a redirect is not followed"


@pytest.mark.parametrize(
    ("status", "final"), [(400, True), (404, True), (408, False), (413, True), (429, False), (500, False), (302, False)]
)
async def test_which_answers_are_a_webhook_s_last_word(status: int, final: bool) -> None:
    async with hook() as far:
        far.status = status
        assert isinstance(await Webhook(WAY, WORDS, SecretStr(far.address)).send(START), Refused) is final


@pytest.mark.parametrize(
    ("refusal", "nobody", "final"),
    [("554 no", "", True), ("451 later", "", False), ("", "550 none", True), ("", "450 busy", False)],
)
async def test_which_answers_are_a_mail_server_s_last_word(refusal: str, nobody: str, final: bool) -> None:
    async with mailbox() as box:
        box.refusal, box.nobody = refusal, nobody
        told = await mail(box.port, WAY.trust).send(START)
        assert (refusal or nobody) in told
        assert isinstance(told, Refused) is final


async def test_what_hinders_a_request_is_a_sentence_without_the_secret(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    port = free_port()
    assert "localhost cannot be reached: " in await ask(WAY, "GET", f"http://localhost:{port}/s3cr3t", {})
    async with hook(tls[0]) as far:
        told = await ask(WAY, "GET", f"{far.address}/s3cr3t", {})
        assert told == "the certificate of localhost is not trusted; give its CA file as platform.ca"
        assert far.asked == []
        told = await ask(WAY, "GET", f"{far.address.replace('https', 'http')}/s3cr3t", {})
        assert told.startswith("localhost ")
        assert "s3cr3t" not in told
    assert (await ask(WAY, "GET", "http://a..b/s3cr3t", {})).startswith("a..b cannot be ")
    told = await ask(WAY, "GET", "http://no-such-host.invalid/s3cr3t", {})
    assert told.startswith("no-such-host.invalid cannot be reached: ")


async def test_the_sites_proxy_is_the_way_out() -> None:
    async with hook() as proxy:
        way = Way("bacnet-bridge/test", WAY.trust, proxy.address, lambda: {"Proxy-Authorization": "Basic x"})
        assert await ask(way, "GET", "http://alarms.invalid/s3cr3t", {}) == ""
    assert proxy.asked[0][2]["Host"] == "alarms.invalid"


def mail(port: int, trust: ssl.SSLContext, **more: object) -> Mail:
    made = Mail(WORDS, trust, "localhost", port, "bridge@example.com", ("a@example.com", "b@example.com"), "none")
    return replace(made, **more)  # type: ignore[arg-type]


async def test_a_mail_reaches_its_recipients_and_its_end_stands_in_the_same_thread() -> None:
    async with mailbox() as box:
        sender = mail(box.port, WAY.trust)
        assert [await sender.send(START), await sender.send(END)] == ["", ""]
    (envelope, recipients, first), (*_, second) = box.received
    assert (envelope, recipients) == ("bridge@example.com", ["a@example.com", "b@example.com"])
    assert first["Subject"] == "[Bâtiment 47] the BACnet port cannot be opened"
    assert first["To"] == "a@example.com, b@example.com"
    assert first["Auto-Submitted"] == "auto-generated"
    assert "- Zähler: …" in first.get_content()
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    assert second["Message-ID"] != first["Message-ID"]


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_a_mail_over_tls_with_a_login(security: str, tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with mailbox(**{security: tls[0]}) as box:
        sender = mail(box.port, tls[1], security=security, username="bridge", password=SecretStr("right"))
        assert await sender.send(START) == ""
        assert box.logins == [("bridge", "right")]
        told = await replace(sender, password=SecretStr("wr0ng")).send(START)
        assert told.startswith("localhost answers 535 ")
        assert {password for _, password in box.logins} == {"right", "wr0ng"}
        asked = len(box.logins)
        distrustful = replace(sender, trust=ssl.create_default_context())
        assert "certificate verify failed" in await distrustful.send(START)
        assert len(box.logins) == asked, "no password to a server that is not trusted"
        assert len(box.received) == 1
        assert "right" not in repr(sender)


async def test_a_server_without_starttls_gets_nothing(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async with mailbox() as box:
        told = await mail(box.port, tls[1], security="starttls").send(START)
        assert told.startswith("localhost ")
        assert box.received == []


async def test_what_a_mail_server_says_is_one_line_without_the_password() -> None:
    async with mailbox() as box:
        box.refusal = "554 no p4ssw0rd here"
        told = await mail(box.port, WAY.trust, password=SecretStr("p4ssw0rd")).send(START)
        assert told.startswith("localhost answers ") or "takes no mail" in told
        assert "p4ssw0rd" not in told
    assert "takes no mail: " in await mail(free_port(), WAY.trust).send(START)


async def test_an_address_with_https_where_nobody_speaks_it_is_a_sentence() -> None:
    async with hook() as far:
        told = await ask(WAY, "GET", far.address.replace("http://", "https://"), {})
    assert told.startswith("localhost does not speak TLS at that port as it should (")
    assert "[SSL" not in told


async def test_the_heartbeat_beats_only_while_the_bridge_moves() -> None:
    why: list[str] = []

    async def moving() -> Sequence[str]:
        return why

    async with hook() as far:
        heartbeat = Heartbeat(WAY, SecretStr(f"{far.address}/beat-s3cr3t"), 60, moving, DrivenClock())
        with capture_logs() as logs:
            assert await heartbeat.beat() == ""
            assert [each[:2] for each in far.asked] == [("GET", "/beat-s3cr3t")]
            for seconds in range(300, 900, 60):
                why[:] = [f"packets wait, and none was accepted for {seconds} s: the platform is away"]
                assert await heartbeat.beat() == why[0]
                assert heartbeat.problem == "", "it has another cause, which is told"
            assert len(far.asked) == 1
            why.clear()
            far.status = 503
            assert await heartbeat.beat() == "localhost answers 503"
            assert await heartbeat.beat() == "localhost answers 503"
            assert heartbeat.problem == "localhost answers 503"
            far.status = 200
            assert await heartbeat.beat() == ""
            assert heartbeat.problem == ""
    assert [log["event"] for log in logs] == [
        "the heartbeat is withheld",
        "the heartbeat is not taken",
        "the heartbeat is sent again",
    ]
    assert "s3cr3t" not in str(logs)
