"""`check --send METER`: one real packet through the site's outbox, and the latest one read back."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

import typer

from bacnet_bridge.errors import BridgeError

if TYPE_CHECKING:
    from bacnet_bridge.mapping import Mapping
    from bacnet_bridge.model import Meter, Queue
    from bacnet_bridge.service.batch import Ask
    from bacnet_bridge.settings import Settings

_PATIENCE: Final = 45.0
"""Seconds for which nothing may become of a packet; an attempt has 30."""
_REFUSED: Final = 5.0
"""Seconds that one is waited for that was tried and not accepted: it may be a moment's trouble."""
_LOOK: Final = 0.3
_BACK: Final = (0.5, 1.0, 2.0, 4.0)
"""Seconds between looks at the platform's latest packet: it may process what it accepted a little later."""


def send_one(settings: "Settings", mapping: "Mapping", wanted: str) -> None:
    """Raises BridgeError where it was not accepted, or is not what is read back."""
    from bacnet_bridge.model import Queue
    from bacnet_bridge.service.accounts import accounts_of
    from bacnet_bridge.service.named import meter_named

    meter = meter_named(wanted, mapping.meters, mapping.drafts)
    queue = Queue(accounts_of(settings)[meter.account], meter.id)
    asyncio.run(_send(settings, meter, queue))


async def _send(settings: "Settings", meter: "Meter", queue: "Queue") -> None:
    from bacnet_bridge.service.extra import sending

    async with sending(settings, meter) as asks:
        told = await asks(step="put")
        ahead = told["ahead"]
        behind = f", behind {ahead} that {'wait' if ahead > 1 else 'waits'}" if ahead else ""
        typer.echo(f"in the outbox{behind}: {told['body']}")
        await _until_accepted(asks, meter, told["instant"])
    await _read_back(settings, meter, queue, told["instant"])


async def _until_accepted(asks: "Ask", meter: "Meter", instant: int) -> None:
    loop = asyncio.get_running_loop()
    oldest, since = None, loop.time()
    while True:
        look = await asks(step="look")
        if look["oldest"] is None or look["oldest"] > instant:
            return
        if look["oldest"] != oldest:
            oldest, since = look["oldest"], loop.time()
        if look["held"] or loop.time() - since > (_REFUSED if look["reason"] else _PATIENCE):
            raise BridgeError(_not_accepted(meter, look, instant))
        await asyncio.sleep(_LOOK)


def _not_accepted(meter: "Meter", look: dict[str, Any], instant: int) -> str:
    which = "the packet" if look["oldest"] == instant else f"{look['waiting']} packets wait, and the first of them"
    why = look["reason"] or f"no answer for {_PATIENCE:g} s"
    return (
        f"meter {meter.id}: {which} was not accepted: {why}. It stays in the outbox, in order, and `bacnet-bridge run` "
        "goes on trying"
    )


async def _read_back(settings: "Settings", meter: "Meter", queue: "Queue", instant: int) -> None:
    """Where the platform's answer cannot be understood, that is told, and is no failure: the packet was accepted."""
    from bacnet_bridge.service.latest import compared, own_latest, platform_latest

    own = own_latest(settings, queue)
    if own.accepted is None or own.accepted < instant:
        raise BridgeError(f"meter {meter.id}: the packet left the outbox without being accepted: see `outbox show`")
    typer.echo("accepted: the platform answered 200")
    for pause in (*_BACK, None):
        found = compared(meter.id, meter.zone, own, await platform_latest(settings, queue))
        if found.agrees or found.instant is None or pause is None:
            break
        await asyncio.sleep(pause)
    typer.echo(f"read back: {found.sentence}")
    if found.answer:
        typer.echo(f"the platform's answer: {found.answer}")
    if found.instant is not None and not found.agrees and found.instant < instant:
        raise BridgeError(f"meter {meter.id}: accepted, but not processed: {found.sentence}")
