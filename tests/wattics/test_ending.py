"""A stop while the disk fails: what the platform accepted is noted, so that the next start does not send it again."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.errors import OutboxError
from bacnet_bridge.model import AcceptedBy, Packet
from bacnet_bridge.wattics import session
from bacnet_bridge.wattics.ending import NOTED_WITHIN
from tests.support.clock import settle
from tests.support.wild_site import ACCOUNTS, WildSite
from tests.wattics.rig import OK, MemoryOutbox, Site, always

GRACE = 5.0


class FailingDisk(MemoryOutbox):
    """Refuses the next acceptances."""

    def __init__(self, refusals: int) -> None:
        super().__init__()
        self.refusals = refusals

    async def accept(self, packet: Packet, by: AcceptedBy, at: int, *, patience: float = 0.0) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OutboxError("the disk fails")
        await super().accept(packet, by, at, patience=patience)


async def ended(refusals: int) -> tuple[Site, float]:
    """Three meters' packets are accepted, noting that is refused so often; how long the stop took then."""
    site = Site(always(OK))
    site.outbox = FailingDisk(refusals)
    site.courier = site.new_courier(lambda: 0.5)
    for meter in "abc":
        site.put(meter)
    running = asyncio.create_task(site.courier.run())
    await settle()
    assert len(site.courier.snapshot().failing) == min(refusals, 3)
    stopping, began = asyncio.create_task(site.courier.stop(GRACE)), site.clock.monotonic()
    await settle()
    while not stopping.done():
        assert site.clock.next_wake is not None, "it waits for nothing"
        await site.clock.advance(site.clock.next_wake)
    await running
    return site, site.clock.monotonic() - began


@pytest.mark.parametrize(("refusals", "tries"), [(0, 0), (3, 1), (4, 2), (12, 4)])
async def test_a_disk_that_fails_again_at_the_end_is_tried_again(refusals: int, tries: int) -> None:
    with capture_logs() as logs:
        site, seconds = await ended(refusals)

    assert not any(site.outbox.packets.values())
    assert seconds == max(0, tries - 1) * 0.5
    assert not [entry for entry in logs if entry["log_level"] == "error"]


async def test_a_disk_that_stays_broken_ends_the_tries_and_is_told() -> None:
    with capture_logs() as logs:
        site, seconds = await ended(10**6)

    assert seconds == NOTED_WITHIN
    assert [entry["meter"] for entry in logs if entry["log_level"] == "error"] == ["a", "b", "c"]
    assert len(site.sessions.attempts) == 3


async def test_a_service_that_ends_while_its_disk_fails_sends_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real outbox: found by `tests/crash/test_wild_site.py`, which judges by a list outside the product."""
    monkeypatch.setattr(session, "trust", lambda _: None)
    site = WildSite(tmp_path)

    await site.begin()
    await site.slot()  # is over before the meters are due
    await site.slot()
    site.wire.answered = lambda: setattr(site.database, "failing", 2)  # the acceptance, and that it is tried again
    await site.advance(0.1)
    assert site.courier.snapshot().failing
    site.wire.answered, site.database.failing = lambda: None, 1
    await site.end()
    site.account = ACCOUNTS[1]
    await site.begin()
    await site.slot()
    await site.advance(0.1)
    await site.audit(drained=True)
    await site.bury()
    assert not any(site.wire.unknown.values())
    assert site.book.attempts == 6
