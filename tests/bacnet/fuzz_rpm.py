"""`python -m tests.bacnet.fuzz_rpm --inputs 1000000`: rpm.py's decoders against bytes that no honest device sends.

From a decoder comes a value or a DecodeError, within a bounded time that is the processor's, so that a busy machine
does not count. Prints what came out, by kind of input, and ends with 1 where anything else did.
"""

import argparse
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.rpm import DecodeError, Refusal, decode_read, decode_read_multiple
from bacnet_bridge.model import PropertyRef
from tests.support import noise

BOUND: Final = 1.0
"""Seconds of the processor for one input; the longest of 65,000 octets takes about a tenth of that."""
_HANG: Final = 20
"""Seconds without the next input after which an endless loop is assumed."""


@dataclass
class Outcome:
    """What became of the inputs."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind of input, and `value` or `refused`."""
    slowest: float = 0.0
    slowest_size: int = 0
    failures: list[str] = field(default_factory=list)


def fuzz(seed: int, count: int) -> Outcome:
    """Both decoders over `count` inputs; failures name decoder, input and what happened."""
    outcome = Outcome()
    current: list[bytes] = [b""]

    def hang(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"no end within {_HANG} s: {current[0][:200].hex()}")

    before = signal.signal(signal.SIGALRM, hang)
    try:
        for number, (kind, data) in enumerate(noise.inputs(random.Random(seed), count)):
            if number % 256 == 0:
                signal.alarm(_HANG)
            current[0] = data
            for decode in (decode_read_multiple, decode_read):
                _one(outcome, kind, data, decode)
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return outcome


def _one(outcome: Outcome, kind: str, data: bytes, decode: Callable[[bytes], Any]) -> None:
    began = time.thread_time()
    try:
        found = decode(data)
    except DecodeError:
        result = "refused"
    except Exception as error:  # noqa: BLE001 the very thing that is looked for
        result = "failed"
        outcome.failures.append(f"{decode.__name__}: {type(error).__name__}: {error}: {data[:200].hex()}")
    else:
        result = "value"
        if not _sound(found):
            outcome.failures.append(f"{decode.__name__}: {found!r:.200}: {data[:200].hex()}")
    took = time.thread_time() - began
    outcome.counts[kind, result] += 1
    if took > outcome.slowest:
        outcome.slowest, outcome.slowest_size = took, len(data)
    if took > BOUND:
        outcome.failures.append(f"{decode.__name__}: took {took:.2f} s for {len(data)} octets: {data[:200].hex()}")


def _sound(found: Any) -> bool:
    """Nothing but values and refusals by whole references, all of which can be shown."""
    pairs = found.items() if isinstance(found, dict) else [found]
    return all(
        isinstance(ref, PropertyRef)
        and 0 <= ref.object.type <= 1023
        and 0 <= ref.object.instance <= 4_194_303
        and isinstance(datum, Datum | Refusal)
        and isinstance(str(datum), str)
        for ref, datum in pairs
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    given = parser.parse_args()
    began = time.perf_counter()
    outcome = fuzz(given.seed, given.inputs)
    took = time.perf_counter() - began
    out = sys.stdout
    out.write(f"{given.inputs:,} inputs, each to both decoders, in {took:.1f} s, seed {given.seed}\n")
    for kind in sorted({kind for kind, _ in outcome.counts}):
        counted = {result: outcome.counts[kind, result] for result in ("value", "refused", "failed")}
        out.write(f"  {kind:<8}" + "".join(f"  {result} {number:>9,}" for result, number in counted.items()) + "\n")
    out.write(f"  slowest: {outcome.slowest * 1000:.1f} ms of the processor, {outcome.slowest_size:,} octets\n")
    out.writelines(f"FAILED {failure}\n" for failure in outcome.failures[:50])
    out.write(f"{len(outcome.failures)} failures\n")
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())
