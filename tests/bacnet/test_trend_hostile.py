"""What devices say of their logs and clocks that is not so: a sentence each, and never another exception."""

import struct
from dataclasses import dataclass, field
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.device_clock import look
from bacnet_bridge.bacnet.line import Line
from bacnet_bridge.bacnet.profile import Profile
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.trend import LogRefusedError
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import ReadError
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import HandmadeDevice, client, enumerated, object_id, placed, real, text, unsigned
from tests.support.logs import logs_of

LOG = ObjectId(20, 1)
LOGGED = b"\x0c" + object_id(0, 7)[1:] + b"\x19\x55"
HEAD = b"\x0c" + struct.pack(">I", 20 << 22 | 1) + b"\x19\x83\x3a\x05"
DATE, TIME = b"\xa4\x7e\x0b\x17\x01", b"\xb4\x0c\x00\x00\x00"
RECORD = b"\x0e" + DATE + TIME + b"\x0f\x1e\x2c\x41\xa8\x00\x00\x1f\x2a\x04\x00"
GOOD: dict[int, bytes] = {132: LOGGED, 134: unsigned(30_000), 133: b"\x11", 126: unsigned(9), 141: unsigned(9)}
CLOCK: dict[int, bytes] = {56: DATE, 57: TIME}


@dataclass
class LoggingDevice(HandmadeDevice):
    """Answers ReadRange with these octets, whatever was asked."""

    said: bytes = HEAD + b"\xe0\x49\x01\x5e" + RECORD + b"\x5f"
    ranges: list[bytes] = field(default_factory=list)

    def _answer(self, invoke: int, service: int, request: bytes) -> bytes:
        if service != 26:
            return super()._answer(invoke, service, request)
        self.ranges.append(request)
        return bytes([0x30, invoke, 26]) + self.said


async def read(log: dict[int, bytes], clock: dict[int, bytes], **character: Any) -> Any:
    made = LoggingDevice(objects={"trend-log,1": log}, about=clock, **character)
    async with placed(made), client(timeout=0.3) as bridge, logs_of(bridge, 77, made.address) as logs:
        return await logs.read(LOG, SystemClock().wall() - 3_600_000, ZoneInfo("UTC"))


async def test_what_is_right_is_read() -> None:
    """Its only record is older than an interval: nobody knows what became of the clock since."""
    reading = await read(GOOD, CLOCK)
    assert reading.facts.interval == 300_000
    assert reading.members == ((),) or len(reading.members[0]) == 1


async def test_where_multiple_reading_is_refused_the_clock_is_read_singly() -> None:
    reading = await read(GOOD, CLOCK, reject_rpm=True)
    assert reading.facts.clock.within < 1_000


@pytest.mark.parametrize(
    ("log", "clock", "sentence"),
    [
        (GOOD, {}, "does not say what time its clock shows"),
        (GOOD, {56: b"\xa4\xff\xff\xff\xff", 57: TIME}, "does not say what time its clock shows"),
        (GOOD, {56: DATE, 57: real(3)}, "does not say what time its clock shows"),
        (GOOD, {56: unsigned(5), 57: text("noon")}, "does not say what time its clock shows"),
        ({**GOOD, 141: text("many")}, CLOCK, "does not say how many records"),
        ({**GOOD, 141: b"\x25\x08" + b"\xff" * 8}, CLOCK, "which no log can"),
        ({**GOOD, 132: unsigned(7)}, CLOCK, "does not say what it records"),
        ({**GOOD, 132: LOGGED[:4]}, CLOCK, "."),
        ({**GOOD, 132: LOGGED + LOGGED}, CLOCK, "more than one property"),
        ({number: value for number, value in GOOD.items() if number != 132}, CLOCK, "unknown-property"),
    ],
)
async def test_what_a_log_needs_and_has_not_is_a_sentence(
    log: dict[int, bytes], clock: dict[int, bytes], sentence: str
) -> None:
    with pytest.raises(ReadError, match=sentence):
        await read(log, clock)


NUMBERS = (real(float("nan")), real(-1), unsigned(0), unsigned(2**32 - 1), b"\x25\x08" + b"\xff" * 8, enumerated(9))
STRANGE = st.sampled_from(
    [*NUMBERS, b"", text("x"), b"\x00", b"\x11", DATE, TIME, LOGGED, object_id(8, 4_194_303), b"\x3e\x3f"]
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    log=st.dictionaries(st.sampled_from([126, 132, 133, 134, 141, 144, 145, 197]), STRANGE),
    clock=st.dictionaries(st.sampled_from([24, 56, 57, 119]), STRANGE),
    said=st.one_of(
        st.binary(max_size=40),
        st.binary(max_size=40).map(lambda more: HEAD + b"\xe0\x49\x01\x5e" + RECORD[:12] + more),
        st.sampled_from([HEAD + flags + b"\x49\x01\x5e" + RECORD + b"\x5f" for flags in (b"\x20", b"\x60", b"\x80")]),
    ),
)
async def test_whatever_a_device_says_it_is_read_or_refused(
    log: dict[int, bytes], clock: dict[int, bytes], said: bytes
) -> None:
    try:
        reading = await read({**GOOD, **log}, {**CLOCK, **clock}, said=said)
    except ReadError:
        return
    assert reading.requests < 100


def test_a_refusal_is_a_read_error() -> None:
    assert issubclass(LogRefusedError, ReadError)


@pytest.mark.parametrize(
    ("log", "clock", "final"),
    [
        (GOOD, {}, True),
        (GOOD, {56: b"\xa4\xff\xff\xff\xff", 57: TIME}, True),
        ({number: value for number, value in GOOD.items() if number != 132}, CLOCK, False),
    ],
)
async def test_a_missing_clock_is_the_last_word_and_a_missing_answer_is_not(
    log: dict[int, bytes], clock: dict[int, bytes], final: bool
) -> None:
    with pytest.raises(LogRefusedError) as refused:
        await read(log, clock)
    assert refused.value.final is final


class Refusing:
    """A line to a device that refuses every question with this."""

    took = 0.01

    def __init__(self, refusal: RefusedError) -> None:
        self.profile = Profile(77)
        self._refusal = refusal

    async def send(self, *_: Any) -> bytes:
        raise self._refusal


@pytest.mark.parametrize(
    ("refusal", "clockless"),
    [
        (RefusedError("error", 32, "unknown-property"), True),
        (RefusedError("error", 3, "device-busy"), False),
        (RefusedError("abort", 32, "abort 32"), False),
    ],
)
async def test_a_clock_that_is_refused_for_the_moment_may_be_told_later(refusal: RefusedError, clockless: bool) -> None:
    looked = await look(cast(Line, Refusing(refusal)), SystemClock(), LOG)
    assert (looked.offset, looked.clockless) == (None, clockless)
