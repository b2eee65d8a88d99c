"""Settings: which source wins, what a wrong one says, and that no secret shows."""

from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.settings import PRODUCTION, lacking_credentials, load_settings, strange_secrets
from bacnet_bridge.vocabulary.password import hashed

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
        ("BRIDGE_INTERVAL", "-3", "interval (or BRIDGE_INTERVAL) is not a length of time"),
        ("BRIDGE_INTERVAL", "0.5 s", "interval (or BRIDGE_INTERVAL) is not a whole number"),
        ("BRIDGE_BACNET__ADDRESS", "10.0.0.1", "bacnet.address (or BRIDGE_BACNET__ADDRESS) has no prefix length"),
        ("BRIDGE_BACNET__BBMD", "10.0.0.1:0", "bacnet.bbmd (or BRIDGE_BACNET__BBMD) is wrong, its port is none"),
        ("BRIDGE_BACNET__INSTANCE", "4194303", "bacnet.instance (or BRIDGE_BACNET__INSTANCE) is wrong"),
        (
            "BRIDGE_BACNET__NAME",
            "Meters silent",
            "bacnet.name (or BRIDGE_BACNET__NAME) is what an object of the bridge",
        ),
        ("BRIDGE_BACNET__NAME", " ", "bacnet.name (or BRIDGE_BACNET__NAME) is empty"),
        ("BRIDGE_BACNET__INSTNCE", "1", "did you mean bacnet.instance?"),
        ("BRIDGE_BACNT__INSTANCE", "1", "did you mean BRIDGE_BACNET?"),
        ("BRIDGE_PLATFORM", "x", "BRIDGE_PLATFORM is a section; set BRIDGE_PLATFORM__ and"),
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
        ("zone: [", "site.yaml:1:8: this is not valid YAML; mind"),
        ("bacnet:\n\tinstance: 1", "site.yaml:2:1: YAML allows no tab before a name; write blanks"),
        ("bacnet:\n  \tinstance: 1", "site.yaml:2:3: YAML allows no tab before a name; write blanks"),
        ("zone: 'UTC", "site.yaml:1:7: this quote is not closed"),
        ("zone: UTC\nzone: UTC", "site.yaml:2:1: zone is there twice, first at site.yaml:1:1"),
        ("zone: \x07", "site.yaml is not valid YAML; it may hold a control character"),
        ("zone: 2024-13-45", "site.yaml holds a value that YAML cannot take"),
        ("a: &a {b: *a}", "site.yaml:1:1: a is not a setting"),
        ("zone=Europe/Berlin", "site.yaml does not hold settings like .*, with a colon"),
        ("- 1", "site.yaml does not hold settings like"),
        ("hello", "site.yaml does not hold settings like"),
        ("1: 2", "site.yaml does not hold settings like"),
        ("bacnet: {1: 2}", "bacnet.1 .*keys should be strings"),
        ("\xff", "site.yaml is not UTF-8 text"),
        ("", "zone is required"),
    ],
)
def test_a_broken_site_file_is_a_sentence(site: Path, text: str, sentence: str) -> None:
    site.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match=sentence):
        load_settings()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SITE.replace("4194000", "x"), "site.yaml:4:13: bacnet.instance is not a whole number"),
        (SITE.replace("instance", "instnce"), "site.yaml:4:3: bacnet.instnce is not a setting; did you mean"),
        (SITE.replace("Dublin", "Dubln"), "site.yaml:2:7: zone is no IANA time zone; did you mean Europe/Dublin?"),
        (SITE.replace("/24", ""), "site.yaml:5:12: bacnet.address has no prefix length: write it like"),
        (SITE.replace("/24", "/24:99999"), "site.yaml:5:12: bacnet.address is wrong, its port is none from 1 to"),
        (SITE + "interval: 5 mins x", "site.yaml:8:11: interval is not a length of time; write 300, 5 min"),
        (SITE + "interval: 2 d", "site.yaml:8:11: interval is wrong: input should be less than or equal to 86400"),
        (SITE.replace("building", "471"), "site.yaml:7:13: platform.username is no text; put it in quotes"),
        (SITE + "accounts: {A: {username: u, password: p}}", "site.yaml:8:12: accounts.A is no name for an account"),
        (SITE + "accounts: {a: {username: u}}", "site.yaml:8:12: accounts.a.password is required"),
        (SITE + "accounts: 5", "site.yaml:8:11: accounts is a section; write its settings below it"),
        ("zone: UTC\nbacnet:", "site.yaml:2:8: bacnet is a section; write its settings below it"),
        ("zone: UTC\nbacnet: {address: 10.0.0.1/8}", "site.yaml:2:1: bacnet.instance is required: set it in site.yaml"),
    ],
)
def test_what_is_wrong_in_the_site_file_has_its_place(site: Path, text: str, sentence: str) -> None:
    site.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert any(line.startswith(sentence) for line in str(refused.value).splitlines())


