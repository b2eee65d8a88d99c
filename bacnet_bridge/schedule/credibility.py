"""Whether wall time may be believed. One packet from the future makes the platform discard all that follow.

The core is pure: a `Belief`, and what becomes of it at each look and each answer's date. Lengths and instants
are integer milliseconds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from statistics import median_low
from typing import Final

import structlog

from bacnet_bridge import BUILD_DATE
from bacnet_bridge.clock import Clock, instant_of

_log = structlog.get_logger()

BUILT: Final = instant_of(datetime.combine(date.fromisoformat(BUILD_DATE), time(), UTC))

_STEP: Final = 2_000
"""Wall and boot time have to agree this well."""
_NEAR: Final = 120_000
"""A `Date` within this confirms the system's time."""
_IN_A_ROW: Final = 3
"""So many contrary dates overrule the system; so many dates make a correction."""
_KEPT: Final = 9
"""Dates of which the median is taken."""
_HEED_AFTER: Final = 15.0
"""Seconds after a step for which the system's synchronisation is not heeded: what set the clock may be what is wrong,
and the platform's dates come first where they can be had."""
_WORTH: Final = 1_000
"""A `Date` has whole seconds: smaller changes of the correction are noise."""
_WARN: Final = 10_000
_ALARM: Final = 60_000


class ClockMode(StrEnum):
    """Whose word makes the clock credible."""

    SYSTEM = "system"
    PLATFORM = "platform"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Belief:
    """What is known of wall time. `anchor`: wall minus boot time, when it was last confirmed or else last looked."""

    anchor: int
    confirmed: bool = False
    contrary: int = 0
    """Dates in a row that contradicted the system's time."""
    departures: tuple[int, ...] = ()
    """The latest dates' departures from the machine's wall time."""
    correction: int = 0
    """Added to the machine's wall time: mode `platform` only."""


def stepped(belief: Belief, wall_minus_boot: int) -> bool:
    """Whether somebody set the clock."""
    return abs(wall_minus_boot - belief.anchor) > _STEP


def looked(belief: Belief, mode: ClockMode, wall_minus_boot: int, synchronised: bool) -> Belief:
    """After a step nothing that was known holds any more; the system's synchronisation confirms unless overruled.

    `synchronised`: it is, and its word is heeded already.
    """
    if stepped(belief, wall_minus_boot):
        belief = Belief(wall_minus_boot)
    if mode is ClockMode.SYSTEM and synchronised and belief.contrary < _IN_A_ROW:
        return replace(belief, anchor=wall_minus_boot, confirmed=True)
    return belief


def told(belief: Belief, mode: ClockMode, wall_minus_boot: int, departure: int) -> Belief:
    """After an answer's date, which departs from the machine's wall time by so much."""
    departures = (*belief.departures, departure)[-_KEPT:]
    belief = replace(belief, departures=departures)
    if mode is ClockMode.PLATFORM:
        if len(departures) < _IN_A_ROW:
            return belief
        median = median_low(departures)
        worth = abs(median - belief.correction) > _WORTH
        return replace(belief, confirmed=True, correction=median if worth else belief.correction)
    if abs(departure) <= _NEAR:
        return replace(belief, anchor=wall_minus_boot, confirmed=True, contrary=0)
    contrary = belief.contrary + 1
    return replace(belief, contrary=contrary, confirmed=belief.confirmed and contrary < _IN_A_ROW)


class Credibility:
    """Holds the belief over the machine's clock. A slot whose clock is not credible is a hole (CLOCK).

    `system`: later than the build, and confirmed by the kernel's synchronisation or by an answer's date within
    two minutes. `platform`: the median departure of at least three dates is applied, so that time is late by a part of
    a second, never ahead. `trust`: later than the build is enough. Confirmed time stays credible while wall and boot
    time agree within 2 s.
    """

    def __init__(self, clock: Clock, mode: ClockMode, synchronised: Callable[[], bool]) -> None:
        self._clock = clock
        self._mode = mode
        self._synchronised = synchronised
        # A Date is cut to the second: on average half of one is missing. Time that follows it is rather late than ahead
        self._cut = 0 if mode is ClockMode.PLATFORM else 500
        self._can_ask = True
        self._severity = 0
        self._belief = Belief(self._wall_minus_boot())
        self._heed_from = 0.0
        self.steps = 0
        """How often wall time parted from boot time, so that what was known of it holds no more."""

    def credible(self) -> bool:
        """Whether what `SiteClock.wall` shows now may be stamped on a packet."""
        self._look()
        late_enough = self._clock.wall() + self._belief.correction >= BUILT
        return late_enough and (self._belief.confirmed or self._mode is ClockMode.TRUST)

    @property
    def undecided(self) -> bool:
        """Dates were heard, and one or two more will tell what they mean."""
        heard = len(self._belief.departures) if self._mode is ClockMode.PLATFORM else self._belief.contrary
        return 0 < heard < _IN_A_ROW

    @property
    def overruled(self) -> bool:
        """The latest dates, three in a row or more, contradict the machine's time."""
        return self._belief.contrary >= _IN_A_ROW

    @property
    def alarming(self) -> bool:
        """The latest date departs from the time we use by a minute or more."""
        return abs(self.departure or 0) >= _ALARM

    @property
    def correction(self) -> int:
        """To be added to the machine's wall time."""
        return self._belief.correction

    @property
    def departure(self) -> int | None:
        """By how much the latest date departed from the time we use; None where none was heard since a step."""
        departures = self._belief.departures
        return departures[-1] - self._belief.correction if departures else None

    def heard(self, date_instant: int, wall_at_answer: int) -> None:
        """An answer over verified TLS, to a request that carried no packet, bore this `Date` (its `Age` added).

        `wall_at_answer` is what `SiteClock.wall` showed when the answer came.
        """
        self._look()
        machine = wall_at_answer - self._belief.correction
        departure = date_instant + self._cut - machine
        self._belief = told(self._belief, self._mode, self._wall_minus_boot(), departure)
        self._warn()

    def _look(self) -> None:
        wall_minus_boot = self._wall_minus_boot()
        if stepped(self._belief, wall_minus_boot):
            self.steps += 1
            self._heed_from = self._clock.boot() + _HEED_AFTER
        synchronised = self._clock.boot() >= self._heed_from and self._ask()
        self._belief = looked(self._belief, self._mode, wall_minus_boot, synchronised)

    def _ask(self) -> bool:
        if self._mode is not ClockMode.SYSTEM or not self._can_ask:
            return False
        try:
            return self._synchronised()
        except OSError as error:
            self._can_ask = False
            _log.warning("the kernel does not tell whether its clock is synchronised", error=str(error))
            return False

    def _wall_minus_boot(self) -> int:
        return self._clock.wall() - round(self._clock.boot() * 1000)

    def _warn(self) -> None:
        departure = self.departure or 0
        severity = (abs(departure) >= _WARN) + (abs(departure) >= _ALARM)
        if severity != self._severity:
            log = (_log.info, _log.warning, _log.error)[severity]
            log("the clock's departure from the platform's changed", seconds=round(departure / 1000, 1))
        self._severity = severity


class SiteClock:
    """The clock that the stages are handed: the machine's, with the platform's correction where one is applied."""

    def __init__(self, clock: Clock, credibility: Credibility) -> None:
        self._clock = clock
        self._credibility = credibility
        self.boot = clock.boot
        self.monotonic = clock.monotonic
        self.sleep = clock.sleep

    def wall(self) -> int:
        return self._clock.wall() + self._credibility.correction
