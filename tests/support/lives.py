"""Random lives of a device that logs: its clock is set, with and without a word, and is looked at now and then."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from hypothesis import strategies as st

from bacnet_bridge.clock import instant_of
from bacnet_bridge.logged import ClockChanged, Content, Happened, LogStatus, Recorded

MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR
AUTUMN = instant_of(datetime.fromisoformat("2026-10-25T01:00:00+00:00"))
"""In Dublin clocks are put back by an hour."""

Truth = tuple[int, int, Content]
"""When a record was made, what the device's clock was ahead, and what it says."""


def zone_at(at: int) -> int:
    return HOUR if at < AUTUMN else 0


SETS = [
    by * sign for by in (5_000, 90_000, 5 * MINUTE, 10 * MINUTE, 37 * MINUTE, 2 * HOUR, 7 * HOUR) for sign in (-1, 1)
]
"""None is a change of the zone: that would be taken for one. All of them, and 1996, are what restarted clocks show."""


@dataclass
class Life:
    """A device's clock is set, and its log's records are made by it; it is looked at now and then."""

    aligned: bool
    interval: int | None
    follows: bool
    ahead: int
    truth: list[Truth] = field(default_factory=list)
    looks: list[tuple[int, int]] = field(default_factory=list)

    def offset(self, at: int) -> int:
        return self.ahead + (zone_at(at) if self.follows else 0)

    def write(self, at: int, said: Content | None = None) -> None:
        """A record; without a content of its own its value says when it was made."""
        self.truth.append((at, self.offset(at), said or Recorded("unsigned", Decimal(at), str(at))))

    def run(self, begin: int, end: int, chance: random.Random) -> None:
        """Records from `begin` up to `end`, but for the latter."""
        at = begin - 1
        while (at := self.following(at, chance)) < end:
            self.write(at)

    def following(self, at: int, chance: random.Random) -> int:
        if self.interval is None:
            return at + round(chance.expovariate(1 / chance.choice([MINUTE, 20 * MINUTE, HOUR]))) + 1
        if not self.aligned:
            return at - at % self.interval + self.interval
        local = at + self.offset(at)
        return local - local % self.interval + self.interval - self.offset(at)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Life, int]:
    """Between two looks one thing at most befalls the clock that no record tells exactly; what is told, always may."""
    chance = random.Random(draw(st.integers(0, 2**32)))
    interval = draw(st.sampled_from([None, 5 * MINUTE, 15 * MINUTE]))
    life = Life(draw(st.booleans()), interval, draw(st.booleans()), draw(st.sampled_from([0, -5 * HOUR, 90_000])))
    at = AUTUMN - draw(st.integers(1, 10)) * HOUR
    for _ in range(draw(st.integers(2, 6))):
        if life.truth:
            life.looks.append((at, life.offset(at)))
        end = at + draw(st.sampled_from([HOUR, HOUR, 6 * HOUR]))
        happens = sorted(draw(st.sets(st.integers(at + 1, end - 1), max_size=2)))
        unseen = draw(st.integers(0, 2))
        for number, when in enumerate(happens):
            life.run(at, when, chance)
            at = befall(life, max(at, when), chance, unseen=number == unseen)
        life.run(at, end, chance)
        at = max(at, end)
    life.write(at)
    return life, at + 1


def befall(life: Life, at: int, chance: random.Random, *, unseen: bool) -> int:
    """What happens to the device, and when it is over."""
    what = chance.choice(["set", "restart", "off"] if unseen else ["told", "told restart"])
    by = chance.choice([*SETS, -30 * 365 * DAY] if what == "restart" else SETS)
    if what in {"set", "told"}:
        life.ahead += by
        if what == "told":
            life.write(at, ClockChanged(Decimal(by) / 1000))
        return at
    began, at = at, at + chance.randrange(1, 90) * MINUTE
    if what == "off" and began < AUTUMN <= at:
        return began  # for as long as its clock is put back, and without a word: that cannot be seen (ADR 41)
    if what == "restart":
        life.ahead += by
    if what != "off":
        life.write(at, Happened(frozenset({LogStatus.INTERRUPTED})))
    return at
