"""What counts of what a device told, in whatever order it came."""

import heapq
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.bacnet.cov import Notification
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.subscription import Subscription
from bacnet_bridge.vocabulary.objects import PRESENT_VALUE, STATUS_FLAGS, ObjectId

AI1 = ObjectId(0, 1)
FLAGS = Datum(Kind.BITS, (False,) * 4)
LIFETIME = 300


def told(value: float, remaining: float, number: int = PRESENT_VALUE) -> Notification:
    values = {number: Datum(Kind.REAL, value), STATUS_FLAGS: FLAGS}
    return Notification(135, 77, AI1, int(remaining), values)


def subscribed(at: float = 0.0) -> Subscription:
    made = Subscription(AI1, at)
    made.asking(at, LIFETIME)
    made.taken(at + 0.1, LIFETIME, 140)
    return made


def shown(made: Subscription, now: float) -> float | None:
    known = made.known(now)
    return None if known is None else float(known[0].value)  # type: ignore[arg-type]


def test_nothing_counts_before_the_device_has_agreed() -> None:
    made = Subscription(AI1, 0)
    made.notified(told(1, 300), 0.05)
    assert shown(made, 0.06) is None
    made.asking(1, LIFETIME)
    made.notified(told(2, 300), 4)
    assert shown(made, 4) is None
    made.taken(4.1, LIFETIME, 140)
    assert shown(made, 4.2) == 2, "its first notification may come before its answer"
    assert made.due == 141


def test_it_counts_until_it_runs_out_and_from_renewal_on_only_with_a_new_notification() -> None:
    made = subscribed()
    made.notified(told(1, 300), 0.2)
    assert (shown(made, 299), shown(made, 301)) == (1, None)
    made.asking(140, LIFETIME)
    assert shown(made, 140) is None
    made.taken(140.1, LIFETIME, 140)
    assert shown(made, 141) is None
    made.notified(told(2, 300), 141)
    assert shown(made, 141) == 2


def test_what_was_under_way_at_a_renewal_does_not_spoil_it() -> None:
    made = subscribed()
    made.asking(140, LIFETIME)
    made.notified(told(1, 160), 140.05)
    made.taken(140.1, LIFETIME, 140)
    made.notified(told(2, 300), 140.2)
    assert shown(made, 435) == 2


def test_another_property_is_not_the_present_value() -> None:
    made = subscribed()
    made.notified(told(1, 300, number=22), 0.2)
    assert shown(made, 0.3) is None


@dataclass
class Wire:
    """A device whose notifications get lost and are repeated three seconds later, and the subscription."""

    made: Subscription = field(default_factory=lambda: Subscription(AI1, 0))
    now: float = 0.0
    value: float = 0.0
    until: float = 0.0
    under_way: list[tuple[float, int, Notification]] = field(default_factory=list)
    sent: int = 0

    def tell(self, losses: int) -> None:
        self.sent += 1
        arrives = self.now + 0.05 + 3 * losses
        heapq.heappush(self.under_way, (arrives, self.sent, told(self.value, self.until - self.now)))

    def renew(self, losses: int) -> None:
        self.made.asking(self.now, LIFETIME)
        self.until = self.now + 0.05 + LIFETIME
        self.tell(losses)
        self.made.taken(self.now + 0.1, LIFETIME, 140)

    def go_on(self, seconds: float) -> None:
        until = self.now + seconds
        while self.under_way and self.under_way[0][0] <= until:
            self.now, _, notification = heapq.heappop(self.under_way)
            self.made.notified(notification, self.now)
        self.now = until


@given(st.lists(st.tuples(st.floats(0.1, 40), st.integers(0, 3), st.integers(0, 2)), max_size=60))
def test_once_nothing_is_under_way_what_counts_is_what_the_device_shows(changes: list[tuple[float, int, int]]) -> None:
    """Whatever was lost and repeated, and overtaken: guarantee 4."""
    wire = Wire()
    wire.renew(0)
    for seconds, value, losses in changes:
        wire.go_on(seconds)
        if wire.now >= wire.made.due:
            wire.renew(losses)
        if value != wire.value:
            wire.value = value
            wire.tell(losses)
        if not wire.under_way:
            assert shown(wire.made, wire.now) in {None, wire.value}
    wire.go_on(10)
    assert shown(wire.made, wire.now) in {None, wire.value}
    wire.renew(0)
    wire.go_on(10)
    assert shown(wire.made, wire.now) == wire.value
