"""A site that is half made is looked at as far as it goes."""

from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from bacnet_bridge.doctor.finding import State
from bacnet_bridge.doctor.firewall import markdown, plain, sheet
from bacnet_bridge.doctor.mapped import judge_mapping
from bacnet_bridge.doctor.site import Site, judge_settings, read_site
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.secret_files import SecretFile
from bacnet_bridge.vocabulary.password import hashed

WHOLE = "zone: Europe/Dublin\nbacnet: {instance: 4000, address: 10.0.0.5/24}\n"


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path))


def site(text: str | None, mapping: str | None = None) -> Site:
    if text is not None:
        Path("site.yaml").write_text(text)
    if mapping is not None:
        Path("point_mappings").mkdir()
        Path("point_mappings/a.yaml").write_text(mapping)
    return read_site(None)


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        (WHOLE, set()),
        (None, {"zone", "bacnet.instance", "bacnet.address"}),
        ("zone: Europe/Dublin\n", {"bacnet.instance", "bacnet.address"}),
        ("zone: Europe/Dublin\nbacnet: {address: 10.0.0.5/24}\n", {"bacnet.instance"}),
        ("bacnet: {instance: 4000, address: 10.0.0.5/24}\n", {"zone"}),
        ("zone: Dublin\nbacnet: {instance: 4000, address: 10.0.0.5}\n", {"zone", "bacnet.address"}),
        (f"{WHOLE}nonsense: 1\n", {"zone", "bacnet.instance", "bacnet.address"}),
        ("zone: [", {"zone", "bacnet.instance", "bacnet.address"}),
    ],
)
def test_what_is_said_counts_and_what_is_lacking_is_told(text: str | None, lacking: set[str]) -> None:
    found = site(text)
    assert found.lacking == lacking
    judged = judge_settings(found)
    assert judged.state is (State.FAILURE if lacking else State.OK)
    assert all(name in judged.says for name in lacking)
    if "bacnet.address" not in lacking:
        assert found.settings.bacnet.address == "10.0.0.5/24"


