"""How far a gap is on its way from being found to being sent over, as every stage may know it."""

from enum import StrEnum
from typing import Final


class Stage(StrEnum):
    """How far a gap is. Stored by name."""

    FOUND = "found"
    """Nothing newer was put yet: nothing has to wait."""
    HELD = "held"
    """A newer packet is there, and nothing of its queue leaves."""
    FILLED = "filled"
    """What the log had is put."""
    GIVEN_UP = "given up"
    """Its slots stay holes."""
    RELEASED = "released"
    """The queue sends again."""


TOO_LATE: Final = "the log had not told it before the deadline"
ENDED: Final = "the hold ended before it was filled"
NOT_READ: Final = "its meter is not mapped any more, or read from another device"
DAMAGED: Final = "what the outbox has of it is damaged"
DEFECT: Final = "a defect of the bridge, which its log tells"
