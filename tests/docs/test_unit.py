"""packaging/bacnet-bridge.service starts what is installed, where operations.md says, with settings that exist."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel, SecretStr

from bacnet_bridge.settings import BacnetSettings, Settings, load_settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "packaging" / "bacnet-bridge.service"
LINES = FILE.read_text().splitlines()
UNIT = [tuple(line.split("=", 1)) for line in LINES if "=" in line and not line.startswith("#")]
PAGE = (ROOT / "docs" / "operations.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()
EXPOSURE = 2.0
BY_HAND = re.split(r"^##+ ", PAGE.split("\n### By hand\n")[1], flags=re.MULTILINE)[0]


def secrets_of(model: type[BaseModel], path: str = "bridge_") -> Iterator[str]:
    """The files in the secrets directory, but those of accounts that a site names itself."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from secrets_of(field.annotation, f"{path}{name}__")
        elif SecretStr in (field.annotation, *get_args(field.annotation)):
            yield path + name


def said(key: str) -> list[str]:
    return [pair[1] for pair in UNIT if pair[0] == key]


def test_it_starts_by_an_absolute_path_and_starts_again_without_end() -> None:
    assert said("ExecStart") == ["/opt/bacnet-bridge/bin/bacnet-bridge run"]
    assert said("ExecReload") == ["/bin/kill -HUP $MAINPID"]
    assert said("Restart") == ["always"]
    assert said("StartLimitIntervalSec") == ["0"]
    assert int(said("TimeoutStopSec")[0]) > 10


def test_it_is_watched_and_ends_in_order() -> None:
    assert said("Type") == ["notify"]
    assert int(said("WatchdogSec")[0]) >= 60  # a busy machine is no dead bridge
    assert said("WatchdogSignal") == ["SIGTERM"]


def test_its_environment_is_settings() -> None:
    names = [value.split("=")[0].removeprefix("BRIDGE_").lower() for value in said("Environment")]
    assert names == ["secrets_dir", "state"]
    assert "state" in Settings.model_fields


def test_its_secrets_are_settings_and_none_that_is_missing_keeps_it_from_starting() -> None:
    loaded, empty = ([value.split(":")[0] for value in said(key)] for key in ("LoadCredential", "SetCredential"))
    assert loaded == empty
    assert set(loaded) == set(secrets_of(Settings))
    for name in loaded:
        assert f"{name}:/etc/bacnet-bridge/secrets/{name}" in said("LoadCredential")
        assert f"{name}:\\n" in said("SetCredential")


@pytest.mark.parametrize("content", ["", "\n"])
def test_a_file_that_is_empty_is_no_secret(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in secrets_of(Settings):
        (tmp_path / name).write_text(content)
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path))
    bacnet = BacnetSettings(instance=1, address="127.0.0.1/8")
    assert load_settings(zone="UTC", bacnet=bacnet.model_dump()) == Settings(zone="UTC", bacnet=bacnet)


def test_the_pages_name_every_secret() -> None:
    table = SECURITY.split("\n## Secrets\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(bridge_\w+)` \|", table, re.MULTILINE)) == {
        *secrets_of(Settings),
        "bridge_accounts__NAME__password",
    }


@pytest.mark.parametrize("key", ["User", "WorkingDirectory", "StateDirectory"])
def test_the_page_makes_what_it_needs(key: str) -> None:
    assert said(key)[0] in BY_HAND
    assert "packaging/bacnet-bridge.service" in BY_HAND
    assert "/opt/bacnet-bridge/bin/pip install" in BY_HAND
    assert "/etc/bacnet-bridge/secrets" in BY_HAND


@pytest.fixture
def analysed(tmp_path: Path) -> Path:
    """The unit with a program that is there: systemd looks for it."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / FILE.name
    unit.write_text(FILE.read_text().replace(said("ExecStart")[0].split()[0], "/bin/true"))
    return unit


def test_systemd_understands_every_line(analysed: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(analysed)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if FILE.name in line]) == (0, [])


def test_systemd_finds_little_that_it_could_do_besides(analysed: Path) -> None:
    """Of 10, where 10 is a service without any bounds."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE * 10:.0f}", "--no-pager",
         str(analysed)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "Overall exposure level" in done.stdout
    assert f"at most {EXPOSURE} of 10" in SECURITY