def test_what_is_wrong_elsewhere_is_not_looked_for_in_the_site_file(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site.parent / "secrets" / "bridge_platform__timeout").write_text("x")
    monkeypatch.setenv("BRIDGE_BACNET__INSTANCE", "x")
    site.write_text(SITE + "  timeout: 5\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(zone="nowhere")
    assert [line.split(")")[0] for line in str(refused.value).splitlines()] == [
        "bacnet.instance (or BRIDGE_BACNET__INSTANCE",
        "platform.timeout (or BRIDGE_PLATFORM__TIMEOUT",
        "zone (or BRIDGE_ZONE",
    ]


def test_a_missing_section_is_told_by_the_settings_that_it_must_hold(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.write_text("zone: UTC\n")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).splitlines() == [
        "bacnet.instance is required: set it in site.yaml, or BRIDGE_BACNET__INSTANCE in the environment",
        "bacnet.address is required: set it in site.yaml, or BRIDGE_BACNET__ADDRESS in the environment",
    ]
    site.unlink()
    monkeypatch.setenv("BRIDGE_ZONE", "UTC")
    with pytest.raises(
        SettingsError, match=r"set it in a site file \(site.yaml is not in this folder\), or BRIDGE_BAC"
    ):
        load_settings()


def test_a_wrong_folder_is_told_as_one(site: Path) -> None:
    site.unlink()
    with pytest.raises(SettingsError) as refused:
        load_settings(state=Path("state"))
    assert str(refused.value) == (
        f"there is no site.yaml in {site.parent} (and no BRIDGE_ settings in the environment): "
        "go to the site's folder, or name the file with --site"
    )


def test_lengths_of_time_are_written_as_in_mappings(site: Path) -> None:
    site.write_text(SITE + "  timeout: 0.5 min\ninterval: 5 min\ntolerance: 20 s\n")
    settings = load_settings()
    assert (settings.interval, settings.tolerance, settings.platform.timeout) == (300, 20, 30)


def test_what_a_bridge_without_a_password_looked_for(site: Path) -> None:
    folder = site.parent / "secrets"
    assert lacking_credentials(load_settings()) == (
        f"no platform.password: looked for bridge_platform__password in {folder}; packets are kept and wait for it"
    )
    for name in ("platform_password", ".hidden", "bridge_platform__username"):
        (folder / name).write_text("x")
    assert "(holds platform_password, which is no setting)" in lacking_credentials(load_settings())
    for name in ("a", "b", "c"):
        (folder / name).write_text("x")
    assert "(holds a, b, c and 1 more, which are no settings)" in lacking_credentials(load_settings())
    (folder / "bridge_platform__password").write_text("x")
    assert lacking_credentials(load_settings()) == ""


@pytest.mark.parametrize("password", ["*hunter2", "!hunter2", "&hunter2 !hunter2", '"hunter2', "{hunter2", "%hunter2"])
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


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("status: {address: 192.168.1.10}", "status needs a password: others can reach 192.168.1.10"),
        ("status: {address: 0.0.0.0}", "`bacnet-bridge password`"),
        ('status: {address: "::"}', "status needs a password"),
        ("status: {address: localhost}", "status.address is no IP address"),
        ("status: {password_hash: hunter2hunter2}", "status.password_hash is no password's hash"),
        ("status: {key: key.pem}", "status has a key and no certificate"),
        ("status: {port: 70000}", "status.port is wrong"),
    ],
)
def test_the_status_page_is_shut_to_others(tmp_path: Path, said: str, sentence: str) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(f"zone: Europe/Dublin\nbacnet: {{instance: 47, address: 192.168.1.10/24}}\n{said}\n")
    with pytest.raises(SettingsError) as refused:
        load_settings(site)
    assert sentence in str(refused.value)
    assert "site.yaml:3" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "127.8.0.1"])
def test_the_status_page_is_open_to_this_machine(tmp_path: Path, address: str) -> None:
    site = tmp_path / "site.yaml"
    site.write_text(
        f'zone: Europe/Dublin\nbacnet: {{instance: 47, address: 192.168.1.10/24}}\nstatus: {{address: "{address}"}}\n'
    )
    assert load_settings(site).status.port == 8047


def test_the_status_page_s_hash_is_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = str(hashed("correct horse battery"))
    (tmp_path / "bridge_status__password_hash").write_text(f"{kept}\n")
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path))
    site = tmp_path / "site.yaml"
    site.write_text(
        "zone: Europe/Dublin\nbacnet: {instance: 47, address: 192.168.1.10/24}\nstatus: {address: 192.168.1.10}\n"
    )
    settings = load_settings(site)
    assert kept not in repr(settings)
    assert settings.status.password_hash is not None
    assert settings.status.password_hash.get_secret_value().strip() == kept


