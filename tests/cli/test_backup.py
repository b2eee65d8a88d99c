"""`bacnet-bridge backup` and `restore`, as an operator gives them."""

import asyncio
import zipfile
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from bacnet_bridge.cli import app
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.service.alone import locked_outbox
from bacnet_bridge.state import StateFolder
from tests.support.outbox import packet
from tests.support.secret_settings import SECRET_SETTINGS, SECRET_VALUES, nested

A = 1_767_225_600_000
SITE = "zone: Europe/Dublin\nbacnet: {instance: 5, address: 127.0.0.1/8}\n"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "point_mappings").mkdir()
    (tmp_path / "point_mappings" / "meters.yaml").write_text("meters: []\n")
    monkeypatch.chdir(tmp_path)

    async def fill() -> None:
        state = StateFolder(Path("state"))
        state.create()
        async with locked_outbox(state, SystemClock()) as (_database, outbox):
            await outbox.put(packet(A), {})

    asyncio.run(fill())
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_there_and_back(site: Path) -> None:
    made = run("backup", "site.zip")
    assert made.exit_code == 0, made.output
    assert "1 packet waiting" in made.output
    assert {"site.yaml", "mapping/meters.yaml", "state/bridge.db"} <= set(zipfile.ZipFile("site.zip").namelist())
    assert (site / "site.zip").stat().st_mode & 0o077 == 0

    back = run("restore", "site.zip", "--state", "other", "--mapping", "elsewhere")
    assert back.exit_code == 0, back.output
    assert "only collected: 1 meter," in back.output
    assert "not proven whole" in run("outbox", "list", "--state", "other").output.replace("\n", " ")
    assert (site / "elsewhere" / "meters.yaml").exists()


def test_no_secret_need_be_there(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the status page's, without which `run` would refuse that address."""
    (site / "site.yaml").write_text(f"{SITE}status: {{address: 0.0.0.0}}\n")
    monkeypatch.setenv("BRIDGE_SECRETS_DIR", "nowhere")
    made = run("backup", "site.zip")
    assert made.exit_code == 0, made.exception
    (site / "state").rename(site / "dead")
    back = run("restore", "site.zip")
    assert back.exit_code == 0, back.exception
    assert (site / "state" / "bridge.db").exists()


def test_a_site_file_with_a_password_is_left_out(site: Path) -> None:
    (site / "site.yaml").write_text(SITE + "platform: {username: u, password: hunter-3}\n")
    made = run("backup", "site.zip")
    assert made.exit_code == 0
    assert "site.yaml holds a password and is not in it" in made.output
    with zipfile.ZipFile("site.zip") as archive:
        assert "site.yaml" not in archive.namelist()
        assert b"hunter-3" not in b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("path", SECRET_SETTINGS, ids=".".join)
def test_no_site_file_with_a_secret_is_in_it(site: Path, path: tuple[str, ...]) -> None:
    (site / "site.yaml").write_text(yaml.safe_dump(yaml.safe_load(SITE) | nested(path, SECRET_VALUES[path])))
    made = run("backup", "site.zip")
    assert made.exit_code == 0, made.exception
    assert "and is not in it: keep that apart" in made.output
    with zipfile.ZipFile("site.zip") as archive:
        assert "site.yaml" not in archive.namelist()
        assert SECRET_VALUES[path].encode() not in b"".join(archive.read(name) for name in archive.namelist())


def test_nor_one_with_a_password_in_a_comment(site: Path) -> None:
    (site / "site.yaml").write_text(f"{SITE}# password: hunter-3\n")
    made = run("backup", "site.zip")
    assert made.exit_code == 0, made.exception
    assert "site.yaml holds a secret and is not in it" in made.output


def test_over_an_outbox_nothing_is_restored(site: Path) -> None:
    run("backup", "site.zip")
    back = run("restore", str(site / "site.zip"))
    assert back.exit_code != 0
    assert "has an outbox" in str(back.exception)


def test_from_elsewhere_it_finds_the_same(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    made = run("backup", "site.zip", "--site", str(site / "site.yaml"))
    assert made.exit_code == 0, made.output
    assert {"mapping/meters.yaml", "state/bridge.db"} <= set(zipfile.ZipFile("site.zip").namelist())


@pytest.mark.usefixtures("site")
def test_a_mapping_that_is_not_there_is_told() -> None:
    made = run("backup", "site.zip", "--mapping", "nowhere")
    assert made.exit_code == 0
    assert "no mapping is in it: nowhere is not there; name its folder with --mapping" in made.output


def test_with_a_site_its_mapping_is_restored_beside_another_state(site: Path, tmp_path: Path) -> None:
    run("backup", "site.zip")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "site.yaml").write_text((site / "site.yaml").read_text())
    back = run("restore", "site.zip", "--site", "new/site.yaml", "--state", "other")
    assert back.exit_code == 0, back.output
    assert (tmp_path / "new" / "point_mappings" / "meters.yaml").exists()
