"""Why an attempt got no answer: the client's exceptions as sentences that say what to do. Pure."""

import errno
import os
import re
import ssl
from pathlib import Path
from typing import Final

import aiohttp

from bacnet_bridge.wattics.validity import EXPIRED, NOT_YET_VALID
from bacnet_bridge.wattics.verdict import Trouble

_TROUBLES: Final = (
    (aiohttp.ClientConnectorCertificateError, Trouble.CERTIFICATE),
    (aiohttp.ClientSSLError, Trouble.TLS),
    (aiohttp.ClientConnectorDNSError, Trouble.NO_NAME),
    (aiohttp.ClientHttpProxyError, Trouble.PROXY),
    (aiohttp.ClientConnectorError, Trouble.NO_CONNECTION),
    (TimeoutError, Trouble.TIME_OUT),
    (aiohttp.ClientConnectionError, Trouble.CUT),
    (aiohttp.ClientPayloadError, Trouble.CUT),
    (aiohttp.ClientError, Trouble.GARBLED),
)
"""First match counts: the earlier classes are special cases of the later ones."""

# OpenSSL's X509_V_ERR_… (x509_vfy.h); the ssl module gives them no names
_ISSUERS: Final = frozenset({2, 18, 19, 20, 21})
_OTHER_NAME: Final = frozenset({62, 64})

_PROXY_S: Final = {
    403: "ask whoever keeps it to let connections to the platform's address through, or correct platform.proxy",
    407: "correct platform.proxy_username and platform.proxy_password",
    502: "it cannot reach the platform; check platform.address",
    503: "it cannot reach the platform; check platform.address",
    504: "it cannot reach the platform; check platform.address",
}
_UNREACHABLE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EADDRNOTAVAIL})


def trouble_of(error: Exception) -> Trouble:
    """What kind of trouble an exception of the client is."""
    return next(trouble for kind, trouble in _TROUBLES if isinstance(error, kind))


def said_plainly(error: Exception, site_ca: Path | None = None) -> str:
    """A sentence for people. The caller, who knows the time allowed, words time-outs himself.

    `site_ca`: the file of authorities that were trusted beside the system's.
    """
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return certificate_trouble(error.host, error.certificate_error, site_ca)
        case aiohttp.ClientConnectorDNSError():
            return f"{error.host} ({_strerror(error.os_error)}); check platform.address and this machine's DNS"
        case aiohttp.ClientSSLError():
            reason = (getattr(error.os_error, "reason", None) or "broken off").replace("_", " ").lower()
            return f"{error.host} port {error.port} does not speak TLS as it should ({reason})"
        case aiohttp.ClientHttpProxyError():
            return f"it answered {error.status} {error.message}; {_PROXY_S.get(error.status, _PROXY_S[403])}"
        case aiohttp.ClientConnectorError():
            sentence = connection_trouble(error.host, error.port, error.os_error)
            proxy = isinstance(error, aiohttp.ClientProxyConnectionError)
            return sentence.replace("platform.address", "platform.proxy") if proxy else sentence
        case _:
            return _strerror(error) if isinstance(error, OSError) else str(error) or type(error).__name__


def certificate_trouble(host: str, error: Exception, site_ca: Path | None = None) -> str:
    code = getattr(error, "verify_code", 0)
    if code in _ISSUERS and site_ca is not None:
        return (
            f"the certificate of {host} is from an issuer that is not trusted: nobody in {site_ca.name} signed it, "
            "which may be an old platform.ca; give the CA file of those who did"
        )
    if code in _ISSUERS:
        return f"the certificate of {host} is from an issuer that is not trusted; give its CA file as platform.ca"
    if code in _OTHER_NAME:
        return f"the certificate is for another name than {host}; write the name that it bears into platform.address"
    if code == EXPIRED:
        return f"the certificate of {host} has expired, or this machine's clock is wrong"
    if code == NOT_YET_VALID:
        return f"the certificate of {host} is not valid yet, or this machine's clock is wrong"
    message = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
    return f"the certificate of {host} is not in order: {message}"


def connection_trouble(host: str, port: int | None, error: OSError) -> str:
    # A host with several addresses that fail in different ways: aiohappyeyeballs puts their errors into one text
    numbers = {error.errno} if error.errno else {int(number) for number in re.findall(r"\[Errno (\d+)\]", str(error))}
    if errno.ECONNREFUSED in numbers:
        return f"{host} port {port} refuses it; check platform.address"
    if numbers & _UNREACHABLE:
        return f"{host} cannot be reached; check this machine's network and gateway"
    return f"{host} port {port}: {_strerror(error)}"


def _strerror(error: OSError) -> str:
    """The system's words without its numbers; a resolver's negative numbers have words of their own."""
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__
