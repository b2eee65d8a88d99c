"""What packaging/windows starts is there: commands, options, settings; and docs/windows.md tells of each file."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import typer

from bacnet_bridge.cli import app
from bacnet_bridge.settings import Settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "packaging" / "windows"
PAGE = (ROOT / "docs" / "windows.md").read_text()
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
LAUNCHERS = sorted(file.stem for file in FOLDER.glob("*.cmd") if file.stem not in {"install", "bridge"})


@pytest.mark.parametrize("name", LAUNCHERS)
def test_each_launcher_starts_its_command(name: str) -> None:
    assert name in COMMANDS
    assert f'call "%~dp0bridge.cmd" {name} %*\n' in (FOLDER / f"{name}.cmd").read_text()


def test_the_launchers_are_what_was_asked_for() -> None:
    assert LAUNCHERS == ["check", "discover", "doctor", "import"]


def test_every_file_is_told_of() -> None:
    assert [file.name for file in FOLDER.iterdir() if f"`{file.name}`" not in PAGE] == []


@pytest.mark.parametrize(("element", "command"), [("arguments", "run"), ("stoparguments", "stop")])
def test_the_service_starts_and_stops_by_commands_that_are_there(element: str, command: str) -> None:
    words = (ET.parse(FOLDER / "bacnet-bridge-service.xml").getroot().findtext(element) or "").split()
    assert words[0] == command
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_services_environment_is_settings() -> None:
    names = [each.get("name", "") for each in ET.parse(FOLDER / "bacnet-bridge-service.xml").getroot().iter("env")]
    ours = [name.removeprefix("BRIDGE_").lower() for name in names if name.startswith("BRIDGE_")]
    assert set(ours) <= {*Settings.model_fields, "secrets_dir"}
    assert "PYTHONUTF8" in names


def test_what_was_not_tried_is_said() -> None:
    table = PAGE.split("\n## What was tried\n")[1].split("\n## ")[0]
    assert re.search(r"\| .*\*\*not tried\*\*", table)


def test_by_hand_the_secrets_are_those_of_the_service() -> None:
    """It names them itself; a launcher would look in /run/secrets."""
    launcher = (FOLDER / "bridge.cmd").read_text()
    assert 'if not defined BRIDGE_SECRETS_DIR if exist "%CD%\\secrets\\"' in launcher
    assert 'set "BRIDGE_SECRETS_DIR=%CD%\\secrets"' in launcher


def test_the_readme_says_what_each_launcher_makes() -> None:
    readme = (FOLDER / "README.txt").read_text()
    assert "import.cmd FILE   makes a survey" in readme
    assert "bridge.cmd draft  makes the mapping's draft" in readme
