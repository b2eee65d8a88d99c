"""The outbox's rows on disk: each function is a part of one transaction, run in the database's writer.

`due`, `tally` and the holes' ranges are what the ledger reads; they are written here because they must commit
together with the packet that they speak of (guarantee 6).
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bacnet_bridge.errors import DamagedError
from bacnet_bridge.model import AcceptedBy, Account, Origin, Packet, Queue, Retry

_WAITING: Final = 0
_ACCEPTED: Final = 1
_SET_ASIDE: Final = 2
_STATES: Final = {_WAITING: "waiting", _ACCEPTED: "accepted", _SET_ASIDE: "set aside"}
_DAMAGED: Final = (
    "the packet of meter {} at {} is damaged on disk: it is not sent. Check the disk; the packet can only be skipped"
)
_UNKNOWN_CRC: Final = -1  # the row is of version 1, which wrote none
_ORIGINS: Final = frozenset(Origin)
_HOW: Final = {AcceptedBy.ANSWER: 0, AcceptedBy.READ_BACK: 1}


def insert_queue(connection: sqlite3.Connection, row: int, queue: Queue, unproven: str) -> None:
    """The queue has a row from its first change on."""
    connection.execute(
        "INSERT INTO queue (id, address, credentials, meter, unproven) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (meter, address, credentials) DO NOTHING",
        (row, queue.account.address, queue.account.credentials, queue.id, unproven),
    )


def insert_packet(connection: sqlite3.Connection, queue: int, row: int, packet: Packet, at: int) -> None:
    """A packet waits from now on, and is counted."""
    live = packet.origin is Origin.LIVE
    interval = due(connection, packet.queue.id, packet.instant)
    connection.execute(
        "INSERT INTO packet (id, queue, instant, due, since, origin, day, body, crc)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (row, queue, packet.instant, interval is not None, at, packet.origin, packet.day, packet.body, crc_of(packet)),
    )
    connection.execute(
        "UPDATE queue SET last_put = max(coalesce(last_put, :at), :at),"
        " last_live = CASE WHEN :live THEN max(coalesce(last_live, :at), :at) ELSE last_live END WHERE id = :queue",
        {"at": packet.instant, "live": live, "queue": queue},
    )
    count_waiting(connection, packet, due=interval is not None)
    if interval is not None and not live:
        _cut_holes(connection, packet.queue.id, packet.instant, interval)


def put_at(connection: sqlite3.Connection, row: int) -> int | None:
    """Since when the packet waits; None where it does no more."""
    found = connection.execute(f"SELECT since FROM packet WHERE id = ? AND state = {_WAITING}", (row,)).fetchone()  # noqa: S608 our own
    return found and int(found[0])


def count_waiting(connection: sqlite3.Connection, packet: Packet, *, due: bool) -> None:
    """One more of the day's packets waits."""
    connection.execute(
        "INSERT INTO tally (day, meter, origin, due, waiting) VALUES (?, ?, ?, ?, 1)"
        " ON CONFLICT DO UPDATE SET waiting = waiting + 1",
        (packet.day, packet.queue.id, packet.origin, due),
    )


def remember(connection: sqlite3.Connection, meter: str, memory: Mapping[str, str]) -> None:
    """Guarantee 4: in the same transaction as the packet that was built with it."""
    connection.executemany(
        "INSERT INTO memory (meter, point, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
        ((meter, point, value) for point, value in memory.items()),
    )


def accept(connection: sqlite3.Connection, queue: int, row: int, by: AcceptedBy, at: int) -> None:
    """State, fence, retry and count of an accepted packet. No row grows: a full file has room for it.

    `at` may be of a clock that is wrong after a start: not before the packet's instant, so that pruning spares it.
    """
    change = "state = ?, since = max(?, instant), how = ?"
    instant = _leave(connection, row, "accepted", change, (_ACCEPTED, at, _HOW[by]))
    connection.execute(
        "UPDATE queue SET fence = max(coalesce(fence, :instant), :instant), last_accepted = :instant,"
        " attempts = 0, next_attempt = 0, reason = '', kind = '' WHERE id = :queue",
        {"instant": instant, "queue": queue},
    )


def set_aside(connection: sqlite3.Connection, queue: int, row: int, why: str, at: int) -> None:
    """State, fence and count of a packet that an operator set aside."""
    instant = _leave(connection, row, "set_aside", "state = ?, since = ?, why = ?", (_SET_ASIDE, at, why))
    raise_fence(connection, queue, instant)


