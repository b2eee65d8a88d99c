"""A slot in which the device told by itself what its points show."""

from decimal import Decimal

from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.bacnet import bits, client, meter, point, real
from tests.support.clock import DrivenClock
from tests.support.cov import AI1, flags_of, telling


async def test_a_point_with_cov_is_not_read_and_its_flags_count() -> None:
    clock = DrivenClock()
    async with telling(clock) as made, client(timeout=0.1) as bridge:
        reader = Reader(bridge, clock)
        wanted = meter(77, point("AI1", "aP_1", cov=True), address=made.address)
        values = [(await reader.read(wanted, {})).readings[0].value]
        await made.until(lambda: len(made.acknowledged) == 1)
        made.change(AI1, real(2.25))
        await made.until(lambda: len(made.acknowledged) == 2)
        del made.asked[:]
        values.append((await reader.read(wanted, {})).readings[0].value)
        assert values == [Decimal(1500), Decimal(2250)]
        assert {number for _, each in made.asked for _, number in each} == {75}
        made.objects["analog-input,1"][flags_of(AI1).property] = bits(1)
        made.tell(AI1.object)
        await made.until(lambda: len(made.acknowledged) == 3)
        problem = (await reader.read(wanted, {})).readings[0].problem
        assert problem is not None
        assert "fault" in problem.detail
        made.silent = True
        problem = (await reader.read(wanted, {})).readings[0].problem
        assert problem is not None
        assert problem.reason is HoleReason.SILENT
        await reader.stop()
