"""What commands read of the outbox: each function takes a connection that cannot write. No service is needed.

The file may be in use: what is read is what was committed last. Instants are UTC milliseconds.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bacnet_bridge.database_file import open_readonly, translated
from bacnet_bridge.errors import DamagedError, StateError
from bacnet_bridge.model import Account, Queue, Retry
from bacnet_bridge.outbox import MIGRATIONS, gap_rows, rows
from bacnet_bridge.state import is_there

_WAITING: Final = "waiting"
_SET_ASIDE: Final = "set aside"
_STATES: Final = (_WAITING, "accepted", _SET_ASIDE)
"""By the number that the file has for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """A queue as it is on disk. A head may have been attempted although the fence does not cover it yet."""

    row: int
    queue: Queue
    waiting: int
    oldest: int | None
    newest: int | None
    fence: int | None
    last_accepted: int | None
    held_after: int | None
    held_until: int | None
    retry: Retry
    unproven: str
    zone: str
    """The building's, as the meter's schedule has it; UTC where it has none."""
    heals: bool = False
    """It is on hold for gaps that a log is waited for, and for nothing else."""


@dataclass(frozen=True, slots=True)
class Row:
    """A packet as it stands in the file; `damaged` where it is not what was written. Nothing is raised for that."""

    instant: int
    day: str
    origin: str
    body: str
    state: str
    since: int
    """When it was put, or set aside."""
    why: str
    damaged: bool


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """One view of the file for all that is read within. Raises StateError with a sentence."""
    if not is_there(path):
        raise StateError(
            f"there is no outbox in {path.parent.absolute()}: the first start of `bacnet-bridge run` makes it; "
            "name the folder that the service uses with --state"
        )
    connection = open_readonly(path)
    try:
        _check_version(connection, path)
        connection.execute("BEGIN")
        yield connection
    except sqlite3.Error as error:
        raise StateError(str(translated(error, path))) from error
    finally:
        connection.close()


def lines(connection: sqlite3.Connection) -> list[Line]:
    """Every queue, by meter and then by age."""
    zones = dict(connection.execute("SELECT meter, zone FROM schedule ORDER BY since"))
    counted = {
        row: (count, first, last)
        for row, count, first, last in connection.execute(
            "SELECT queue, count(*), min(instant), max(instant) FROM packet INDEXED BY waiting WHERE state = 0"
            " GROUP BY queue"
        )
    }
    healing = gap_rows.healing(connection)
    found = [
        Line(row, queue, *counted.get(row, (0, None, None)), fence, accepted, after, until, retry, unproven,
             zones.get(queue.id, "UTC"), row in healing)
        for row, queue, (fence, _last_put, accepted, after, until), retry, unproven in rows.queues(connection)
    ]  # fmt: skip
    return sorted(found, key=lambda line: (line.queue.id, line.row))


def memory(connection: sqlite3.Connection, meter: str) -> dict[str, str]:
    """The memories of a meter's points, by their keys."""
    return rows.memory(connection, meter)


def accepted(connection: sqlite3.Connection, line: Line) -> str | None:
    """The body of the queue's latest accepted packet, while it is kept."""
    if line.last_accepted is None:
        return None
    kept = rows.between(connection, line.queue, line.last_accepted, line.last_accepted)
    return kept.get(line.last_accepted, ("", None))[1]


def waiting(connection: sqlite3.Connection, queue: int, limit: int = -1) -> Iterator[Row]:
    """The packets of the queue with this row that wait, in order."""
    order = connection.execute(
        "SELECT id FROM packet INDEXED BY waiting WHERE state = 0 AND queue = ? ORDER BY instant LIMIT ?",
        (queue, limit),
    ).fetchall()
    return packets(connection, [row for (row,) in order])


def set_aside(connection: sqlite3.Connection, queue: int) -> Iterator[Row]:
    """What operators set aside of the queue, in order. Where the counts know of none, no row is read for it."""
    (any_of_meter,) = connection.execute(
        "SELECT coalesce(sum(set_aside), 0) FROM tally WHERE meter = (SELECT meter FROM queue WHERE id = ?)", (queue,)
    ).fetchone()
    order = every(connection, _SET_ASIDE).get(queue, ()) if any_of_meter else ()
    return packets(connection, order)


def every(connection: sqlite3.Connection, state: str) -> dict[int, list[int]]:
    """By queue, the rows of all packets that wait, or were set aside, in order. Reads all rows once."""
    number = _STATES.index(state)
    index = "INDEXED BY waiting" if state == _WAITING else ""
    found: dict[int, list[int]] = {}
    for queue, row in connection.execute(
        f"SELECT queue, id FROM packet {index} WHERE state = {number} ORDER BY queue, instant"  # noqa: S608 - our own words
    ):
        found.setdefault(queue, []).append(row)
    return found


def packets(connection: sqlite3.Connection, order: Iterable[int]) -> Iterator[Row]:
    """The packets of these rows."""
    for row in order:
        yield _row(connection.execute(f"SELECT {_COLUMNS} FROM packet WHERE id = ?", (row,)).fetchone())  # noqa: S608 - our own words


def states(connection: sqlite3.Connection, wanted: Mapping[int, Collection[int]]) -> dict[tuple[int, int], str]:
    """Of these queues' rows and instants, those that the file knows: in what state. Reads all rows once."""
    return {
        (queue, instant): _STATES[state]
        for queue, instant, state in connection.execute("SELECT queue, instant, state FROM packet")
        if instant in wanted.get(queue, ())
    }


def moved(connection: sqlite3.Connection, why: str) -> dict[Queue, int]:
    """By queue, how many packets were set aside in exactly these words. Reads all rows once."""
    return {
        Queue(Account(address, credentials), meter): count
        for address, credentials, meter, count in connection.execute(
            "SELECT address, credentials, meter, count(*) FROM packet JOIN queue ON queue.id = packet.queue"
            " WHERE state = 2 AND why = ? GROUP BY queue.id",
            (why,),
        )
    }


_COLUMNS: Final = "state, instant, day, origin, CAST(body AS BLOB), since, why, crc"
"""A damaged body may be no text; as bytes it can be read all the same."""


def _row(found: tuple[int, int, str, str, bytes, int, str | None, int]) -> Row:
    state, instant, day, origin, raw, since, why, crc = found
    body = raw.decode(errors="replace")
    try:
        rows.whole(_NOBODY, instant, day, body, origin, crc)
        damaged = False
    except DamagedError:
        damaged = True
    return Row(instant, day, origin, body, _STATES[state], since, why or "", damaged)


_NOBODY: Final = Queue(Account("", ""), "")


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    known = max(int(file.name.partition("_")[0]) for file in MIGRATIONS.glob("[0-9]*_*.sql"))
    (have,) = connection.execute("PRAGMA user_version").fetchone()
    if have != known:
        raise StateError(
            f"{path} is of another version (schema {have}; this one knows {known}): run `bacnet-bridge` of the version "
            "that the service has; one start of a newer service brings the file up to date"
        )
