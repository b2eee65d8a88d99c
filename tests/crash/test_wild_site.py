"""One state machine that does everything at once to a site: faults of platform, network, disk, clock and process.

Judged by a list kept outside the product (`tests/support/wild_site.py`): nothing lost, nothing discarded, never two in
flight for one meter, no instant twice but once per unknown outcome, the ledger's sums balanced. CRASH_STEPS says how
many steps (default 10,000), CRASH_SEED repeats a run.
"""

import asyncio
import os
import random
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar, TypeVar

import pytest
import structlog
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from bacnet_bridge.room import Room
from bacnet_bridge.simulator.platform_faults import Fault
from bacnet_bridge.wattics import deliver, session
from tests.support.wild_site import ACCOUNTS, INTERVAL, METERS, WildSite
from tests.support.wire import Weather
from tests.support.witness import quick_root

STEPS = int(os.environ.get("CRASH_STEPS", "10000"))
SEED = int(os.environ.get("CRASH_SEED", "0")) or random.randrange(1, 2**32)
SHRINK = bool(os.environ.get("CRASH_SHRINK"))
"""Make a failing run shorter: minutes. Without it the run is told as it was."""
PER_LIFE = 60

T = TypeVar("T")
METER = st.sampled_from(METERS)
ANY = st.sampled_from([None, *METERS])
TIMES = st.sampled_from([1, 2, 5, None])

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120 + STEPS // 50)]


