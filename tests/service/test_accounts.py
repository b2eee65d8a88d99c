"""The settings' accounts as delivery sees them: the way out, and secrets that change while the service runs."""

from typing import Any

import pytest

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.service.accounts import accounts_of, proxy_of, sessions_of
from bacnet_bridge.settings import Settings


def settings(**platform: Any) -> Settings:
    bacnet = {"instance": 1, "address": "127.0.0.1/8"}
    accounts = {"partner": {"username": "partner", "password": "theirs"}}
    return Settings.model_validate(
        {"bacnet": bacnet, "zone": "Europe/Dublin", "platform": platform, "accounts": accounts}
    )


def test_a_proxy_with_and_without_credentials() -> None:
    assert proxy_of(settings()) is None
    bare = proxy_of(settings(proxy="http://proxy:3128"))
    assert bare is not None
    assert (bare.address, bare.headers()) == ("http://proxy:3128", {})
    known = proxy_of(settings(proxy="http://proxy:3128", proxy_username="u", proxy_password="secret"))
    assert known is not None
    assert known.headers() == {"Proxy-Authorization": "Basic dTpzZWNyZXQ="}
    assert "secret" not in repr(known)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"proxy": "socks5://proxy:1080"}, "neither a SOCKS nor an https:// one"),
        ({"proxy": "http://proxy:1", "proxy_username": "u"}, "platform.proxy_password is missing"),
        ({"proxy": "http://proxy:1", "proxy_password": "p"}, "platform.proxy_username is missing"),
    ],
)
async def test_a_proxy_that_cannot_be_used_ends_the_start(wrong: dict[str, str], says: str) -> None:
    wrongly = settings(**wrong)
    with pytest.raises(SettingsError, match=says):
        sessions_of(wrongly, accounts_of(wrongly).values())


async def test_secrets_are_read_again_and_stay_while_they_cannot_be() -> None:
    now = settings(username="us", password="old")
    coming: list[Settings | SettingsError] = [
        now,
        settings(username="us", password="new"),
        SettingsError("a test"),
        settings(),  # a secret that is gone is no reason to forget it
    ]

    def again() -> Settings:
        each = coming.pop(0)
        if isinstance(each, SettingsError):
            raise each
        return each

    accounts = accounts_of(now)
    sessions = sessions_of(now, accounts.values(), again)

    changed = [await sessions.read_secrets() for _ in range(4)]

    await sessions.close()
    assert changed == [set(), {accounts["default"]}, set(), set()]
    assert sessions._credentials[accounts["default"]].password.get_secret_value() == "new"
