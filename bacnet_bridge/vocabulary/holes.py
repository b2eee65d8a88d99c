"""Why a due slot has no packet. Stored by name in the ledger, so names are never reused for something else."""

from enum import StrEnum


class HoleReason(StrEnum):
    """The reasons that the day report counts by; guarantee 6 wants one for every hole."""

    SILENT = "device silent"
    REFUSED = "value refused"
    """Fault, out of service, NaN, wrong type or unit, a counter that is not believed …: the detail says which."""
    LATE = "late"
    """The slot was not read within its tolerance: a stall, a suspended machine, a step of the clock."""
    OVERLAP = "overload"
    """The meter's earlier reading was still running."""
    STOPPED = "stopped"
    """The bridge did not run. Never written: it is what remains unexplained."""
    FULL = "outbox full"
    QUOTA = "quota"
    CLOCK = "clock not credible"
    FENCED = "not later than what was sent"
    FIRST = "first reading of a difference"
    """`as: delta` needs an earlier reading to subtract; the very first slot has none."""
    MOVED = "moved to another id"
    """Its packet waited for a mistyped id, and an operator gave it to the right one."""
    FAILED = "internal error"
    """The bridge itself failed in this slot; the log says where."""
