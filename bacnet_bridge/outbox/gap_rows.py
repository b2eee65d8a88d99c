"""Gaps on disk, and the holds that are theirs: each function is a part of one transaction.

A hold is its gaps' own, or somebody else's, which is left alone: it outlives them.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.errors import FencedError
from bacnet_bridge.model import Account, Queue
from bacnet_bridge.outbox import rows
from bacnet_bridge.outbox.contract import NewGap, StoredGap
from bacnet_bridge.outbox.order import Hold
from bacnet_bridge.vocabulary.gaps import TOO_LATE, Stage

_GAP: Final = (
    "SELECT address, credentials, meter, first, last, stage, found, deadline, resumed, before, after, healed, why"
    " FROM gap JOIN queue ON queue.id = gap.queue"
)
_STAGES: Final = frozenset(stage.value for stage in Stage)


@dataclass(slots=True)
class Holding:
    """A queue's hold as a transaction leaves it."""

    hold: Hold | None = None
    heals: bool = False
    """It is its gaps' own."""


def hold_for(
    connection: sqlite3.Connection, queue: int, gaps: Sequence[NewGap], resumed: int, now: int,
    before: Mapping[str, str], after: Mapping[str, str],
) -> None:  # fmt: skip
    """The gaps are waited for from now on; `before` and `after` are the memories around the packet `resumed`."""
    end_overdue(connection, queue, now)
    found = holding(connection, queue)
    connection.executemany(
        "INSERT INTO gap (queue, first, last, stage, found, deadline, resumed, before, after, healed, why)"
        " VALUES (?, ?, ?, 'held', ?, ?, ?, ?, ?, 0, '')",
        (
            (queue, gap.first, gap.last, now, gap.deadline, resumed, json.dumps(dict(before)), json.dumps(dict(after)))
            for gap in gaps
        ),
    )
    if found.hold is None or found.heals:
        _hold(connection, queue)


def told(connection: sqlite3.Connection, queue: int, first: int, stage: Stage, healed: int, why: str) -> None:
    """A held gap was filled or given up; with the last one of its queue the hold ends, if it is theirs.

    Raises FencedError where it is not held any more.
    """
    changed = connection.execute(
        "UPDATE gap SET stage = ?, healed = ?, why = ? WHERE queue = ? AND first = ? AND stage = 'held'",
        (stage, healed, why, queue, first),
    ).rowcount
    if not changed:
        raise FencedError(f"the gap that begins at {first} is not waited for any more")
    if _waits(connection, queue):
        return
    if holding(connection, queue).heals:
        rows.hold(connection, queue, None, None)
    _release(connection, queue, why)


def end(connection: sqlite3.Connection, queue: int, why: str) -> None:
    """The hold ends, whosesoever it is, and nothing is waited for; `why` is of the gaps that were not filled."""
    rows.hold(connection, queue, None, None)
    _release(connection, queue, why)


def end_overdue(connection: sqlite3.Connection, queue: int, now: int) -> None:
    """A hold whose deadline is past ends; gaps of which it is not past are waited for all the same."""
    found = holding(connection, queue)
    if found.hold is not None and found.hold.deadline <= now:
        give_back(connection, queue, now)


def give_back(connection: sqlite3.Connection, queue: int, now: int) -> None:
    """The hold ends, whosesoever it is; for gaps that are waited for, and have time left, one of theirs begins."""
    _release(connection, queue, TOO_LATE, now)
    if _waits(connection, queue):
        _hold(connection, queue)
    else:
        end(connection, queue, TOO_LATE)


def holding(connection: sqlite3.Connection, queue: int) -> Holding:
    """As it stands now."""
    after, until, heals = connection.execute(
        "SELECT hold_after, hold_until, heals FROM queue WHERE id = ?", (queue,)
    ).fetchone()
    return Holding(None if after is None or until is None else Hold(after, until), bool(heals))


