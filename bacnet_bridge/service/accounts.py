"""Whose packets are whose, and how they are sent: the settings' accounts as delivery sees them."""

import asyncio
from collections.abc import Callable, Iterable

import structlog

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.model import Account
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings
from bacnet_bridge.wattics.address import check_address, check_proxy
from bacnet_bridge.wattics.credentials import Credentials, Proxy
from bacnet_bridge.wattics.session import Sessions

_log = structlog.get_logger()


def accounts_of(settings: Settings) -> dict[str, Account]:
    """Name → the account of meters that name it.

    Raises SettingsError for an address that nothing may be sent to, with or without credentials: packets put for it
    would wait for ever.
    """
    platform = settings.platform
    accounts = {DEFAULT_ACCOUNT: Account(platform.address, DEFAULT_ACCOUNT)}
    for name, account in settings.accounts.items():
        accounts[name] = Account(account.address or platform.address, name)
    for each in accounts.values():
        check_address(each.address)
    return accounts


def sessions_of(
    settings: Settings,
    accounts: Iterable[Account],
    again: Callable[[], Settings] | None = None,
    now: Callable[[], int] | None = None,
) -> Sessions:
    """Sessions for these accounts; those whose credentials the settings lack are left out, and their packets wait.

    `again` reads the settings again, for the secrets in them only; `now` is the site's time where the machine's is
    known to be wrong (`clock: platform`). Raises SettingsError.
    """
    platform, known = settings.platform, tuple(accounts)

    async def read_again() -> dict[Account, Credentials]:
        if again is None:
            return {}
        try:
            return _secrets(await asyncio.to_thread(again), known)
        except SettingsError as error:
            _log.debug("the secrets cannot be read again; the old ones stay", reason=str(error))
            return {}

    return Sessions(
        _secrets(settings, known),
        site_ca=platform.ca,
        limit=platform.connections,
        time_out=platform.timeout,
        proxy=proxy_of(settings),
        again=read_again,
        now=now if settings.clock == "platform" else None,
    )


def proxy_of(settings: Settings) -> Proxy | None:
    """The way out. Raises SettingsError for a proxy that cannot be used."""
    platform = settings.platform
    if platform.proxy is None:
        return None
    check_proxy(platform.proxy)
    if (platform.proxy_username is None) != (platform.proxy_password is None):
        lacking = "username" if platform.proxy_username is None else "password"
        raise SettingsError(f"platform.proxy_{lacking} is missing: a proxy asks for both, username and password")
    if platform.proxy_username is None or platform.proxy_password is None:
        return Proxy(platform.proxy)
    return Proxy(platform.proxy, Credentials(platform.proxy_username, platform.proxy_password))


def _secrets(settings: Settings, accounts: Iterable[Account]) -> dict[Account, Credentials]:
    platform = settings.platform
    secrets = {name: Credentials(given.username, given.password) for name, given in settings.accounts.items()}
    if platform.username is not None and platform.password is not None:
        secrets[DEFAULT_ACCOUNT] = Credentials(platform.username, platform.password)
    return {account: secrets[account.credentials] for account in accounts if account.credentials in secrets}
