"""The status page's certificate and key: two files in PEM form, or one that holds both."""

import os
import ssl
from pathlib import Path

_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_KEY = b"PRIVATE KEY-----"


def use_certificate(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Have the context show it. A key that wants a passphrase is refused: nobody is there to type it.

    Raises OSError (ssl.SSLError is one), which names the file.
    """
    shown = certificate.read_bytes()
    if _KEY not in (shown if key is None else key.read_bytes()) and _CERTIFICATE in shown:
        raise OSError(f"{key or certificate} holds no private key: {'set' if key is None else 'correct'} status.key")
    context.load_cert_chain(certificate, key, password=lambda: "")


def trouble(certificate: Path, key: Path | None) -> str:
    """Why they cannot be used by this user now; empty where they can."""
    try:
        use_certificate(ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), certificate, key)
    except OSError as error:
        return cause(error, certificate, key)
    return ""


def cause(error: OSError, certificate: Path | None, key: Path | None) -> str:
    """The system's words, and of which file they are."""
    if isinstance(error, ssl.SSLError):
        files = " and ".join(str(file) for file in (certificate, key) if file is not None)
        return (
            f"its certificate and key cannot be used ({files}): they must be PEM, belong together and need no "
            f"passphrase ({(error.reason or str(error).partition(' (_ssl')[0]).replace('_', ' ').lower()})"
        )
    said = os.strerror(error.errno) if error.errno else str(error)
    return f"{error.filename}: {said}" if error.filename else said
