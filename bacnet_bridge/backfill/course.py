"""The course of one gap, from its finding to the release of its queue. Pure; instants are UTC milliseconds.

found → held → filled or given up → released. What was reached is stored, and never undone: a bridge that crashes at any
moment goes on from there, with the deadline that was set once, when the queue went on hold. So neither a crash loop nor
a log that cannot be read makes a meter late for longer than that, and no gap is waited for twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bacnet_bridge.vocabulary.gaps import ENDED, TOO_LATE, Stage


@dataclass(frozen=True, slots=True)
class Course:
    """A gap of one queue, its first and last slot, and how far it is."""

    first: int
    last: int
    stage: Stage = Stage.FOUND
    found: int | None = None
    """When its queue went on hold."""
    deadline: int | None = None
    """Up to when its queue is on hold at most."""
    resumed: int | None = None
    """The instant of the packet that ended it."""
    healed: int = 0
    """Slots that were filled."""
    why: str = ""
    """Why slots of it stay holes."""


@dataclass(frozen=True, slots=True)
class Held:
    """The packet that ends the gap was put, and the hold began, in one transaction."""

    at: int
    deadline: int
    resumed: int


@dataclass(frozen=True, slots=True)
class Filled:
    """The fills were put, in one transaction with this."""

    healed: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The log cannot be had, and never will be."""

    why: str


@dataclass(frozen=True, slots=True)
class Passed:
    """So late it is."""

    now: int


@dataclass(frozen=True, slots=True)
class Released:
    """The hold ended: by our own word, an operator's, or because its deadline was past."""


Event = Held | Filled | Refused | Passed | Released


class Next(StrEnum):
    """What a gap wants to be done."""

    AWAIT = "await the first packet after it"
    FILL = "read the log and fill it"
    RELEASE = "release the queue"
    NOTHING = "nothing any more"


_NEXT: Final = {
    Stage.FOUND: Next.AWAIT,
    Stage.HELD: Next.FILL,
    Stage.FILLED: Next.RELEASE,
    Stage.GIVEN_UP: Next.RELEASE,
    Stage.RELEASED: Next.NOTHING,
}


def after(course: Course, event: Event) -> Course:
    """The course after an event. One that comes late, or twice, changes nothing."""
    match event:
        case Held() if course.stage is Stage.FOUND:
            return replace(course, stage=Stage.HELD, found=event.at, deadline=event.deadline, resumed=event.resumed)
        case Filled() if course.stage is Stage.HELD:
            return replace(course, stage=Stage.FILLED, healed=event.healed, why=event.why)
        case Refused() if course.stage in {Stage.FOUND, Stage.HELD}:
            stage = Stage.GIVEN_UP if course.stage is Stage.HELD else Stage.RELEASED
            return replace(course, stage=stage, why=event.why)
        case Passed() if course.stage is Stage.HELD and course.deadline is not None and event.now >= course.deadline:
            return replace(course, stage=Stage.GIVEN_UP, why=course.why or TOO_LATE)
        case Released() if course.stage not in {Stage.FOUND, Stage.RELEASED}:
            why = ENDED if course.stage is Stage.HELD else course.why
            return replace(course, stage=Stage.RELEASED, why=why)
        case _:
            return course


def wants(course: Course) -> Next:
    """What is to be done next; doing it twice does no harm."""
    return _NEXT[course.stage]


def deadline_of(own: int, earlier: Iterable[Course], fence: int | None) -> int:
    """A new gap's deadline: its own, or an earlier one's that is not over for the platform.

    While nothing that is later than an earlier gap was sent, the two are one outage: its time is not counted anew. So a
    bridge that crashes again and again before it sends is late by one deadline, not by one for each start.
    """
    pending = [
        course.deadline
        for course in earlier
        if course.deadline is not None and not _filled(course) and (fence is None or fence <= course.last)
    ]
    return min([own, *pending])


def hold_until(courses: Iterable[Course]) -> int | None:
    """The latest deadline of the gaps that a queue is on hold for; None where none is."""
    return max((each.deadline for each in courses if each.stage is Stage.HELD and each.deadline), default=None)


def hold_after(courses: Iterable[Course]) -> int | None:
    """The instant that fills of all these gaps are later than; None where no gap is on hold."""
    return min((each.first - 1 for each in courses if each.stage is Stage.HELD), default=None)


def clamped(course: Course, now: int, longest: int) -> Course:
    """At a start: a clock that was set back does not make the wait longer than `longest` from now."""
    if course.stage is not Stage.HELD or course.deadline is None:
        return course
    return replace(course, deadline=min(course.deadline, now + longest))


def _filled(course: Course) -> bool:
    return course.healed > 0 or course.stage is Stage.FILLED
