"""One object's subscription as it goes: what its device told, and whether that still counts. Pure.

Guarantee 4 (never a wrong value): what was told counts only while the subscription surely stands, from its own first
notification on, and only where no notification can have overtaken another. A lost one is repeated by the device,
seconds later, and may then undo a newer one. That shows in the seconds that it says the subscription lasts: they must
agree with what was asked for. Devices that do not count them, or grant less, are read.
"""

import math
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.cov import Notification
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.vocabulary.objects import PRESENT_VALUE, STATUS_FLAGS, ObjectId

_SLACK: Final = 2.0
"""Seconds by which a device's whole seconds and the way may differ; it repeats a lost notification later than that."""
_GAP: Final = 60.0
"""Seconds at least between two requests, however often a device says I-Am."""

Told = tuple[Datum, Datum]
"""An object's present-value and its status-flags."""


@dataclass(slots=True)
class Subscription:
    """Times are monotonic seconds. `due` is when the device is to be asked (again)."""

    object: ObjectId
    due: float
    stands: bool = False
    """The device has taken it, and was not heard to have forgotten it."""
    _asked: float = -math.inf
    _agreed: bool = False
    """What was asked last was answered by a yes."""
    _first_end: float = -math.inf
    _last_end: float = -math.inf
    """Between these it ends by itself, so far as is known here."""
    _told: Told | None = None
    _told_at: float = -math.inf

    def asking(self, now: float, lifetime: int) -> None:
        """The device is asked for it, or to renew it: only what it tells from now on counts."""
        self._asked, self._agreed = now, False
        self._first_end = self._last_end = now + lifetime

    def taken(self, now: float, lifetime: int, renewed_after: float) -> None:
        """The device has agreed; it is to be asked again so many seconds after it was asked now."""
        self.stands = self._agreed = True
        self._last_end = now + lifetime
        self.due = self._asked + renewed_after

    def lost(self, again: float) -> None:
        """It does not stand, or who knows; `again` is when to ask."""
        self.stands, self._told = False, None
        self.due = again

    def doubted(self, now: float) -> None:
        """The device may have forgotten it."""
        self._told = None
        self.due = min(self.due, max(now, self._asked + _GAP))

    def notified(self, notification: Notification, now: float) -> None:
        """Take what was told. What is not in time voids what is known, unless it says the same."""
        value, flags = notification.values.get(PRESENT_VALUE), notification.values.get(STATUS_FLAGS)
        told = None if value is None or flags is None else (value, flags)
        ends = now + notification.remaining
        late = self._agreed and ends > self._last_end + _SLACK
        if (late or ends < self._first_end - _SLACK) and told != self.known(now):
            told = None
        if self._agreed and not late:
            self._last_end = min(self._last_end, max(ends, self._first_end))
        self._told, self._told_at = told, now

    def known(self, now: float) -> Told | None:
        """What the object shows, if its device told that under the subscription that stands now."""
        counts = self.stands and self._asked <= self._told_at and now < self._first_end
        return self._told if counts else None
