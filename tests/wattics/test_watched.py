"""What people see of a queue's latest request and of the breakers."""

from bacnet_bridge.model import Account, Packet, Queue, Retry
from bacnet_bridge.wattics.attempted import attempted
from bacnet_bridge.wattics.turns import Turns
from bacnet_bridge.wattics.verdict import Action, Answer, NoAnswer, Trouble, judge
from bacnet_bridge.wattics.watched import Watched
from tests.support.clock import NOON, DrivenClock

QUEUE = Queue(Account("https://localhost:8443/measurements/", "default"), "m")
PACKET = Packet(QUEUE, NOON, "2027-01-15", '{"id":"m"}')


def test_an_answer_is_kept_with_the_line_that_it_is_about() -> None:
    clock, turns = DrivenClock(), Turns()
    watched, lane = Watched(turns, clock), turns.add(QUEUE, Retry())
    assert watched.last(QUEUE) is None
    assert watched.last(Queue(QUEUE.account, "other")) is None
    outcome = Answer(404, excerpt="no such id")
    lane.last = attempted(PACKET, outcome, judge(outcome, "m"), clock, clock.monotonic() - 0.25)
    last = watched.last(QUEUE)
    assert last is not None
    assert (last.status, last.action, last.body, last.seconds) == (404, Action.PAUSE_QUEUE, '{"id":"m"}', 0.25)
    assert last.sentence.endswith("it said: no such id")
    nothing = NoAnswer(Trouble.TIME_OUT, "30 s")
    assert attempted(PACKET, nothing, judge(nothing, "m"), clock, clock.monotonic()).status is None


def test_every_host_s_breaker_is_told_open_or_not() -> None:
    clock, turns = DrivenClock(), Turns()
    watched, lane = Watched(turns, clock), turns.add(QUEUE, Retry())
    (closed,) = watched.breakers()
    assert (closed.host, closed.open, closed.next_probe, closed.reason) == ("localhost:8443", False, None, "")
    host = lane.gate.host
    host.breaker.probes, host.retry = 3, Retry(3, 0, "no connection")
    turns.close(host, clock.monotonic() + 4)
    (away,) = watched.breakers()
    assert (away.open, away.probes, away.next_probe, away.reason) == (True, 3, clock.wall() + 4000, "no connection")