def raise_fence(connection: sqlite3.Connection, queue: int, fence: int) -> None:
    """The fence never falls."""
    connection.execute(
        "UPDATE queue SET fence = max(coalesce(fence, :fence), :fence) WHERE id = :queue",
        {"fence": fence, "queue": queue},
    )


def hold(
    connection: sqlite3.Connection, queue: int, after: int | None, deadline: int | None, *, heals: bool = False
) -> None:
    """On hold; both None: no longer. `heals`: for gaps, and for nothing else."""
    connection.execute(
        "UPDATE queue SET hold_after = ?, hold_until = ?, heals = ? WHERE id = ?", (after, deadline, heals, queue)
    )


def postpone(connection: sqlite3.Connection, queue: int, retry: Retry) -> None:
    """The queue's delivery state."""
    connection.execute(
        "UPDATE queue SET attempts = ?, next_attempt = ?, reason = ?, kind = ? WHERE id = ?",
        (retry.attempts, retry.next_attempt, retry.reason, retry.kind, queue),
    )


def replace_body(connection: sqlite3.Connection, row: int, packet: Packet) -> None:
    """The packet gained fields. It stays counted as what it was: origin and day do not change."""
    day, origin = connection.execute("SELECT day, origin FROM packet WHERE id = ? AND state = 0", (row,)).fetchone()
    fuller = Packet(packet.queue, packet.instant, day, packet.body, Origin(origin))
    connection.execute("UPDATE packet SET body = ?, crc = ? WHERE id = ?", (fuller.body, crc_of(fuller), row))


def packet(connection: sqlite3.Connection, queue: Queue, row: int) -> Packet | None:
    """A waiting packet as it is to be sent; None where it left meanwhile. Raises DamagedError."""
    try:
        found = connection.execute(
            "SELECT instant, day, body, origin, crc FROM packet WHERE id = ? AND state = 0", (row,)
        ).fetchone()
    except sqlite3.OperationalError as error:
        if hasattr(error, "sqlite_errorcode"):
            raise
        raise DamagedError(_DAMAGED.format(queue.id, f"row {row}")) from None  # Python's own: it is no UTF-8
    return found and whole(queue, *found)


def whole(queue: Queue, instant: int, day: str, body: str, origin: str, crc: int) -> Packet:
    """A row as a packet. Guarantee 4: raises DamagedError where it is not what was written."""
    if crc not in {_UNKNOWN_CRC, _crc(instant, day, origin, body)} or origin not in _ORIGINS:
        raise DamagedError(_DAMAGED.format(queue.id, instant))
    return Packet(queue, instant, day, body, Origin(origin))


def crc_of(packet: Packet) -> int:
    """What tells later that the row is as it was written."""
    return _crc(packet.instant, packet.day, packet.origin, packet.body)


def _crc(instant: int, day: str, origin: str, body: str) -> int:
    return zlib.crc32(f"{instant} {day} {origin} {body}".encode())


def memory(connection: sqlite3.Connection, meter: str) -> dict[str, str]:
    """By the points' keys."""
    return dict(connection.execute("SELECT point, value FROM memory WHERE meter = ?", (meter,)))


def queues(connection: sqlite3.Connection) -> Iterator[tuple[int, Queue, tuple[int | None, ...], Retry, str]]:
    """Row, queue, (fence, last put, last accepted, hold's after and deadline), retry, why unproven of every queue."""
    for row in connection.execute(
        "SELECT id, address, credentials, meter, fence, last_put, last_accepted, hold_after, hold_until,"
        " attempts, next_attempt, reason, kind, unproven FROM queue ORDER BY id"
    ):
        yield row[0], Queue(Account(row[1], row[2]), row[3]), row[4:9], Retry(*row[9:13]), row[13]


def waiting(connection: sqlite3.Connection) -> Iterator[tuple[int, int, int]]:
    """Queue, instant, row of every waiting packet, as they came. Reads the index only, no bodies."""
    return connection.execute("SELECT queue, instant, id FROM packet INDEXED BY waiting WHERE state = 0")


