"""Counters: what the platform bills by. Pure: (memory, count, instant, rule) → memory.

A count that falls, or rises faster than it can, is not believed at once: devices answer 0 with good flags for seconds
after a power cut, and registers are read half-written. It is a hole until three readings in a row are consistent
(none falls, none rises too fast among themselves) and the counter has moved; where it stands still, until twelve.
What it was is then told apart: a rollover, a reset, an exchanged meter, or merely more load than ever before.

Guarantee 4, what is proven by tests: a counter's growth is never negative; between two readings that follow each other
it is never more than `Limits.max_rate` allows for the time between them (besides one step of its resolution); and
where what a device says returns to the true count, what was said in between has added nothing. A reset or an exchange
adds nothing but what the new counter was itself seen to count; a rollover adds what lies across the wrap.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from bacnet_bridge.bacnet.doubt import HOUR, PER, Break, Limits, Surprise, Suspect, Told, hours_between

_BELIEVED_AFTER: Final = 3
"""Consistent readings, where the counter moved among them."""
_STANDING: Final = 12
"""Consistent readings, where it stood still, or where it moves as it never did before."""
_KNOWN_AFTER: Final = 12
"""Rises after which the highest rate seen says what is too fast."""
_GENEROUS: Final = 10
"""Times the highest rate seen is too fast."""
_NEAR: Final = 2
"""The same for a rise that lands where the counter was before it fell: most likely it is only back."""
_SECOND: Final = 1_000
_UNKNOWN: Final = Limits()
_NOTED: Final = 24 * HOUR
"""Milliseconds for which a surprise that was believed is told."""


@dataclass(frozen=True, slots=True)
class Count:
    """What is remembered of a counter. All are raw counts after the device's scale, before the multiplier."""

    last: Decimal
    """The last count that was believed."""
    base: Decimal | None = None
    """`as: delta`: the count up to which growth has been sent."""
    suspect: Suspect | None = None
    of: str = ""
    """What one count is: scale and unit. Counts of different things are not compared."""
    at: int | None = None
    moved_at: int | None = None
    """When `last` was read, and when it last was another one; UTC milliseconds."""
    top: Decimal | None = None
    """The highest rate seen, per hour."""
    rises: int = 0
    """How often it was seen to move."""
    left: Decimal | None = None
    """The count from which a fall was believed, until the counter has passed it again."""
    noted: str = ""
    noted_at: int = 0
    """The last surprise that was believed, for people, and when."""
    shift: Decimal = Decimal(0)
    """`as: index`: what is added to the count, so that the index goes on from where exchanged meters ended."""
    exchange: int = 0
    """The latest exchange that this memory has taken in, by its number."""
    told: Told | None = None
    """An exchange that an operator told, and whose new meter was not seen yet."""
    broke: Break | None = None
    """The latest reset or exchange that was believed without being told."""

    def follow(self, now: Decimal, at: int | None = None, limits: Limits = _UNKNOWN) -> "Count":
        """The memory after a reading; its `suspect` is set while the reading is not believed."""
        if self.told is not None and (known := self.exchanged(self.told, now, at, limits)) is not None:
            return known if known.last == now and known.at == at else known.follow(now, at, limits)
        if not self.doubt(now, at, limits) and not self._goes_on(now, at, limits):
            return self._moved(now, at, limits)
        watched = self._watch(now, at, limits)
        if not self._consistent_long_enough(watched, limits):
            return replace(self, suspect=watched)
        surprise = self.surprise(watched, limits)
        if self._holds(surprise, limits):
            return replace(self, suspect=watched)
        return self._believe(watched, surprise, limits)

    def doubt(self, now: Decimal, at: int | None, limits: Limits) -> str:
        """Why the step from the last believed count is not believed; empty where it is."""
        if now < self.last and not limits.falls:
            return "fell"
        most = self.most(at, limits)
        returns = self.left is not None and self.last < self.left <= now
        if returns and (hours := hours_between(self.at, at)) is not None:
            back = _NEAR * (self.top or 0) * hours + limits.resolution
            most = back if most is None else min(most, back)
        if most is None or abs(now - self.last) <= most:
            return ""
        way = "rose" if now > self.last else "fell"
        return f"{way} faster than max_rate" if limits.max_rate is not None else f"{way} faster than ever, tenfold,"

    def held(self, limits: Limits) -> bool:
        """Its suspect would be believed, if the mapping, or an exchange that was told, did not hold the point."""
        if self.suspect is None or not self._consistent_long_enough(self.suspect, limits):
            return False
        return self._holds(self.surprise(self.suspect, limits), limits)

    def notice(self, at: int) -> str:
        """A surprise that was believed within the last day."""
        noted = self.noted if self.noted and at - self.noted_at < _NOTED else ""
        waits = f"{self.told}: the former meter goes on" if self.told is not None and at >= self.told.at else ""
        return "; ".join(each for each in (noted, waits) if each)

    def surprise(self, watched: Suspect, limits: Limits) -> Surprise:
        """What the watched counts are, told from the counts alone."""
        if watched.first >= self.last or limits.falls:
            back = self.left is not None and self.last < self.left <= watched.first
            hours = hours_between(self.at if back else self.moved_at, watched.first_at)
            jump = abs(watched.first - self.last)
            if limits.max_rate is None and (hours is None or jump <= _GENEROUS * watched.fastest * hours):
                return Surprise.MORE_LOAD
            return Surprise.RETURN if back else Surprise.EXCHANGE
        most = self.most(watched.first_at, limits)
        if limits.modulus is not None and self._rolled_over(watched.first, limits.modulus, most):
            return Surprise.ROLLOVER
        return Surprise.RESET if watched.first <= max(self.last / 100, most or Decimal(0)) else Surprise.EXCHANGE

    def exchanged(self, told: Told, now: Decimal, at: int | None, limits: Limits) -> "Count | None":
        """The memory after the first reading of the meter that replaced another one; None while it is not seen.

        Guarantee 4: what both meters counted since the last count that was believed is no more than one could have,
        where that is known. The rest of the old meter and the beginning of the new one are growth, and nothing else is.
        """
        if at is not None and at < told.at:
            return None
        if self.broke is not None and self.follows(told, limits):
            return self._told_late(told, self.broke, at)
        rest, begun = told.old_final - self.last, now - told.new_start
        if not limits.falls and min(rest, begun) < 0:
            return None
        if self._goes_on_as_before(told, now, at, limits) or not self._both_counted(told, now, at, limits):
            return None
        return Count(
            now,
            None if self.base is None else told.new_start - (told.old_final - self.base),
            None, self.of, at, at, self.top, self.rises,
            self.last if now < self.last and not limits.falls else None,
            f"{told}", at or 0,
            self.shift + told.old_final - told.new_start if told.continues else Decimal(0),
            told.number,
        )  # fmt: skip

    def _goes_on_as_before(self, told: Told, now: Decimal, at: int | None, limits: Limits) -> bool:
        """The old meter's reading, for all that anybody can tell: the word came early, or a gateway is late.

        It is between the old meter's last count and its end, or nearer to that than to the new start; the latter
        counts for less where the time of the exchange was told and what can be counted since then is known.
        """
        if now < self.last:
            return False
        if now <= told.old_final and told.new_start < self.last:
            return True
        certain = told.at > 0 and self.most(at, limits) is not None
        return not certain and now - told.new_start > max(Decimal(0), now - told.old_final)

    def _both_counted(self, told: Told, now: Decimal, at: int | None, limits: Limits) -> bool:
        """Whether the old meter's rest and the new one's beginning can have been counted since the last belief.

        Readings that were watched are looked at from the first one on: time alone makes no wrong figure right.
        """
        watched = self.suspect
        if watched is not None and (limits.falls or told.new_start <= watched.first <= now):
            begun = replace(watched, latest=watched.first, latest_at=watched.first_at)
            rate = self._rate(limits)
            if rate is not None and not _near(begun, now, at, rate, limits):
                return False
            now, at = watched.first, watched.first_at
        most = self.most(at, limits)
        return most is None or abs(told.old_final - self.last) + abs(now - told.new_start) <= most

    def follows(self, told: Told, limits: Limits) -> bool:
        """The exchange that is told was believed before: the counts are the new meter's already."""
        if self.broke is None or abs(told.old_final - self.broke.last) > abs(told.old_final - self.last):
            return False
        rest, begun = told.old_final - self.broke.last, self.broke.first - told.new_start
        within = self.broke.most is None or abs(rest) + abs(begun) <= self.broke.most
        return within and (limits.falls or min(rest, begun) >= 0)

    def _told_late(self, told: Told, broke: Break, at: int | None) -> "Count":
        """What was not seen of both meters is growth after all. An index that was sent as it is stays as it is."""
        unseen = told.old_final - broke.last + broke.first - told.new_start
        note = f"{told}" + (": its index was sent as it is before, and does not go on" if told.continues else "")
        return replace(
            self,
            base=None if self.base is None else self.base - unseen,
            shift=Decimal(0), exchange=told.number, told=None, broke=None, noted=note, noted_at=at or 0,
        )  # fmt: skip

    def _holds(self, surprise: Surprise, limits: Limits) -> bool:
        """Not believed without an operator: as the mapping says, or because a shifted index would jump."""
        anew = surprise in {Surprise.RESET, Surprise.EXCHANGE}
        continues = self.told is not None and self.told.continues
        return (anew and (limits.hold or continues)) or (surprise is Surprise.RETURN and self.shift != 0)

    def _rate(self, limits: Limits) -> Decimal | None:
        """The highest rate that is believed at once, per hour; None where too little is known."""
        if limits.max_rate is not None:
            return limits.max_rate
        return None if self.top is None or self.rises < _KNOWN_AFTER else _GENEROUS * self.top

    def most(self, at: int | None, limits: Limits) -> Decimal | None:
        """The largest step that is believed at once; None where too little is known.

        It grows from the instant when the counter last moved, so that a gateway that stood still may catch up.
        """
        rate, hours = self._rate(limits), hours_between(self.moved_at, at)
        return None if rate is None or hours is None else rate * hours + limits.resolution

    def _goes_on(self, now: Decimal, at: int | None, limits: Limits) -> bool:
        """A held counter is not taken for the former one, only because it has counted up to where that one was."""
        rate = self._rate(limits)
        if self.suspect is None or rate is None or not self.held(limits):
            return False
        return _near(self.suspect, now, at, rate, limits)

    def _moved(self, now: Decimal, at: int | None, limits: Limits) -> "Count":
        if now == self.last:
            return replace(self, at=at, moved_at=at if self.moved_at is None else self.moved_at, suspect=None)
        base, top, rises = self.base, self.top, self.rises
        hours = hours_between(self.moved_at, at)
        if self.last == 0 and rises == 0 and not self.exchange and limits.max_rate is None:
            base = None  # a device that was just switched on shows 0 first: neither its rate nor its growth is one
        elif hours is not None and hours * HOUR >= _SECOND:
            rate = PER.divide(abs(now - self.last), hours)
            top, rises = max(top or rate, rate), min(rises + 1, _KNOWN_AFTER)
        left = None if self.left is None or now >= self.left else self.left
        return Count(
            now, base, None, self.of, at, at, top, rises, left, self.noted, self.noted_at,
            self.shift, self.exchange, self.told, self.broke,
        )  # fmt: skip

    def _watch(self, now: Decimal, at: int | None, limits: Limits) -> Suspect:
        before = self.suspect
        if before is None or (now < before.latest and not limits.falls):
            return Suspect(now, now, 1, at, at)
        if limits.max_rate is not None and not _near(before, now, at, limits.max_rate, limits):
            return Suspect(now, now, 1, at, at)
        hours = hours_between(before.latest_at, at)
        moved = max(Decimal(0), abs(now - before.latest) - limits.resolution)
        fastest = before.fastest if hours is None else max(before.fastest, PER.divide(moved, hours))
        return replace(before, latest=now, latest_at=at, seen=before.seen + 1, fastest=fastest)

    def _consistent_long_enough(self, watched: Suspect, limits: Limits) -> bool:
        if watched.seen >= _STANDING:
            return True
        if watched.seen < _BELIEVED_AFTER or watched.latest == watched.first:
            return False
        known = limits.max_rate is None and self.top is not None and self.rises >= _KNOWN_AFTER
        return not known or watched.fastest <= _GENEROUS * _GENEROUS * (self.top or Decimal(0))

    def _rolled_over(self, first: Decimal, modulus: Decimal, most: Decimal | None) -> bool:
        """The way across the wrap is one that the counter can have gone."""
        if not first < self.last < modulus:
            return False
        if most is None:
            return self.last * 10 >= modulus * 9 and first * 10 <= modulus
        return modulus - self.last + first <= most

    def _believe(self, watched: Suspect, surprise: Surprise, limits: Limits) -> "Count":
        """Guarantee 4: go on from the watched counts, with no growth but what was seen."""
        now, at = watched.latest, watched.latest_at
        base, top, rises, left, broke = self.base, self.top, self.rises, self.left, self.broke
        if surprise is Surprise.MORE_LOAD:
            top = max(top or Decimal(0), watched.fastest)
        elif surprise is Surprise.ROLLOVER and limits.modulus is not None:
            base = None if base is None else base - limits.modulus
        else:
            left = self.last if watched.first < self.last and not limits.falls else None
            seen = limits.max_rate is not None or (top is not None and watched.fastest <= _GENEROUS * top)
            anew = watched.first if seen else now
            base = None if base is None else anew - (self.last - base)
            broke = Break(self.last, anew, self.most(watched.first_at if seen else at, limits))
            broke = None if surprise is Surprise.RETURN else broke
            if rises < _KNOWN_AFTER:
                top, rises = None, 0
        return Count(
            now, base, None, self.of, at, at, top, rises, left, self._note(watched, surprise), at or 0,
            self.shift, self.exchange, self.told, broke,
        )  # fmt: skip

    def _note(self, watched: Suspect, surprise: Surprise) -> str:
        told = f"the counter went from {self.last:f} to {watched.first:f} and is believed: {surprise}"
        if surprise in {Surprise.ROLLOVER, Surprise.MORE_LOAD}:
            return f"{told}; what it counted is whole"
        return f"{told}; what was counted between is not known"


def _near(watched: Suspect, now: Decimal, at: int | None, rate: Decimal, limits: Limits) -> bool:
    """Whether the watched counter can have gone on to this count."""
    hours = hours_between(watched.latest_at, at)
    step = now - watched.latest
    if step < 0 and not limits.falls:
        return False
    return hours is None or abs(step) <= rate * hours + limits.resolution
