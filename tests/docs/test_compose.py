"""The compose files are what their specification allows, and they and the Dockerfile what the documents promise."""

import json
import re
import subprocess
from importlib.resources import files
from ipaddress import IPv4Interface, IPv4Network
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bacnet_bridge.settings import Settings, load_settings
from bacnet_bridge.vocabulary.addresses import parse_own
from tests.docs.test_unit import secrets_of

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
HOST, BBMD = "docker-compose.yml", "docker-compose.bbmd.yml"


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / name).read_text())
    return document


@pytest.fixture
def compose() -> dict[str, Any]:
    return read(HOST)


def schema() -> dict[str, Any]:
    """The specification's own schema, as check-jsonschema ships it."""
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    document: dict[str, Any] = json.loads(vendored.read_text())
    return document


@pytest.mark.parametrize("name", [HOST, BBMD])
def test_the_compose_file_follows_the_specification(name: str) -> None:
    jsonschema.validate(read(name), schema())


@pytest.mark.parametrize("name", [HOST, BBMD])
def test_what_is_commented_out_holds_every_secret_and_follows_the_specification(name: str) -> None:
    """A site that has them all: each is named where the service takes it, and where the file is."""
    whole = re.sub(r"^( +)# (?=- |bridge_\w+:)", r"\1", (ROOT / name).read_text(), flags=re.MULTILINE)
    compose = yaml.safe_load(whole)
    jsonschema.validate(compose, schema())
    assert set(compose["services"]["bridge"]["secrets"]) == set(compose["secrets"]) == set(secrets_of(Settings))
    assert all(each == {"file": f"./secrets/{secret}"} for secret, each in compose["secrets"].items())
    mounted = {each["source"]: each for each in compose["services"]["bridge"]["volumes"] if each["type"] == "bind"}
    for source, each in mounted.items():
        assert (each["target"], each["read_only"]) == (f"/etc/bacnet-bridge/{source.removeprefix('./')}", True)
    assert {"./firewall.pem", "./status.pem", "./status-key.pem", "./mattermost.json"} <= set(mounted)


@pytest.mark.parametrize("name", [HOST, BBMD])
def test_the_schema_would_notice_a_mistake(name: str) -> None:
    compose = read(name)
    compose["services"]["bridge"]["stop_grace_periode"] = "30s"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(compose, schema())


def test_the_service_uses_the_hosts_network_a_volume_and_no_root(compose: dict[str, Any]) -> None:
    service = compose["services"]["bridge"]
    assert service["network_mode"] == "host"
    assert "ports" not in service
    assert service["user"] not in {"0", "root"}
    assert service["healthcheck"]["test"] == ["CMD", "bacnet-bridge", "status", "--check"]
    mounts = {mount["target"]: mount for mount in service["volumes"]}
    assert mounts["/var/lib/bacnet-bridge"]["type"] == "volume"
    assert mounts["/etc/bacnet-bridge/point_mappings"]["read_only"]


def test_the_user_of_the_image_is_the_one_of_the_compose_file(compose: dict[str, Any]) -> None:
    assert f"--uid {compose['services']['bridge']['user']} " in (ROOT / "Dockerfile").read_text()


def test_nothing_comes_into_the_image_without_its_hash_in_the_lock() -> None:
    """uv checks the hashes that constraints have, pip those of requirements."""
    runs = re.findall(r"^RUN ((?:.*\\\n)*.*)", DOCKERFILE, re.MULTILINE)
    installs = [part for run in runs for part in run.replace("\\\n", " ").split("&&") if "pip install" in part]
    uv, bridge = (each.split() for each in installs)
    assert uv[:2] == ["pip", "install"]
    assert {"--require-hashes", "/tmp/uv.txt"} < set(uv)
    assert not [word for word in uv[2:] if not word.startswith(("-", "/tmp/uv.txt"))]
    assert bridge[:3] == ["uv", "pip", "install"]
    for option in ("--constraint", "--build-constraints"):
        assert bridge[bridge.index(option) + 1] == "requirements.lock"
    assert "hatchling==" in (ROOT / "requirements.lock").read_text()


