"""`import`: a list becomes a survey; what was skipped is shown and kept; `discover`'s own list is read again."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bacnet_bridge.cli import app
from bacnet_bridge.cli.discover_files import Files
from bacnet_bridge.survey.file import read
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey
from bacnet_bridge.vocabulary.objects import ObjectId

EDE = """PROJECT_NAME;Rathaus
VERSION_OF_LAYOUT;2.1
#keyname;device obj.-instance;object-name;object-type;object-instance;description;state-text-reference;unit-code
D;77;[red]Schrank;8;77
A;77;Größe;0;1;;;48
B;77;Lüfter;3;1;;1;
C;77;Lüfter;fan;2
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Rathaus_EDE.csv").write_text(EDE, encoding="cp1252")
    (tmp_path / "Rathaus_StateTexts.csv").write_text("#Reference Number;Text 1\n1;Aus;Ein\n")
    return tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["import", *arguments])


def test_what_is_read_and_skipped_is_shown_and_kept(site: Path) -> None:
    result = _run("Rathaus_EDE.csv")
    assert result.exit_code == 1
    assert [line.split() for line in result.output.splitlines()[:2]] == [
        ["file", "layout", "objects", "devices", "skipped", "in", "part", "with", "it"],
        ["Rathaus_EDE.csv", "2.1", "2", "1", "1", "0", "Rathaus_StateTexts.csv,", "taken", "for", "Windows-1252"],
    ]
    assert "[red]Schrank" in result.output
    assert "  line 7: 'fan' is no object type that is known\n" in result.output
    assert "Written: imported/survey.json" in result.output
    survey = read(site / "imported")
    assert survey.attention == ("Rathaus_EDE.csv:7: skipped: 'fan' is no object type that is known",)
    assert [(each.name, each.units, each.states) for each in survey.devices[0].objects] == [
        ("Größe", 48, None),
        ("Lüfter", None, ("Aus", "Ein")),
    ]


def test_a_second_import_keeps_the_first(site: Path) -> None:
    _run("Rathaus_EDE.csv", "--output", "survey.json")
    _run("Rathaus_EDE.csv", "--output", "survey.json")
    assert len(list(site.glob("survey*.json"))) == 2


@pytest.mark.usefixtures("site")
def test_a_file_that_is_no_list() -> None:
    result = _run("Rathaus_StateTexts.csv")
    assert result.exit_code == 1
    assert str(result.exception).startswith("Rathaus_StateTexts.csv: this is no list of points")


def test_what_discover_writes_is_read_again(site: Path) -> None:
    objects = (
        FoundObject(ObjectId(0, 1), explored=True, name="Größe; one", units=48),
        FoundObject(ObjectId(3, 2), explored=True, name="Fan", states=("Off", "On")),
    )
    device = FoundDevice(7, "10.0.0.7", identified=True, name="A", complete=True, objects=objects)
    told = list(Files.of(site / "found", None, None).write(Survey(0, 0, finished=True, devices=(device,))))
    assert told[-1].startswith(f"Written: {site}/found/ede.csv (EDE 2.3) and {site}/found/ede-state-texts.csv")
    result = _run("found/ede.csv")
    assert result.exit_code == 0, result.output
    (again,) = read(site / "imported").devices
    assert (again.address, again.name, again.objects) == ("10.0.0.7", "A", objects)
