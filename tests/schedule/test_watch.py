from structlog.testing import capture_logs

from bacnet_bridge.schedule.watch import Watch
from tests.support.clock import DrivenClock


async def test_time_that_passes_is_not_noticed() -> None:
    clock = DrivenClock()
    watch = Watch(clock)
    with capture_logs() as logs:
        for _ in range(10):
            await clock.advance(1)
            assert not watch.parted()
        clock.stall(3600)
        assert not watch.parted()
    assert logs == []


async def test_a_step_is_noticed_once_in_either_direction() -> None:
    clock = DrivenClock()
    watch = Watch(clock)
    for seconds in (-3600.0, 8.0):
        clock.step(seconds)
        with capture_logs() as logs:
            assert watch.parted()
            assert not watch.parted()
        assert [(log["event"], log["seconds"]) for log in logs] == [
            ("wall time moved against the machine's running time", seconds)
        ]


async def test_suspension_is_told_from_a_step() -> None:
    clock = DrivenClock()
    watch = Watch(clock)
    clock.suspend(600)
    with capture_logs() as logs:
        assert watch.parted()
    assert [(log["event"], log["seconds"]) for log in logs] == [("the machine was suspended", 600)]


async def test_slewing_adds_up() -> None:
    clock = DrivenClock()
    watch = Watch(clock)
    noticed = 0
    for _ in range(100):
        clock.step(0.011)
        noticed += watch.parted()
    assert noticed == 2
