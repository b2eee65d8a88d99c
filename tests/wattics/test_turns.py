import math

from bacnet_bridge.model import Account, Queue, Retry
from bacnet_bridge.wattics.turns import Lane, Place, Turns

ACCOUNT = Account("https://localhost/", "default")


def lanes(turns: Turns, names: str) -> list[Lane]:
    return [turns.add(Queue(ACCOUNT, name), Retry()) for name in names]


def taken(turns: Turns) -> str:
    """The lanes that are served now, in order."""
    names = ""
    while (lane := turns.take()) is not None:
        names += lane.queue.id
    return names


def test_lanes_are_served_in_the_order_in_which_they_came() -> None:
    turns = Turns()
    a, b, c = lanes(turns, "abc")
    for lane in (b, a, c):
        turns.enter(lane)

    assert taken(turns) == "bac"
    assert {lane.place for lane in (a, b, c)} == {Place.TAKEN}


def test_a_lane_that_was_served_goes_behind_the_others() -> None:
    turns = Turns()
    for lane in lanes(turns, "abc"):
        turns.enter(lane)

    order = ""
    for _ in range(7):
        served = turns.take()
        assert served is not None
        order += served.queue.id
        turns.enter(served)

    assert order == "abcabca"


def test_those_who_wait_come_when_their_time_has_come() -> None:
    turns = Turns()
    a, b, c = lanes(turns, "abc")
    assert turns.next_due() == math.inf
    turns.wait(a, 30)
    turns.wait(b, 10)
    turns.wait(c, 20)

    turns.advance(9.9)
    assert taken(turns) == ""
    assert turns.next_due() == 10
    turns.advance(20)
    assert taken(turns) == "bc"
    assert turns.next_due() == 30


def test_who_is_called_before_its_time_comes_once() -> None:
    turns = Turns()
    (a,) = lanes(turns, "a")
    turns.wait(a, 30)
    turns.wait(a, 10)

    turns.advance(10)
    assert taken(turns) == "a"
    turns.wait(a, 50)
    turns.advance(30)
    assert taken(turns) == ""
    turns.advance(50)
    assert taken(turns) == "a"


def test_behind_a_closed_gate_one_lane_at_a_time_probes_and_another_each_time() -> None:
    turns = Turns()
    everyone = lanes(turns, "abc")
    gate = everyone[0].gate
    turns.close(gate, 60)
    for lane in everyone:
        turns.enter(lane)

    assert taken(turns) == ""
    probes = ""
    for n in range(1, 6):
        turns.advance(60.0 * n)
        probe = turns.take()
        assert probe is not None
        assert probe.probing
        assert turns.take() is None
        probes += probe.queue.id
        probe.probing = False
        turns.close(gate, 60.0 * (n + 1))
        turns.enter(probe)
        assert turns.take() is None

    assert probes == "abcab"
    turns.open(gate)
    assert sorted(taken(turns)) == ["a", "b", "c"]


def test_a_probe_that_has_nothing_to_send_falls_to_the_next() -> None:
    turns = Turns()
    a, b = lanes(turns, "ab")
    turns.close(a.gate, 60)
    turns.enter(a)
    turns.enter(b)
    assert turns.take() is None
    turns.advance(60)
    assert turns.take() is a

    turns.rest(a)

    assert turns.take() is b
    assert b.probing


def test_where_nobody_is_parked_the_first_to_come_probes() -> None:
    turns = Turns()
    a, b = lanes(turns, "ab")
    turns.close(a.gate, 60)
    turns.advance(60)
    turns.enter(a)
    turns.enter(b)

    assert turns.take() is a
    assert turns.take() is None


def test_a_gate_that_was_opened_and_closed_again_keeps_its_latest_time() -> None:
    turns = Turns()
    (a,) = lanes(turns, "a")
    turns.close(a.gate, 60)
    turns.open(a.gate)
    turns.close(a.gate, 100)
    turns.enter(a)

    turns.advance(60)
    assert turns.take() is None
    turns.advance(100)
    assert turns.take() is a


def test_a_gate_concerns_its_own_account_only() -> None:
    turns = Turns()
    (a,) = lanes(turns, "a")
    other = turns.add(Queue(Account("https://localhost/", "other"), "x"), Retry())
    turns.close(a.gate, 60)
    turns.enter(a)
    turns.enter(other)

    assert turns.take() is other
    assert turns.take() is None