def test_an_empty_file_in_the_secrets_directory_is_no_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bridge_platform__password").write_text("\n")
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path))
    settings = load_settings(zone="Europe/Dublin", bacnet={"instance": 1, "address": "127.0.0.1/8"},
                             platform={"username": "u"})  # fmt: skip
    assert settings.platform.password is None
    assert "no platform.password" in lacking_credentials(settings)


def test_relative_paths_go_by_the_folder_of_the_site_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "site.yaml").write_text(
        SITE + "  ca: tls/firewall.pem\nstatus: {certificate: st.pem, key: /etc/st.key}\n"
        "alarms: {webhook_template: teams.json}\nmapping: meters\n"
    )
    monkeypatch.chdir(elsewhere)
    settings = load_settings(folder / "site.yaml")
    assert settings.platform.ca == folder / "tls" / "firewall.pem"
    assert (settings.status.certificate, settings.status.key) == (folder / "st.pem", Path("/etc/st.key"))
    assert settings.alarms.webhook_template == folder / "teams.json"
    assert (settings.mapping, settings.state) == (folder / "meters", folder / "state")


def test_relative_paths_of_options_and_environment_go_by_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "site.yaml").write_text(SITE + "  ca: firewall.pem\nstate: kept\n")
    monkeypatch.setenv("BRIDGE_PLATFORM__CA", "other.pem")
    settings = load_settings(tmp_path / "site.yaml", state=Path("given"))
    assert (settings.platform.ca, settings.state) == (Path("other.pem"), Path("given"))
    assert settings.mapping == tmp_path / "point_mappings"


def test_without_a_site_file_the_folders_are_those_of_the_current_one(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.unlink()
    for name, value in {"ZONE": "UTC", "BACNET__INSTANCE": "5", "BACNET__ADDRESS": "127.0.0.1/8"}.items():
        monkeypatch.setenv(f"BRIDGE_{name}", value)
    settings = load_settings()
    assert (settings.mapping, settings.state) == (Path("point_mappings"), Path("state"))


@pytest.mark.parametrize("name", ["bridge_platform__password~", "bridge_platform__password.bak", "bridge_platform"])
def test_an_editor_s_leftover_in_the_secrets_directory_stops_nobody(site: Path, name: str) -> None:
    folder = site.parent / "secrets"
    (folder / "bridge_platform__password").write_text("new")
    (folder / name).write_text("old")
    password = load_settings().platform.password
    assert password is not None
    assert password.get_secret_value() == "new"
    (told,) = strange_secrets()
    assert told.startswith(f"{folder / name} is no setting and is left alone")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("bridge_platform__passwrd", "bridge_platform__password"),
        ("Bridge_Acounts__gym__Password", "bridge_accounts__gym__password"),
        ("bridge_status__hash", ""),
    ],
)
def test_a_mistyped_secret_is_named(site: Path, name: str, meant: str) -> None:
    (site.parent / "secrets" / name).write_text("x")
    (told,) = strange_secrets()
    assert told.endswith(f"; did you mean {meant}?" if meant else "is left alone")
    assert f"(holds {name}, which is no setting)" in lacking_credentials(load_settings())


def test_a_wrong_secret_is_told_with_its_file(site: Path) -> None:
    file = site.parent / "secrets" / "bridge_status__password_hash"
    file.write_text("token\nhash")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith(
        f"status.password_hash (or BRIDGE_STATUS__PASSWORD_HASH) in {file} is no password's hash"
    )


def test_an_account_s_missing_password_is_a_file_that_is_missing(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.write_text(SITE + "accounts: {tenant-two: {username: u}}\n")
    name = "bridge_accounts__tenant-two__password"
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).endswith(f"is required: write it into the file {name} in {site.parent / 'secrets'}")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/bacnet-bridge.service")
    with pytest.raises(SettingsError, match=f"write it into /etc/bacnet-bridge/secrets/{name}, have systemd hand"):
        load_settings()


def forbid(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For root, too."""
    read = Path.read_text

    def refused(self: Path, *words: Any, **named: Any) -> str:
        if self == file:
            raise PermissionError(13, "Permission denied", str(self))
        return read(self, *words, **named)

    monkeypatch.setattr(Path, "read_text", refused)


def test_a_secret_that_cannot_be_read_is_told_with_its_remedy(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = site.parent / "secrets" / "bridge_platform__password"
    file.write_text("x")
    forbid(file, monkeypatch)
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert str(refused.value).startswith(f"{file} cannot be read by this user (")
    assert str(refused.value).endswith(f"to the user that runs the bridge, and `chmod 400 {file}`")
    settings = load_settings(whole=False)
    assert (settings.bacnet.instance, settings.platform.password) == (4194000, None)
