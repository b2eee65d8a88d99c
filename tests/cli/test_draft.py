from pathlib import Path

from typer.testing import CliRunner

from bacnet_bridge.cli import app
from bacnet_bridge.errors import SurveyError
from bacnet_bridge.survey.file import write
from tests.support.surveys import demo, survey

RUN = CliRunner()


def test_a_draft_on_the_terminal_and_in_a_file(tmp_path: Path) -> None:
    write(tmp_path / "survey.json", demo())
    shown = RUN.invoke(app, ["draft", str(tmp_path)])
    assert shown.exit_code == 0
    assert "14 meters with 35 points, 0 objects to decide" in shown.stderr
    file = tmp_path / "map" / "draft.yaml"
    assert RUN.invoke(app, ["draft", str(tmp_path), "--output", str(file)]).exit_code == 0
    assert file.read_text() == shown.stdout


def test_the_file_s_name_says_its_format(tmp_path: Path) -> None:
    write(tmp_path / "survey.json", demo())
    file = tmp_path / "draft.csv"
    RUN.invoke(app, ["draft", str(tmp_path), "--output", str(file), "--only", "device=1004"])
    assert file.read_text().splitlines()[-2].startswith("Tenant meter;;1004;;;;aP_1;AI1;Total Active Power;;")


def test_a_file_that_no_mapping_would_read_is_not_written(tmp_path: Path) -> None:
    write(tmp_path / "survey.json", demo())
    for name in ("draft.txt", "draft.xlsx", "draft"):
        result = RUN.invoke(app, ["draft", str(tmp_path), "--output", str(tmp_path / name)])
        assert isinstance(result.exception, SurveyError)
        assert f"{name}: a mapping's files are called .yaml or .csv" in str(result.exception)
        assert not (tmp_path / name).exists()


def test_a_list_of_points_is_pointed_to_its_import(tmp_path: Path) -> None:
    file = tmp_path / "Boiler_EDE.csv"
    for encoding in ("utf-8-sig", "utf-16"):
        file.write_text("# keyname;device obj.-instance", encoding=encoding)
        result = RUN.invoke(app, ["draft", str(file)])
        assert isinstance(result.exception, SurveyError)
        assert "`bacnet-bridge import` makes one" in str(result.exception)


def test_a_file_with_ids_is_never_overwritten(tmp_path: Path) -> None:
    write(tmp_path / "survey.json", demo())
    file = tmp_path / "draft.yaml"
    file.write_text("mine")
    result = RUN.invoke(app, ["draft", str(tmp_path), "--output", str(file)])
    assert isinstance(result.exception, SurveyError)
    assert str(result.exception) == f"{file} is there already, perhaps with ids in it; name another file"
    assert file.read_text() == "mine"


def test_a_wrong_filter_is_named(tmp_path: Path) -> None:
    write(tmp_path / "survey.json", demo())
    result = RUN.invoke(app, ["draft", str(tmp_path), "--only", "colour=red"])
    assert str(result.exception).startswith("--only: 'colour=red' is no filter")


def test_a_survey_that_suggests_nothing(tmp_path: Path) -> None:
    write(tmp_path / "survey.json", survey())
    assert RUN.invoke(app, ["draft", str(tmp_path)]).exit_code == 1
