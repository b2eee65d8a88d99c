"""What `run` would refuse in a site's settings, and what would keep it from sending. Opens nothing."""

from collections.abc import Callable, Iterator
from functools import partial

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.mapping import Mapping, MappingProblem
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings, lacking_credentials, strange_secrets
from bacnet_bridge.site_file import SiteFile


def site_problems(settings: Settings, site: SiteFile) -> tuple[MappingProblem, ...]:
    """What ends `run` although each setting is sound by itself: where packets go, whom to trust, who sends."""
    from bacnet_bridge.service.accounts import accounts_of, sessions_of
    from bacnet_bridge.service.receivers import check_alarms

    problems = tuple(_refused(settings, site))
    if problems:
        return problems
    try:
        sessions_of(settings, accounts_of(settings).values())
        check_alarms(settings)
    except SettingsError as error:
        return (MappingProblem(None, str(error)),)
    return ()


def clashes(mapping: Mapping, settings: Settings) -> tuple[MappingProblem, ...]:
    """Where mapping and settings do not fit together."""
    from bacnet_bridge.service.mapped import own_instance_mapped

    return own_instance_mapped(mapping.meters, settings)


def site_warnings(mapping: Mapping, settings: Settings) -> tuple[MappingProblem, ...]:
    """What keeps mapped meters from being sent, the status page from being shown, and which secrets are none."""
    needed = any(meter.account == DEFAULT_ACCOUNT for meter in mapping.meters)
    lacking = lacking_credentials(settings) if needed else ""
    return tuple(MappingProblem(None, each) for each in (lacking, _page_trouble(settings), *strange_secrets()) if each)


def _page_trouble(settings: Settings) -> str:
    """A certificate that cannot be used keeps nothing else from running, so it is no problem."""
    from bacnet_bridge.status.tls import trouble

    page = settings.status
    why = trouble(page.certificate, page.key) if page.port and page.certificate is not None else ""
    return f"no status page: {why}" if why else ""


def _refused(settings: Settings, site: SiteFile) -> Iterator[MappingProblem]:
    """Addresses, the proxy and the CA file, with the place where the site file says them."""
    from bacnet_bridge.service.accounts import proxy_of
    from bacnet_bridge.wattics.address import check_address
    from bacnet_bridge.wattics.session import trust

    platform = settings.platform
    checks: list[tuple[tuple[str, ...], object, Callable[[], object]]] = [
        (("platform", "address"), platform.address, partial(check_address, platform.address)),
        (("platform", "ca"), platform.ca, partial(trust, platform.ca)),
        (("platform", "proxy"), platform.proxy, partial(proxy_of, settings)),
    ]
    for name, account in settings.accounts.items():
        if account.address is not None:
            path: tuple[str, ...] = ("accounts", name, "address")
            checks.append((path, account.address, partial(check_address, account.address)))
    for names, value, check in checks:
        try:
            check()
        except SettingsError as error:
            yield MappingProblem(site.says(names, value), f"{'.'.join(names)}: {error}")
