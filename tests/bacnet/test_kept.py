import asyncio
import json
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.kept import Kept


async def test_what_is_put_is_read_by_the_next_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.bacnet.kept._SOON", 0.0)
    file = tmp_path / "table.json"
    kept = Kept(file)
    kept.put("a", {"x": 1})
    kept.put("b", {"x": 2})
    kept.drop("a")
    assert kept._writing is not None
    await kept._writing
    assert Kept(file).get("a") is None
    assert Kept(file)["b"] == {"x": 2}
    assert [each.name for each in tmp_path.iterdir()] == ["table.json"]


async def test_many_changes_make_one_write_and_none_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    monkeypatch.setattr("bacnet_bridge.bacnet.kept.write_table", lambda _, table: written.append(len(table)))
    kept = Kept(tmp_path / "table.json")
    for number in range(1000):
        kept.put(str(number), {})
    await kept.flush()
    kept.put("1", {})
    kept.drop("none")
    await kept.flush()
    assert written == [1000]


async def test_a_change_while_it_is_written_is_written_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.bacnet.kept._SOON", 0.0)
    written: list[list[str]] = []
    kept = Kept(tmp_path / "table.json")

    def write(_: Path, table: dict[str, object]) -> None:
        if not written:
            loop.call_soon_threadsafe(kept.put, "late", {})
        written.append(sorted(table))

    loop = asyncio.get_running_loop()
    monkeypatch.setattr("bacnet_bridge.bacnet.kept.write_table", write)
    kept.put("early", {})
    assert kept._writing is not None
    await kept._writing
    await kept.flush()
    assert written == [["early"], ["early", "late"]]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"a": 1}', "\udcff"])
def test_a_damaged_table_is_set_aside_and_begun_anew(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "table.json"
    file.write_text(damage, errors="surrogateescape")
    with capture_logs() as logs:
        assert Kept(file).keys() == []
    assert [log["file"] for log in logs] == [str(file)]
    assert (tmp_path / "table.json.damaged").read_text(errors="surrogateescape") == damage


async def test_a_disk_that_takes_nothing_is_told_once_and_costs_no_reading(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "gone" / "table.json")
    with capture_logs() as logs:
        for number in range(3):
            kept.put("a", {"x": number})
            await kept.flush()
        (tmp_path / "gone").mkdir()
        kept.put("a", {"x": 4})
        await kept.flush()
    assert len(logs) == 1
    assert json.loads((tmp_path / "gone" / "table.json").read_text()) == {"a": {"x": 4}}
