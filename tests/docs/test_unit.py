"""packaging/bacnet-bridge.service starts what is installed, where operations.md says, with settings that exist."""

import re
from pathlib import Path

import pytest

from bacnet_bridge.settings import Settings

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "packaging" / "bacnet-bridge.service").read_text().splitlines()
UNIT = [tuple(line.split("=", 1)) for line in LINES if "=" in line and not line.startswith("#")]
PAGE = (ROOT / "docs" / "operations.md").read_text()


def said(key: str) -> list[str]:
    return [pair[1] for pair in UNIT if pair[0] == key]


def test_it_starts_by_an_absolute_path_and_starts_again() -> None:
    assert said("ExecStart") == ["/opt/bacnet-bridge/bin/bacnet-bridge run"]
    assert said("ExecReload") == ["/bin/kill -HUP $MAINPID"]
    assert said("Restart") == ["always"]
    assert int(said("TimeoutStopSec")[0]) > 10


def test_its_environment_is_settings() -> None:
    names = [value.split("=")[0].removeprefix("BRIDGE_").lower() for value in said("Environment")]
    assert names == ["secrets_dir", "state"]
    assert "state" in Settings.model_fields


@pytest.mark.parametrize("key", ["User", "WorkingDirectory", "StateDirectory"])
def test_the_page_makes_what_it_needs(key: str) -> None:
    section = re.split(r"^## ", PAGE.split("\n## As a systemd service\n")[1], flags=re.MULTILINE)[0]
    assert said(key)[0] in section
    assert "packaging/bacnet-bridge.service" in section
    assert "/opt/bacnet-bridge/bin/pip install" in section
