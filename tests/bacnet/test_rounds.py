from bacnet_bridge.bacnet.batch import Refs, Room
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.rounds import Round, Rounds, round_of
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import parse_object

ROOM = Room(480)


def refs(*numbers: int) -> Refs:
    return tuple(PropertyRef(parse_object(f"AI{number}")) for number in numbers)


def number(shown: int) -> Datum:
    return Datum(Kind.UNSIGNED, shown)


def octets(_ref: PropertyRef) -> int:
    return 5


def test_each_finds_its_own_among_the_answers_and_knows_when_they_are_complete() -> None:
    first, apart, nothing = refs(1, 2), refs(3, 1), refs()
    this = round_of((first, apart, nothing), ROOM, octets)
    asked = [ref for request in this.requests for ref in request.refs]
    assert sorted(map(str, asked)) == sorted(map(str, refs(1, 2, 3))), "each once"
    answers = [number(ref.object.instance) for ref in asked]
    assert this.of(first, answers) == [number(1), number(2)]
    assert this.of(apart, answers) == [number(3), number(1)]
    assert this.of(nothing, answers) == []
    assert (this.after[id(first)], this.after[id(apart)], this.after[id(nothing)]) == (2, 3, 0)


def test_what_was_due_together_by_chance_is_not_kept_for_long() -> None:
    rounds = Rounds()
    wanted = [refs(number) for number in range(1, 7)]

    def due(*numbers: int) -> Round:
        return rounds.of([wanted[number] for number in numbers], ROOM, octets, 0)

    often = due(*range(6))
    for by_chance in ((0, 1), (2,), (3, 4), (5,), (0, 5), (1, 2, 3)):
        due(*by_chance)
        assert due(*range(6)) is often, "what is due in each slot is worked out once"
        assert len(rounds._kept) <= 4


def test_what_was_learned_is_heeded_at_once() -> None:
    rounds = Rounds()
    wanted = [refs(*range(1, 40))]
    first = rounds.of(wanted, ROOM, octets, 0)
    assert rounds.of(wanted, ROOM, octets, 0) is first
    assert rounds.of(wanted, ROOM, octets, 1) is not first
    assert len(rounds.of(wanted, Room(50), octets, 1).requests) > len(first.requests)
