"""What `run` would refuse in a site's settings, and what would keep it from sending. Opens nothing."""

from collections.abc import Iterator

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.mapping import Mapping, MappingProblem
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings, lacking_credentials


def site_problems(settings: Settings) -> tuple[MappingProblem, ...]:
    """What ends `run` although each setting is sound by itself: where packets go, whom to trust, who sends."""
    return tuple(MappingProblem(None, sentence) for sentence in _refusals(settings))


def clashes(mapping: Mapping, settings: Settings) -> tuple[MappingProblem, ...]:
    """Where mapping and settings do not fit together."""
    from bacnet_bridge.service.mapped import own_instance_mapped

    return own_instance_mapped(mapping.meters, settings)


def site_warnings(mapping: Mapping, settings: Settings) -> tuple[MappingProblem, ...]:
    """What keeps mapped meters from being sent."""
    needed = any(meter.account == DEFAULT_ACCOUNT for meter in mapping.meters)
    lacking = lacking_credentials(settings) if needed else ""
    return (MappingProblem(None, lacking),) if lacking else ()


def _refusals(settings: Settings) -> Iterator[str]:
    from bacnet_bridge.service.accounts import accounts_of, sessions_of

    accounts = {}
    try:
        accounts = accounts_of(settings)
    except SettingsError as error:
        yield str(error)
    try:
        sessions_of(settings, accounts.values())
    except SettingsError as error:
        yield str(error)
