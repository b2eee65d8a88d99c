import base64

import pytest

from bacnet_bridge.status.guard import is_own_name, secret_of


def basic(text: bytes) -> str:
    return f"Basic {base64.b64encode(text).decode()}"


@pytest.mark.parametrize(
    ("said", "secret"),
    [
        (basic(b"anybody:correct horse"), "correct horse"),
        (basic(b":with:colons"), "with:colons"),
        (basic("x:größer".encode()), "größer"),
        ("bearer a-token", "a-token"),
        ("Bearer ", None),
        (basic(b"no colon"), None),
        (basic(b"x:\xff"), None),
        ("Basic ///", None),
        ("Basic é", None),
        ("Digest x", None),
        ("", None),
    ],
)
def test_the_secret_of_an_authorization(said: str, secret: str | None) -> None:
    assert secret_of(said) == secret


@pytest.mark.parametrize("host", ["localhost", "localhost:8047", "LOCALHOST", "127.0.0.1:8047", "127.8.0.1", "[::1]:1"])
def test_names_of_this_machine(host: str) -> None:
    assert is_own_name(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "localhost.evil.example:8047", "127.0.0.1.evil.example", "192.168.1.10", "[2001:db8::1]"],
)
def test_names_that_another_site_may_have_made_to_lead_here(host: str) -> None:
    assert not is_own_name(host)
