import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from bacnet_bridge.cli.check import check
from bacnet_bridge.errors import SettingsError

EXAMPLE = Path(__file__).parents[2] / "point_mappings"
APP = typer.Typer()
APP.command()(check)


@pytest.fixture(autouse=True)
def _no_site(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("BRIDGE_SITE", "BRIDGE_ZONE", "BRIDGE_SECRETS_DIR"):
        monkeypatch.delenv(name, raising=False)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


def _broken(folder: Path) -> Path:
    folder.mkdir()
    (folder / "a.yaml").write_text(
        "meters:\n  A: {id: a, devise: 1, device: 1, value: AI1}\n  B: {id: b, value: AI1}\n"
    )
    return folder


def test_a_sound_mapping_is_shown_as_a_table() -> None:
    result = _run(str(EXAMPLE), "--zone", "Europe/Dublin")
    assert result.exit_code == 0
    row = next(line for line in result.output.splitlines() if "demo-main" in line)
    shown = ["Main incomer", "demo-main", "electrical", "1001", "300 s", "aP_1 … v_23 (21)", "Europe/Dublin"]
    assert re.split(r"\s{2,}", row.strip()) == shown
    assert "value, delta" in next(line for line in result.output.splitlines() if "demo-water" in line)
    assert "'Car park' has no id" in result.output
    assert result.output.splitlines()[-1] == "14 meters, 1 draft, 0 warnings, no problem"


def test_every_problem_is_a_line_with_its_place(tmp_path: Path) -> None:
    folder = _broken(tmp_path / "m")
    result = _run(str(folder), "--zone", "Europe/Dublin")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{folder}/a.yaml:2:14: a meter has no key 'devise'; did you mean device?",
        f"{folder}/a.yaml:3:3: 'B' names no device; add device: and its instance",
    ]
    assert result.stderr == "2 problems; a running bridge keeps its last good mapping\n"


def test_accounts_that_cannot_be_checked_without_a_site_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("meters:\n  A: {id: a, device: 1, account: gym, value: AI1}\n")
    output = _run(str(tmp_path), "--zone", "UTC").output
    assert "not checked without the site: whether the settings know the account gym" in output
    assert "not checked" not in _run(str(EXAMPLE), "--zone", "UTC").output


def test_names_are_not_taken_for_markup(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("meters:\n  '[red]A[/nothing]': {id: '[b]', device: 1, value: AI1}\n")
    result = _run(str(tmp_path), "--zone", "UTC")
    assert result.exit_code == 0
    assert "[red]A[/nothing]" in result.output


def test_json_of_a_sound_mapping() -> None:
    found = json.loads(_run(str(EXAMPLE), "--zone", "Europe/Dublin", "--interval", "60", "--json").stdout)
    assert found["sound"] is True
    assert found["meters"][1] == {
        "name": "Tenant meter",
        "id": "demo-tenant",
        "kind": "electrical",
        "device": 1004,
        "address": None,
        "interval": 60,
        "fields": ["aP_1", "pC_1"],
        "zone": "Europe/Dublin",
        "account": "default",
        "place": f"{EXAMPLE}/electricity.yaml:44:3",
    }
    assert [draft["name"] for draft in found["drafts"]] == ["Car park"]
    assert found["warnings"] == []


def test_json_of_problems(tmp_path: Path) -> None:
    folder = _broken(tmp_path / "m")
    result = _run(str(folder), "--zone", "UTC", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["sound"] is False
    assert found["problems"][0] == {
        "file": f"{folder}/a.yaml",
        "line": 2,
        "column": 14,
        "message": "a meter has no key 'devise'",
        "suggestion": "did you mean device?",
    }


def test_zone_interval_folder_and_accounts_come_from_the_site(tmp_path: Path) -> None:
    (tmp_path / "points").mkdir()
    (tmp_path / "points" / "a.yaml").write_text(
        "meters:\n  A: {id: a, device: 1, value: AI1}\n  B: {id: b, device: 1, account: tenants, value: AI1}\n"
    )
    site = tmp_path / "building.yaml"
    site.write_text(
        "zone: Asia/Kathmandu\ninterval: 900\nmapping: points\nbacnet: {instance: 5, address: 127.0.0.1/32}\n"
        "accounts: {tenants: {username: u, password: p}}\n"
    )
    found = json.loads(_run("--site", str(site), "--json").stdout)
    assert [(meter["zone"], meter["interval"], meter["account"]) for meter in found["meters"]] == [
        ("Asia/Kathmandu", 900, "default"),
        ("Asia/Kathmandu", 900, "tenants"),
    ]
    site.write_text(site.read_text().replace("tenants:", "others:"))
    result = _run("--site", str(site))
    assert result.exit_code == 1
    assert "the settings know no account 'tenants'; known are default, others" in result.output


def test_a_zone_that_does_not_exist_is_refused() -> None:
    result = _run(str(EXAMPLE), "--zone", "Europe/Dubln")
    assert isinstance(result.exception, SettingsError)
    assert str(result.exception) == "'Europe/Dubln' is no IANA time zone; did you mean Europe/Dublin?"


def test_without_a_site_the_zone_must_be_said() -> None:
    result = _run(str(EXAMPLE))
    assert isinstance(result.exception, SettingsError)
    assert "--zone Europe/Dublin" in str(result.exception)
