"""Gaps healed from logs that simulated devices keep, read over UDP: what is filled is what the simulator held."""

import json
from functools import partial

import pytest

from bacnet_bridge.backfill.gaps import Gap
from bacnet_bridge.backfill.heal import Case, heal
from bacnet_bridge.backfill.place import place, rule_of
from bacnet_bridge.backfill.strand import Strand
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.from_log import bridges, measure_logged
from bacnet_bridge.bacnet.rule import Facts
from bacnet_bridge.bacnet.rule import rule_of as rule_of_point
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Backfill, LogColumn
from bacnet_bridge.simulator.building import SimulatedBuilding
from tests.bacnet.test_trend import _STATES, FAN_LOG, POWER_LOG, bridge, building, held, read
from tests.support.bacnet import meter, point
from tests.support.healing import PACKING, QUEUE

pytestmark = pytest.mark.asyncio(loop_scope="module")
__all__ = ["bridge", "building"]
FIVE = 300_000


@pytest.mark.parametrize(
    ("device", "which", "least"),
    [
        ("plain", "power", 24),
        ("plain", "fan", 24),
        ("elsewhere", "power", 24),
        ("moved", "power", 20),
        ("around", "power", 24),
        ("few", "power", 24),
        ("full", "power", 8),
    ],
)
async def test_two_hours_are_filled_with_what_the_simulator_held(
    bridge: Client, building: SimulatedBuilding, device: str, which: str, least: int
) -> None:
    log, name = (POWER_LOG, "analog-input,1") if which == "power" else (FAN_LOG, "binary-input,1")
    backfill = Backfill(LogColumn(log), age=24 * 3_600_000)
    measured = point("AI1" if which == "power" else "BI1", backfill=backfill)
    made = meter(1, measured)
    now = SystemClock().wall()
    last = now - now % FIVE - FIVE
    slots = range(last - 23 * FIVE, last + 1, FIVE)
    reading = await read(bridge, device, log, 26 if which == "fan" else 3)
    facts = reading.facts
    placed = place(reading.members[0], slots, rule_of(made, backfill, facts.interval), now)
    rule = rule_of_point(measured, Facts("A"))
    strand = Strand(measured, "k", placed, partial(measure_logged, rule), partial(bridges, rule))
    case = Case(made, QUEUE, Gap(slots), last + FIVE, None, {}, {}, {})
    healed = heal(case, [strand], PACKING)
    for packet in healed.fills:
        shown = held(building, device, name, packet.instant)
        value = json.loads(packet.body)["value"]
        assert value == pytest.approx(shown) if isinstance(shown, float) else _STATES[value] == shown
    assert len(healed.fills) >= least
