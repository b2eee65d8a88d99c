"""The commands, a file each. Here they are gathered, and here their errors become sentences and exit statuses."""

import sys
from typing import NoReturn

import typer

from bacnet_bridge import __version__
from bacnet_bridge.cli.accept import accept
from bacnet_bridge.cli.alarms import alarms
from bacnet_bridge.cli.apply import apply
from bacnet_bridge.cli.backfill import backfill
from bacnet_bridge.cli.backup import backup, restore
from bacnet_bridge.cli.check import check
from bacnet_bridge.cli.demo import demo
from bacnet_bridge.cli.devices import devices
from bacnet_bridge.cli.discover import discover
from bacnet_bridge.cli.doctor import doctor
from bacnet_bridge.cli.draft import draft
from bacnet_bridge.cli.exchange import exchange
from bacnet_bridge.cli.import_list import import_list
from bacnet_bridge.cli.latest import latest
from bacnet_bridge.cli.outbox import list_, show
from bacnet_bridge.cli.outbox_acts import abandon, recover, retry, skip
from bacnet_bridge.cli.outbox_export import export
from bacnet_bridge.cli.outbox_holds import hold, release
from bacnet_bridge.cli.outbox_import import import_
from bacnet_bridge.cli.outbox_transfers import move, reassign
from bacnet_bridge.cli.password import password
from bacnet_bridge.cli.push import push
from bacnet_bridge.cli.register import export as register_export
from bacnet_bridge.cli.register import import_ as register_import
from bacnet_bridge.cli.report import report
from bacnet_bridge.cli.run import run
from bacnet_bridge.cli.simulate_building import building
from bacnet_bridge.cli.simulate_platform import platform
from bacnet_bridge.cli.status import status
from bacnet_bridge.cli.stop import stop
from bacnet_bridge.cli.support import support
from bacnet_bridge.errors import BridgeError, NetworkError, SettingsError, StateError

app = typer.Typer(
    name="bacnet-bridge",
    help="Read a building's meters over BACnet/IP and deliver every packet, in order, to the Wattics platform.",
    epilog="New here? `bacnet-bridge demo` shows the whole way on a simulated building.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
simulate = typer.Typer(
    name="simulate",
    help="Start one of the demo's far ends alone: a building to read, or a platform to send to.",
    no_args_is_help=True,
)
app.command()(demo)
app.command()(run)
app.command()(stop)
app.command()(status)
app.command()(discover)
app.command("import")(import_list)
app.command()(check)
app.command()(doctor)
app.command()(apply)
app.command()(devices)
app.command()(draft)
app.command()(accept)
app.command()(report)
app.command()(exchange)
app.command()(backfill)
app.command()(push)
app.command()(latest)
app.command()(alarms)
app.command()(password)
app.command()(backup)
app.command()(restore)
app.command()(support)
simulate.command()(building)
simulate.command()(platform)
app.add_typer(simulate)
register = typer.Typer(
    name="register",
    help="Have drafts registered with the platform: a sheet for its staff, and the ids that they return.",
    no_args_is_help=True,
)
register.command("export")(register_export)
register.command("import")(register_import)
app.add_typer(register)
outbox = typer.Typer(
    name="outbox",
    help="Look at the packets that wait, and act on them: docs/outbox.md has worked examples.",
    no_args_is_help=True,
)
outbox.command("list")(list_)
outbox.command()(show)
outbox.command()(retry)
outbox.command()(skip)
outbox.command()(hold)
outbox.command()(release)
outbox.command()(export)
outbox.command("import")(import_)
outbox.command()(reassign)
outbox.command()(move)
outbox.command()(recover)
outbox.command()(abandon)
app.add_typer(outbox)


@app.callback(invoke_without_command=True)
def _version(
    version: bool = typer.Option(False, "--version", help="Print the version and end.", is_eager=True),
) -> None:
    if version:
        typer.echo(f"bacnet-bridge {__version__}")
        raise typer.Exit


def main() -> NoReturn:
    """Run the command line. Exit status: 0 done, 1 what was asked shows a problem, 2 it could not be begun."""
    try:
        app()
    except (SettingsError, StateError, NetworkError) as error:
        _end(error, 2)
    except BridgeError as error:
        _end(error, 1)
    sys.exit(0)


def _end(error: BridgeError, status: int) -> NoReturn:
    typer.echo(f"bacnet-bridge: {error}", err=True)
    sys.exit(status)
