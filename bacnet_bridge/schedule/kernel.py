"""Asks the Linux kernel whether something keeps its clock in time (adjtimex(2))."""

import ctypes
import errno
import os
from typing import Any, Final

_STA_UNSYNC: Final = 0x40


def _adjtimex() -> Any:
    try:
        return ctypes.CDLL(None, use_errno=True).adjtimex
    except (TypeError, OSError, AttributeError):  # Windows knows no library without a name, others not this call
        return None


_ADJTIMEX: Final = _adjtimex()


class _Timex(ctypes.Structure):
    """The head of `struct timex`; the kernel fills more, for which there is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 64),
    )


def kernel_synchronised() -> bool:
    """Whether NTP or the like has confirmed the system's time since it was last set.

    The kernel takes the confirmation back when someone sets the time by hand, or when none came for long.
    chronyd reports to it only with `rtcsync`, which Debian's configuration has. Raises OSError where the system
    does not let us ask (an old container runtime, Windows).
    """
    timex = _Timex(modes=0)
    if _ADJTIMEX is None:
        raise OSError(errno.ENOSYS, "this system has no adjtimex")
    if _ADJTIMEX(ctypes.byref(timex)) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"adjtimex: {os.strerror(error)}")
    return not timex.status & _STA_UNSYNC
