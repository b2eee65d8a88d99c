"""The mapping in force: the files', or the last one that was good."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from bacnet_bridge.errors import MappingError, StateError
from bacnet_bridge.mapping import Defaults, Mapping, MappingProblem, load
from bacnet_bridge.model import Meter
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings, lacking_credentials
from bacnet_bridge.state import StateFolder

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mapped:
    """The meters to read; `problem` is a sentence where the files are not what is in force."""

    meters: tuple[Meter, ...] = ()
    problem: str = ""


def mapped(settings: Settings, state: StateFolder, accounts: Collection[str]) -> Mapped:
    """Load the mapping and keep a copy of it, or start with the copy. Problems are logged; none stops the service."""
    found = _in_force(settings, state, accounts)
    for clash in own_instance_mapped(found.meters, settings):
        _log.warning("the mapping wants a look", warning=str(clash))
    waiting = lacking_credentials(settings)
    if waiting and any(meter.account == DEFAULT_ACCOUNT for meter in found.meters):
        _log.warning("nothing can be sent yet", why=waiting)
    return found


def looked_up(settings: Settings, state: StateFolder, accounts: Collection[str]) -> tuple[Meter, ...]:
    """The meters of the files, or of the last good ones, for a command that changes nothing. Empty where none are."""
    for folder in filter(None, (settings.mapping, state.good_mapping)):
        with suppress(MappingError):
            return _load(folder, settings, accounts).meters
    return ()


def own_instance_mapped(meters: Iterable[Meter], settings: Settings) -> tuple[MappingProblem, ...]:
    """Meters of a device that bears the bridge's own instance: two devices of one instance disturb both."""
    own = settings.bacnet.instance
    return tuple(
        MappingProblem(
            meter.place,
            f"device {own} is the bridge's own instance, bacnet.instance",
            "mend device, or give the bridge a free instance",
        )
        for meter in meters
        if meter.device == own
    )


def _in_force(settings: Settings, state: StateFolder, accounts: Collection[str]) -> Mapped:
    try:
        mapping = _load(settings.mapping, settings, accounts)
    except MappingError as error:
        return _last_good(error, settings, state, accounts)
    try:
        state.keep_mapping(settings.mapping, mapping.files)
    except StateError as error:
        _log.warning("a start with a wrong mapping will not have this one", error=str(error))
    for warning in mapping.warnings:
        _log.warning("the mapping wants a look", warning=str(warning))
    for draft in mapping.drafts:
        _log.info("a draft is not sent: it has no id", meter=draft.name)
    return Mapped(mapping.meters)


def _last_good(error: MappingError, settings: Settings, state: StateFolder, accounts: Collection[str]) -> Mapped:
    meters: tuple[Meter, ...] = ()
    if state.good_mapping is not None:
        with suppress(MappingError):  # it was good under other settings
            meters = _load(state.good_mapping, settings, accounts).meters
    in_force = "the last good one is in force" if meters else "nothing is read"
    _log.error("the mapping is wrong", problems=str(error), so=in_force)
    return Mapped(
        meters,
        f"the mapping in {settings.mapping} is wrong, {in_force}; "
        f"`bacnet-bridge check` lists its problems. The first: {str(error).splitlines()[0]}",
    )


def load_for(settings: Settings, folder: Path | None) -> Mapping:
    """The mapping's files as they are now, the settings' own where no folder is named. Raises MappingError."""
    return _load(folder or settings.mapping, settings, {DEFAULT_ACCOUNT, *settings.accounts})


def _load(folder: Path, settings: Settings, accounts: Collection[str]) -> Mapping:
    return load(folder, defaults_of(settings), accounts=accounts)


def defaults_of(settings: Settings) -> Defaults:
    """What the site decides for meters that do not."""
    return Defaults(settings.zone, settings.interval, DEFAULT_ACCOUNT, settings.tolerance)
