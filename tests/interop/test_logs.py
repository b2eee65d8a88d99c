"""Trend logs of another maker's device, rusty-bacnet: each record's value says when it was made."""

import asyncio
import importlib.util
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from bacnet_bridge.backfill.gaps import Gap
from bacnet_bridge.backfill.heal import Case, heal
from bacnet_bridge.backfill.place import place
from bacnet_bridge.backfill.place import rule_of as rule_of_log
from bacnet_bridge.backfill.strand import Strand
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.from_log import bridges, measure_logged
from bacnet_bridge.bacnet.read_range import READ_RANGE, Form
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.bacnet.trend import Logs
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.logged import LogReading, LogRecord, Recorded
from bacnet_bridge.model import Backfill, LogColumn, Meter
from bacnet_bridge.packet.wire import values
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import client, point
from tests.support.building import free_port
from tests.support.healing import PACKING, QUEUE
from tests.support.logs import logs_of

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]

POLLED, SHORT, BY_CHANGE, AROUND, BOTH = (*(ObjectId(20, number) for number in range(1, 5)), ObjectId(27, 1))
CHOICES = {Form.POSITION: 3, Form.SEQUENCE: 6, Form.TIME: 7}
LATE = 0.4
"""Seconds by which a value may be older than the record that it is in: it is shown anew every 0.05 s."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def address() -> AsyncIterator[str]:
    if importlib.util.find_spec("rusty_bacnet") is None:
        pytest.fail("rusty-bacnet is not installed: it is in the extra `test` (make install)")
    port = free_port()
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.interop.rusty_logs", str(port)),
        cwd=Path(__file__).parents[2],
        stdin=pipe,
        stdout=pipe,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline()
        yield f"127.0.0.1:{port}"
    finally:
        process.stdin.close()
        await process.wait()


@asynccontextmanager
async def device(address: str) -> AsyncIterator[tuple[Client, Logs]]:
    async with client(timeout=2) as bridge, logs_of(bridge, 2101, address) as logs:
        yield bridge, logs


async def read(logs: Logs, log: ObjectId, records: int) -> LogReading:
    """Once so many are there."""
    while True:
        reading = await logs.read(log, SystemClock().wall() - 60_000, ZoneInfo("UTC"), None)
        if (reading.facts.total or 0) % (2**32 - 7) >= records or reading.facts.records >= records:
            return reading


def check(records: tuple[LogRecord, ...], slack: float = LATE) -> None:
    """Every value is the time at which it was recorded; nothing is missing between, and nothing there twice."""
    numbers = [record.sequence % (2**32 - 1) for record in records]
    assert {(after - before) % (2**32 - 1) for before, after in pairwise(numbers)} <= {1}
    assert [record.instant for record in records] == sorted(record.instant for record in records)
    for record in records[2:]:  # the first ones are from before the device showed the time
        assert isinstance(record.content, Recorded)
        assert record.content.number is not None
        late = (record.instant / 1000 - float(record.content.number)) % 3600
        assert late < slack + record.within / 1000 or late > 3600 - record.within / 1000


@pytest.mark.parametrize("form", list(Form))
async def test_values_are_at_their_instants(address: str, form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    """However records are named; the log goes on recording while it is read."""
    async with device(address) as (bridge, logs):
        ask = bridge.ask

        async def only_so(to: str, service: int, request: bytes, **how: Any) -> bytes:
            if service == READ_RANGE and request[7] >> 4 != CHOICES[form]:
                raise RefusedError("reject", 2, "inconsistent-parameters")
            return await ask(to, service, request, **how)

        monkeypatch.setattr(bridge, "ask", only_so)
        reading = await read(logs, POLLED, 30)
        assert not reading.doubts
        assert len(reading.members[0]) >= 30
        check(reading.members[0])
        assert reading.facts.interval == 100


async def test_a_log_that_is_overwritten_while_it_is_read(address: str) -> None:
    async with device(address) as (_, logs):
        reading = await read(logs, SHORT, 30)
        assert not reading.whole
        assert 1 <= len(reading.members[0]) <= 5
        check(reading.members[0])


async def test_a_log_by_change(address: str) -> None:
    async with device(address) as (_, logs):
        reading = await read(logs, BY_CHANGE, 6)
        assert reading.facts.interval is None
        assert {record.flags for record in reading.members[0]} == {()}
        check(reading.members[0])


async def test_a_log_of_several(address: str) -> None:
    async with device(address) as (_, logs):
        reading = await read(logs, BOTH, 30)
        exact, whole = reading.members
        assert [each and each.object for each in reading.facts.members] == [ObjectId(2, 1), ObjectId(48, 1)]
        check(exact)
        check(whole, 1 + LATE)


async def test_numbers_that_begin_anew(address: str) -> None:
    async with device(address) as (_, logs):
        reading = await read(logs, AROUND, 30)
        check(reading.members[0])
        numbers = {record.sequence for record in reading.members[0]}
        assert {2**32 - 1, 1} < numbers
        assert 0 not in numbers


async def test_a_gap_is_filled_with_what_the_device_recorded(address: str) -> None:
    """A meter of a second, of which two slots were missed: each fill's value is the time at its slot."""
    async with device(address) as (_, logs):
        reading = await read(logs, POLLED, 50)
    measured = point("AV1", backfill=Backfill(LogColumn(POLLED), unflagged=True))
    made = Meter("m", "m", 2101, (measured,), 1, "UTC", 0.4)
    records = reading.members[0]
    first = -(-records[2].instant // 1000) * 1000
    slots = range(first, first + 2001, 1000)
    rule = rule_of_log(made, measured.backfill, reading.facts.interval) if measured.backfill else None
    assert rule is not None
    placed = place(records, slots, rule, reading.facts.clock.at)
    rule_of_point = rule_of(measured, Facts("A"))
    strand = Strand(measured, "k", placed, partial(measure_logged, rule_of_point), partial(bridges, rule_of_point))
    healed = heal(Case(made, QUEUE, Gap(slots), slots[-1] + 1000, first - 1000, {}, {}, {}), [strand], PACKING)
    assert [packet.instant for packet in healed.fills] == list(slots), healed.left
    for packet in healed.fills:
        late = (packet.instant / 1000 - float(values(packet.body)["value"])) % 3600
        assert min(late, 3600 - late) < LATE + 0.1
