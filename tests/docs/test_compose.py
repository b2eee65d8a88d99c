"""docker-compose.yml is what the compose specification allows, and what the documents promise."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bacnet_bridge.settings import load_settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def schema() -> dict[str, Any]:
    """The specification's own schema, as check-jsonschema ships it."""
    vendored = files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    document: dict[str, Any] = json.loads(vendored.read_text())
    return document


def test_the_compose_file_follows_the_specification(compose: dict[str, Any]) -> None:
    jsonschema.validate(compose, schema())


def test_the_schema_would_notice_a_mistake(compose: dict[str, Any]) -> None:
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
