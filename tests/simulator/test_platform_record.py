"""What is accepted, a duplicate or discarded, and what counts as in flight together."""

from bacnet_bridge.simulator.platform_record import GIVEN_UP, Book, Order, Outcome, Stream
from bacnet_bridge.simulator.platform_rules import Submission, instant


def _packet(text: str, meter: str = "m") -> Submission:
    return Submission(meter, instant(text), text, f"<{text}>")


def _outcomes(*texts: str, order: Order = "instant") -> list[Outcome]:
    stream = Stream()
    return [stream.store(_packet(text), order) for text in texts]


def test_later_packets_are_accepted() -> None:
    assert (
        _outcomes("2026-03-01T12:00:00.000+00:00", "2026-03-01T12:00:00.001+00:00", "2026-03-01T12:05:00.000+00:00")
        == [Outcome.ACCEPTED] * 3
    )


def test_the_same_instant_again_is_a_duplicate_also_an_old_one_and_in_another_zones_words() -> None:
    assert _outcomes(
        "2026-03-01T12:00:00.000+00:00",
        "2026-03-01T12:00:00.000+00:00",
        "2026-03-01T12:05:00.000+00:00",
        "2026-03-01T13:00:00.000+01:00",
    ) == [Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.ACCEPTED, Outcome.DUPLICATE]


def test_what_is_not_later_is_discarded_and_does_not_become_a_duplicate_by_repetition() -> None:
    assert _outcomes(
        "2026-03-01T12:05:00.000+00:00", "2026-03-01T12:04:59.999+00:00", "2026-03-01T12:04:59.999+00:00"
    ) == [Outcome.ACCEPTED, Outcome.DISCARDED, Outcome.DISCARDED]


def test_the_autumn_hour_by_instant_and_by_text() -> None:
    summer, winter = "2026-10-25T01:30:00.000+01:00", "2026-10-25T01:10:00.000+00:00"

    assert _outcomes(summer, winter) == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    assert _outcomes(winter, summer) == [Outcome.ACCEPTED, Outcome.DISCARDED]
    assert _outcomes(summer, winter, order="text") == [Outcome.ACCEPTED, Outcome.DISCARDED]
    assert _outcomes(winter, summer, order="text") == [Outcome.ACCEPTED, Outcome.ACCEPTED]


def test_a_duplicate_is_known_by_its_instant_also_when_ordered_by_text() -> None:
    assert _outcomes("2026-10-25T01:30:00.000+00:00", "2026-10-25T02:30:00.000+01:00", order="text") == [
        Outcome.ACCEPTED,
        Outcome.DUPLICATE,
    ]


def test_each_id_has_an_order_of_its_own() -> None:
    book = Book(lambda: None)
    late, early = "2026-03-01T12:05:00.000+00:00", "2026-03-01T12:00:00.000+00:00"

    outcomes = [book.store(_packet(late, "a"), "instant"), book.store(_packet(early, "b"), "instant")]

    assert outcomes == [Outcome.ACCEPTED, Outcome.ACCEPTED]
    record = book.record()
    assert record.accepted == {"a": [instant(late)], "b": [instant(early)]}
    assert record.bodies == {"a": [f"<{late}>"], "b": [f"<{early}>"]}


def test_the_latest_packet_and_those_before_it() -> None:
    stream = Stream()
    assert stream.latest(0) is None
    for minute in range(3):
        stream.store(_packet(f"2026-03-01T12:0{minute}:00.000+00:00"), "instant")

    assert [stream.latest(lag) for lag in range(4)] == [
        "<2026-03-01T12:02:00.000+00:00>",
        "<2026-03-01T12:01:00.000+00:00>",
        "<2026-03-01T12:00:00.000+00:00>",
        None,
    ]


def test_one_after_the_other_is_never_together() -> None:
    stream = Stream()
    for second in range(3):
        stream.depart(float(second)).land(answered=True, now=second + 0.5)

    assert (stream.max_in_flight, stream.overlaps) == (1, 0)


def test_two_answered_requests_that_overlap_are_seen() -> None:
    stream = Stream()
    first = stream.depart(0.0)
    second = stream.depart(0.1)
    first.land(answered=True, now=0.2)
    second.land(answered=True, now=0.3)

    assert (stream.max_in_flight, stream.overlaps) == (2, 1)


def test_a_request_that_was_given_up_before_the_next_is_not_together_with_it() -> None:
    stream = Stream()
    first = stream.depart(0.0)
    second = stream.depart(5.0)
    first.land(answered=False, now=5.0 + GIVEN_UP / 2)
    second.land(answered=True, now=5.0 + GIVEN_UP)

    assert (stream.max_in_flight, stream.overlaps) == (1, 0)


def test_a_request_that_was_given_up_long_after_the_next_came_is_together_with_it() -> None:
    stream = Stream()
    first = stream.depart(0.0)
    second = stream.depart(5.0)
    first.land(answered=False, now=5.1 + GIVEN_UP)
    second.land(answered=True, now=6.0)

    assert stream.max_in_flight == 2
