import ctypes

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.schedule.credibility import BUILT, Belief, ClockMode, Credibility, SiteClock, looked, told
from bacnet_bridge.schedule.kernel import kernel_synchronised
from tests.support.clock import NOON, DrivenClock

SYSTEM, PLATFORM, TRUST = ClockMode.SYSTEM, ClockMode.PLATFORM, ClockMode.TRUST


@pytest.mark.parametrize(
    ("belief", "mode", "wall_minus_boot", "synchronised", "after"),
    [
        (Belief(0), SYSTEM, 0, False, Belief(0)),
        (Belief(0), SYSTEM, 0, True, Belief(0, confirmed=True)),
        (Belief(0), PLATFORM, 0, True, Belief(0)),
        (Belief(0, confirmed=True), SYSTEM, 2_000, False, Belief(0, confirmed=True)),
        (Belief(0, confirmed=True), SYSTEM, 2_001, False, Belief(2_001)),
        (Belief(0, confirmed=True), SYSTEM, -2_001, False, Belief(-2_001)),
        (Belief(0, confirmed=True), SYSTEM, -2_001, True, Belief(-2_001, confirmed=True)),
        # confirmed anew every time, so that a long life of small corrections is no step
        (Belief(0, confirmed=True), SYSTEM, 1_500, True, Belief(1_500, confirmed=True)),
        # overruled by dates until one agrees, or somebody sets the clock
        (Belief(0, contrary=3), SYSTEM, 0, True, Belief(0, contrary=3)),
        (Belief(0, contrary=3), SYSTEM, 9_000, True, Belief(9_000, confirmed=True)),
        (Belief(0, True, 0, (7, 7, 7), 7), PLATFORM, 9_000, False, Belief(9_000)),
    ],
)
def test_a_look(belief: Belief, mode: ClockMode, wall_minus_boot: int, synchronised: bool, after: Belief) -> None:
    assert looked(belief, mode, wall_minus_boot, synchronised) == after


def hear(mode: ClockMode, departures: list[int], belief: Belief | None = None) -> Belief:
    belief = belief or Belief(0)
    for departure in departures:
        belief = told(belief, mode, 0, departure)
    return belief


@pytest.mark.parametrize(
    ("departures", "before", "after"),
    [
        ([120_000], False, True),
        ([-120_000], False, True),
        ([120_001], False, False),
        ([200_000, 200_000], True, True),
        ([200_000, 200_000, 200_000], True, False),
        ([200_000, 200_000, 5, 200_000, 200_000], True, True),
        ([200_000] * 3 + [0], True, True),
    ],
)
def test_dates_confirm_the_system_and_three_in_a_row_overrule_it(
    departures: list[int], before: bool, after: bool
) -> None:
    assert hear(SYSTEM, departures, Belief(0, confirmed=before)).confirmed is after


def test_a_date_that_confirms_is_a_new_beginning_for_the_comparison_with_boot_time() -> None:
    assert told(Belief(0, confirmed=True), SYSTEM, 1_500, 0).anchor == 1_500
    assert told(Belief(0, confirmed=True), SYSTEM, 1_500, 200_000).anchor == 0


@pytest.mark.parametrize(
    ("departures", "confirmed", "correction"),
    [
        ([3_600_000] * 2, False, 0),
        ([3_600_000] * 3, True, 3_600_000),
        ([3_600_000, 3_600_400, -99_000_000], True, 3_600_000),
        ([300, 400, -500], True, 0),  # a Date has whole seconds
        ([5_000] * 3 + [5_900] * 9, True, 5_000),
        ([5_000] * 3 + [7_000] * 9, True, 7_000),
    ],
)
def test_the_platforms_median_is_applied(departures: list[int], confirmed: bool, correction: int) -> None:
    belief = hear(PLATFORM, departures)
    assert (belief.confirmed, belief.correction) == (confirmed, correction)
    assert len(belief.departures) <= 9


class Kernel:
    synchronised = False

    def __call__(self) -> bool:
        return self.synchronised


