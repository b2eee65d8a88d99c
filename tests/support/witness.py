"""An outside witness: what was asked of an outbox and what it confirmed, and whether a file agrees with that."""

import os
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Note:
    """What the outside knows: `done` is asked, then confirmed."""

    done: str
    meter: str
    instant: int
    body: str = ""
    confirmed: bool = True


@dataclass(slots=True)
class Known:
    """A meter, as the outside knows it at the moment of the cut."""

    asked: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    confirmed: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    held: bool = False

    def learn(self, note: Note) -> None:
        if note.done == "held":
            self.held = note.confirmed
            return
        self.asked[note.done][note.instant] = note.body
        if note.confirmed:
            self.confirmed[note.done][note.instant] = note.body


Rows = dict[int, tuple[int, str]]
"""State and body by instant."""


class LostError(AssertionError):
    """Guarantee 1 is broken."""


def judge(connection: sqlite3.Connection, known: dict[str, Known]) -> dict[str, Rows]:
    """Guarantee 1: whatever was confirmed is there, and nothing that was never asked for; and the file is sound."""
    sound = connection.execute("PRAGMA integrity_check").fetchall()
    assert sound == [("ok",)], sound
    rows = _rows(connection)
    for meter, expected in known.items():
        _judge_rows(expected, rows[meter])
        counted = tuple(sum(state == each for state, _ in rows[meter].values()) for each in (0, 1, 2))
        assert _counted(connection, meter) == counted
    return rows


def _judge_rows(expected: Known, found: Rows) -> None:
    for instant, body in expected.confirmed["put"].items():
        if found.get(instant, (0, ""))[1] != body:
            raise LostError(f"{instant} was confirmed")
    for instant, (_, body) in found.items():
        assert expected.asked["put"].get(instant) == body, "nothing is there that was never put"
    for done, state in (("accepted", 1), ("aside", 2)):
        in_state = {instant for instant, (each, _) in found.items() if each == state}
        if not expected.confirmed[done].keys() <= in_state:
            raise LostError(f"that it was {done} was confirmed")
        assert in_state <= expected.asked[done].keys()


def _rows(connection: sqlite3.Connection) -> dict[str, Rows]:
    rows: dict[str, Rows] = defaultdict(dict)
    for meter, instant, state, body in connection.execute(
        "SELECT meter, instant, state, body FROM packet JOIN queue ON queue.id = packet.queue"
    ):
        assert instant not in rows[meter], "an instant is there once"
        rows[meter][instant] = (state, body)
    return rows


def _counted(connection: sqlite3.Connection, meter: str) -> tuple[int, ...]:
    row = connection.execute(
        "SELECT coalesce(sum(waiting), 0), coalesce(sum(accepted), 0), coalesce(sum(set_aside), 0)"
        " FROM tally WHERE meter = ?",
        (meter,),
    ).fetchone()
    return tuple(row)


@contextmanager
def quick_folder() -> Iterator[Path]:
    """In memory where there is such a place: thousands of files are written."""
    folder = tempfile.mkdtemp(dir=quick_root())
    yield Path(folder)
    shutil.rmtree(folder)


def quick_root() -> Path | None:
    shared = Path("/dev/shm")
    return shared if os.access(shared, os.W_OK) else None
