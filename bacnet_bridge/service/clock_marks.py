"""What the clocks of devices with logs were off, kept for years of records that need it (ADR 41). Instants are UTC ms.

A device cannot say what its clock showed last night. So it is looked at now and then, and that is kept in the state
folder, log by log: a log's own numbers tie a look to its records.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog

from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.logged import ClockMark, LogFacts
from bacnet_bridge.model import Meter
from bacnet_bridge.vocabulary.objects import ObjectId

MOST: Final = 40
"""Marks of one log; at one look an hour the newest day, and ever fewer of the weeks before."""
_AGREE: Final = 2_000
"""Milliseconds that two looks may differ by where the clock only drifted."""
_WORSE: Final = 500
"""Milliseconds by which a look may be less certain than the best one that is kept: an answer that came late, as to a
question that was repeated, says less than the look before it."""
_HOUR: Final = 3_600_000
_LONG: Final = 3 * _HOUR
"""Milliseconds after the newest look that is kept: then any is better than none."""
_log = structlog.get_logger()


class ClockMarks:
    """By device and log. Written whole and atomically, soon after `write`; a full disk costs only the next start."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._fresh: dict[str, dict[str, Any]] = {}
        """To be written: of thousands of logs that are looked at one by one, all at once."""

    def of(self, meter: Meter, log: ObjectId) -> list[ClockMark]:
        """Of a log of the meter's device, oldest first."""
        return _marks(self._entry(meter, log))

    def interval(self, meter: Meter, log: ObjectId) -> int | None:
        """Milliseconds between the log's records as it said last; None where it said none, or was never asked."""
        interval = self._entry(meter, log).get("interval")
        return interval if type(interval) is int else None

    def keep(self, meter: Meter, facts: LogFacts) -> None:
        """What was seen at a look. A mark of a log that does not number its records is of no later use."""
        marks = self.of(meter, facts.log)
        if facts.clock.sequence is not None and _worth_keeping(facts.clock, marks):
            marks = thinned([*marks, facts.clock])
        said = [f"{each.at} {each.offset} {each.within} {each.sequence}" for each in marks]
        self._fresh[_key(meter, facts.log)] = {"interval": facts.interval, "marks": said}

    def only(self, meters: Sequence[Meter]) -> None:
        """Forget the logs that no mapped point names. Without any meter all stay: the mapping may be unreadable."""
        named = {_key(meter, log) for meter in meters for log in logs_of(meter)}
        for key in self._kept.keys() if meters else ():
            if key not in named:
                self._kept.drop(key)

    def write(self) -> None:
        """What was kept since is on disk half a second later, or after `flush`."""
        for key, entry in self._fresh.items():
            self._kept.put(key, entry)
        self._fresh.clear()

    async def flush(self) -> None:
        """Have them on disk, before the end."""
        self.write()
        await self._kept.flush()

    def _entry(self, meter: Meter, log: ObjectId) -> Mapping[str, Any]:
        key = _key(meter, log)
        entry = self._fresh.get(key) or self._kept.get(key) or {}
        try:
            _marks(entry)
        except (TypeError, ValueError, AttributeError) as error:
            _log.warning(
                "earlier looks at a device's clock cannot be read, and are forgotten", log=key, error=str(error)
            )
            self._kept.drop(key)
            return {}
        return entry


def _marks(entry: Mapping[str, Any]) -> list[ClockMark]:
    """Raises TypeError, ValueError or AttributeError for what nobody wrote."""
    found = []
    for each in entry.get("marks", ()):
        at, offset, within, sequence = map(int, each.split())
        found.append(ClockMark(at, offset, within, sequence))
    return found


def logs_of(meter: Meter) -> list[ObjectId]:
    """The logs that the meter's points name, each once."""
    columns = [
        column
        for point in meter.points
        if point.backfill is not None
        for column in (point.backfill.source, point.backfill.condition)
        if column is not None
    ]
    return list(dict.fromkeys(column.log for column in columns))


def _worth_keeping(mark: ClockMark, marks: Sequence[ClockMark]) -> bool:
    """How certain a look can be depends on the device: half a second at best where its clock shows whole ones."""
    if not marks:
        return True
    return mark.within <= min(each.within for each in marks) + _WORSE or mark.at - marks[-1].at > _LONG


def thinned(marks: Sequence[ClockMark], most: int = MOST) -> list[ClockMark]:
    """No more than so many: newest and oldest stay, and those where the clock was another one before or after.

    Of the others those go first that are close to their neighbours for their age.
    """
    kept = list(marks)
    while len(kept) > most:
        now = kept[-1].at
        worth = {
            at: (
                not _drifted(*kept[at - 1 : at + 2]),
                (kept[at + 1].at - kept[at - 1].at) / max(1, now - kept[at].at + _HOUR),
            )
            for at in range(1, len(kept) - 1)
        }
        del kept[min(worth, key=lambda at: worth[at])]
    return kept


def _drifted(before: ClockMark, mark: ClockMark, after: ClockMark) -> bool:
    """The clock was the same one all the while."""
    return all(abs(mark.offset - each.offset) <= _AGREE + mark.within + each.within for each in (before, after))


def _key(meter: Meter, log: ObjectId) -> str:
    at = "" if meter.address is None else f" at {meter.address}"
    return f"{meter.device}{at} {log}"
