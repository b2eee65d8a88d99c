"""Commands of a user who may not look into the state folder or the secrets directory: sentences, no tracebacks."""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bacnet_bridge.cli import app
from bacnet_bridge.errors import StateError
from bacnet_bridge.outbox.damage import opened_whole
from bacnet_bridge.state import StateFolder
from tests.support.clock import DrivenClock

SITE = "zone: Europe/Dublin\nbacnet: {instance: 5, address: 127.0.0.1/8:40123}\nplatform: {address: 'https://127.0.0.1:1/'}\n"
METER = "meters:\n  Gas: {id: gas, device: 1001, value: AI1}\n"
SUPPORT = sys.modules["bacnet_bridge.cli.support"]  # the package gives its command the same name


@pytest.fixture
async def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:  # type: ignore[misc]  # an async generator
    """In a folder that everyone may enter, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    (folder / "site.yaml").write_text(SITE)
    (folder / "point_mappings").mkdir()
    (folder / "point_mappings" / "meters.yaml").write_text(METER)
    (folder / "secrets").mkdir()
    (folder / "secrets" / "bridge_platform__password").write_text("geheim")
    (folder / "secrets" / "bridge_platform__username").write_text("metering-47")
    (folder / "state" / "mapping").mkdir(parents=True)
    database, _ = await opened_whole(StateFolder(folder / "state").database, DrivenClock())
    await database.close()
    (folder / "state" / "alarms.json").write_text("{}")
    (folder / "state" / "profiles.json").write_text("{}")
    monkeypatch.chdir(folder)
    monkeypatch.setattr("bacnet_bridge.settings.secrets_folder", lambda: folder / "secrets")
    yield folder
    shutil.rmtree(folder)


@contextmanager
def another(*shut: Path) -> Iterator[None]:
    """Root may read everything, so it is nobody for a while."""
    modes = {each: each.stat().st_mode for each in shut}
    own = os.geteuid()
    for each in shut:
        each.chmod(0o700 if own == 0 else 0)
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)
        for each, mode in modes.items():
            each.chmod(mode)


def said(words: str) -> tuple[int, str, BaseException | None]:
    done = CliRunner().invoke(app, words.split())
    return done.exit_code, done.output, done.exception


@pytest.mark.parametrize("words", ["report", "outbox list", "outbox show gas", "backup b.zip", "alarms", "devices"])
def test_a_command_that_needs_the_state_says_whose_it_is(site: Path, words: str) -> None:
    said(words)  # what it imports must be there already: nobody may read the interpreter's own files, perhaps
    (site / "b.zip").unlink(missing_ok=True)
    with another(site / "state"):
        _, _, error = said(words)
    assert isinstance(error, StateError), error
    assert str(error).endswith("give the command as the user that runs the bridge (`sudo -u`)")
    assert str(site / "state") in str(error) or "state/" in str(error)


def test_the_mapping_can_be_checked_all_the_same(site: Path) -> None:
    before = said("check")
    assert (before[0], before[2]) == (0, None), before
    with another(site / "state"):
        assert said("check") == before


@pytest.fixture
def pack(site: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """What `support` packs while something is shut."""
    monkeypatch.setattr(SUPPORT, "_own", lambda *_: ())
    monkeypatch.setattr("bacnet_bridge.service.support.journal", lambda _: None)

    def packed(*shut: Path) -> dict[str, str]:
        said("support warm.zip")
        with another(*shut):
            status, told, error = said("support support.zip")
        assert (status, error) == (0, None), told
        with zipfile.ZipFile(site / "support.zip") as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    return packed


def test_support_packs_what_it_may_and_says_what_it_may_not(site: Path, pack: Callable[..., dict[str, str]]) -> None:
    found = pack(site / "secrets", site / "state")
    assert {"about.json", "site.yaml", "settings.json", "mapping/meters.yaml"} <= set(found)
    lacking = found["not-had.txt"].splitlines()
    assert lacking[0].startswith(f"what is secret in {site / 'secrets'}: Permission denied (this user is ")
    assert lacking[1].startswith("state/: ")
    assert "bindings.json may not be seen by this user" in lacking[1]


def test_support_hides_the_secrets_that_it_may_read_beside_one_that_it_may_not(
    site: Path, pack: Callable[..., dict[str, str]]
) -> None:
    (site / "point_mappings" / "meters.yaml").write_text(f"{METER}# of the platform: user77\n")
    (site / "secrets" / "bridge_status__password_hash").write_text("user77")
    found = pack(site / "secrets" / "bridge_platform__password")
    assert f"what is secret in {site}/secrets/bridge_platform__password: Permission denied" in found["not-had.txt"]
    assert "user77" not in "".join(found.values())
