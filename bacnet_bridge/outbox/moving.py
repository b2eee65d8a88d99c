"""Many packets' rows at once, for an operator's acts: each function is a part of one transaction."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence

from bacnet_bridge.model import Packet, Queue, Retry
from bacnet_bridge.outbox import rows
from bacnet_bridge.outbox.contract import SetAside
from bacnet_bridge.vocabulary.holes import HoleReason


def set_aside_until(
    connection: sqlite3.Connection, queue: int, packets: Sequence[int], until: int, why: str, at: int
) -> None:
    """These rows, all that wait of the queue up to that instant, with their counts; the fence is there afterwards."""
    counts: Counter[tuple[str, str, int]] = Counter()
    for row in packets:
        counts.update(
            connection.execute(
                "UPDATE packet SET state = 2, since = ?, why = ? WHERE id = ? AND state = 0 RETURNING day, origin, due",
                (at, why, row),
            ).fetchall()
        )
    for (day, origin, due), count in counts.items():
        connection.execute(
            "UPDATE tally SET waiting = waiting - ?, set_aside = set_aside + ?"
            " WHERE day = ? AND meter = (SELECT meter FROM queue WHERE id = ?) AND origin = ? AND due = ?",
            (count, count, day, queue, origin, due),
        )
    rows.raise_fence(connection, queue, until)


def prove(connection: sqlite3.Connection, queue: int) -> None:
    """An operator takes the queue for whole, and so the meter that was lost with a damaged file."""
    connection.execute("UPDATE queue SET unproven = '' WHERE id = ?", (queue,))
    connection.execute("DELETE FROM doubtful WHERE meter = (SELECT meter FROM queue WHERE id = ?)", (queue,))


def reassign(connection: sqlite3.Connection, source: int, target: int, packets: Sequence[int], until: int) -> None:
    """These rows, the last at `until`, belong to another account's queue of the same meter."""
    connection.executemany("UPDATE packet SET queue = ? WHERE id = ? AND state = 0", ((target, row) for row in packets))
    _follow(connection, source, target, until)


def move(
    connection: sqlite3.Connection,
    source: int,
    target: int,
    packets: Sequence[int],
    until: int,
    meter: str,
    rename: Callable[[str], str],
) -> None:
    """These rows, the last at `until`, belong to another meter, in body and count too.

    Guarantee 6: slots of the old one that were due are holes from now on, and this is why.
    """
    (old,) = connection.execute("SELECT meter FROM queue WHERE id = ?", (source,)).fetchone()
    left = []
    for row in packets:
        instant, day, body, origin, due, crc = connection.execute(
            "SELECT instant, day, body, origin, due, crc FROM packet WHERE id = ?", (row,)
        ).fetchone()
        packet = rows.whole(Queue(rows.account_of(connection, target), meter), instant, day, body, origin, crc)
        renamed = Packet(packet.queue, instant, day, rename(body), packet.origin)
        due_now = rows.due(connection, meter, instant) is not None
        connection.execute(
            "UPDATE packet SET queue = ?, due = ?, body = ?, crc = ? WHERE id = ?",
            (target, due_now, renamed.body, rows.crc_of(renamed), row),
        )
        connection.execute(
            "UPDATE tally SET waiting = waiting - 1 WHERE day = ? AND meter = ? AND origin = ? AND due = ?",
            (day, old, origin, due),
        )
        rows.count_waiting(connection, renamed, due=due_now)
        if due:
            left.append(instant)
    _book_moved(connection, old, left, meter)
    _follow(connection, source, target, until)


def _book_moved(connection: sqlite3.Connection, old: str, slots: Sequence[int], new: str) -> None:
    """As ranges, each of slots that follow each other; one between them that had no packet keeps its reason."""
    (interval,) = connection.execute(
        "SELECT coalesce(min(interval), 0) FROM schedule WHERE meter = ?", (old,)
    ).fetchone()
    ranges: list[tuple[int, int]] = []
    for slot in slots:
        if ranges and slot - ranges[-1][1] <= interval:
            ranges[-1] = ranges[-1][0], slot
        else:
            ranges.append((slot, slot))
    connection.executemany(
        "INSERT INTO hole (meter, first, last, reason, detail) VALUES (?, ?, ?, ?, ?)",
        ((old, first, last, HoleReason.MOVED, new) for first, last in ranges),
    )


def aside(connection: sqlite3.Connection, queue: Queue, row: int) -> list[SetAside]:
    """What was set aside, by instant."""
    return [
        SetAside(rows.whole(queue, *found[:5]), found[5], found[6])
        for found in connection.execute(
            "SELECT instant, day, body, origin, crc, since, why FROM packet WHERE queue = ? AND state = 2"
            " ORDER BY instant",
            (row,),
        )
    ]


def _follow(connection: sqlite3.Connection, source: int, target: int, until: int) -> None:
    """The source's fence covers what left it; the target's last put and slot cover what came."""
    rows.raise_fence(connection, source, until)
    rows.postpone(connection, source, Retry())
    for column in ("last_put", "last_live"):
        connection.execute(
            f"UPDATE queue SET {column} = max(coalesce({column}, was), was)"  # noqa: S608 - our own words
            f" FROM (SELECT {column} AS was FROM queue WHERE id = ?) WHERE id = ? AND was IS NOT NULL",
            (source, target),
        )
