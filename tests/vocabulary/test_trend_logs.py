"""Lengths for people, and which log serves which meter."""

import pytest

from bacnet_bridge.vocabulary.trend_logs import length, misfit, reach


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.5, "0.5 s"), (5, "5 s"), (90, "90 s"), (150, "2.5 min"), (300, "5 min"), (3600, "60 min"),
        (100_800, "28 hours"), (86_400, "24 hours"), (604_800, "7 days"), (806_399, "9.3 days"),
    ],
)  # fmt: skip
def test_lengths_are_never_said_longer_than_they_are(seconds: float, said: str) -> None:
    assert length(seconds) == said


@pytest.mark.parametrize(
    ("every", "interval", "tolerance", "fits"),
    [
        (300, 300, 60, True), (150, 300, 1, True), (120, 300, 60, True), (121, 300, 60, False), (100, 300, 60, True),
        (900, 300, 60, False), (900, 300, 299, False), (299, 300, 299, True), (7, 60, 3, False), (6, 60, 1, True),
    ],
)  # fmt: skip
def test_a_log_fits_where_it_has_a_record_for_each_slot(
    every: float, interval: float, tolerance: float, fits: bool
) -> None:
    assert (misfit(every, interval, tolerance) == "") is fits


def test_reach_is_the_buffer_s_time() -> None:
    assert reach(300, 2016) == 604_800
