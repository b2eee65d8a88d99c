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
    shown = ["Main incomer", "demo-main", "electrical", "1001", "300 s", "aP_1 … v_23 (21)"]
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
    assert result.stderr == "2 problems\n"


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


def site_file(folder: Path, more: str = "", **changes: str) -> Path:
    """A sound site with one meter of device 6, in a folder `points`."""
    (folder / "points").mkdir(exist_ok=True)
    (folder / "points" / "a.yaml").write_text("meters:\n  A: {id: a, device: 6, value: AI1}\n")
    said = {"bacnet": "{instance: 5, address: 127.0.0.1/8}", "platform": "{username: u, password: p}"} | changes
    site = folder / "building.yaml"
    site.write_text(f"zone: UTC\nmapping: points\n{more}" + "".join(f"{key}: {said[key]}\n" for key in said))
    return site


def test_a_sound_site(tmp_path: Path) -> None:
    result = _run("--site", str(site_file(tmp_path)))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "1 meter, 0 drafts, 0 warnings, no problem"


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (
            {"platform": "{address: 'http://a.b/', username: u, password: p}"},
            ["building.yaml:4:21: platform.address: http://a.b/ is not encrypted"],
        ),
        (
            {"platform": "{ca: nowhere.pem, username: u, password: p}"},
            ["building.yaml:4:16: platform.ca: the CA file nowhere.pem cannot be used"],
        ),
        ({"platform": "{username: 'u:v', password: p}"}, ["holds a colon"]),
        (
            {"platform": "{address: 'ftp://a.b/', ca: nowhere.pem}", "accounts": "{x: {username: u, password: p}}"},
            ["is not an address of the platform", "the CA file nowhere.pem cannot be used"],
        ),
        (
            {"bacnet": "{instance: 6, address: 127.0.0.1/8}"},
            ["points/a.yaml:2:3: device 6 is the bridge's own instance, bacnet.instance; mend device"],
        ),
    ],
)
def test_what_run_would_refuse_is_a_problem(tmp_path: Path, changes: dict[str, str], problems: list[str]) -> None:
    result = _run("--site", str(site_file(tmp_path, **changes)))
    assert result.exit_code == 1
    found = result.stdout.splitlines()
    assert len(found) == len(problems)
    assert all(part in line for part, line in zip(problems, found, strict=True))


def test_a_problem_from_elsewhere_has_no_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_PLATFORM__CA", "gone.pem")
    result = _run("--site", str(site_file(tmp_path, platform="{ca: nowhere.pem, username: u, password: p}")))
    assert result.stdout.startswith("platform.ca: the CA file gone.pem cannot be used")


@pytest.mark.parametrize(("interval", "shown"), [("5 min", "300 s"), ("60", "60 s")])
def test_an_interval_is_written_as_in_a_mapping(interval: str, shown: str) -> None:
    assert f" {shown} " in _run(str(EXAMPLE), "--zone", "UTC", "--interval", interval).stdout
    refused = _run(str(EXAMPLE), "--zone", "UTC", "--interval", "soon")
    assert "'soon' is not a length of time" in str(refused.exception)


def test_a_mistake_in_a_site_that_is_there_is_no_reason_to_do_without(tmp_path: Path) -> None:
    site = site_file(tmp_path, "log_level: loud\n")
    assert "--zone" not in str(_run("--site", str(site)).exception)
    assert "--zone" in str(_run("--site", str(tmp_path / "nowhere.yaml")).exception)


def test_a_missing_password_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", "secrets")
    result = _run("--site", str(site_file(tmp_path, platform="{username: u}")))
    assert result.exit_code == 0
    assert f"warning: no platform.password: looked for bridge_platform__password in {tmp_path}/secrets" in result.stdout


def test_a_file_in_the_secrets_directory_that_is_no_setting_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "bridge_alarms__webhok").write_text("x")
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", "secrets")
    result = _run("--site", str(site_file(tmp_path)))
    assert result.exit_code == 0
    assert "warning: secrets/bridge_alarms__webhok is no setting and is left alone; did you mean" in result.stdout


def test_a_certificate_of_the_status_page_that_is_not_there_is_a_warning(tmp_path: Path) -> None:
    result = _run("--site", str(site_file(tmp_path, "status: {certificate: nope.pem}\n")))
    assert result.exit_code == 0
    assert "warning: no status page: nope.pem: No such file or directory" in result.stdout


def test_the_last_good_mapping_is_named_only_where_there_is_one(tmp_path: Path) -> None:
    site = site_file(tmp_path)
    (tmp_path / "points" / "a.yaml").write_text("meters: [\n")
    assert _run("--site", str(site)).stderr == "1 problem\n"
    (tmp_path / "state" / "mapping").mkdir(parents=True)
    assert _run("--site", str(site)).stderr == (
        "1 problem; until the mapping is mended, the bridge reads the last good one, state/mapping\n"
    )
    assert _run("points", "--site", str(site)).stderr.startswith("1 problem; until")
    (tmp_path / "others").mkdir()
    assert _run("others", "--site", str(site)).stderr == "1 problem\n"
    (tmp_path / "points" / "a.yaml").write_text("meters: {A: {id: a, device: 5, value: AI1}}\n")
    assert _run("--site", str(site)).stderr == "1 problem\n"  # it is read, and warned of


def test_the_zone_is_shown_where_it_is_another(tmp_path: Path) -> None:
    site = site_file(tmp_path)
    assert "UTC" not in _run("--site", str(site)).stdout
    (tmp_path / "points" / "b.yaml").write_text("meters:\n  B: {id: b, device: 6, zone: Asia/Tokyo, value: AI1}\n")
    lines = _run("--site", str(site)).stdout.splitlines()
    assert [line.split()[-1] for line in lines[:3]] == ["zone", "UTC", "Asia/Tokyo"]


def test_a_zone_that_does_not_exist_is_refused() -> None:
    result = _run(str(EXAMPLE), "--zone", "Europe/Dubln")
    assert isinstance(result.exception, SettingsError)
    assert str(result.exception) == "'Europe/Dubln' is no IANA time zone; did you mean Europe/Dublin?"


def test_without_a_site_the_zone_must_be_said() -> None:
    result = _run(str(EXAMPLE))
    assert isinstance(result.exception, SettingsError)
    assert "--zone Europe/Dublin" in str(result.exception)
