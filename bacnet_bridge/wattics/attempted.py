"""A queue's latest request and what came of it, for people."""

from dataclasses import dataclass

from bacnet_bridge.clock import Clock
from bacnet_bridge.model import Packet
from bacnet_bridge.wattics.verdict import Action, Answer, NoAnswer, Verdict


@dataclass(frozen=True, slots=True)
class Attempted:
    """`at` is when that was known; `seconds` how long it took. `status` is the platform's; None where none came.

    `sentence` is the verdict's, with what the platform said to a packet that it did not accept.
    """

    instant: int
    body: str
    at: int
    status: int | None
    action: Action
    sentence: str
    seconds: float


def attempted(packet: Packet, outcome: Answer | NoAnswer, verdict: Verdict, clock: Clock, began: float) -> Attempted:
    """As of now; `began` is monotonic."""
    status = outcome.status if isinstance(outcome, Answer) else None
    seconds = clock.monotonic() - began
    return Attempted(packet.instant, packet.body, clock.wall(), status, verdict.action, verdict.sentence, seconds)
