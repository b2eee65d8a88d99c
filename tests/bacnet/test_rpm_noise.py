"""A short run of what `python -m tests.bacnet.fuzz_rpm` does at length."""

import random

import pytest

from bacnet_bridge.bacnet.rpm import decode_read, decode_read_multiple
from tests.bacnet.fuzz_rpm import fuzz
from tests.support import noise


@pytest.mark.parametrize("seed", [1, 2])
def test_noise_ends_in_values_or_a_decode_error(seed: int) -> None:
    outcome = fuzz(seed, 10_000)
    assert outcome.failures == []
    assert sum(outcome.counts.values()) == 20_000
    assert {kind for kind, result in outcome.counts if result == "value"} >= {"answer", "damaged"}
    assert {kind for kind, result in outcome.counts if result == "refused"} == {
        "answer", "damaged", "deep", "random", "tags",
    }  # fmt: skip


def test_the_noise_begins_with_answers_that_are_well_formed() -> None:
    """Or else its damages would all be refused at the first octet."""
    rng = random.Random(3)
    for _ in range(300):
        decode_read_multiple(noise.answer(rng))
        decode_read(noise.single_answer(rng))
