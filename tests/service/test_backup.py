"""A backup is whole or not there, is taken while the outbox is written, and never sends what may have been sent."""

import asyncio
import errno
import json
import os
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import BridgeError, StateError
from bacnet_bridge.model import AcceptedBy
from bacnet_bridge.outbox.copying import aged
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.service.alone import locked_outbox
from bacnet_bridge.service.backup import back_up, restore
from bacnet_bridge.state import StateFolder
from bacnet_bridge.system import IS_POSIX, is_root
from tests.support.outbox import packet, queue

A, B, C = 1_767_225_600_000, 1_767_225_900_000, 1_767_226_200_000
"""2026-01-01T00:00:00Z and the two five minutes after."""
MEMORY = '{"last":"1000","of":"kWh","rises":3,"base":"900","top":"12","at":1767225600000}'


class Place:
    """State folder, mapping and backup of one computer."""

    def __init__(self, folder: Path) -> None:
        self.state, self.mapping, self.file = StateFolder(folder / "state"), folder / "mapping", folder / "site.zip"
        self.state.create()

    @asynccontextmanager
    async def outbox(self) -> AsyncIterator[SqliteOutbox]:
        async with locked_outbox(self.state, SystemClock()) as (_database, outbox):
            yield outbox

    def back_up(self, site: Path | None = None) -> None:
        back_up(self.state, self.mapping, site, self.file, A)

    async def fill(self) -> None:
        """One meter of which all is accepted, and one of which two packets wait; a mapping and what was learned."""
        async with self.outbox() as outbox:
            await outbox.put(packet(A, "done"), {"AI1": "7"})
            head = await outbox.head(queue("done"))
            assert head is not None
            await outbox.accept(head, AcceptedBy.ANSWER, A)
            for instant in (A, B):
                await outbox.put(packet(instant, "waits"), {"ACC1": MEMORY})
        self.mapping.mkdir()
        (self.mapping / "meters.yaml").write_text("meters: []\n")
        self.state.profiles.write_text('{"1001": {"rpm": true}}')
        self.state.clocks.write_text('{"1001 trend-log,1": {"interval": 300000, "marks": []}}')
        self.state.pushes.write_text("{}")


@pytest.fixture
async def old(tmp_path: Path) -> Place:
    (tmp_path / "old").mkdir()
    place = Place(tmp_path / "old")
    await place.fill()
    return place


@pytest.fixture
def new(tmp_path: Path) -> Place:
    (tmp_path / "new").mkdir()
    return Place(tmp_path / "new")


async def test_what_was_not_touched_since_goes_on_as_if_there_had_been_no_break(old: Place, new: Place) -> None:
    old.back_up()
    done = restore(new.state, new.mapping, old.file, nothing_sent_since=True)

    assert (done.backup.waiting, done.unproven, done.mapping_kept) == (2, 0, False)
    assert (new.mapping / "meters.yaml").read_text() == "meters: []\n"
    assert json.loads(new.state.profiles.read_text()) == {"1001": {"rpm": True}}
    assert new.state.clocks.read_text() == old.state.clocks.read_text()
    assert not new.state.pushes.exists()
    assert new.state.database.stat().st_mode & 0o777 == 0o600
    async with new.outbox() as outbox:
        head = await outbox.head(queue("waits"))
        assert head is not None
        assert head.instant == A
        assert await outbox.memory("waits") == {"ACC1": MEMORY}


async def test_what_may_have_been_sent_since_waits_for_an_operator_s_word(old: Place, new: Place) -> None:
    old.back_up()
    done = restore(new.state, new.mapping, old.file, nothing_sent_since=False)

    assert done.unproven == 1
    async with new.outbox() as outbox:
        assert await outbox.head(queue("waits")) is None
        await outbox.put(packet(C, "waits"), {})
        await outbox.put(packet(C, "done"), {})
        assert await outbox.head(queue("waits")) is None
        assert await outbox.head(queue("done")) is not None  # nothing of it waited: what comes is later than all
        (state,) = [each for each in await outbox.states() if each.queue.id == "waits"]
        assert "restored from a backup of 2026-01-01 00:00 UTC" in state.unproven
        (memory,) = (await outbox.memory("waits")).values()
        assert json.loads(memory) == {key: said for key, said in json.loads(MEMORY).items() if key != "base"}


