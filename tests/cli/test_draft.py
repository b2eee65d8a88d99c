from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bacnet_bridge.cli import app
from bacnet_bridge.errors import SettingsError, SurveyError
from bacnet_bridge.survey.file import write
from bacnet_bridge.survey.model import FoundObject, Trend
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.surveys import demo, device, survey

RUN = CliRunner()


def test_a_draft_on_the_terminal_and_in_a_file(tmp_path: Path) -> None:
    write(tmp_path / "survey.json", demo())
    shown = RUN.invoke(app, ["draft", str(tmp_path)])
    assert shown.exit_code == 0
    assert "14 meters with 35 points, 0 objects to decide" in shown.stderr
    file = tmp_path / "map" / "draft.yaml"
    assert RUN.invoke(app, ["draft", str(tmp_path), "--output", str(file)]).exit_code == 0
    assert file.read_text() == shown.stdout


def test_logs_are_judged_by_the_sites_interval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that records every minute heals a meter of 5 min, and none of 10 s."""
    trend = Trend(ObjectId(0, 4), 85, interval=60, enabled=True, buffer=2016, records=2016, stops_when_full=False)
    plain = device("Gateway", [*(f"M1_kWL{n} | | kW" for n in (1, 2, 3)), "M1_kWh | | kWh"])
    log = FoundObject(ObjectId(20, 1), True, "Log", trend=trend)
    write(tmp_path / "survey.json", survey(replace(plain, objects=(*plain.objects, log))))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", "nowhere")
    usual, short = (RUN.invoke(app, ["draft", ".", "--interval", each]).stdout for each in ("5 min", "10 s"))
    assert "at an interval of 5 min: 1." in usual
    assert "at an interval of" not in short
    assert RUN.invoke(app, ["draft", "."]).stdout == usual
    site = "interval: 10 s\nbacnet: {instance: 5, address: 127.0.0.1/8}\n"
    (tmp_path / "site.yaml").write_text(site)
    assert RUN.invoke(app, ["draft", "."]).stdout == short
    assert RUN.invoke(app, ["draft", ".", "--interval", "5 min"]).stdout == usual
    (tmp_path / "site.yaml").rename(tmp_path / "other.yaml")
    assert RUN.invoke(app, ["draft", ".", "--site", "other.yaml"]).stdout == short
    (tmp_path / "site.yaml").write_text("interval: soon\n")
    wrong = RUN.invoke(app, ["draft", "."])
    assert isinstance(wrong.exception, SettingsError)
    assert str(wrong.exception).endswith("(without the site's interval: --interval '5 min')")


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
