"""What was read of a log, and what is known of its clock → records at their instants, and what is in doubt. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from bacnet_bridge.bacnet.log_clock import Known
from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.bacnet.log_walk import wire_number
from bacnet_bridge.logged import ClockChanged, Content, Happened, LogFacts, LogReading, LogRecord, Recorded

_WHOLE_SECONDS: Final = 1000
_HUNDREDTH: Final = 10
_MIDDLE: Final = 500
_FALL: Final = 1_000
"""Milliseconds by which an instant may lie before the one of the record before: clocks are put right by little."""
_MISSING: Final = Recorded("other", None, "the record has no such column")

Numbered = Sequence[tuple[int, RawRecord]]


def assemble(
    facts: LogFacts, records: Numbered, known: Sequence[Known | None], since: int, requests: int
) -> LogReading:
    """From `since` on, and the last record before it."""
    placed = list(_placed(records, known, _resolution(facts, records)))
    before = [at for at, (instant, *_) in enumerate(placed) if instant <= since]
    wanted = placed[before[-1] :] if before else placed
    first = wanted[0][2] if before else 0
    lost = sum(clock is None for (number, _), clock in zip(records, known, strict=True) if number > first)
    fell = len(records) - sum(each is None for each in known) - len(placed)
    members = range(len(facts.members))
    return LogReading(
        facts,
        tuple(tuple(_record(member, len(members), *each) for each in wanted) for member in members),
        whole=bool(before) and not lost and not fell,
        requests=requests,
        doubts=(*_lost(facts, lost), *_fell(facts, fell)),
        newest=not records or (bool(placed) and placed[-1][2] == records[-1][0]),
    )


def _resolution(facts: LogFacts, records: Numbered) -> int:
    """Milliseconds by which the device's clock is coarse: a second, where it never showed a part of one."""
    shown = (facts.clock.at + facts.clock.offset) % 1000  # of a clock without parts it is the middle of a second
    parts = shown != _MIDDLE or any((record.local or 0) % 1000 for _, record in records)
    return _HUNDREDTH if parts else _WHOLE_SECONDS


def _placed(records: Numbered, known: Sequence[Known | None], coarse: int) -> Iterator[tuple[int, int, int, RawRecord]]:
    """Instant, ±, number and record, in the log's order; without those whose instant is before an earlier one's."""
    latest = None
    for (number, record), clock in zip(records, known, strict=True):
        if record.local is None or clock is None:
            continue
        instant = record.local - clock.offset
        if latest is not None and instant < latest - _FALL - clock.within:
            continue
        latest = instant if latest is None else max(latest, instant)
        yield latest, clock.within + coarse, number, record


def _record(member: int, members: int, instant: int, within: int, number: int, record: RawRecord) -> LogRecord:
    return LogRecord(instant, within, wire_number(number), _content(member, members, record.contents), record.flags)


def _content(member: int, members: int, contents: Sequence[Content]) -> Content:
    """Of the column; what happened to the log, or its clock, happened to all."""
    if len(contents) == 1 and (members == 1 or isinstance(contents[0], Happened | ClockChanged)):
        return contents[0]
    return contents[member] if len(contents) == members else _MISSING


def _lost(facts: LogFacts, lost: int) -> Iterator[str]:
    if lost:
        when = "between" if facts.interval is not None else "between, or before: a log of changes does not show that"
        yield (
            f"{lost} records of {facts.log} are left out: what the device's clock showed when they were made is not "
            f"known (it was set, or the device was off, and nobody had looked at its clock {when})"
        )


def _fell(facts: LogFacts, fell: int) -> Iterator[str]:
    if fell:
        yield f"{fell} records of {facts.log} are left out: their time is before that of records made earlier"