async def test_the_service_goes_on_writing_meanwhile(old: Place, new: Place) -> None:
    async with old.outbox() as outbox:
        writing = asyncio.create_task(_many(outbox))
        await asyncio.sleep(0)
        await asyncio.to_thread(old.back_up)
        await writing
        await outbox.put(packet(C, "waits"), {})
    done = restore(new.state, new.mapping, old.file, nothing_sent_since=True)
    async with new.outbox() as outbox:
        waiting = {state.queue.id: state.waiting for state in await outbox.states()}
    assert sum(waiting.values()) == done.backup.waiting
    assert waiting["waits"] == 2


async def _many(outbox: SqliteOutbox) -> None:
    for n in range(200):
        await outbox.put(packet(A, f"other-{n}"), {})


async def test_an_outbox_is_never_written_over(old: Place) -> None:
    old.back_up()
    before = old.state.database.read_bytes()
    with pytest.raises(StateError, match="has an outbox, which may hold packets"):
        restore(old.state, old.mapping, old.file, nothing_sent_since=True)
    assert old.state.database.read_bytes() == before


async def test_a_mapping_that_is_there_stays(old: Place, new: Place) -> None:
    old.back_up()
    new.mapping.mkdir()
    (new.mapping / "meters.yaml").write_text("mine\n")
    assert restore(new.state, new.mapping, old.file, nothing_sent_since=True).mapping_kept
    assert (new.mapping / "meters.yaml").read_text() == "mine\n"


async def test_a_file_that_is_there_stays(old: Place) -> None:
    old.file.write_text("precious")
    with pytest.raises(BridgeError, match="is there already"):
        old.back_up()
    assert old.file.read_text() == "precious"


@pytest.mark.skipif(not IS_POSIX, reason="links want a right of their own there")
@pytest.mark.parametrize("laid", ["site.zip", "site.zip.part"])
async def test_a_link_that_somebody_laid_leads_nowhere(old: Place, laid: str) -> None:
    """Root makes backups in folders that others may write to."""
    precious = old.file.with_name("precious")
    precious.write_text("precious")
    old.file.with_name(laid).symlink_to(precious if laid != "site.zip" else old.file.with_name("not-yet"))
    if laid == "site.zip":
        with pytest.raises(BridgeError, match="is there already"):
            old.back_up()
        assert old.file.is_symlink()
    else:
        old.back_up()
        assert zipfile.ZipFile(old.file).testzip() is None
    assert precious.read_text() == "precious"
    assert {each.name for each in old.file.parent.glob("*")} >= {"precious", laid}
    assert not list(old.file.parent.glob("site.zip-*"))