def healing(connection: sqlite3.Connection) -> set[int]:
    """The rows of the queues that are on hold for their gaps and for nothing else."""
    return {row for (row,) in connection.execute("SELECT id FROM queue WHERE heals")}


def of_meter(connection: sqlite3.Connection, meter: str) -> list[StoredGap]:
    """All that are kept, of whatever account, in order."""
    return [_stored(found) for found in connection.execute(f"{_GAP} WHERE meter = ? ORDER BY first", (meter,))]


def waited_for(connection: sqlite3.Connection, meters: Sequence[str] | None) -> list[StoredGap]:
    """Of the queues with these ids, or of all, in order."""
    of_these = "" if meters is None else "AND meter IN (SELECT value FROM json_each(:meters))"
    found = connection.execute(
        f"{_GAP} WHERE stage = 'held' {of_these} ORDER BY first", {"meters": json.dumps(list(meters or ()))}
    )
    return [_stored(each) for each in found]


def prune(connection: sqlite3.Connection, before: int) -> None:
    """Forget gaps that were found before that instant and that something later was sent over: none is found again."""
    connection.execute(
        "DELETE FROM gap WHERE stage = 'released' AND found < ? AND last <="
        " (SELECT fence FROM queue WHERE queue.id = gap.queue)",
        (before,),
    )


def give_all_up(connection: sqlite3.Connection, why: str) -> None:
    """What may have been sent is not known: nothing is waited for, and what was held for it leaves."""
    connection.execute("DELETE FROM gap WHERE queue NOT IN (SELECT id FROM queue)")
    connection.execute("UPDATE queue SET hold_after = NULL, hold_until = NULL, heals = 0 WHERE heals")
    connection.execute("UPDATE gap SET stage = 'released', why = ? WHERE stage != 'released'", (why,))


def _waits(connection: sqlite3.Connection, queue: int) -> bool:
    """Whether one of its gaps is waited for."""
    held = "SELECT 1 FROM gap WHERE queue = ? AND stage = 'held'"
    return connection.execute(held, (queue,)).fetchone() is not None


def _hold(connection: sqlite3.Connection, queue: int) -> None:
    """For all gaps that are open: fills later than the earliest one's beginning, until the latest deadline."""
    first, deadline = connection.execute(
        "SELECT min(first), max(deadline) FROM gap WHERE queue = ? AND stage != 'released'",
        (queue,),
    ).fetchone()
    rows.hold(connection, queue, first - 1, deadline, heals=True)


def _release(connection: sqlite3.Connection, queue: int, why: str, upto: int | None = None) -> None:
    """Gaps whose deadline is not later than `upto`, or all; `why` is of those that were neither filled nor given up."""
    connection.execute(
        "UPDATE gap SET why = CASE stage WHEN 'held' THEN :why ELSE why END, stage = 'released'"
        " WHERE queue = :queue AND stage != 'released' AND deadline <= coalesce(:upto, deadline)",
        {"queue": queue, "why": why, "upto": upto},
    )


def _stored(found: tuple[str, str, str, int, int, str, int, int, int, str, str, int, str]) -> StoredGap:
    address, credentials, meter, first, last, stage, at, deadline, resumed, before, after, healed, why = found
    queue = Queue(Account(address, credentials), meter)
    memories = _memory(before), _memory(after)
    damaged = stage not in _STAGES or None in memories
    known = Stage(stage) if stage in _STAGES else Stage.RELEASED  # nothing waits for it
    return StoredGap(
        queue, first, last, known, at, deadline, resumed, memories[0] or {}, memories[1] or {}, healed, why, damaged
    )


def _memory(stored: str) -> dict[str, str] | None:
    """None where it is not what was written."""
    try:
        said = json.loads(stored)
    except (ValueError, TypeError):
        return None
    whole = isinstance(said, dict) and all(isinstance(each, str) for each in said.values())
    return said if whole else None
