"""What is hidden, in every form that it may have, and what is not; and that the suite's own net catches."""

import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from bacnet_bridge.redaction import HIDDEN, Redaction, names_secret, secrets_of
from bacnet_bridge.settings import _SECTIONS, AccountSettings, BacnetSettings, PlatformSettings, Settings
from tests.support.secret_settings import SECRET_SETTINGS

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Basic c2l0ZTpnZWhlaW0=", "Authorization: ***"),
        ("<CIMultiDict('Host': 'a', 'Authorization': 'Basic c2l0ZTpn', 'X': '1')>", "'Authorization': '***', 'X': '1'"),
        ("(b'authorization', b'Bearer abc')", "(b'authorization', b'***')"),
        ('{"headers": "{\\"Proxy-Authorization\\": \\"Digest x\\"}"}', '{\\"Proxy-Authorization\\": \\"***\\"}'),
        ("Set-Cookie: SESSION=4711; Path=/", "Set-Cookie: ***; Path=/"),
        ("it said Basic c2l0ZTpnZWhlaW0= to us", "it said Basic *** to us"),
        ("bearer eyJhbGciOiJIUzI1NiJ9.e30.abc", "bearer ***"),
        ('{"password": "my \\"own\\" secret", "n": 1}', '{"password": "***", "n": 1}'),
        ("{'proxy_password': 'geheim', 'n': 1}", "{'proxy_password': '***', 'n': 1}"),
        ('{"event": "{\\"token\\": \\"a b\\"}"}', '{"event": "{\\"token\\": \\"***\\"}"}'),
        ("BRIDGE_PLATFORM__PASSWORD=geheim run", "BRIDGE_PLATFORM__PASSWORD=*** run"),
        ("https://host/x?api_key=4711&y=1", "https://host/x?api_key=***&y=1"),
        ("http://site:geheim@proxy:3128/", "http://site:***@proxy:3128/"),
        ("platform:\n  password: ge heim, 'x' # y\n  timeout: 5", "\n  password: ***\n  timeout: 5"),
        ("# - proxy_password : 'geheim'", "# - proxy_password : ***"),
        ("platform: {username: u, password: ge heim, timeout: 5}", "{username: u, password: ***, timeout: 5}"),
        ("platform: {password: 'a, b}', timeout: 5}", "{password: ***, timeout: 5}"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, hidden: str) -> None:
    told = Redaction().hide(text)
    assert hidden in told
    assert Redaction().hide(told) == told


@pytest.mark.parametrize(
    "text",
    [
        "401 Unauthorized: username and password are wrong; basic authentication is asked for",
        "no platform.password: looked for bridge_platform__password in /run/secrets, which is not there",
        '{"event": "running", "meters": 14, "state": "/var/lib/bacnet-bridge"}',
        "https://web-collector.wattics.com:443/measurements/v2/unifiedjson/",
        "a bearer of tokens",
        "platform.password: is no text; put it in quotes",
        '{\n "password": null,\n "webhook_token": null\n}',
    ],
)
def test_prose_stays(text: str) -> None:
    assert Redaction().hide(text) == text


@pytest.mark.parametrize("secret", ['p"ä\\ß9/+&x', "schlüssel 12", "geheim"])
@pytest.mark.parametrize("spell", [str, repr, ascii], ids=["plain", "repr", "ascii"])
def test_a_known_secret_is_hidden_however_it_is_spelled(secret: str, spell: type) -> None:
    net = Redaction()
    net.keep_out([secret])
    told = net.hide(f"the answer was <{spell(secret)}>")
    assert HIDDEN in told
    assert secret not in told


def test_an_address_that_is_secret_is_hidden_without_its_host_too() -> None:
    net = Redaction()
    net.keep_out(["https://hooks.example.com/services/T0/B0?key=4711", "http://hooks.example.com/a"])
    assert net.hide("POST /services/T0/B0?key=4711 HTTP/1.1, GET /a") == "POST *** HTTP/1.1, GET /a"


def test_a_short_secret_is_hidden_as_a_word_and_a_shorter_one_not_by_its_value() -> None:
    net = Redaction()
    net.keep_out(["demo", "p"])
    assert net.hide("demo, demo-gas and a pump") == "***, demo-gas and a pump"


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "password",
        'password":"',
        "password='",
        "cookie,",
        "://",
        "basic ",
        "bearer ",
        "\npassword:\t",
        "{password: '",
        "{password: \"'x",
        "{ ",
        "{a",
        "\n# -",
        "authorization ",
        '\\\\"',
        " ",
    ],
)
def test_a_hostile_device_s_long_name_costs_no_time(piece: str) -> None:
    """64 kB, where what grows with the square would take minutes."""
    began = time.process_time()
    Redaction().hide(piece * (65_536 // len(piece)))
    assert time.process_time() - began < 1


def test_settings_tell_their_secrets_with_users_as_headers_have_them() -> None:
    settings = Settings(
        bacnet=BacnetSettings(instance=1, address="127.0.0.1/8"),
        platform=PlatformSettings(username="site", password=SecretStr("one"), proxy_password=SecretStr("two")),
        accounts={"gym": AccountSettings(username="gym", password=SecretStr("three"))},
        zone="Europe/Dublin",
    )
    pairs = (b64encode(pair).decode() for pair in (b"site:one", b"gym:three"))
    assert set(secrets_of(settings)) == {"one", "two", "three", *pairs}


@pytest.mark.parametrize("section", [Settings, *_SECTIONS.values()], ids=lambda section: section.__name__)
def test_every_setting_that_sounds_secret_is_one(section: type[BaseModel]) -> None:
    for name, field in section.model_fields.items():
        if names_secret(name):
            assert "SecretStr" in str(field.annotation), name


TELLS = """
import logging, sys
import pytest, structlog
from bacnet_bridge.settings import Settings
from tests.support.secret_settings import SECRET_SETTINGS, SECRET_VALUES, nested
from structlog.testing import capture_logs

def test_structlog(): structlog.get_logger().info("sent", body="demo-password")
def test_logging(): logging.getLogger("aiohttp").warning("Authorization: %s", "Basic ZGVtbzpkZW1v")
def test_standard_error(): print("token=4711", file=sys.stderr)
def test_captured():
    with capture_logs():
        structlog.get_logger().info("sent", headers={"Authorization": "Basic ZGVtbzpkZW1v"})
@pytest.mark.parametrize("path", SECRET_SETTINGS, ids=".".join)
def test_whatever_it_is_called(path):
    said = {"zone": "Europe/Dublin", "bacnet": {"instance": 1, "address": "127.0.0.1/8"}}
    Settings.model_validate(said | nested(path, SECRET_VALUES[path]))
    with capture_logs():
        structlog.get_logger().info("sent", to=SECRET_VALUES[path])
def test_harmless(): structlog.get_logger().info("sent")
"""


def test_the_suite_fails_where_a_secret_is_logged(tmp_path: Path) -> None:
    (tmp_path / "test_telling.py").write_text(TELLS)
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"),
         "--rootdir", str(ROOT), str(tmp_path / "test_telling.py")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    secrets = len(SECRET_SETTINGS)
    assert f"{5 + secrets} passed, {4 + secrets} errors" in found.stdout
