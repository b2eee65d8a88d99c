"""`bacnet-bridge support` packs what there is, whatever is broken, and no secret."""

import shutil
import sys
import zipfile
from base64 import b64encode
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from bacnet_bridge.cli import app
from bacnet_bridge.redaction import HIDDEN
from tests.support.secret_settings import SECRET_VALUES, every_secret

ROOT = Path(__file__).parents[2]
IN_FILE, IN_SECRETS, IN_ENVIRONMENT = "ge-heim/Site", 'ge"heim Folder', "geheim+Environment"
SITE = """zone: Europe/Dublin
bacnet: {instance: 5, address: 127.0.0.1/8:40123}
platform: {username: u, address: 'https://127.0.0.1:1/', password: ge-heim/Site}
accounts: {gym: {username: gym}}
"""
MODULE = sys.modules["bacnet_bridge.cli.support"]  # the package gives its command the same name
PAIR = b64encode(f"u:{IN_FILE}".encode()).decode()
LOG = f'sent "{IN_FILE}" and {PAIR}\nAuthorization: Basic eDp5eXl5\nmeter a\n'
FILES = {"about.json", "site.yaml", "state/profiles.json", "log/1-bridge.log", "not-had.txt"}
TOLD = {"status.json", "devices.json", "outbox.json", "report.txt", "check.txt", "doctor.txt"}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "point_mappings").mkdir()
    (tmp_path / "point_mappings" / "meters.yaml").write_text(f"meters: []  # {IN_SECRETS}\n")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "bridge_accounts__gym__password").write_text(f"{IN_SECRETS}\n")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "profiles.json").write_text(f'{{"1001": {{"x": "{IN_ENVIRONMENT}"}}}}')
    (tmp_path / "bridge.log").write_text(LOG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", "secrets")
    monkeypatch.setenv("BRIDGE_PLATFORM__PROXY_PASSWORD", IN_ENVIRONMENT)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for the commands that are asked
    return tmp_path


def packed() -> dict[str, bytes]:
    done = CliRunner().invoke(app, ["support", "support.zip", "--log", "bridge.log", "--log", "none.log"])
    assert done.exit_code == 0, (done.output, done.exception)
    assert "not in it: log/2-none.log: none.log: No such file" in done.output
    with zipfile.ZipFile("support.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def check_secrets(pack: dict[str, bytes]) -> None:
    everything = b"\n".join(pack.values()).decode()
    for secret in (IN_FILE, IN_SECRETS, IN_ENVIRONMENT, PAIR, "eDp5eXl5"):
        assert secret not in everything
    log = pack["log/1-bridge.log"].decode()
    assert log.count(HIDDEN) == 3
    assert "meter a" in log
    assert b"zone: Europe/Dublin" in pack["site.yaml"]


def only(*names: str) -> object:
    """Asks but a few of the commands: the doctor alone takes 20 seconds."""
    of = MODULE._own
    return lambda *where: (part for part in of(*where) if part.name in names)


def test_it_holds_what_there_is_and_no_secret(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "_own", only("outbox.json", "check.txt"))
    pack = packed()
    assert {*FILES, "mapping/meters.yaml", "settings.json", "outbox.json", "check.txt"} <= set(pack)
    assert b"there is no outbox in" in pack["outbox.json"]
    assert b"(exit status 2)" in pack["outbox.json"]
    assert (site / "support.zip").stat().st_mode & 0o077 == 0
    check_secrets(pack)


def test_a_wrong_site_file_hides_neither_the_rest_nor_its_secrets_less(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "site.yaml").write_text(f"{SITE}intervall: 5\n")
    monkeypatch.setattr(MODULE, "_own", only("check.txt"))
    pack = packed()
    assert set(pack) >= FILES
    assert "intervall" in pack["not-had.txt"].decode()
    assert "intervall" in pack["check.txt"].decode()
    check_secrets(pack)


def only_text(pack: dict[str, bytes]) -> str:
    return b"\n".join(pack.values()).decode()


@pytest.mark.parametrize("wrong", ["", "intervall: 5\n", "zone: {\n"], ids=["right", "mistyped", "no-yaml"])
def test_no_secret_of_the_settings_is_in_it_whatever_else_is_wrong(
    site: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    said = yaml.safe_dump(yaml.safe_load(SITE) | every_secret())
    (site / "site.yaml").write_text(f"{said}{wrong}# once password: k3pt-once-4711\n# password: k3pt-before-4711\n")
    log = "" if "{" in wrong else "\n".join(SECRET_VALUES.values())  # of no YAML nobody knows the values
    (site / "bridge.log").write_text(log)
    monkeypatch.setattr(MODULE, "_own", only("check.txt"))
    pack = packed()
    assert "4711" not in only_text(pack)
    assert ("site.yaml" in pack) == (log != "")
    assert ("site.yaml: it cannot be read" in pack["not-had.txt"].decode()) == (log == "")


@pytest.mark.parametrize(
    "wrong",
    [
        "alarms: {webhok: 'https://hooks.example.com/T0/k3pt-4711'}",
        "webhook: 'https://hooks.example.com/?k3pt-4711'",
        "alarms: {receivers: ['https://hooks.example.com/k3pt-4711']}",
        "platfrom: {passwrd: k3pt-4711}",
        "alarms: {webhook: {address: k3pt-4711}}",
        "accounts: {gym: {username: gym, password: k3pt-4711, adress: 'https://x.example/k3pt-4711'}}",
        "platform: {proxy: 'http://u:k3pt-4711@proxy:3128'}",
        'alarms: {mail_password: "k3pt-\n    4711"}',
    ],
)
def test_nor_one_that_is_mistyped(site: Path, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    (site / "site.yaml").write_text(f"zone: Europe/Dublin\nbacnet: {{instance: 5, address: 127.0.0.1/8}}\n{wrong}\n")
    monkeypatch.setattr(MODULE, "_own", only("check.txt"))
    text = only_text(packed())
    assert "4711" not in text
    assert "zone: Europe/Dublin" in text


def test_a_broken_site_file_hides_no_less_what_is_kept_elsewhere(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "site.yaml").write_text("\tzone: Europe/Dublin\n")
    (site / "bridge.log").write_text(f"{IN_SECRETS} {IN_ENVIRONMENT}\n")
    monkeypatch.setattr(MODULE, "_own", only("check.txt"))
    text = only_text(packed())
    assert IN_SECRETS not in text
    assert IN_ENVIRONMENT not in text


def test_a_mapping_that_is_not_there_is_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "site.yaml").write_text(f"{SITE}mapping: nowhere\n")
    monkeypatch.setattr(MODULE, "_own", only("check.txt"))
    assert "mapping/: nowhere is not there; name it with --mapping" in packed()["not-had.txt"].decode()


@pytest.mark.parametrize("program", ["true", None])
def test_a_log_that_nobody_has_is_told(site: Path, program: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal that knows nothing of the unit, and a machine without one."""
    found = None if program is None else shutil.which(program)
    monkeypatch.setattr(MODULE, "_own", only())
    monkeypatch.setattr(shutil, "which", lambda _name: found)
    done = CliRunner().invoke(app, ["support", "support.zip"])
    assert "not in it: log/: no log was found; name it with --log" in done.output
    with zipfile.ZipFile(site / "support.zip") as archive:
        assert "log/journal.txt" not in archive.namelist()
        assert b"name it with --log" in archive.read("not-had.txt")


def test_a_file_that_is_there_stays(site: Path) -> None:
    (site / "support.zip").write_text("precious")
    assert CliRunner().invoke(app, ["support", "support.zip"]).exit_code != 0
    assert (site / "support.zip").read_text() == "precious"


@pytest.mark.soak
@pytest.mark.usefixtures("site")
def test_it_asks_every_command() -> None:
    pack = packed()
    assert set(pack) >= TOLD
    assert b"usage" not in b"".join(pack[name].lower() for name in TOLD)
    check_secrets(pack)
