"""Whose packets are whose, and how they are sent: the settings' accounts as delivery sees them."""

from collections.abc import Iterable

from bacnet_bridge.model import Account
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings
from bacnet_bridge.wattics.session import Credentials, Sessions, check_address


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


def sessions_of(settings: Settings, accounts: Iterable[Account]) -> Sessions:
    """Sessions for these accounts; those whose credentials the settings lack are left out, and their packets wait."""
    platform = settings.platform
    secrets = {name: Credentials(given.username, given.password) for name, given in settings.accounts.items()}
    if platform.username is not None and platform.password is not None:
        secrets[DEFAULT_ACCOUNT] = Credentials(platform.username, platform.password)
    return Sessions(
        {account: secrets[account.credentials] for account in accounts if account.credentials in secrets},
        site_ca=platform.ca,
        limit=platform.connections,
        time_out=platform.timeout,
    )
