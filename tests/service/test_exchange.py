"""A meter is exchanged under the whole service: command, packets, status, report; and without a service."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from bacnet_bridge.bacnet.count_text import text_of
from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Meter, Nature
from bacnet_bridge.packet.wire import values
from bacnet_bridge.service.bridge import running
from bacnet_bridge.service.exchange import Exchanges
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bacnet import HandmadeDevice, analog, device, point
from tests.support.bridge import site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.clock import NOON, DrivenClock
from tests.support.forked import command
from tests.support.outbox import SqliteBackend
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import site_environment

MAPPING = """\
meters:
  Gas: {{id: gas, device: 77, address: '{0}', value: AI1, as: index, max_rate: 3600000}}
  Water: {{id: water, device: 77, address: '{0}', value: AI2, as: delta, max_rate: 3600000}}
"""


def shows(made: HandmadeDevice, gas: float, water: float) -> None:
    made.objects = {"analog-input,1": analog(gas, "Gas", 19), "analog-input,2": analog(water, "Water", 19)}


def sent(platform: StrictPlatform, meter: str) -> list[Decimal]:
    return [values(body)["value"] for body in platform.record.bodies[meter]]


async def test_both_kinds_go_on_without_a_phantom_consumption(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    async with device(objects={}) as made:
        shows(made, 1000, 5000)
        (tmp_path / "mapping").mkdir()
        (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING.format(made.address))
        settings = site_settings(tmp_path, building, platform)
        environment = site_environment(tmp_path, building, platform)
        state = ("--state", str(settings.state))
        async with running(settings) as bridge:
            await until(bridge, lambda overview: all(meter.accepted >= 2 for meter in overview.meters))
            status, out, err = await command(
                {}, "exchange", "gas", "--old-final", "1002", "--new-start", "10", "--continue", "--by", "Ann", *state
            )
            assert status == 0, err
            assert "the last one of the old was 1000 kWh" in out
            status, _, err = await command({}, "exchange", "Water", "--old-final", "5003", "--new-start", "0", *state)
            assert status == 0, err
            seen = await bridge.overview()
            assert [sentence.endswith("waits for the new meter's first reading") for sentence in seen.exchanges] == [
                True
            ] * 2
            shows(made, 11, 4)
            await until(bridge, lambda overview: all("in force" in sentence for sentence in overview.exchanges))
            shows(made, 12, 6)
            await until(bridge, lambda overview: overview.meters[0].last.startswith("1004"))
            status, _, err = await command({}, "exchange", "gas", "--withdraw", *state)
            assert (status, "no exchange waits" in err) == (1, True)
            assert await bridge.drain(5)
        gas, water = sent(platform, "gas"), sent(platform, "water")
        assert gas == sorted(gas)
        assert {gas[0], gas[-1]} == {Decimal(1000), Decimal(1004)}
        assert sum(water) == 3 + 6
        assert min(water) >= 0
        # Without a service, the command takes the lock; the next start takes the word up.
        status, out, err = await command(
            environment, "exchange", "gas", "--old-final", "14", "--new-start", "700", "--continue"
        )
        assert status == 0, err
        shows(made, 701, 7)
        async with running(settings) as bridge:
            await until(bridge, lambda overview: overview.meters[0].last.startswith("1007"))
        status, out, err = await command(environment, "report", "gas", "--json")
        assert status == 0, err
        told = json.loads(out)["exchanges"]
        assert [sentence.endswith("in force") for sentence in told] == [True, True]
        assert "the old one ended at 1002, the new one began at 10, and goes on from there" in told[0]
        assert "by Ann)" in told[0]


# -- what is refused ----------------------------------------------------------------------------------------

METER = Meter(
    "gas",
    "Gas",
    1,
    (point("AI1", nature=Nature.INDEX), point("AI2", "pC_1", nature=Nature.INDEX)),
    300,
    "Europe/Dublin",
    60,
)
MEMORY = {
    "1 value analog-input,1 present-value": text_of(
        Count(Decimal(1000), of="1 kWh", rises=12, top=Decimal(60), at=NOON, moved_at=NOON)
    )
}


async def exchanges(backend: SqliteBackend, meter: Meter = METER) -> Exchanges:
    async def memory(_meter: str) -> Mapping[str, str]:
        return MEMORY

    made = Exchanges(backend.ledger, DrivenClock(NOON + 3_600_000), lambda: (meter,), memory)
    await made.load()
    return made


QUESTION = {"meter": "gas", "field": "value", "old_final": "1010", "new_start": "0"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"meter": "gass"}, "did you mean 'gas'"),
        ({"field": None}, "say which counter was exchanged: --field value --object analog-input,1, --field pC_1"),
        ({"field": "pC_2"}, "say which counter"),
        ({"object": "AX9"}, "object type 'AX' is unknown"),
        ({"field": "pC_1"}, "was never read"),
        ({"old_final": "10l0"}, "--old-final 10l0 is no number"),
        ({"new_start": None}, "--new-start None is no number"),
        ({"new_start": "1E999999"}, "is no number"),
        ({"old_final": "999"}, "--old-final 999 is less than 1000 kWh, which was read of it already"),
        ({"old_final": "10100"}, "more than it can have counted since (600"),
        ({"at": "2027-01-15T14:00"}, "--at is not later than now"),
        ({"at": "2026-03-29T01:30"}, "does not exist in Europe/Dublin"),
        ({"at": "noon"}, "'noon' is no time"),
    ],
)
async def test_what_cannot_be_is_refused(tmp_path: Path, more: dict[str, object], said: str) -> None:
    backend = SqliteBackend(tmp_path, SystemClock())
    await backend.open()
    made = await exchanges(backend)
    with pytest.raises(BridgeError) as refused:
        await made.answer({**QUESTION, **more})
    assert said in str(refused.value)
    assert await backend.ledger.exchanges() == []
    await backend.close()


async def test_a_later_word_takes_the_place_of_one_that_waits_and_can_be_taken_back(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path, SystemClock())
    await backend.open()
    made = await exchanges(backend)
    await made.answer(QUESTION)
    assert (await made.answer({**QUESTION, "old_final": "1011"}))["replaced"] == 1
    memory = made.into("gas", MEMORY)
    assert '"told":[2,"1011","0",false,0]'.replace(",", ", ") in memory["1 value analog-input,1 present-value"]
    assert await made.answer({**QUESTION, "withdraw": True}) == {"withdrawn": 1}
    assert made.into("gas", MEMORY) == MEMORY
    (told,) = made.into("gas", memory).values()
    assert "told" not in told
    assert [each.withdrawn_at is None for each in await backend.ledger.exchanges()] == [False, False]
    assert await made.sentences() == ()
    await backend.close()
