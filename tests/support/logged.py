"""Everything that the tests have logged, looked through for secrets by `tests/conftest.py`, test by test."""

from base64 import b64encode
from typing import Final

from bacnet_bridge.redaction import Redaction
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME

LOGGED: Final[list[str]] = []
"""What services and commands in processes of their own wrote to standard error, and what `capture_logs` caught."""
SECRETS: Final = (PASSWORD, b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode(), "hunter2", "wrong-password")
"""The passwords that tests give away most."""


def secrets_in(text: str, net: Redaction) -> list[str]:
    """The lines that hold one of the secrets, or what looks like one.

    `net`: that of the test, which knows every secret of all settings that were made in it, whatever they are called.
    """
    return [line for line in text.splitlines() if any(secret in line for secret in SECRETS) or net.hide(line) != line]
