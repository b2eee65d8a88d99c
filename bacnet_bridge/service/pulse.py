"""Whether the event loop answers, watched from a thread beside it: a loop that hangs can neither say so nor end.

Only where nobody else watches; systemd's watchdog does the same from outside. What passes is what the thread itself saw
pass, in small steps: a machine that was suspended, or a process that was stopped, did not hang.
"""

import asyncio
import faulthandler
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Final

PATIENCE: Final = 120.0
"""Seconds for which the loop may not answer: as long as systemd's watchdog has."""
_TO_END: Final = 60.0
"""Seconds that the process has to end once it should: a stop takes 15 at most where the disk answers."""
_TO_TELL: Final = 5.0
"""Seconds that it takes at most to say why."""
_STEP: Final = 1.0


def _exit(why: str) -> None:
    """At once, with where every thread stood: nothing else can be done from here. What was committed is on disk."""
    telling = threading.Thread(target=_tell, args=(why,), daemon=True)
    telling.start()
    telling.join(_TO_TELL)
    os._exit(1)


def _tell(why: str) -> None:
    """Waits for ever where standard error is a pipe that nobody reads, as the loop then does."""
    with suppress(OSError, ValueError, AttributeError):  # there may be no standard error any more
        sys.stderr.write(f"bacnet-bridge: {why}\n")
        sys.stderr.flush()
        faulthandler.dump_traceback(sys.stderr, all_threads=True)


class Pulse(threading.Thread):
    """Ends the process, with exit status 1, where the loop does not answer. Ends by itself with the loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        patience: float = PATIENCE,
        step: float = _STEP,
        end: Callable[[str], None] = _exit,
    ) -> None:
        super().__init__(name="pulse", daemon=True)
        self._loop, self._patience, self._step, self._end = loop, patience, step, end
        self._left: float | None = None

    def hurry(self, seconds: float = _TO_END) -> None:
        """The process ends now; if it has not by then, it hangs, too."""
        self._left = seconds

    def run(self) -> None:
        answer, silent = threading.Event(), 0.0
        answer.set()
        while silent < self._patience:
            if answer.is_set():
                answer.clear()
                silent = 0.0
                with suppress(RuntimeError):  # it was closed just now
                    self._loop.call_soon_threadsafe(answer.set)
            if self._left is None and self._loop.is_closed():
                return
            passed = self._passed()
            silent += passed
            if self._left is not None:
                self._left -= passed
                if self._left <= 0:
                    self._end("it does not end; ended by force, to be started anew")
                    return
        self._end(f"the event loop has not answered for {self._patience:g} s; ended, to be started anew")

    def _passed(self) -> float:
        """Seconds, after one step; never many, whatever the clock says."""
        before = monotonic()
        sleep(self._step)
        return min(monotonic() - before, 2 * self._step)
