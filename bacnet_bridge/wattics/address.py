"""Where packets may be sent, and through what. Pure: each check is a sentence or nothing."""

from urllib.parse import SplitResult, urlsplit

from bacnet_bridge.errors import SettingsError


def check_address(address: str) -> None:
    """Raises SettingsError, with a sentence, unless packets may be sent to `address`: https, a host, no credentials."""
    try:
        parts = _split(address)
    except ValueError as error:
        raise SettingsError(
            f"the platform's address cannot be understood ({error}); write https://host/path/"
        ) from None
    if "@" in parts.netloc:
        raise SettingsError(
            f"the platform's address for {parts.hostname} holds a username or password; "
            "put them into the account's settings"
        )
    if parts.scheme == "http":
        raise SettingsError(
            f"{address} is not encrypted and the platform rejects it; write https:// instead of http://"
        )
    if parts.scheme != "https" or not parts.hostname:
        raise SettingsError(f"{address!r} is not an address of the platform; write https://host/path/")


def check_proxy(address: str) -> None:
    """Raises SettingsError, with a sentence, unless `address` is `http://host:port`, without credentials."""
    try:
        parts = _split(address)
    except ValueError as error:
        raise SettingsError(f"platform.proxy cannot be understood ({error}); write http://host:port") from None
    if "@" in parts.netloc:
        raise SettingsError(
            f"platform.proxy for {parts.hostname} holds a username or password; put them into "
            "platform.proxy_username and platform.proxy_password"
        )
    if parts.scheme != "http" or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError(
            f"platform.proxy {address!r} cannot be used: only an HTTP proxy that lets CONNECT through is, and neither "
            "a SOCKS nor an https:// one; write http://host:port"
        )


def _split(address: str) -> SplitResult:
    """Raises ValueError."""
    parts = urlsplit(address)
    host, _ = parts.hostname or "", parts.port
    host.encode("idna")  # as the resolver will do it
    return parts
