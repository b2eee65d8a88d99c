"""What `push` says of a file before anything is sent: no service, no network."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bacnet_bridge.cli.push import push
from tests.support.bridge import MAPPING

APP = typer.Typer()
APP.command()(push)


@pytest.fixture(autouse=True)
def _site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.delenv("BRIDGE_SITE", raising=False)
    (tmp_path / "site.yaml").write_text("zone: Europe/Dublin\nbacnet: {instance: 1, address: 127.0.0.1/8}\n")
    (tmp_path / "point_mappings").mkdir()
    (tmp_path / "point_mappings" / "meters.yaml").write_text(MAPPING)


def _push(content: str, *more: str, meter: str = "gas") -> Result:
    Path("old.csv").write_text(content)
    return CliRunner().invoke(APP, ["old.csv", "--meter", meter, "--dry-run", *more])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "time;value\n2026-03-29 01:30;1\n2026-03-29;x\n2199-01-01;1\n",
            ["line 2", "does not exist in Europe/Dublin", "line 3: value: 'x' is no number", "line 4", "not over yet"],
        ),
        ("time;pC_1\n2026-03-01;1\n", ["its column is `value`"]),
        ("2026-03-01;1\n2026-03-02;2\n", ["line 1", "the first line is a header"]),
        ("", ["line 1: the header has no two columns"]),
        ("time;value\n", ["no line that can be sent"]),
    ],
)
def test_every_mistake_is_told_at_once(content: str, said: Sequence[str]) -> None:
    result = _push(content)
    told = f"{result.output}{result.exception}"
    assert result.exit_code == 1
    assert [words for words in said if words not in told] == []


def test_what_would_be_sent_is_shown() -> None:
    result = _push("\ufefftimestamp\tm3\n2026-03-02T00:00\t2,5\n2026-03-01T00:00Z\t1\nx\ty\n", "--skip-bad")
    assert result.exit_code == 0, result.exception
    assert "gas: 2 packets from 2026-03-01T00:00:00.000+00:00 to 2026-03-02T00:00:00.000+00:00" in result.output
    assert '{"id":"gas","tsISO8601":"2026-03-01T00:00:00.000+00:00","value":1}' in result.output
    assert "most rows are 86400 s apart, and the meter's interval is 300 s" in result.output
    assert not Path("state").exists()


def test_times_of_another_zone_become_the_meters_own() -> None:
    result = _push("time;value\n2026-07-01T12:00;1\n", "--zone", "Asia/Kathmandu")
    assert '"tsISO8601":"2026-07-01T07:15:00.000+01:00"' in result.output


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--zone", "Europe/Dublim"), "no IANA time zone"),
        (("--account", "x"), "the settings know no account 'x'"),
    ],
)
def test_a_wrong_option_is_told(more: tuple[str, ...], said: str) -> None:
    assert said in str(_push("time;value\n2026-03-01;1\n", *more).exception)


def test_a_file_that_is_not_there_or_no_text() -> None:
    assert "cannot be read" in str(CliRunner().invoke(APP, ["none.csv", "--meter", "gas"]).exception)
    Path("old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert "cannot be read" in str(CliRunner().invoke(APP, ["old.xls", "--meter", "gas"]).exception)


def test_a_long_list_of_mistakes_is_cut() -> None:
    result = _push("time;value\n" + "x;1\n" * 250)
    assert "line 101: " in result.output
    assert "line 102: " not in result.output
    assert "and 150 lines more" in result.output
