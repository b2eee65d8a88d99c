"""Reading a log question by question, against a log in memory that goes on recording, and against nonsense."""

import struct
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.log_record import RawRecord, datum_of, local_time, take_record
from bacnet_bridge.bacnet.log_walk import LogRefusedError, Walk
from bacnet_bridge.bacnet.read_range import Form, decode, encode
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.tags import DecodeError, Tags
from bacnet_bridge.logged import Failed, Recorded
from bacnet_bridge.simulator.log_declaration import LogDeclaration
from bacnet_bridge.simulator.trend_log import DeviceTime, Entry, Sample, TrendLog
from bacnet_bridge.simulator.trend_wire import answer, encoded
from bacnet_bridge.vocabulary.objects import ObjectId

LOG = ObjectId(20, 1)
MINUTE = 60_000
BEGIN = 1_795_000_020_000


class LogInMemory:
    """Answers as a Line does, and records `growth` more after every answer."""

    def __init__(self, buffer: int, records: int, growth: int, forms: set[Form], first: int, most: int) -> None:
        of = (ObjectId(0, 1),)
        declared = LogDeclaration(object=LOG, name="Log", of=of, interval=60, buffer=buffer, first=first)
        self.log = TrendLog(declared, DeviceTime(ZoneInfo("UTC"), 0), lambda at: (Sample("real", at % 997),), BEGIN)
        self.now = BEGIN
        self.profile = self
        self.max_apdu = 480
        self._growth, self._forms, self._most = growth, forms, most
        self.grow(records)
        self.questions = 0

    def grow(self, records: int) -> None:
        self.now += MINUTE * records
        self.log.advance(self.now)

    async def send(self, _service: int, request: bytes, _properties: int) -> bytes:
        self.questions += 1
        form = {3: Form.POSITION, 6: Form.SEQUENCE, 7: Form.TIME}[request[7] >> 4]
        if form not in self._forms:
            raise RefusedError("reject", 2, "reject")
        tags = Tags(request[8:-1])
        found = [tags.next().data for _ in range(3 if form is Form.TIME else 2)]
        count = int.from_bytes(found[-1], signed=True)
        if form is Form.TIME:
            local = local_time(found[0], found[1])
            assert local is not None
            entries = self.log.by_time(local, count)
        else:
            of = self.log.by_position if form is Form.POSITION else self.log.by_sequence
            entries = of(int.from_bytes(found[0]), count)
        sent = entries[: self._most]
        number = sent[0].number if sent and form is not Form.POSITION else None
        flags = (bool(sent) and sent[0] is self.log.entries[0], bool(sent) and sent[-1] is self.log.entries[-1])
        said = answer((20, 1), [encoded(each, multiple=False) for each in sent], (*flags, sent != entries), number)
        self.grow(self._growth)
        return said


async def read(device: LogInMemory, *, numbered: bool = True) -> Walk:
    total, count = device.log.total, len(device.log.entries)
    walk = Walk(LOG, total if numbered else count, count, 22, numbered=numbered, kept={})
    while not walk.finished:
        await walk.step(device)  # type: ignore[arg-type]
    return walk


@settings(max_examples=60, deadline=None)
@given(
    buffer=st.integers(2, 200),
    records=st.integers(0, 300),
    growth=st.integers(0, 3),
    forms=st.sets(st.sampled_from(list(Form)), min_size=1),
    first=st.sampled_from([1, 5, 2**32 - 100, 2**32 - 1]),
    most=st.sampled_from([2, 7, 1000]),
)
async def test_a_log_that_is_overwritten_while_it_is_read(
    buffer: int, records: int, growth: int, forms: set[Form], first: int, most: int
) -> None:
    """What was read is the log, without a gap and without a record twice, down to what was overwritten."""
    device = LogInMemory(buffer, records, growth if Form.SEQUENCE in forms else 0, forms, first, most)
    before = [entry.local for entry in device.log.entries]
    walk = await read(device)
    found = [record.local for _, record in sorted(walk.records.items())]
    assert found == before[len(before) - len(found) :]
    survivors = {entry.local for entry in device.log.entries}
    assert {each for each in before if each in survivors} <= set(found)
    assert len(found) == len(before) or growth
    numbers = sorted(walk.records)
    assert numbers == list(range(walk.newest - len(numbers) + 1, walk.newest + 1))


@pytest.mark.parametrize("form", [Form.POSITION, Form.TIME])
async def test_positions_move_while_they_are_read(form: Form) -> None:
    """A record that is known is asked for once more each time: by it, all others are known."""
    device = LogInMemory(100, 150, 2, {form}, 1, 1000)
    before = [entry.local for entry in device.log.entries]
    walk = await read(device)
    found = [record.local for _, record in sorted(walk.records.items())]
    assert found == before[len(before) - len(found) :]
    assert len(found) >= 80
    assert len(set(found)) == len(found)


async def test_a_log_that_does_not_count() -> None:
    device = LogInMemory(100, 150, 0, {Form.POSITION}, 1, 1000)
    walk = await read(device, numbered=False)
    assert [record.local for _, record in sorted(walk.records.items())] == [e.local for e in device.log.entries]


async def test_an_answer_has_twenty_records_in_480_octets() -> None:
    device = LogInMemory(2016, 2100, 0, set(Form), 1, 1000)
    await read(device)
    assert 2016 / device.questions >= 19


class Nonsense:
    """Answers every question with these octets, or with one refusal."""

    def __init__(self, data: bytes | RefusedError) -> None:
        self.profile = self
        self.max_apdu = 480
        self._data = data

    async def send(self, *_: Any) -> bytes:
        if isinstance(self._data, RefusedError):
            raise self._data
        return self._data


