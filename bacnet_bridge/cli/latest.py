"""`bacnet-bridge latest`: what the platform last processed of a meter, beside our own last accepted packet."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.service.latest import Compared, Own


def latest(
    meter: Annotated[str, typer.Argument(help="The meter's id or name.", show_default=False)],
    account: Annotated[
        str | None, typer.Option(help="An id that no mapped meter has: the account that it is registered with.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, for other programs.")] = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Ask the platform for the latest packet that it has processed of a meter, and say how it differs from ours.

    Sends no packet and needs no running service. Whatever the platform answers is shown.

    Exit status 0: it is our last accepted packet. 1: it is not, or cannot be had. 2: the settings cannot be used.
    """
    from bacnet_bridge.model import Queue
    from bacnet_bridge.service.accounts import accounts_of
    from bacnet_bridge.service.latest import compared, own_latest, platform_latest
    from bacnet_bridge.service.mapped import looked_up
    from bacnet_bridge.service.named import meter_or_id
    from bacnet_bridge.settings import DEFAULT_ACCOUNT, load_settings
    from bacnet_bridge.state import StateFolder

    settings = load_settings(site, state=state)
    accounts = accounts_of(settings)
    found = meter_or_id(meter, *looked_up(settings, StateFolder(settings.state), accounts), account, accounts)
    name = (account or DEFAULT_ACCOUNT) if found is None else found.account
    queue = Queue(accounts[name], meter if found is None else found.id)
    zone = settings.zone if found is None else found.zone
    own = own_latest(settings, queue)
    told = compared(queue.id, zone, own, asyncio.run(platform_latest(settings, queue)))
    if as_json:
        typer.echo(json.dumps(_as_json(queue.id, name, zone, own, told), ensure_ascii=False))
    else:
        _show(queue.id, zone, own, told)
    if not told.agrees:
        raise typer.Exit(1)


def _show(meter: str, zone: str, own: "Own", told: "Compared") -> None:
    from bacnet_bridge.packet.wire import timestamp, values

    if told.instant is not None:
        typer.echo(f"the platform's latest: {timestamp(told.instant, zone)}  {_fields(told.fields or {})}")
    if told.answer:
        typer.echo(f"the platform's answer: {told.answer}")
    if own.accepted is not None:
        said = "" if own.body is None else _fields(values(own.body))
        typer.echo(f"our last accepted:     {timestamp(own.accepted, zone)}  {said}")
    if own.waiting:
        typer.echo(f"waiting here:          {own.waiting}")
    typer.echo(f"{meter}: {told.sentence}")


def _fields(fields: Any) -> str:
    return "  ".join(f"{key} {value}" for key, value in fields.items())


def _as_json(meter: str, account: str, zone: str, own: "Own", told: "Compared") -> dict[str, Any]:
    from bacnet_bridge.packet.wire import timestamp, values

    fields = None if told.fields is None else {key: float(value) for key, value in told.fields.items()}
    return {
        "meter": meter,
        "account": account,
        "agrees": told.agrees,
        "said": told.sentence,
        "platform": None if told.instant is None else {"at": timestamp(told.instant, zone), "fields": fields},
        "answer": told.answer or None,
        "ours": None
        if own.accepted is None
        else {
            "at": timestamp(own.accepted, zone),
            "fields": None if own.body is None else {key: float(value) for key, value in values(own.body).items()},
        },
        "waiting": own.waiting,
    }
