"""`register export` beside a survey; the ids' way back is tested with the mapping."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bacnet_bridge.cli import app
from bacnet_bridge.errors import SurveyError
from bacnet_bridge.survey.file import write
from tests.support.surveys import device, survey

METERS = """\
meters:
  Gas: {device: 1001, value: AI1}
  Fan: {device: 1001, value: AI2}
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "point_mappings").mkdir()
    (tmp_path / "point_mappings" / "meters.yaml").write_text(METERS)
    (tmp_path / "site.yaml").write_text(
        "zone: UTC\nbacnet: {instance: 5, address: 127.0.0.1/8}\nplatform: {username: u, password: p}\n"
    )
    return tmp_path


def units(*options: str) -> tuple[dict[str, str], str]:
    """The sheet's units by the meters' names, and what was noted."""
    result = CliRunner().invoke(app, ["register", "export", "sheet.csv", *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    with Path("sheet.csv").open(encoding="utf-8-sig") as file:
        return {row["name"]: row["unit"] for row in csv.DictReader(file)}, result.stderr


@pytest.mark.parametrize(("where", "options"), [("discovered", ()), ("found", ("--survey", "found"))])
def test_units_come_from_what_was_discovered(site: Path, where: str, options: tuple[str, ...]) -> None:
    write(site / where / "survey.json", survey(device("Utility panel", ["Gas | | m3", "Fan | | no-units"], 1001)))
    found, noted = units(*options)
    assert found == {"Gas": "m³", "Fan": ""}
    assert "'Fan' states no `unit:`, and no survey knows it, so its cell is blank" in noted
    assert "Gas" not in noted


def test_without_a_survey_they_are_the_mapping_s_alone() -> None:
    found, noted = units()
    assert found == {"Gas": "", "Fan": ""}
    assert noted.count("states no `unit:`, and no survey knows it") == 2


def test_a_survey_that_is_named_has_to_be_there() -> None:
    with pytest.raises(SurveyError, match="there is no survey"):
        units("--survey", "none")
