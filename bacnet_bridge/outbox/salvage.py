"""What can be read of a damaged file, in a new one; queues that cannot be proven whole are marked as such.

Rows are read from the beginning, from the end, and by halves between what cannot be read. A packet whose sum is not
that of its row is left out. A queue is proven whole where the table of packets was read without a gap, or where as
many of its packets were found as the day's counts say are waiting.
"""

import json
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from bacnet_bridge.database_file import migrate, open_readonly
from bacnet_bridge.errors import DamagedError, StateError
from bacnet_bridge.model import Account, Queue
from bacnet_bridge.outbox import gap_rows, rows
from bacnet_bridge.outbox.graft import made_readable

_BY_ROW: Final = {"queue": "id", "packet": "id", "schedule": "id", "hole": "id", "exchange": "id"}
_BY_KEY: Final = {
    "memory": "meter, point",
    "tally": "day, meter, origin, due",
    "booked": "meter",
    "doubtful": "meter",
    "gap": "queue, first",
}
_TRIES: Final = 500
"""Reads in a row that may fail before the rest of a table is given up."""
_UNKNOWN: Final = Account("unknown", "unknown")
_WAITING: Final = "FROM packet JOIN queue ON queue.id = packet.queue WHERE state = 0"
_DIVIDED: Final = f"SELECT meter {_WAITING} GROUP BY meter HAVING count(DISTINCT queue) > 1 OR address = 'unknown'"
"""Meters whose packets wait in several queues: the day's counts do not say which belongs where."""
_WHY: Final = "the outbox's file was damaged, and this queue may lack packets: `outbox recover` or `outbox abandon` it"


def salvage(damaged: Path, fresh: Path, migrations: Path) -> dict[str, object]:
    """Make `fresh`; what was found, for the log. `damaged` stays as it is. Raises OSError, sqlite3.Error."""
    reading = fresh.with_name(f"{fresh.name}-from")
    grafted = made_readable(damaged, reading, migrations)
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as new:
        new.execute("PRAGMA synchronous = FULL")
        migrate(new, fresh, migrations)
        new.execute("BEGIN")
        lost = _copied(reading, new) | ({"queue"} if grafted else set())
        unproven = _judged(new, lost)
        new.execute("COMMIT")
        (packets,) = new.execute("SELECT count(*) FROM packet").fetchone()
    for tail in ("", "-wal", "-shm"):
        reading.with_name(f"{reading.name}{tail}").unlink(missing_ok=True)
    return {"packets": packets, "not_read_to_the_end": sorted(lost), "unproven": unproven}


def _copied(damaged: Path, new: sqlite3.Connection) -> set[str]:
    """Fill the new file's tables; gives those that were not read without a gap."""
    tables = [*_BY_ROW, *_BY_KEY]
    try:
        with closing(open_readonly(damaged)) as old:
            old.text_factory = lambda text: text.decode(errors="replace")
            return {table for table in tables if not _copy(old, new, table)}
    except StateError:
        return set(tables)


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> bool:
    """Whether the table was read without a gap, and every packet was as it was written."""
    wanted = [name for _, name, *_ in new.execute(f"PRAGMA table_info({table})")]
    try:
        there = {name for _, name, *_ in old.execute(f"PRAGMA table_info({table})")}
    except (sqlite3.Error, UnicodeError):  # its complaint of a damaged schema may be no text
        return False
    if not there:
        return table in {"doubtful", "exchange", "gap"}  # earlier versions had none
    columns = [name for name in wanted if name in there]
    reading = _Reading(old, table, ", ".join(columns))
    again = "" if table in _BY_ROW else " ON CONFLICT DO NOTHING"
    insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}){again}"  # noqa: S608 - our own words
    whole = True
    for row in reading.by_row() if table in _BY_ROW else reading.by_key(_BY_KEY[table]):
        try:
            if table == "packet":
                _check(dict(zip(columns, row, strict=True)))
            new.execute(insert, row)
        except (sqlite3.Error, DamagedError):
            whole = False
    return whole and reading.whole


def _check(packet: dict[str, object]) -> None:
    """Raises DamagedError."""
    names = ("instant", "day", "body", "origin", "crc")
    packet = {"crc": -1, **packet}  # version 1 had none
    rows.whole(Queue(_UNKNOWN, str(packet["queue"])), *(packet[name] for name in names))  # type: ignore[arg-type]  # a strict table's


