"""From what holds now to what is told: each condition's start, its growth, a reminder, its end. Pure.

Times that are compared are boot times, which never step; instants are only told. What was told outlives a restart.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

from bacnet_bridge.alarms.conditions import GONE, RULES, Condition, Found

_WORSE: Final = 2
"""Times as many meters as were told: it is told again, before its reminder. Thousands take a dozen messages so."""


class Event(StrEnum):
    """What there is to say of a condition."""

    START = "start"
    WORSE = "worse"
    REMINDER = "reminder"
    END = "end"
    TRIAL = "trial"
    """Somebody tries whether messages arrive."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell. `since` and `at` are instants."""

    event: Event
    condition: Condition
    since: int
    at: int
    """When it came to be told; of an end when it ended, which is earlier: it is told once that has lasted."""

    @property
    def key(self) -> str:
        """The same for all messages about one occurrence."""
        return f"{self.condition.name}-{self.since}"


@dataclass(frozen=True, slots=True)
class Moment:
    """Now: an instant to be told, and boot time to compare."""

    wall: int
    boot: float


@dataclass(frozen=True, slots=True)
class Standing:
    """A condition that holds, or did just now. Boot times; `since` is an instant."""

    condition: Condition
    """As it was told last; before that, as it is."""
    since: int
    told: float | None = None
    """When it was told last; None: not yet."""
    turned: float | None = None
    """Since when it is otherwise than was told: holds untold, or is told and gone."""
    about: frozenset[str] | None = frozenset()
    """The meters of which it was told; None: another version told it, of nobody knows which."""


def step(
    standing: Mapping[str, Standing], found: Found, moment: Moment, remind: float
) -> tuple[dict[str, Standing], tuple[Message, ...]]:
    """What stands after this look, and what is to be told, the grave ones first. `remind` in seconds."""
    after: dict[str, Standing] = {}
    messages: list[Message] = []
    for name in RULES:
        before, now = standing.get(name), found.conditions.get(name)
        if now is not None:
            after[name], event = _holding(before, now, found.about.get(name, frozenset()), moment, remind)
        elif before is None or before.told is None:
            continue
        elif _is_doubtful(before, found.doubtful.get(name, frozenset())):
            after[name], event = replace(before, turned=None), None
        else:
            after[name], event = _gone(before, moment)
        if event is not None:
            messages.append(Message(event, after[name].condition, after[name].since, _at(after[name], event, moment)))
        if event is Event.END:
            del after[name]
    return after, tuple(messages)


def _holding(
    before: Standing | None, now: Condition, about: frozenset[str], moment: Moment, remind: float
) -> tuple[Standing, Event | None]:
    own = before or Standing(now, moment.wall, turned=moment.boot)
    told = replace(own, condition=now, told=moment.boot, turned=None, about=about)
    if own.told is not None:
        if now.extent >= _WORSE * own.condition.extent:
            return told, Event.WORSE
        if moment.boot - own.told >= remind:
            return told, Event.REMINDER
        return replace(own, turned=None), None
    if moment.boot - (own.turned or 0) < RULES[now.name].after:
        return replace(own, condition=now), None
    return told, Event.START


def _is_doubtful(told: Standing, meters: frozenset[str]) -> bool:
    """Whether it may hold of a meter still of which it was told: then it is not over."""
    return bool(meters if told.about is None else meters & told.about)


def _gone(before: Standing, moment: Moment) -> tuple[Standing, Event | None]:
    turned = moment.boot if before.turned is None else before.turned
    over = moment.boot - turned >= max(RULES[before.condition.name].after, GONE)
    return replace(before, turned=turned), Event.END if over else None


def _at(each: Standing, event: Event, moment: Moment) -> int:
    """By the clock as it is now, also where it was set since."""
    if event is not Event.END or each.turned is None:
        return moment.wall
    return moment.wall - round((moment.boot - each.turned) * 1000)


def as_kept(standing: Mapping[str, Standing], moment: Moment) -> dict[str, Any]:
    """What was told, for the state folder."""
    return {
        name: {
            "condition": asdict(each.condition),
            "since": each.since,
            "told": moment.wall - round((moment.boot - each.told) * 1000),
            "about": None if each.about is None else sorted(each.about),
        }
        for name, each in standing.items()
        if each.told is not None
    }


def from_kept(kept: Mapping[str, Any], moment: Moment, remind: float) -> dict[str, Standing]:
    """What was told before the start. Entries that are not understood, of another version perhaps, are left out."""
    found = {}
    for name, each in kept.items():
        try:
            ago = min(max(0.0, (moment.wall - int(each["told"])) / 1000), remind)
            condition = condition_of(each["condition"])
            about = None if each.get("about") is None else frozenset(map(str, each["about"]))
            found[name] = Standing(condition, int(each["since"]), moment.boot - ago, about=about)
        except (KeyError, TypeError, ValueError):
            continue
    return {name: each for name, each in found.items() if name in RULES}


def condition_of(kept: Mapping[str, Any]) -> Condition:
    """Raises KeyError, TypeError or ValueError for what is none."""
    return Condition(str(kept["name"]), str(kept["headline"]), tuple(map(str, kept["details"])), int(kept["extent"]))
