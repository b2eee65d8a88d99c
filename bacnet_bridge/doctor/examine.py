"""All looks at once, each with an end: what hangs, or fails by itself, is unknown and holds up no other."""

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from bacnet_bridge.doctor.finding import Finding, Look, unknown
from bacnet_bridge.errors import BridgeError

T = TypeVar("T")


async def examine(looks: Iterable[Look]) -> list[Finding]:
    """The findings of all looks, in the looks' order. Raises nothing for what was looked at."""
    asyncio.get_running_loop().set_default_executor(_Threads())
    found = await asyncio.gather(*map(_seen, looks))
    return [finding for findings in found for finding in findings]


class _Threads(ThreadPoolExecutor):
    """A thread for each call, that nobody waits for at the end.

    A name server or a network drive that does not answer holds its thread for minutes, and a pool's threads would
    hold the whole program with it.
    """

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> "Future[T]":
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the future
                future.set_exception(error)

        threading.Thread(target=work, name="doctor", daemon=True).start()
        return future


async def _seen(look: Look) -> list[Finding]:
    try:
        async with asyncio.timeout(look.seconds):
            found = list(await look.see())
        why = "this check did not come to an end: please report it"
    except TimeoutError:
        found, why = [], f"nothing within {look.seconds:g} s"
    except BridgeError as error:
        found, why = [], str(error)
    except Exception as error:  # noqa: BLE001 - one check's defect must not hide what all others found
        found, why = [], f"the check itself failed ({type(error).__name__}: {error}); please report it"
    told = {finding.check for finding in found}
    return [*found, *(unknown(name, why) for name in look.names if name not in told)]