def test_what_is_taken_from_the_lock_for_uv_is_uv_alone_with_its_hashes() -> None:
    (program,) = re.findall(r"awk '(.*)' requirements\.lock", DOCKERFILE)
    taken = subprocess.run(
        ["awk", program, "requirements.lock"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert [line.split("==")[0] for line in taken if line[0] not in " #"] == ["uv"]
    assert sum("--hash=sha256:" in line for line in taken) > 1


def test_secrets_are_files_that_the_settings_read(
    compose: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for secret in compose["services"]["bridge"]["secrets"]:
        assert compose["secrets"][secret] == {"file": f"./secrets/{secret}"}
        (tmp_path / secret).write_text(f"{secret} of the site\n")
    (tmp_path / "site.yaml").write_text("zone: Europe/Dublin\nbacnet: {instance: 47, address: 192.168.1.10/24}\n")
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path))
    platform = load_settings(tmp_path / "site.yaml").platform
    assert platform.password is not None
    assert platform.password.get_secret_value() == "bridge_platform__password of the site"


def test_the_quick_start_makes_the_same_file_and_operations_gives_it_to_the_containers_user(
    compose: dict[str, Any],
) -> None:
    (secret,) = compose["secrets"].values()
    file = secret["file"].removeprefix("./")
    assert f"> {file}\n" in (ROOT / "docs" / "quick-start.md").read_text()
    assert f"chown {compose['services']['bridge']['user']} {file}\n" in (ROOT / "docs" / "operations.md").read_text()


def test_behind_a_bbmd_all_but_the_network_is_the_same() -> None:
    host, other = read(HOST), read(BBMD)
    service, its = host["services"]["bridge"], other["services"]["bridge"]
    assert service.pop("network_mode") == "host"
    for name in ("networks", "ports"):
        assert its.pop(name)
    its["environment"] = {name: its["environment"][name] for name in service["environment"]}
    assert its == service
    other.pop("networks")
    assert other == host


def test_behind_a_bbmd_answers_come_back_to_the_port_that_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = read(BBMD)
    service = compose["services"]["bridge"]
    (port,) = service["ports"]
    (subnet,) = (IPv4Network(each["subnet"]) for each in compose["networks"]["building"]["ipam"]["config"])
    for name, value in service["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{BBMD:\?.*\}", "192.168.1.2", value))
    (tmp_path / "site.yaml").write_text(
        "zone: Europe/Dublin\nbacnet: {instance: 47, address: 192.168.1.10/24, bbmd: 10.9.9.9}\n"
    )
    bacnet = load_settings(tmp_path / "site.yaml").bacnet
    own, number = parse_own(bacnet.address)
    assert isinstance(own, IPv4Interface)
    assert (own.network, str(own.ip)) == (subnet, service["networks"]["building"]["ipv4_address"])
    assert (port["published"], port["target"], port["protocol"]) == (str(number), number, "udp")
    assert bacnet.bbmd == "192.168.1.2"
    page = (ROOT / "docs" / "operations.md").read_text()
    for variable in re.findall(r"\$\{(\w+):\?", (ROOT / BBMD).read_text()):
        assert f"\n{variable}=" in page


def test_the_image_is_made_in_two_stages_runs_as_nobody_special_and_tells_its_health(compose: dict[str, Any]) -> None:
    stages = re.findall(r"^FROM (\S+)(?: AS (\w+))?$", DOCKERFILE, re.MULTILINE)
    assert [name for _, name in stages] == ["build", ""]
    last = DOCKERFILE.split("\nFROM ")[-1]
    assert re.findall(r"^COPY (.*)$", last, re.MULTILINE) == ["--from=build /opt/bacnet-bridge /opt/bacnet-bridge"]
    assert re.findall(r"^USER (\S+)$", last, re.MULTILINE) == ["bridge"]
    health = compose["services"]["bridge"]["healthcheck"]
    (told,) = re.findall(r"^HEALTHCHECK (.*) CMD (\[.*\])$", last, re.MULTILINE)
    assert json.loads(told[1]) == health["test"][1:]
    names = {"interval": "interval", "timeout": "timeout", "retries": "retries", "start-period": "start_period"}
    said = dict(option.removeprefix("--").split("=") for option in told[0].split())
    assert {names[option]: value for option, value in said.items()} == {
        name: str(value) for name, value in health.items() if name != "test"
    }


@pytest.mark.parametrize("name", [HOST, BBMD])
def test_nothing_writes_but_into_the_state_and_tmp(name: str) -> None:
    service = read(name)["services"]["bridge"]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert [mount["target"] for mount in service["volumes"] if not mount.get("read_only")] == ["/var/lib/bacnet-bridge"]
    assert "PYTHONDONTWRITEBYTECODE=1" in DOCKERFILE
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