class WildMachine(RuleBasedStateMachine):
    steps: ClassVar[Counter[str]] = Counter()
    totals: ClassVar[Counter[str]] = Counter()
    full: ClassVar[bool] = False
    first: ClassVar[Exception | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(mkdtemp(dir=quick_root()))
        WildMachine.full = False
        self.site = self.run(self.made())

    async def made(self) -> WildSite:
        site = WildSite(self.folder)
        await site.begin()
        return site

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        try:
            return self.loop.run_until_complete(doing)
        except Exception as error:
            WildMachine.first = WildMachine.first or error  # hypothesis tells only what it can repeat; threads may not
            raise

    # time

    @rule(count=st.integers(1, 6))
    def slots(self, count: int) -> None:
        for _ in range(count):
            self.run(self.site.slot())

    @rule()
    def one_slot(self) -> None:
        self.run(self.site.slot())

    @rule(count=st.integers(1, 3))
    def quiet_slots(self, count: int) -> None:
        """All is well for once."""
        WildMachine.full = False
        self.run(self.site.calm())
        self.slots(count)

    @rule(seconds=st.sampled_from([1, 20, 120, 900]))
    def time_passes(self, seconds: int) -> None:
        self.run(self.site.advance(seconds))

    @rule(seconds=st.sampled_from([-86_400, -600, -5, 5, 600, 86_400]))
    def somebody_sets_the_clock(self, seconds: int) -> None:
        self.site.step(seconds)

    @rule()
    def the_clock_is_set_right(self) -> None:
        self.site.set_right()

    # platform and network

    @rule(weather=st.sampled_from(Weather))
    def weather(self, weather: Weather) -> None:
        self.site.wire.turn(weather)
        self.run(self.site.quiet())

    @rule(status=st.sampled_from([201, 204, 302, 400, 401, 403, 404, 429, 500, 503]), times=TIMES, meter=ANY)
    def refusals(self, status: int, times: int | None, meter: str | None) -> None:
        headers = {"Retry-After": "70"} if status in {429, 503} else {}
        self.site.faults.add(Fault(status=status, times=times, id=meter, headers=headers))

    @rule(after=st.booleans(), times=TIMES, meter=ANY)
    def answers_are_cut(self, after: bool, times: int | None, meter: str | None) -> None:
        self.site.faults.add(Fault(cut="reset", after_storing=after, times=times, id=meter))

    @rule(times=st.sampled_from([1, 2]), meter=ANY)
    def stored_and_answered_500(self, times: int, meter: str | None) -> None:
        self.site.faults.add(Fault(status=500, after_storing=True, times=times, id=meter))

    @rule()
    def all_is_well_at_the_platform(self) -> None:
        self.site.faults.clear()
        self.site.behave(duplicates=200, latest=True)

    @rule(duplicates=st.sampled_from([200, 400, 409]), latest=st.booleans())
    def manners(self, duplicates: int, latest: bool) -> None:
        self.site.behave(duplicates=duplicates, latest=latest)

    @rule(account=st.sampled_from(ACCOUNTS), right=st.booleans())
    def password(self, account: Any, right: bool) -> None:
        self.site.password(account, right=right)

    # disk

    @rule(writes=st.integers(1, 4))
    def the_disk_fails(self, writes: int) -> None:
        self.site.database.failing = writes

    @rule(full=st.booleans())
    def the_disk_is_full(self, full: bool) -> None:
        WildMachine.full = full

    # the process

    @rule()
    def kill(self) -> None:
        self.run(self.site.kill())
        self.run(self.site.begin())

    @rule()
    def kill_between_an_answer_and_its_commit(self) -> None:
        self.run(self.site.killed_at_the_next_answer())
        self.run(self.site.begin())

    @rule(turns=st.integers(0, 40))
    def kill_in_the_midst_of_a_slot(self, turns: int) -> None:
        self.run(self.site.killed_in_a_slot(turns))
        self.run(self.site.begin())

    @rule(account=st.sampled_from(ACCOUNTS))
    def reload(self, account: Any) -> None:
        self.run(self.site.end())
        self.site.account = account
        self.run(self.site.begin())

    # people

    @rule(meter=METER, lasts=st.sampled_from([60, 3600, 10**6]))
    def hold(self, meter: str, lasts: int) -> None:
        self.run(self.site.hold(meter, lasts))

    @rule(meter=METER, back=st.integers(0, 6))
    def fill(self, meter: str, back: int) -> None:
        self.run(self.site.fill(meter, back * INTERVAL * 1000))

    @rule(meter=METER)
    def release(self, meter: str) -> None:
        self.run(self.site.release(meter))

    @rule(meter=METER)
    def skip(self, meter: str) -> None:
        self.run(self.site.skip(meter))

    @precondition(lambda self: self.site.lives % 3 == 0)
    @rule(meter=METER)
    def abandon(self, meter: str) -> None:
        self.run(self.site.abandon(meter))

    @rule(meter=METER, account=st.sampled_from(ACCOUNTS))
    def reassign(self, meter: str, account: Any) -> None:
        self.run(self.site.reassign(meter, account))

    @rule()
    def prune(self) -> None:
        self.run(self.site.prune())

    @rule()
    def audit(self) -> None:
        self.run(self.site.audit())

    @invariant()
    def nothing_forbidden_happened(self) -> None:
        self.steps["steps"] += 1
        self.site.look()

    def teardown(self) -> None:
        try:
            WildMachine.full = False
            self.run(self.site.audit())
            self.run(self.site.heal())
            self.run(self.site.audit(drained=True))
            self.totals.update(self.site.totals())
        finally:
            self.run(self.site.bury())
            self.run(self.loop.shutdown_default_executor())
            self.loop.close()
            shutil.rmtree(self.folder)


def test_a_site_lives_through_anything(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(Room, "enough", lambda *_: not WildMachine.full)
    monkeypatch.setattr(deliver, "_SECRETS", 300.0)  # nobody corrects a password here but the platform
    monkeypatch.setattr(session, "trust", lambda _: None)  # nothing is encrypted; the trust store takes long to read
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    began = time.monotonic()
    try:
        run_state_machine_as_test(
            seed(SEED)(WildMachine),
            settings=settings(
                max_examples=STEPS // PER_LIFE * 3 // 2 + 1,  # some end a little sooner
                stateful_step_count=PER_LIFE,
                deadline=None,
                database=None,
                phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
                suppress_health_check=list(HealthCheck),
                print_blob=False,
            ),
        )
    finally:
        with capsys.disabled():
            told = ", ".join(f"{count} {what}" for what, count in WildMachine.totals.items())
            print(
                f"\n{WildMachine.steps['steps']} steps in {time.monotonic() - began:.0f} s (CRASH_SEED={SEED}): {told}"
            )
            if WildMachine.first is not None:
                traceback.print_exception(WildMachine.first)
    assert WildMachine.first is None, WildMachine.first
    assert WildMachine.steps["steps"] >= STEPS