HEAD = b"\x0c" + struct.pack(">I", 20 << 22 | 1) + b"\x19\x83\x3a\x05"
OPENED = b"\xe0\x49\x01\x5e"
RECORD = b"\x0e\xa4\x7e\x0b\x17\x01\xb4\x0c\x00\x00\x00\x0f\x1e\x2c\x41\xa8\x00\x00\x1f\x2a\x04\x00"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEAD + b"\x20\x49\x01\x5e" + RECORD + b"\x5f\x6c\xff\xff\x00\x00",
        HEAD + b"\x20\x49\x01\x5e" + RECORD + b"\x5f",
        HEAD + b"\xe0\x49\x02\x5e" + RECORD + b"\x5f",
        HEAD + b"\x00\x49\x01\x5e" + RECORD[:12] + b"\x5f",
        b"\x0c\x05\x00\x00\x02\x19\x83\x3a\x05\xe0\x49\x01\x5e" + RECORD + b"\x5f",
        RefusedError("abort", 1, "abort buffer-overflow"),
        RefusedError("error", 32, "unknown-property"),
        RefusedError("reject", 9, "reject unrecognized-service"),
    ],
)
async def test_nonsense_is_refused_with_a_sentence(data: bytes | RefusedError) -> None:
    walk = Walk(LOG, 1000, 1000, 22, numbered=True, kept={})
    with pytest.raises(LogRefusedError, match=r"^trend-log,1 cannot be read: ."):
        await until_it_ends(walk, Nonsense(data))
    assert walk.requests <= 50


@pytest.mark.parametrize(
    ("refusal", "final"),
    [
        (RefusedError("reject", 9, "reject unrecognized-service"), True),
        (RefusedError("error", 31, "unknown-object"), True),
        (RefusedError("error", 3, "device-busy"), False),
        (RefusedError("abort", 9, "abort out-of-resources"), False),
        (RefusedError("abort", 31, "abort 31"), False),
    ],
)
async def test_only_some_refusals_are_the_last_word(refusal: RefusedError, final: bool) -> None:
    walk = Walk(LOG, 1000, 1000, 22, numbered=True, kept={})
    with pytest.raises(LogRefusedError) as refused:
        await until_it_ends(walk, Nonsense(refusal))
    assert refused.value.final is final


async def until_it_ends(walk: Walk, device: Nonsense) -> None:
    while not walk.finished:
        await walk.step(device)  # type: ignore[arg-type]


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=120), st.sampled_from([b"", HEAD, HEAD + b"\xe0\x49\x01\x5e", HEAD + b"\xe0\x49\x01\x5e\x0e"])
)
def test_any_octets_are_decoded_or_refused(data: bytes, head: bytes) -> None:
    for log in (LOG, ObjectId(27, 1)):
        try:
            decode(log, head + data)
        except DecodeError:
            continue


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 255), max_size=8), st.integers(0, 21))
def test_a_bent_record_is_decoded_or_refused(octets: list[int], at: int) -> None:
    bent = RECORD[:at] + bytes(octets) + RECORD[at + len(octets) :]
    for multiple in (False, True):
        try:
            record = take_record(Tags(bent), multiple=multiple)
        except DecodeError:
            continue
        assert record.contents


KINDS = st.one_of(
    st.floats(width=32).map(lambda value: Sample("real", value)),
    st.floats().map(lambda value: Sample("double", value)),
    st.integers(0, 2**64 - 1).map(lambda value: Sample("unsigned", value)),
    st.integers(-(2**31), 2**31 - 1).map(lambda value: Sample("integer", value)),
    st.integers(0, 2**16).map(lambda value: Sample("enumerated", value)),
    st.booleans().map(lambda value: Sample("boolean", value)),
    st.none(),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(KINDS, min_size=1, max_size=9))
def test_values_come_back_exactly(samples: list[Sample | None]) -> None:
    """Of every type, in a Trend Log and in a Trend Log Multiple, as a live answer would have had them."""
    multiple = take_record(Tags(encoded(Entry(1, BEGIN, tuple(samples)), multiple=True)), multiple=True)
    single = [take_record(Tags(encoded(Entry(1, BEGIN, (each,)), multiple=False)), multiple=False) for each in samples]
    assert multiple.contents == tuple(record.contents[0] for record in single)
    assert {record.local for record in (multiple, *single)} == {BEGIN}
    for sample, found in zip(samples, multiple.contents, strict=True):
        if sample is None:
            assert found == Failed(7, 25, "operational-problem")
        else:
            assert isinstance(found, Recorded)
            assert found.kind == sample.kind
            value = datum_of(found).value
            assert value == sample.value or (value != value and sample.value != sample.value)  # noqa: PLR0124 NaN


@given(st.integers(BEGIN - 10**12, BEGIN + 10**12), st.integers(-(2**15), 2**15))
def test_a_question_says_what_it_asks_for(local: int, count: int) -> None:
    local -= local % 10
    tags = Tags(encode(LOG, Form.TIME, local, count)[8:-1])
    assert local_time(tags.next().data, tags.next().data) == local
    assert int.from_bytes(tags.next().data, signed=True) == count


def test_a_time_that_is_left_open_is_none() -> None:
    assert local_time(b"\x7e\x0b\x17\xff", b"\x0c\x00\x00\xff") is not None
    for date, time in ((b"\xff\x0b\x17\x01", b"\x0c\x00\x00\x00"), (b"\x7e\x0b\x17\x01", b"\x0c\xff\x00\x00")):
        assert local_time(date, time) is None
    assert RawRecord(None, (), None).local is None
