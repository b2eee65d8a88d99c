"""`bacnet-bridge password`: a password for the status page, as the settings keep it."""

import secrets
import sys
from typing import Annotated, Final

import typer

_SHORTEST: Final = 12


def password(
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password, and print it before its hash: a token for a program.")
    ] = False,
) -> None:
    """Print the hash of a password for the status page, for the setting `status.password_hash`.

    The password is asked for twice; or it is the one line of standard input, where that is no terminal. It is stored
    nowhere: only its hash is, from which nobody can read it back.
    """
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.vocabulary.password import hashed

    if generate:
        chosen = secrets.token_urlsafe(24)
        typer.echo(chosen)
    elif sys.stdin.isatty():
        chosen = str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        chosen = sys.stdin.readline().rstrip("\r\n")
    if len(chosen) < _SHORTEST:
        raise SettingsError(f"a password needs {_SHORTEST} characters or more: it can be guessed over a network")
    typer.echo(str(hashed(chosen)))