class _Reading:
    """One table, around what cannot be read."""

    def __init__(self, old: sqlite3.Connection, table: str, columns: str) -> None:
        self._old, self._select = old, f"SELECT {columns} FROM {table}"  # noqa: S608 - our own words
        self.whole = True

    def by_row(self) -> Iterator[tuple[object, ...]]:
        """By the first column, a row's number: from both ends, then by halves between, the widest first."""
        ranges, failures = deque([(0, 2**40)]), 0
        while ranges and failures < _TRIES:
            first, last = ranges.popleft()
            for order in ("", " DESC"):
                try:
                    for row in self._old.execute(
                        f"{self._select} WHERE id BETWEEN ? AND ? ORDER BY id{order}", (first, last)
                    ):
                        yield row
                        failures = 0
                        first, last = (first, int(row[0]) - 1) if order else (int(row[0]) + 1, last)
                except (sqlite3.Error, OverflowError):
                    self.whole = False
                    failures += 1
                else:
                    break
            else:
                if first < last:
                    middle = (first + last) // 2
                    ranges += [(first, middle), (middle + 1, last)]

    def by_key(self, key: str) -> Iterator[tuple[object, ...]]:
        """From both ends; a row may come twice."""
        for order in (key, ", ".join(f"{column} DESC" for column in key.split(", "))):
            try:
                yield from self._old.execute(f"{self._select} ORDER BY {order}")
            except sqlite3.Error:
                self.whole = False
            else:
                return


def _judged(new: sqlite3.Connection, lost: set[str]) -> int:
    """Queues and counts agree with the packets found; what cannot be proven is marked. How many queues that is."""
    counted = dict(new.execute("SELECT meter, sum(waiting) FROM tally GROUP BY meter"))
    _name_the_nameless(new)
    gap_rows.give_all_up(new, "the outbox's file was damaged, and it is not known what of it was sent")
    new.execute(
        "UPDATE queue SET last_put = max(coalesce(last_put, latest), latest)"
        " FROM (SELECT queue AS of, max(instant) AS latest FROM packet GROUP BY queue) WHERE of = id"
    )
    new.execute(
        "UPDATE queue SET fence = max(coalesce(fence, left), left)"
        " FROM (SELECT queue AS of, max(instant) AS left FROM packet WHERE state != 0 GROUP BY queue) WHERE of = id"
    )
    new.execute("UPDATE queue SET fence = max(coalesce(fence, last_accepted), last_accepted) WHERE last_accepted > -1")
    found = dict(new.execute(f"SELECT meter, count(*) {_WAITING} GROUP BY meter"))
    new.execute("UPDATE tally SET waiting = 0")
    new.execute(
        "INSERT INTO tally (day, meter, origin, due, waiting)"
        f" SELECT day, meter, origin, due, count(*) {_WAITING} GROUP BY day, meter, origin, due"
        " ON CONFLICT DO UPDATE SET waiting = excluded.waiting"
    )
    if "queue" in lost:
        new.execute("INSERT OR IGNORE INTO doubtful VALUES ('', ?)", (_WHY,))
    all_doubtful = "queue" in lost or {"packet", "tally"} <= lost
    divided = {meter for (meter,) in new.execute(_DIVIDED)}
    for row, meter in new.execute("SELECT id, meter FROM queue").fetchall():
        proven = counted.get(meter, 0) == found.get(meter, 0) and meter not in divided
        if all_doubtful or not proven:
            new.execute("UPDATE queue SET unproven = ? WHERE id = ?", (_WHY, row))
    (unproven,) = new.execute("SELECT count(*) FROM queue WHERE unproven != ''").fetchone()
    return int(unproven)


def _name_the_nameless(new: sqlite3.Connection) -> None:
    """Packets whose queue was lost get one of an account that nobody has: they are kept, for an operator to see."""
    for row, body in new.execute(
        "SELECT queue, body FROM packet WHERE queue NOT IN (SELECT id FROM queue) GROUP BY queue"
    ).fetchall():
        with suppress(ValueError, TypeError, KeyError):
            queue = Queue(Account(_UNKNOWN.address, f"queue {row}"), str(json.loads(body)["id"]))
            rows.insert_queue(new, row, queue, _WHY)
