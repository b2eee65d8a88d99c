"""Settings: which source wins, what a wrong one says, and that no secret shows."""

from pathlib import Path

import pytest

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.settings import PRODUCTION, load_settings

SITE = """
zone: Europe/Dublin
bacnet:
  instance: 4194000
  address: 192.168.1.10/24
platform:
  username: building
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path / "secrets"))
    (tmp_path / "secrets").mkdir()
    file = tmp_path / "site.yaml"
    file.write_text(SITE)
    monkeypatch.chdir(tmp_path)
    return file


def test_the_site_file_of_the_current_folder_is_read(site: Path) -> None:
    settings = load_settings()
    assert site.name == "site.yaml"
    assert (settings.zone, settings.bacnet.instance, settings.platform.address) == (
        "Europe/Dublin",
        4194000,
        PRODUCTION,
    )


def test_command_line_beats_environment_beats_secrets_beats_site_file(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = site.parent / "secrets"
    (secrets / "bridge_platform__username").write_text("from-secret\n")
    assert load_settings().platform.username == "from-secret"
    monkeypatch.setenv("BRIDGE_PLATFORM__USERNAME", "from-environment")
    assert load_settings().platform.username == "from-environment"
    monkeypatch.setenv("BRIDGE_LOG_LEVEL", "error")
    assert load_settings(log_level="debug").log_level == "debug"


def test_other_accounts_come_from_secrets_too(site: Path) -> None:
    secrets = site.parent / "secrets"
    (secrets / "bridge_accounts__tenant__username").write_text("tenant-user")
    (secrets / "bridge_accounts__tenant__password").write_text("tenant-pass\n")
    account = load_settings().accounts["tenant"]
    assert (account.username, account.password.get_secret_value()) == ("tenant-user", "tenant-pass")


def test_no_secret_shows(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIDGE_PLATFORM__PASSWORD", "hunter2")
    assert "hunter2" not in repr(load_settings(site=site))
    monkeypatch.setenv("BRIDGE_PLATFORM__PASSWRD", "hunter3")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert "hunter" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BRIDGE_ZONE", "Europe/Dublni", "did you mean Europe/Dublin?"),
        ("BRIDGE_INTERVAL", "-3", "interval (or BRIDGE_INTERVAL) is wrong"),
        ("BRIDGE_BACNET__INSTANCE", "4194303", "bacnet.instance (or BRIDGE_BACNET__INSTANCE) is wrong"),
        ("BRIDGE_BACNET__INSTNCE", "1", "did you mean bacnet.instance?"),
        ("BRIDGE_BACNT__INSTANCE", "1", "did you mean BRIDGE_BACNET?"),
        ("BRIDGE_PLATFORM", "x", "cannot be read"),
        ("BRIDGE_ACCOUNTS__A__USERNAME", "u", "accounts.a.password is required"),
        ("BRIDGE_SITE", "nowhere.yaml", "the site file nowhere.yaml is not there"),
    ],
)
@pytest.mark.usefixtures("site")
def test_a_wrong_setting_is_one_sentence(name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("zone: [", "not valid YAML at line 1, column 8"),
        ("- 1", "site.yaml does not hold settings like"),
        ("hello", "site.yaml does not hold settings like"),
        ("1: 2", "site.yaml does not hold settings like"),
        ("bacnet: {1: 2}", "bacnet.1 .* is wrong: keys should be strings"),
        ("\xff", "site.yaml is not UTF-8 text"),
        ("", "zone is required"),
    ],
)
def test_a_broken_site_file_is_a_sentence(site: Path, text: str, sentence: str) -> None:
    site.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=sentence):
        load_settings()


@pytest.mark.parametrize("password", ["*hunter2", "!hunter2", "&hunter2 !hunter2", '"hunter2', "{hunter2"])
def test_a_password_that_yaml_takes_for_something_else_is_not_shown(site: Path, password: str) -> None:
    site.write_text(f"{SITE}  password: {password}\n")
    with pytest.raises(SettingsError, match="put texts that hold signs in quotes") as refused:
        load_settings()
    assert "hunter2" not in str(refused.value)


def test_a_secrets_directory_that_was_named_must_be_there_and_hold_text(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site.parent / "secrets" / "bridge_platform__password").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match=r"a file in the secrets directory .*/secrets is not UTF-8 text"):
        load_settings()
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", "nowhere")
    with pytest.raises(SettingsError, match="the secrets directory nowhere is not there"):
        load_settings()
