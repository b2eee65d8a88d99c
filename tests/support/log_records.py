"""Trend logs made by hand, and random ones beside the truth that they logged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st

from bacnet_bridge.logged import ClockChanged, Content, Failed, Happened, LogRecord, LogStatus, Recorded

MINUTE = 60_000
FIVE = 5 * MINUTE
HIGHEST = 2**32 - 1
NOTHING_RAISED: tuple[str, ...] = ()
Truth = Callable[[int], Decimal]


def real(number: Decimal | float | str) -> Recorded:
    return Recorded("real", Decimal(str(number)), str(number))


def count(number: int) -> Recorded:
    return Recorded("unsigned", Decimal(number), str(number))


def record(
    minute: float, content: Content, sequence: int = 0, flags: tuple[str, ...] | None = NOTHING_RAISED, within: int = 10
) -> LogRecord:
    return LogRecord(round(minute * MINUTE), within, sequence, content, flags)


def log(*entries: tuple[float, Content | float]) -> list[LogRecord]:
    """Records by minute and content, numbered from 1; a bare number is a Real."""
    return [
        record(minute, real(content) if isinstance(content, int | float) else content, number)
        for number, (minute, content) in enumerate(entries, 1)
    ]


INTERRUPTED = Happened(frozenset({LogStatus.INTERRUPTED}))
DISABLED = Happened(frozenset({LogStatus.DISABLED}))
STARTED = Happened(frozenset())
CLOCK = ClockChanged(Decimal(3600))
FAILED = Failed(2, 31, "device: unknown-object")


@dataclass(frozen=True)
class Logged:
    """What a device logged, and what was true."""

    truth: Truth
    records: list[LogRecord]
    interval: int | None
    read_at: int


def steps(changes: Sequence[tuple[int, Decimal]]) -> Truth:
    """A value that stands still between its changes; they are in order, the first at the beginning of time."""

    def value(instant: int) -> Decimal:
        return next(number for at, number in reversed(changes) if at <= instant)

    return value


@st.composite
def changes(draw: st.DrawFn, until: int, *, rising: bool = False) -> list[tuple[int, Decimal]]:
    """When a value changes, to what; to the second, so that changes fall on slots, too."""
    instants = sorted(draw(st.sets(st.integers(1, until // 1000), max_size=25)))
    numbers = draw(st.lists(st.integers(0, 500), min_size=len(instants) + 1, max_size=len(instants) + 1))
    if rising:
        numbers = [sum(numbers[: index + 1]) for index in range(len(numbers))]
    return list(zip([0, *(each * 1000 for each in instants)], map(Decimal, numbers), strict=True))


@st.composite
def cov_logs(draw: st.DrawFn, until: int) -> Logged:
    """A log of changes that was interrupted, disabled, overwritten, read in overlapping chunks, and put in disorder.

    Its newest record is there: that a log was read to its end is its reader's word.
    """
    told = draw(changes(until))
    truth = steps(told)
    off = draw(st.lists(st.tuples(st.integers(0, until // 1000), st.integers(1, 3000)), max_size=2))
    events: list[tuple[int, int, Content]] = [(at, 1, _count(number)) for at, number in told]
    over = -1
    for begin, length in sorted(off):
        if begin > over:  # one that is off writes nothing of being switched off
            events = _switched_off(events, begin * 1000, (begin + length) * 1000, truth, draw(st.booleans()))
            over = begin + length
    events += [(at * 1000, 2, CLOCK) for at in draw(st.lists(st.integers(0, until // 1000), max_size=2))]
    events.sort(key=lambda event: event[:2])
    numbered = _numbered(events, draw(st.sampled_from([1, 7000, HIGHEST - 5])))
    lost = draw(st.sets(st.integers(0, len(numbered)), max_size=3)) - {len(numbered) - 1}
    kept = [each for index, each in enumerate(numbered) if index not in lost]
    return Logged(truth, draw(_mixed_up(kept)), None, until)


@st.composite
def interval_logs(draw: st.DrawFn, until: int, *, rising: bool = False) -> Logged:
    """A log at intervals, whose records are a little late, some of them failed or lost."""
    truth = steps(draw(changes(until, rising=rising)))
    interval = draw(st.sampled_from([MINUTE, 2 * MINUTE, FIVE, 7 * MINUTE, 15 * MINUTE]))
    late = draw(st.integers(0, 20_000))
    failed = draw(st.sets(st.integers(0, until // interval), max_size=5))
    events: list[tuple[int, int, Content]] = [
        (at + late, 1, FAILED if at // interval in failed else _count(truth(at + late)))
        for at in range(0, until, interval)
    ]
    numbered = _numbered(events, draw(st.sampled_from([1, HIGHEST - 5])))
    lost = draw(st.sets(st.integers(0, len(numbered)), max_size=5))
    kept = [each for index, each in enumerate(numbered) if index not in lost]
    return Logged(truth, draw(_mixed_up(kept)), interval, until + 60 * MINUTE)


def _count(number: Decimal) -> Recorded:
    return Recorded("unsigned", number, str(number))


def _switched_off(
    events: list[tuple[int, int, Content]], begin: int, end: int, truth: Truth, said: bool
) -> list[tuple[int, int, Content]]:
    """Nothing is written from `begin` to `end`; the log says so when it begins (disabled), or when it is over."""
    kept = [event for event in events if not begin <= event[0] < end]
    status = (begin, 0, DISABLED) if said else (end, 0, INTERRUPTED)
    start: list[tuple[int, int, Content]] = [(end, 0, STARTED)] if said else []
    return [*kept, status, *start, (end, 1, _count(truth(end)))]


def _numbered(events: Sequence[tuple[int, int, Content]], first: int) -> list[LogRecord]:
    return [
        LogRecord(at, 10, (first + index - 1) % HIGHEST + 1, content, NOTHING_RAISED)
        for index, (at, _, content) in enumerate(events)
    ]


@st.composite
def _mixed_up(draw: st.DrawFn, records: list[LogRecord]) -> list[LogRecord]:
    """Some of it twice, and all of it in any order."""
    again = draw(st.lists(st.sampled_from(records), max_size=5)) if records else []
    return draw(st.permutations([*records, *again])) if draw(st.booleans()) else [*records, *again]