async def test_without_hard_links_it_is_made_as_well(old: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    old.back_up()
    assert zipfile.ZipFile(old.file).testzip() is None
    assert (old.file.stat().st_mode & 0o777, old.file.stat().st_nlink) == (0o600, 1)


async def test_a_damaged_outbox_is_not_backed_up(old: Place) -> None:
    whole = old.state.database.read_bytes()
    old.state.database.write_bytes(whole[: len(whole) // 2])
    with pytest.raises((BridgeError, StateError), match=r"malformed|damaged"):
        old.back_up()
    assert list(old.file.parent.glob("site.zip*")) == []


@pytest.mark.parametrize(
    "kind", ["cut", "changed", "none", "text", "foreign", "outside", "upwards-on-windows", "another-drive"]
)
async def test_what_is_no_whole_backup_restores_nothing(old: Place, new: Place, kind: str) -> None:
    old.back_up()
    whole, why = old.file.read_bytes(), "."
    match kind:
        case "cut":
            old.file.write_bytes(whole[: len(whole) // 2])
        case "changed":
            _rewritten(old.file, "mapping/meters.yaml", b"meters: [1]\n")
        case "none":
            old.file.unlink()
        case "text":
            old.file.write_text("nothing of the kind")
        case "foreign":
            _rewritten(old.file, "manifest.json", b'{"format": "other", "version": 1, "bridge": "x", "files": {}}')
        case _:
            path = {"outside": "state/../../../evil", "another-drive": "state/C:/evil"}.get(kind, "state/..\\..\\evil")
            manifest = json.loads(zipfile.ZipFile(old.file).read("manifest.json"))
            manifest["files"] = {**manifest["files"], path: "0"}
            _rewritten(old.file, "manifest.json", json.dumps(manifest).encode())
            with zipfile.ZipFile(old.file, "a") as archive:
                archive.writestr(path, "")
            why = "it holds"
    with pytest.raises(BridgeError, match=why):
        restore(new.state, new.mapping, old.file, nothing_sent_since=True)
    assert {each.name for each in new.state.folder.iterdir()} <= {"lock"}
    assert not new.mapping.exists()


def _rewritten(file: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(file) as archive:
        held = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(file, "w") as archive:
        for each, before in held.items():
            archive.writestr(each, content if each == name else before)


@pytest.mark.skipif(not IS_POSIX, reason="no file is called so there")
@pytest.mark.parametrize("name", ["a:b.yaml", "a\\b.yaml"])
async def test_what_could_not_be_restored_is_told_by_the_backup(old: Place, name: str) -> None:
    (old.mapping / name).write_text("meters: []\n")
    with pytest.raises(BridgeError, match="without :"):
        old.back_up()
    assert list(old.file.parent.glob("site.zip*")) == []


async def test_a_backup_of_a_newer_version_is_refused(old: Place, new: Place) -> None:
    async with old.outbox():
        pass
    with closing(sqlite3.connect(old.state.database)) as connection:
        connection.execute("PRAGMA user_version = 999")
    old.back_up()
    with pytest.raises(StateError, match="written by a newer bacnet-bridge"):
        restore(new.state, new.mapping, old.file, nothing_sent_since=True)


async def test_a_restore_that_was_cut_short_is_done_again(old: Place, new: Place) -> None:
    old.back_up()
    (new.state.folder / "restoring" / "state").mkdir(parents=True)
    (new.state.folder / "restoring" / "state" / "bridge.db").write_text("half")
    (new.state.folder / "mapping").mkdir()
    restore(new.state, new.mapping, old.file, nothing_sent_since=True)
    async with new.outbox() as outbox:
        assert await outbox.head(queue("waits")) is not None


async def test_age_does_not_hide_why_a_queue_was_not_proven_before(old: Place) -> None:
    assert aged(old.state.database, "first") == 1
    assert aged(old.state.database, "second") == 0


async def test_the_service_s_user_may_read_a_mapping_that_was_restored(old: Place, new: Place) -> None:
    old.back_up()
    restore(new.state, new.mapping, old.file, nothing_sent_since=True)
    kept = [new.mapping, *new.mapping.rglob("*")]
    assert {each.stat().st_mode & 0o777 for each in kept} == {0o755, 0o644}


@pytest.mark.skipif(not is_root(), reason="only root gives files away")
async def test_what_root_restores_belongs_to_whom_the_folder_does(old: Place, new: Place) -> None:
    old.back_up()
    os.chown(new.state.folder, 47_110, 47_111)
    restore(new.state, new.mapping, old.file, nothing_sent_since=True)
    kept = [new.state.folder, *new.state.folder.rglob("*")]
    assert new.state.lock in kept
    assert {(each.stat().st_uid, each.stat().st_gid) for each in kept} == {(47_110, 47_111)}
