"""A file of each earlier version is brought up to date, and everything in it is as it was."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bacnet_bridge.database_file import migrate
from bacnet_bridge.ledger.account import Tally
from bacnet_bridge.ledger.sqlite import _tally
from bacnet_bridge.model import Retry
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.contract import NewGap
from bacnet_bridge.outbox.damage import opened_whole
from tests.outbox.contract import FAR, drain, state
from tests.support.clock import DrivenClock
from tests.support.outbox import ACCOUNT, packet, queue

VERSION_1 = f"""
INSERT INTO queue VALUES
    (1, '{ACCOUNT.address}', '{ACCOUNT.credentials}', 'open',
     1000, 3000, 3000, 1000, NULL, NULL, 2, 9, 'answered 500', 'k'),
    (2, '{ACCOUNT.address}', '{ACCOUNT.credentials}', 'held', NULL, 2000, 2000, NULL, 500, {FAR}, 0, 0, '', '');
INSERT INTO packet VALUES
    (1, 1, 1000, 0, 5, 1, 0, 'live', '1970-01-01', 'accepted', NULL),
    (2, 1, 2000, 0, 0, 5, 0, 'live', '{packet(2000).day}', '{packet(2000, "open").body}', NULL),
    (3, 1, 3000, 0, 0, 5, 0, 'live', '{packet(3000).day}', '{packet(3000, "open").body}', NULL),
    (4, 2, 2000, 0, 0, 5, 0, 'live', '{packet(2000).day}', '{packet(2000, "held").body}', NULL);
INSERT INTO memory VALUES ('open', 'value', '17');
INSERT INTO tally VALUES ('1970-01-01', 'open', 'live', 0, 2, 1, 0), ('1970-01-01', 'held', 'live', 0, 1, 0, 0);
"""
"""What the rows of version 1 looked like; its schema is the first migration, which stays as it is."""
VERSION_2 = (
    VERSION_1.replace("NULL);", "NULL, -1);")
    .replace("NULL),", "NULL, -1),")
    .replace("'k'),", "'k', ''),")
    .replace("'', '');", "'', '', '');")
)
VERSION_4 = VERSION_2  # 3 and 4 changed none of these


def made(path: Path, version: int, content: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, path, MIGRATIONS, upto=version)
        connection.executescript(content)


@pytest.mark.parametrize(("version", "content"), [(1, VERSION_1), (2, VERSION_2), (4, VERSION_4)])
async def test_a_file_of_an_earlier_version_goes_on(tmp_path: Path, version: int, content: str) -> None:
    path = tmp_path / "outbox.db"
    made(path, version, content)
    database, outbox = await opened_whole(path, DrivenClock())
    assert not list(tmp_path.glob("*.damaged*"))
    assert await outbox.check() == ""
    found = await state(outbox, queue("open"))
    assert (found.fence, found.last_put, found.last_accepted, found.unproven) == (2000, 3000, 1000, "")
    assert found.retry == Retry(2, 9, "answered 500", "k")
    assert await outbox.memory("open") == {"value": "17"}
    assert await outbox.head(queue("open")) == packet(2000, "open")
    await outbox.put(packet(4000, "open"))
    assert await drain(outbox, queue("open")) == [2000, 3000, 4000]
    assert (await state(outbox, queue("held"))).held_until == FAR
    await outbox.release(queue("held"))
    assert await drain(outbox, queue("held")) == [2000]
    assert await database.read(lambda c: _tally(c, "open", "1970-01-01")) == Tally(extra=4, extra_accepted=4)
    await outbox.put_after_gaps([NewGap(4500, 4700, FAR)], packet(5000, "open"))
    assert [each.first for each in await outbox.gaps_waited_for()] == [4500]
    await database.close()


@pytest.mark.parametrize(("version", "content"), [(1, VERSION_1), (2, VERSION_2), (4, VERSION_4)])
async def test_a_damaged_file_of_an_earlier_version_is_salvaged(tmp_path: Path, version: int, content: str) -> None:
    path = tmp_path / "outbox.db"
    made(path, version, content)
    shutil.copy(path, tmp_path / "whole.db")
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 4096)
    database, outbox = await opened_whole(path, DrivenClock())
    assert await outbox.memory("open") == {"value": "17"}
    assert await drain(outbox, queue("open")) in ([], [2000, 3000])
    await database.close()
