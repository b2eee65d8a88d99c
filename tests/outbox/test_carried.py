"""The file between two outboxes: whole, sealed, or refused."""

from contextlib import suppress
from pathlib import Path

import pytest

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.outbox import carried, look
from bacnet_bridge.outbox.carried import Carried, Header, Part
from tests.support.clock import NOON, DrivenClock
from tests.support.outbox import SqliteBackend, packet, queue

HEADER = Header("m1", NOON, (Part(queue(), 2, NOON, NOON + 1000, attempted=True),))


def rows(*instants: int) -> list[look.Row]:
    return [
        look.Row(each.instant, each.day, each.origin, each.body, "waiting", NOON, "", damaged=False)
        for each in map(packet, instants)
    ]


def written(path: Path) -> bytes:
    carried.write(path, HEADER, [rows(NOON, NOON + 1000)])
    return path.read_bytes()


def test_a_file_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "x"
    written(path)
    assert not Carried(path).sealed
    carried.seal(path, "m1")
    read = Carried(path)
    assert read.sealed
    assert read.header == HEADER
    assert list(read.packets()) == [(0, packet(NOON)), (0, packet(NOON + 1000))]


def test_a_copy_is_never_sealed(tmp_path: Path) -> None:
    carried.write(tmp_path / "x", Header("", NOON, HEADER.parts), [rows(NOON)])
    carried.seal(tmp_path / "x", "")
    assert not Carried(tmp_path / "x").sealed


def test_cut_anywhere_it_is_refused_or_not_sealed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    written(path)
    whole = len(path.read_bytes())
    carried.seal(path, "m1")
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        if length < whole:
            with pytest.raises(BridgeError, match=r"is cut off|is empty|is not a file"):
                Carried(path)
        else:
            assert not Carried(path).sealed


def test_any_changed_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x"
    written(path)
    carried.seal(path, "m1")
    content = path.read_bytes()
    seal = content.index(b'{"moved"')
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        if place >= seal:
            with suppress(BridgeError):
                assert not Carried(path).sealed
        else:
            with pytest.raises(BridgeError):
                Carried(path)


@pytest.mark.parametrize(
    "content", ["", "[]\n", "{}\n", "\x00\n", '{"format": "bacnet-bridge outbox", "version": 9}\n']
)
def test_what_is_no_such_file_is_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x"
    path.write_text(content)
    with pytest.raises(BridgeError, match=str(path)):
        Carried(path)
    with pytest.raises(BridgeError, match="cannot be read"):
        Carried(tmp_path / "none")


def test_nothing_is_overwritten_and_a_failure_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    written(path)
    with pytest.raises(BridgeError, match="is there already"):
        written(path)

    def failing() -> list[look.Row]:
        raise OSError(28, "No space left on device")

    with pytest.raises(BridgeError, match="No space left"):
        carried.write(tmp_path / "y", HEADER, (failing() for _ in "x"))
    assert not (tmp_path / "y").exists()
    with pytest.raises(BridgeError, match="cannot be written"):
        written(tmp_path / "no" / "folder")


async def test_a_damaged_row_is_shown_and_marked(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path, DrivenClock())
    outbox = await backend.open()
    for instant in (NOON, NOON + 1000):
        await outbox.put(packet(instant))
    await outbox.set_aside_until(queue(), NOON, "why", NOON)
    await backend.database.write(
        lambda connection: connection.execute("UPDATE packet SET body = CAST(x'ff' AS TEXT) WHERE id = 2")
    )
    await backend.close()
    with look.opened(backend.path) as connection:
        (line,) = look.lines(connection)
        assert (line.waiting, line.oldest, line.newest, line.zone) == (1, NOON + 1000, NOON + 1000, "UTC")
        (row,) = look.waiting(connection, line.row)
        (aside,) = look.set_aside(connection, line.row)
        assert look.states(connection, {line.row: {NOON, NOON + 1000, 7}}) == {
            (line.row, NOON): "set aside", (line.row, NOON + 1000): "waiting",
        }  # fmt: skip
        assert look.moved(connection, "why") == {queue(): 1}
        carried.write(tmp_path / "x", HEADER, [[row]])
    assert (row.damaged, row.body, aside.damaged, aside.why) == (True, "�", False, "why")
    assert list(Carried(tmp_path / "x").packets()) == [(0, None)]
