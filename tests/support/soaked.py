"""What a soak left behind, as figures and lines: its samples, the platform's record, the state folder's file."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from bacnet_bridge.simulator.platform_record import Record
from benchmarks.devices import FIRST
from benchmarks.samples import Sample
from tests.support.drama import Drama


def rows(file: Path) -> tuple[dict[str, list[int]], dict[str, list[tuple[int, int, str, str]]]]:
    """Per meter, the instants that wait and the booked holes; read without the product."""
    waiting: dict[str, list[int]] = defaultdict(list)
    holes: dict[str, list[tuple[int, int, str, str]]] = defaultdict(list)
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for meter, instant in connection.execute(
            "SELECT meter, instant FROM packet JOIN queue ON queue.id = packet.queue WHERE state = 0"
        ):
            waiting[meter].append(instant)
        for meter, *hole in connection.execute("SELECT meter, first, last, reason, detail FROM hole"):
            holes[meter].append((hole[0], hole[1], hole[2], hole[3]))
    return waiting, holes


def blocks_kept(samples: Sequence[Sample]) -> float:
    """How many blocks of memory stay in use at the least, in the last fifth, by how many in the third one.

    Resident memory says less: the allocator keeps what the busiest moment took, and there is always a busier one.
    """
    fifth = max(1, len(samples) // 5)
    third, last = samples[2 * fifth : 3 * fifth], samples[-fifth:]
    return min(each.blocks for each in last) / min(each.blocks for each in third)


def shown_resources(samples: Sequence[Sample]) -> list[str]:
    first, half, last = samples[0], samples[len(samples) // 2], samples[-1]
    late = [100 * number / last.looks for number in (last.late_50, last.late_200, last.late_500)]
    answers = sorted(each.answer_ms for each in samples)
    memory = (
        f"resident MB: {first.resident_mb:.1f} at first, {half.resident_mb:.1f} at half-time, "
        f"{last.resident_mb:.1f} at the end, {max(each.resident_mb for each in samples):.1f} at most; blocks in use: "
        f"{blocks_kept(samples):.3f} in the last fifth of what they were in the third"
    )
    others = (
        f"descriptors: {last.descriptors} at the end, {max(each.descriptors for each in samples)} at most; "
        f"threads: {max(each.threads for each in samples)} at most; state folder: {last.state_mb:.1f} MB at the end; "
        f"waiting: {max(each.waiting for each in samples)} at most"
    )
    loop = (
        f"loop: of {last.looks} looks {late[0]:.2f} % later than 50 ms, {late[1]:.3f} % than 200 ms, {late[2]:.3f} % "
        f"than 500 ms; /healthz in {answers[len(answers) // 2]:.1f} ms (median), {answers[-1]:.0f} ms at most"
    )
    return [memory, others, loop]


def shown_fates(record: Record, total: Mapping[str, object], drama: Drama) -> list[str]:
    counts = {key: total[key] for key in ("due", "accepted", "waiting", "set_aside", "holes", "reasons")}
    platform = (
        f"platform: {sum(map(len, record.accepted.values()))} accepted, {sum(map(len, record.duplicates.values()))} "
        f"duplicates, {sum(map(len, record.discarded.values()))} discarded, {record.attempts} attempts, "
        f"answers {dict(sorted(record.answers.items()))}"
    )
    deaths = sum(map(len, drama.deaths.values()))
    return [
        f"report: {counts}",
        platform,
        f"troubles: {deaths} deaths of devices; of the platform: {dict(Counter(drama.troubles))}",
    ]


def shown_holes(file: Path, drama: Drama, interval: int) -> str:
    """Of the holes, how many have no dead device for a reason: neither in that slot nor in one beside it."""
    _, holes = rows(file)
    unexplained = Counter[str]()
    for meter, ranges in holes.items():
        device = int(meter.partition("-")[0]) - FIRST
        for begin, end, reason, _ in ranges:
            for slot in range(begin, end + 1, interval):
                if not drama.dead_between(device, slot - interval, slot + interval):
                    unexplained[reason] += 1
    return f"holes of devices that were alive: {dict(unexplained)}"
