"""One object's subscription as it goes: what its device told, and whether that still counts. Pure.

Guarantee 4 (never a wrong value): what was told counts only while the subscription surely stands, from its own first
notification on, and as long as no notification can have overtaken another.
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
"""Seconds at least between two requests that are not due by the subscription's own lifetime."""
_HALF: Final = 0.5

Told = tuple[Datum, Datum]
"""An object's present-value and its status-flags."""


@dataclass(slots=True)
class Subscription:
    """Times are monotonic seconds. `due` is when the device is to be asked (again)."""

    object: ObjectId
    due: float
    _asked: float = -math.inf
    _end: float = -math.inf
    _stands: bool = False
    _agreed: bool = False
    """The last request was answered by a yes."""
    _told: Told | None = None
    _told_at: float = -math.inf

    @property
    def stands(self) -> bool:
        """The device has taken it and was not heard to have forgotten it."""
        return self._stands

    def asking(self, now: float, lifetime: int) -> None:
        """The device is asked for it, or to renew it: only what it tells from now on counts."""
        self._asked, self._end, self._agreed = now, now + lifetime, False

    def taken(self, now: float, lifetime: int, renewed_after: float) -> None:
        """The device has agreed. No honest notification can say that it lasts longer than from this moment."""
        self._stands = self._agreed = True
        self._end = now + lifetime
        self.due = self._asked + renewed_after

    def lost(self, again: float) -> None:
        """It does not stand, or who knows; `again` is when to ask."""
        self._stands, self._told = False, None
        self.due = again

    def doubted(self, now: float) -> None:
        """The device may have forgotten it: it is asked soon, but not all the time for one that often says I-Am."""
        self._told = None
        self.due = min(self.due, max(now, self._asked + _GAP))

    def notified(self, notification: Notification, now: float) -> None:
        """What comes late was lost and repeated, and something newer may have overtaken it: that does not count.

        How late shows in the seconds that it says the subscription lasts.
        """
        value, flags = notification.values.get(PRESENT_VALUE), notification.values.get(STATUS_FLAGS)
        told = None if value is None or flags is None else (value, flags)
        ends = now + notification.remaining
        late = notification.remaining == 0 or (self._agreed and ends > self._end + _SLACK)
        if late and told != self.known(now):
            told = None
        self._told, self._told_at = told, now
        if self._agreed and notification.remaining and ends < self._end:
            # It lasts not as long as was asked for; or the clocks' seconds differ.
            self._end = ends
            self.due = min(self.due, max(self._asked + _GAP, now + _HALF * notification.remaining))

    def known(self, now: float) -> Told | None:
        """What the object shows, if its device told that under the subscription that stands now."""
        return self._told if self._stands and self._asked <= self._told_at and now < self._end else None
