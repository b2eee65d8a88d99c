"""Python's collector of cycles and its threads' turns, set for a service that runs for years."""

import gc
import sys
from typing import Any, Final, Literal

_AFTER: Final = (10_000, 1, 600)
"""Objects, and rounds of the younger generations: thousands are made in a slot, hardly any of them in a cycle.

While it looks, nothing else goes on: 10,000 objects take 5 ms or so, what two rounds of them left 10 to 20, and all
that 10,000 meters hold in a slot 200. Rounds of 200,000 took 300 ms in every slot of 10,000 meters. Connections that
break leave some cycles, all but the last of which go with the younger generations.
"""
_FIRST: Final = 180
"""Rounds of the second generation: three slots of 10,000 meters."""

_TURN: Final = 0.0005
"""Seconds that a thread which computes may keep the others waiting (5 ms by default).

The loop stands back with every datagram that it sends, and waits so long for its next turn while a thread makes a page
of 10,000 meters: 50 datagrams in one turn of the loop took 400 ms, and take 35 (measured).
"""


def settle() -> None:
    """To be called before the start, and again once everything that stays is made: it is not looked at again.

    Nor is what the first slots leave, which is made when a meter is first due: 400,000 objects of 10,000 meters, a look
    through which took 350 to 580 ms. The cycles that a start leaves behind are few.

    With what a slot makes Python would go through its objects many times in every slot: a third of the CPU of
    reading meters of one field (measured).
    """
    sys.setswitchinterval(_TURN)
    gc.freeze()
    gc.set_threshold(*_AFTER)
    gc.callbacks[:] = [each for each in gc.callbacks if not isinstance(each, _First)]
    gc.callbacks.append(_First())


class _First:
    """Sets aside what each of the first rounds left. No round of the oldest generation comes meanwhile."""

    def __init__(self) -> None:
        self.left = _FIRST

    def __call__(self, phase: Literal["start", "stop"], info: dict[str, Any]) -> None:
        if phase == "stop" and info["generation"] and self.left:
            self.left -= 1
            gc.freeze()
