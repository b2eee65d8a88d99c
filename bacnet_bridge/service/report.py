"""The day report, for people and programs: from the state folder's file alone, service running or not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final

from bacnet_bridge.bacnet.count_text import count_from_text
from bacnet_bridge.database_file import open_readonly
from bacnet_bridge.errors import BridgeError, StateError
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.exchanges import exchanges
from bacnet_bridge.ledger.report import Span, days, known_meters
from bacnet_bridge.model import Exchange
from bacnet_bridge.outbox import rows
from bacnet_bridge.service.exchange import sentence
from bacnet_bridge.state import StateFolder
from bacnet_bridge.vocabulary.holes import HoleReason

_SUMMED: Final = ("due", "accepted", "waiting", "set_aside", "extra", "healed", "pushed", "extra_accepted")


@dataclass(frozen=True, slots=True)
class Report:
    """Days by meter and date; and the exchanged meters that were told of these meters, as sentences."""

    days: tuple[DayCount, ...]
    exchanges: tuple[str, ...]
    names: Mapping[str, str]
    """By id, how people call the meters."""

    @property
    def total(self) -> DayCount:
        """All days of all meters in one."""
        reasons: Counter[HoleReason] = Counter()
        for each in self.days:
            reasons.update(each.reasons)
        sums = {name: sum(getattr(each, name) for each in self.days) for name in _SUMMED}
        return DayCount("", "", reasons=dict(reasons), **sums)

    def document(self) -> dict[str, Any]:
        """As JSON says it."""
        total = self.total
        return {
            "days": [{**_day(each), "name": self.names.get(each.meter, "")} for each in self.days],
            "exchanges": list(self.exchanges),
            "total": {key: value for key, value in _day(total).items() if key not in {"meter", "day", "details"}},
        }


def report(
    state: StateFolder, wanted: Sequence[str], span: Span, now: int, zone: str, names: Mapping[str, str]
) -> Report:
    """`wanted` are ids or names; all where none is given. Raises StateError, BridgeError for an unknown meter."""
    if not state.has_outbox:
        raise StateError(f"nothing was recorded in {state.folder.absolute()} yet: start the bridge, or name its folder")
    with closing(open_readonly(state.database)) as connection:
        connection.execute("BEGIN")  # one moment for all that is read
        meters = _meant(wanted, known_meters(connection), names)
        told = [each for each in exchanges(connection) if each.meter in meters]
        memories = {each.meter: rows.memory(connection, each.meter) for each in told}
        sentences = tuple(sentence(each, zone, pending=_pending(each, memories[each.meter])) for each in told)
        return Report(tuple(days(connection, meters, span, now, zone)), sentences, names)


def commonest(details: Mapping[tuple[HoleReason, str], int], reason: HoleReason) -> tuple[str, int]:
    """Of a reason, the detail that was booked most, and for how many slots."""
    of_it = Counter({detail: count for (each, detail), count in details.items() if each is reason})
    return of_it.most_common(1)[0] if of_it else ("", 0)


def _meant(wanted: Sequence[str], known: Sequence[str], names: Mapping[str, str]) -> list[str]:
    if not wanted:
        return list(known)
    meant: list[str] = []
    for text in wanted:
        found = [text] if text in known else [meter for meter in known if names.get(meter) == text]
        if not found:
            raise BridgeError(f"nothing was recorded of a meter {text!r}; known are {_some(known)}")
        meant += found
    return list(dict.fromkeys(meant))


def _some(known: Iterable[str]) -> str:
    first, *more = [", ".join(list(known)[:10]), *list(known)[10:]]
    return f"{first or 'none'}{f' and {len(more)} more' if more else ''}"


def _pending(exchange: Exchange, memory: Mapping[str, str]) -> bool:
    count = count_from_text(memory.get(exchange.point))
    return count is None or exchange.number > count.exchange


def _day(count: DayCount) -> dict[str, Any]:
    return {
        "meter": count.meter,
        "day": count.day,
        "due": count.due,
        "accepted": count.accepted,
        "live": count.live,
        "healed": count.healed,
        "pushed": count.pushed,
        "waiting": count.waiting,
        "set_aside": count.set_aside,
        "holes": count.holes,
        "missing": count.missing,
        "reasons": {str(reason): number for reason, number in count.reasons.items()},
        "details": [
            {"reason": str(reason), "detail": detail, "slots": number}
            for (reason, detail), number in sorted(count.details.items(), key=lambda each: -each[1])
        ],
        "beyond_due": count.extra,
        "beyond_due_accepted": count.extra_accepted,
    }
