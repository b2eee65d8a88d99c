"""What was put of late, for people to look at: from the newest row down, a portion at a time."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LatePacket:
    """A packet whatever became of it. `body` is as the file has it: damage shows only in reading it."""

    meter: str
    instant: int
    live: bool
    body: bytes


def rows_of_late(connection: sqlite3.Connection, below: int, many: int) -> tuple[int, list[LatePacket]]:
    """The newest packets of the rows under `below`, in the order of their putting from the latest on.

    And under which row the next ones stand; 0 after the oldest.
    """
    found = connection.execute(
        "SELECT packet.id, meter, instant, origin = 'live', CAST(body AS BLOB) FROM packet"
        " CROSS JOIN queue ON queue.id = packet.queue WHERE packet.id < ? ORDER BY packet.id DESC LIMIT ?",
        (below, many),
    ).fetchall()
    packets = [LatePacket(meter, instant, bool(live), body) for _, meter, instant, live, body in found]
    return (found[-1][0] if len(found) == many else 0), packets
