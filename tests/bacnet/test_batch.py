"""Requests are sized by octets: what is worked out is what the encoder makes, and what a device answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.bacnet.batch import Octets, Room, answer_octets, batches, question_octets
from bacnet_bridge.bacnet.rpm import ANSWER_HEAD, QUESTION_HEAD, encode_read_multiple, likely_octets, results
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object

objects = st.builds(ObjectId, st.integers(0, 1023), st.integers(0, 4_194_303))
numbers = st.one_of(st.sampled_from([75, 77, 85, 111, 117]), st.integers(0, 4_194_303))
indices = st.one_of(st.none(), st.integers(0, 300), st.integers(0, 2**32 - 1))
some_refs = st.lists(st.builds(PropertyRef, objects, numbers, indices), max_size=40, unique=True)


def octet_string(octets: int) -> bytes:
    """A value of so many octets, tags included."""
    content = octets - 2 if octets - 2 <= 253 else octets - 4
    head = bytes([0x65, content]) if content <= 253 else bytes([0x65, 254]) + content.to_bytes(2)
    return head + bytes(content)


def encoded_answer(refs: list[PropertyRef], octets: Octets) -> bytes:
    """As a device encodes it, by hand: an octet string of the wanted length for each."""
    parts, before = [], None
    for ref in refs:
        if ref.object != before:
            parts += [b"\x1f" if before else b"", b"\x0c", (ref.object.type << 22 | ref.object.instance).to_bytes(4)]
            parts.append(b"\x1e")
            before = ref.object
        for tag, number in ((2, ref.property), (3, ref.index)):
            if number is not None:
                width = max(1, (number.bit_length() + 7) // 8)
                parts += [bytes([tag << 4 | 8 | width]), number.to_bytes(width)]
        parts += [b"\x4e", octet_string(octets(ref)), b"\x4f"]
    return b"".join([*parts, b"\x1f" if refs else b""])


@given(some_refs)
def test_a_question_is_as_long_as_worked_out(refs: list[PropertyRef]) -> None:
    assert question_octets(refs) == QUESTION_HEAD + len(encode_read_multiple(refs))


@given(some_refs, st.data())
def test_an_answer_is_as_long_as_worked_out(refs: list[PropertyRef], data: st.DataObject) -> None:
    sizes = {ref: data.draw(st.integers(2, 250)) for ref in refs}
    encoded = encoded_answer(refs, sizes.__getitem__)
    assert answer_octets(refs, sizes.__getitem__) == ANSWER_HEAD + len(encoded)
    assert {each.ref: each.end - each.start for each in results(encoded)} == sizes


@given(some_refs, st.sampled_from([50, 128, 206, 480, 1024, 1476]), st.integers(0, 12), st.data())
def test_everything_is_asked_once_and_fits(
    refs: list[PropertyRef], max_apdu: int, most: int, data: st.DataObject
) -> None:
    sizes = {ref: data.draw(st.integers(2, 60)) for ref in refs}
    spoiling = frozenset(str(ref.object) for ref in refs[:3])
    dumb = tuple(dict.fromkeys(str(ref.object) for ref in refs[3:5]))
    made = batches(refs, Room(max_apdu, most, spoiling, dumb), sizes.__getitem__)
    assert sorted(map(repr, (ref for batch in made for ref in batch))) == sorted(map(repr, refs))
    for batch in made:
        if len(batch) > 1:
            assert max(question_octets(batch), answer_octets(batch, sizes.__getitem__)) <= max_apdu
            assert not most or len(batch) <= most
        names = {str(ref.object) for ref in batch}
        assert len(names) == 1 or not names & {*spoiling, *dumb}
    silent = [index for index, batch in enumerate(made) if str(batch[0].object) in dumb]
    assert silent == list(range(len(made) - len(silent), len(made))), "what costs a time-out comes last"


def metered(count: int) -> list[PropertyRef]:
    return [PropertyRef(parse_object(f"AI{n}"), number) for number in (85, 111) for n in range(1, count + 1)]


@pytest.mark.parametrize(("max_apdu", "requests"), [(206, 7), (480, 3), (1476, 1), (50, 25)])
def test_value_and_flags_of_fifty_objects_take_the_fewest_requests(max_apdu: int, requests: int) -> None:
    sizes = {85: 5, 111: 3}
    made = batches(metered(50), Room(max_apdu), lambda ref: sizes[ref.property])
    assert len(made) == requests
    assert all(batch[0].object == batch[1].object for batch in made), "an object's properties share its octets"


def test_an_object_that_fits_no_request_is_asked_for_in_pieces() -> None:
    refs = [PropertyRef(parse_object("AI1"), number) for number in (85, 111, 77)]
    assert batches(refs, Room(50), lambda _: 20) == [
        (refs[0],),
        (refs[1],),
        (refs[2],),
    ]


@pytest.mark.parametrize(
    ("source", "number", "octets"),
    [("AI1", 85, 5), ("LAV1", 85, 10), ("BI1", 85, 5), ("AI1", 111, 4), ("AI1", 117, 4), ("AI1", 77, 50)],
)
def test_what_was_never_seen_is_guessed_with_care(source: str, number: int, octets: int) -> None:
    assert likely_octets(PropertyRef(parse_object(source), number)) == octets
