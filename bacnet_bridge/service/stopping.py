"""The end of the service on request, through its control socket: for systems without SIGTERM, and for scripts."""

import asyncio
import os
from collections.abc import Mapping
from typing import Any, Final

import structlog

from bacnet_bridge.control.door import Command

_log = structlog.get_logger()

_SYSTEMD: Final = "systemd starts it again; `systemctl stop bacnet-bridge` would end it for good"


def stopping(told: asyncio.Event | None, environment: Mapping[str, str] = os.environ) -> dict[str, Command]:
    """The command `stop`, which sets `told`; none where nobody waits for it, as in a demo."""
    if told is None:
        return {}

    async def stop(_question: Mapping[str, Any]) -> dict[str, str]:
        _log.info("told to stop", by="bacnet-bridge stop")
        told.set()
        by_systemd = environment.get("SYSTEMD_EXEC_PID") == str(os.getpid())  # systemd.exec(5)
        return {"told": _SYSTEMD if by_systemd else ""}

    return {"stop": stop}
