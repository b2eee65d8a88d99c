"""What is sent but wants a look is logged when that begins, and when it ends."""

from structlog.testing import capture_logs

from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from tests.support.bacnet import STATUS_FLAGS, analog, bits, client, device, meter, point

FAULT, OVERRIDDEN = 1, 2


async def test_a_notice_is_logged_when_it_begins_and_when_it_ends() -> None:
    shown = analog(21.5)
    async with device(objects={"analog-input,1": shown}) as made, client() as bridge:
        reader = Reader(bridge, SystemClock())
        mapped = meter(77, point("AI1"), address=made.address)
        told = []
        for flags in ((), (OVERRIDDEN,), (OVERRIDDEN,), (FAULT, OVERRIDDEN), (OVERRIDDEN,), (), ()):
            shown[STATUS_FLAGS] = bits(*flags)
            with capture_logs() as logs:
                await reader.read(mapped, {})
            told.append([(log["log_level"], log.get("cause"), log["what"]) for log in logs])
        await reader.stop()
    what = "analog-input,1 present-value"
    begins = [("warning", "sent although the device flags it: overridden", what)]
    assert told == [[], begins, [], [], [], [("info", None, what)], []]