async def test_system_mode_through_a_life() -> None:
    clock, kernel = DrivenClock(), Kernel()
    credibility = Credibility(clock, SYSTEM, kernel)
    assert not credibility.credible()
    kernel.synchronised = True
    assert credibility.credible()
    kernel.synchronised = False  # the daemon ended: the clock is not wrong for that
    await clock.advance(86_400)
    clock.suspend(3_600)
    assert credibility.credible()
    clock.step(-30)
    assert not credibility.credible()
    credibility.heard(clock.wall() + 29_000, clock.wall())
    assert credibility.credible()


def test_before_the_build_nothing_is_believed() -> None:
    for mode in ClockMode:
        clock = DrivenClock(BUILT - 1)
        credibility = Credibility(clock, mode, lambda: True)
        assert not credibility.credible()
        clock.step(0.001)
        assert credibility.credible() is (mode is not PLATFORM)


def test_trust_needs_no_word_but_the_operators() -> None:
    clock = DrivenClock()
    credibility = Credibility(clock, TRUST, lambda: False)
    assert credibility.credible()
    clock.step(86_400)
    assert credibility.credible()
    for _ in range(3):
        credibility.heard(clock.wall() - 86_400_000, clock.wall())
    assert credibility.credible()


@pytest.mark.parametrize("into_the_second", [0, 1, 499, 500, 999])
def test_time_that_follows_dates_is_never_ahead_and_late_by_less_than_a_second(into_the_second: int) -> None:
    machine = DrivenClock(5_000)
    credibility = Credibility(machine, PLATFORM, lambda: False)
    true = NOON + into_the_second
    for _ in range(3):
        credibility.heard(true // 1000 * 1000, machine.wall())
    assert 0 <= true - SiteClock(machine, credibility).wall() < 1_000


async def test_platform_mode_sets_a_clock_that_starts_in_1970() -> None:
    machine = DrivenClock(5_000)
    credibility = Credibility(machine, PLATFORM, lambda: False)
    site = SiteClock(machine, credibility)
    for n in range(3):
        assert not credibility.credible()
        await machine.advance(10)
        date = (NOON + n * 10_000) // 1000 * 1000
        credibility.heard(date, site.wall())
    assert credibility.credible()
    assert abs(site.wall() - (NOON + 20_000)) <= 500
    assert (site.boot(), site.monotonic()) == (machine.boot(), machine.monotonic())
    assert machine.wall() == 35_000
    credibility.heard(site.wall(), site.wall())
    assert credibility.departure is not None
    assert abs(credibility.departure) <= 1_000
    machine.step(-60)
    assert not credibility.credible()
    assert site.wall() == machine.wall()


def test_a_departure_is_logged_when_it_becomes_worth_it_and_when_it_ends() -> None:
    clock = DrivenClock()
    credibility = Credibility(clock, SYSTEM, lambda: True)
    with capture_logs() as logs:
        for seconds in (1, 9, 10, 30, 60, 70, 20, 0):
            credibility.heard(clock.wall() + seconds * 1000, clock.wall())
    assert [(log["log_level"], log["seconds"]) for log in logs] == [
        ("warning", 10.5),
        ("error", 60.5),
        ("warning", 20.5),
        ("info", 0.5),
    ]


def test_a_kernel_that_does_not_tell_is_asked_once_and_the_platform_may_confirm() -> None:
    asked = 0

    def refuses() -> bool:
        nonlocal asked
        asked += 1
        raise OSError(1, "adjtimex: Operation not permitted")

    clock = DrivenClock()
    credibility = Credibility(clock, SYSTEM, refuses)
    with capture_logs() as logs:
        assert not credibility.credible()
        assert not credibility.credible()
    assert (asked, len(logs)) == (1, 1)
    credibility.heard(clock.wall(), clock.wall())
    assert credibility.credible()


def test_the_kernels_answer_is_what_the_c_library_reads_out_of_it() -> None:
    not_synchronised = 5  # TIME_ERROR
    state = ctypes.CDLL(None).ntp_gettimex(ctypes.create_string_buffer(512))
    assert kernel_synchronised() is (state != not_synchronised)