@pytest.mark.parametrize("more", ["", "status: {address: 10.0.0.5}\naccounts: {gym: {username: g}}\n"])
def test_a_secret_that_cannot_be_read_takes_nothing_else_away(more: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("platform__password", "status__password_hash", "accounts__gym__password"):
        if name.startswith("platform") or more:
            Path(f"bridge_{name}").write_text("x")

    def refused(self: SecretFile) -> str:
        raise SettingsError(f"{self.file} cannot be read")

    monkeypatch.setattr(SecretFile, "text", refused)
    found = site(WHOLE + more)
    assert (found.lacking, found.settings.zone) == (frozenset(), "Europe/Dublin")
    judged = judge_settings(found)
    assert judged.state is State.FAILURE
    assert "cannot be read" in judged.says
    assert "mend that first" in judged.remedy


def test_a_site_file_that_is_named_and_not_there() -> None:
    assert "is not there" in judge_settings(read_site(Path("other.yaml"))).says


def test_the_mappings_state() -> None:
    assert judge_mapping(site(WHOLE)).state is State.WARNING
    broken = judge_mapping(site(WHOLE, "meters:\n  A: {id: a, value: AI1}\n"))
    assert broken.state is State.FAILURE
    assert "1 problem, the first: point_mappings/a.yaml:2:3" in broken.says
    Path("point_mappings/a.yaml").write_text(
        "meters:\n  A: {id: a, device: 1, value: AI1}\n  B: {device: 1, value: AI2}\n"
    )
    assert judge_mapping(read_site(None)).says == "1 meter, 1 draft"
    Path("point_mappings/a.yaml").write_text("meters: {}\n")
    assert judge_mapping(read_site(None)).state is State.WARNING


def test_the_sheet_for_a_site_with_everything() -> None:
    text = (
        "zone: Europe/Dublin\nbacnet: {instance: 4000, address: '10.0.0.5/24:47809', bbmd: '10.9.0.1:47810'}\n"
        "platform: {address: 'https://collector.example:8443/x/', proxy: 'http://proxy.example:3128'}\n"
        "accounts: {gym: {username: u, password: p, address: 'https://other.example/'}}\n"
    )
    mapping = (
        "meters:\n"
        "  A: {id: a, device: 1, address: 10.2.0.7, value: AI1}\n"
        "  B: {id: b, device: 2, address: '10.0.0.8:47811', value: AI1}\n"
        "  C: {id: c, device: 3, address: '100:10', value: AI1}\n"
    )
    made = sheet(site(text, mapping), "eth0")
    asked = {(rule.source, rule.target, rule.port) for rule in made.rules}
    assert asked == {
        ("10.0.0.5 (eth0)", "10.9.0.1", "UDP 47809 → 47810"),
        ("10.0.0.5 (eth0)", "each BACnet device and router", "UDP 47809 → 47808"),
        ("10.0.0.5 (eth0)", "10.2.0.7", "UDP 47809 → 47808"),
        ("this machine", "proxy.example", "TCP 3128 (CONNECT collector.example:8443, CONNECT other.example:443)"),
        ("the proxy proxy.example", "collector.example", "TCP 8443 (HTTPS)"),
        ("the proxy proxy.example", "other.example", "TCP 443 (HTTPS)"),
        ("this machine", "its DNS servers", "UDP and TCP 53"),
        ("this machine", "a time server of yours", "UDP 123 (NTP)"),
    }
    rows = [line for line in markdown(made).splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {6}
    assert len(rows) == len(asked) + 2
    assert "p" not in {cell for rule in made.rules for cell in rule.cells}
    assert "   to:                10.9.0.1\n" in plain(made)


def test_the_sheet_for_an_interface_asks_for_a_reservation() -> None:
    named = site("zone: Europe/Dublin\nbacnet: {instance: 4000, address: 'eth0:47809'}\n")
    made = sheet(named, "eth0", IPv4Interface("10.0.0.5/24"))
    assert [made.rules[0].source, made.rules[0].port] == ["10.0.0.5 (eth0)", "UDP 47809 → 47808"]
    assert made.rules[0].target == "10.0.0.0/24 (broadcasts: 10.0.0.255)"
    assert "please reserve that one" in plain(made)
    text = plain(sheet(named, None))
    assert "this machine's address on the building's network" in text
    assert "please reserve that one" in text
    assert "reserve" not in plain(sheet(site(WHOLE), None))


def test_the_sheet_for_no_site_says_what_is_not_settled() -> None:
    text = markdown(sheet(site(None), None))
    assert "web-collector.wattics.com" in text
    assert "the building's subnet" in text
    assert "Not settled yet: bacnet.address, bacnet.instance, zone." in text


@pytest.mark.parametrize("address", ["https://h:99999/", "nonsense", "http://[", ""])
def test_wrong_addresses_do_no_harm_to_the_sheet(address: str) -> None:
    assert "# Firewall" in markdown(
        sheet(site(f"{WHOLE}platform: {{address: '{address}', proxy: '{address}'}}\n"), None)
    )


def test_the_sheet_asks_for_alarms_and_for_who_looks_without_a_secret() -> None:
    alarms = """platform: {proxy: 'http://proxy:3128'}
alarms:
  webhook: https://hooks.example.com/s3cr3t
  heartbeat: http://10.0.0.9:3001/push/s3cr3t
  mail_server: mail.example.com
"""
    Path("bridge_status__password_hash").write_text(str(hashed("correct horse battery")))
    made = plain(sheet(site(f"{WHOLE}{alarms}status: {{address: 10.0.0.5}}\n"), None))
    assert "CONNECT hooks.example.com:443" in made
    assert "hooks.example.com\n   protocol and port: TCP 443 (HTTPS)" in made
    assert "10.0.0.9\n   protocol and port: TCP 3001 (HTTP)" in made
    assert "mail.example.com\n   protocol and port: TCP 587 (SMTP)" in made
    assert "10.0.0.5\n   protocol and port: TCP 8047 (HTTP)\n   direction:         in, answers go back" in made
    assert "s3cr3t" not in made


def test_the_sheet_says_nothing_of_a_page_that_is_for_this_machine_alone() -> None:
    assert "8047" not in plain(sheet(site(WHOLE), None))
