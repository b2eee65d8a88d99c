"""What is told of a mapping and its site when the service starts."""

from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bacnet_bridge.service.accounts import accounts_of
from bacnet_bridge.service.mapped import mapped
from bacnet_bridge.settings import AccountSettings, BacnetSettings, PlatformSettings, Settings
from bacnet_bridge.state import StateFolder

PLATFORM = PlatformSettings(username="u", password=SecretStr("p"))


def told(folder: Path, meter: str, own: int = 5, platform: PlatformSettings = PLATFORM) -> list[str]:
    """Every warning, as it is logged."""
    (folder / "mapping").mkdir()
    (folder / "mapping" / "a.yaml").write_text(f"meters:\n  A: {{id: a, value: AI1, {meter}}}\n")
    settings = Settings(
        bacnet=BacnetSettings(instance=own, address="127.0.0.1/8"),
        platform=platform,
        accounts={"gym": AccountSettings(username="g", password=SecretStr("p"))},
        zone="UTC",
        mapping=folder / "mapping",
    )
    state = StateFolder(folder / "state")
    state.create()
    with capture_logs() as logs:
        mapped(settings, state, accounts_of(settings))
    return [log.get("warning") or log["why"] for log in logs if log["log_level"] == "warning"]


def test_all_is_well(tmp_path: Path) -> None:
    assert told(tmp_path, "device: 6") == []


def test_a_device_with_the_bridge_s_own_instance(tmp_path: Path) -> None:
    (warning,) = told(tmp_path, "device: 5")
    assert "a.yaml:2:3: device 5 is the bridge's own instance, bacnet.instance; mend device" in warning


def test_a_missing_password_is_told_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secrets").mkdir()
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", str(tmp_path / "secrets"))
    (warning,) = told(tmp_path, "device: 6", platform=PlatformSettings(username="u"))
    assert warning.startswith(f"no platform.password: looked for bridge_platform__password in {tmp_path}/secrets;")


def test_a_missing_password_that_nobody_needs_is_not(tmp_path: Path) -> None:
    assert told(tmp_path, "device: 6, account: gym", platform=PlatformSettings()) == []