def between(connection: sqlite3.Connection, queue: Queue, first: int, last: int) -> dict[int, tuple[str, str]]:
    """By instant, both ends included: what became of the packets that are still kept, and their bodies."""
    account = queue.account
    return {
        instant: (_STATES[state], body)
        for instant, state, body in connection.execute(
            "SELECT instant, state, body FROM packet WHERE instant BETWEEN ? AND ? AND queue ="
            " (SELECT id FROM queue WHERE meter = ? AND address = ? AND credentials = ?)",
            (first, last, queue.id, account.address, account.credentials),
        )
    }


def doubtful(connection: sqlite3.Connection) -> dict[str, str]:
    """The meters whose queues were lost with a damaged file, `''` for any, and why."""
    return dict(connection.execute("SELECT meter, why FROM doubtful"))


def account_of(connection: sqlite3.Connection, queue: int) -> Account:
    """Whose queue it is."""
    return Account(*connection.execute("SELECT address, credentials FROM queue WHERE id = ?", (queue,)).fetchone())


def first_row(connection: sqlite3.Connection) -> int:
    """The smallest row number in use."""
    (row,) = connection.execute("SELECT coalesce(min(id), 1) FROM packet").fetchone()
    return int(row)


def last_row(connection: sqlite3.Connection) -> int:
    """The largest row number in use."""
    (row,) = connection.execute("SELECT coalesce(max(id), 0) FROM packet").fetchone()
    return int(row)


def prune(connection: sqlite3.Connection, first: int, last: int, before: int) -> int:
    """Forget the accepted packets among these rows that were accepted before that instant; how many they were."""
    return connection.execute(
        "DELETE FROM packet WHERE id BETWEEN ? AND ? AND state = 1 AND since < ?", (first, last, before)
    ).rowcount


def _leave(connection: sqlite3.Connection, row: int, column: str, change: str, values: tuple[object, ...]) -> int:
    """Waiting → another state, and the count with it; gives the packet's instant."""
    found = connection.execute(
        f"UPDATE packet SET {change} WHERE id = ? AND state = {_WAITING}"  # noqa: S608 - our own words
        " RETURNING instant, day, origin, due, (SELECT meter FROM queue WHERE queue.id = packet.queue)",
        (*values, row),
    ).fetchone()
    instant, day, origin, due, meter = found
    connection.execute(
        f"UPDATE tally SET waiting = waiting - 1, {column} = {column} + 1"  # noqa: S608 - our own words
        " WHERE day = ? AND meter = ? AND origin = ? AND due = ?",
        (day, meter, origin, due),
    )
    return int(instant)


def due(connection: sqlite3.Connection, meter: str, instant: int) -> int | None:
    """The interval of the schedule that has a slot at this instant; None where none was due."""
    found = connection.execute(
        "SELECT interval FROM schedule WHERE meter = :meter AND since < :at AND coalesce(until, :at) >= :at"
        " AND (:at - phase) % interval = 0",
        {"meter": meter, "at": instant},
    ).fetchone()
    return found and int(found[0])


def _cut_holes(connection: sqlite3.Connection, meter: str, instant: int, interval: int) -> None:
    """A slot got its packet after all: the ranges that explained its absence end before it and begin after it.

    Of a slot's ranges the latest counts. What is left of one is therefore put without what later ones cover: where it
    is parted in two, its second part comes after these.
    """
    cut = connection.execute(
        "SELECT id, first, last FROM hole WHERE meter = ? AND last >= ? AND first <= ?", (meter, instant, instant)
    ).fetchall()
    for row, first, last in cut:
        later = connection.execute(
            "SELECT first, last FROM hole WHERE meter = ? AND id > ? AND last >= ? AND first <= ?",
            (meter, row, first, last),
        ).fetchall()
        left = _without(first, last, sorted([(instant, instant), *later]), interval)
        if not left:
            connection.execute("DELETE FROM hole WHERE id = ?", (row,))
            continue
        connection.execute("UPDATE hole SET first = ?, last = ? WHERE id = ?", (*left[0], row))
        connection.executemany(
            "INSERT INTO hole (meter, first, last, reason, detail)"
            " SELECT meter, ?, ?, reason, detail FROM hole WHERE id = ?",
            [(*part, row) for part in left[1:]],
        )


def _without(first: int, last: int, taken: Iterable[tuple[int, int]], interval: int) -> list[tuple[int, int]]:
    """What slots every `interval` leave of a range; all ranges are given by their first and last slot, in order."""
    left = []
    for begins, ends in taken:
        if first <= begins - interval:
            left.append((first, begins - interval))
        first = max(first, ends + interval)
    return [*left, (first, last)] if first <= last else left
