"""The mapping in force at a start: the files', or the last one that was good. What is told of it, and kept."""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from bacnet_bridge.errors import MappingError, StateError
from bacnet_bridge.mapping import Defaults, Difference, Draft, Look, Mapping, MappingProblem, difference, load, look
from bacnet_bridge.model import Meter
from bacnet_bridge.service.shown_mapping import problems_of
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings, lacking_credentials
from bacnet_bridge.state import StateFolder

_TOLD: Final = 50
"""Meters of one edit that the log names."""
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mapped:
    """The meters to read; `problem` is a sentence where the files are not what is in force.

    `mapping`: what the files say; None where they are wrong. `look`: how they looked before they were read.
    """

    meters: tuple[Meter, ...] = ()
    problem: str = ""
    mapping: Mapping | None = None
    look: Look = ()
    problems: tuple[MappingProblem, ...] = ()


def mapped(settings: Settings, state: StateFolder, accounts: Collection[str]) -> Mapped:
    """Load the mapping, or else the last good one. Problems are logged; none stops the service."""
    seen = look(settings.mapping)
    try:
        mapping = judged(settings, accounts)
    except MappingError as error:
        meters = last_good(settings, state, accounts)
        found = Mapped(meters, wrong(error, settings, bool(meters)), look=seen, problems=problems_of(error))
        _tell_of_own_instance(meters, settings)
    else:
        found = Mapped(mapping.meters, "", mapping, seen)
        tell(mapping, settings)
    waiting = lacking_credentials(settings)
    if waiting and any(meter.account == DEFAULT_ACCOUNT for meter in found.meters):
        _log.warning("nothing can be sent yet", why=waiting)
    return found


def begun(settings: Settings, state: StateFolder, accounts: Collection[str]) -> Mapped:
    """What a service starts with. Where the files are right they are taken as they are, and a copy of them is kept.

    A start must not need a visit, whatever was edited while no service ran; what that is, is logged.
    """
    found = mapped(settings, state, accounts)
    if found.mapping is None:
        return found
    if state.good_mapping is not None and not _same_as_kept(found.mapping, settings.mapping, state.good_mapping):
        edit = difference(last_good(settings, state, accounts), found.meters)
        log(edit, "the mapping was edited while no service ran")
    keep(found.mapping, settings, state)
    return found


def judged(settings: Settings, accounts: Collection[str]) -> Mapping:
    """What the files say. Raises MappingError."""
    return _load(settings.mapping, settings, accounts)


def keep(mapping: Mapping, settings: Settings, state: StateFolder) -> None:
    """A copy of it, for a start with wrong files."""
    try:
        state.keep_mapping(settings.mapping, mapping.files)
    except StateError as error:
        _log.warning("a start with a wrong mapping will not have this one", error=str(error))


def tell(mapping: Mapping, settings: Settings) -> None:
    """Log what wants a look in a mapping that is right."""
    for warning in mapping.warnings:
        _log.warning("the mapping wants a look", warning=str(warning))
    for draft in mapping.drafts:
        _log.info("a draft is not sent: it has no id", meter=draft.name)
    _tell_of_own_instance(mapping.meters, settings)


def wrong(error: MappingError, settings: Settings, anything: bool, told: str = "") -> str:
    """Log what is wrong with the files, and give the status's sentence.

    `anything`: whether another mapping is in force. `told`: the sentence that the log has already.
    """
    in_force = "the last good one is in force" if anything else "nothing is read"
    sentence = (
        f"the mapping in {settings.mapping} is wrong, {in_force}; "
        f"`bacnet-bridge check` lists its problems. The first: {str(error).splitlines()[0]}"
    )
    if sentence != told:
        _log.error("the mapping is wrong", problems=str(error), so=in_force)
    return sentence


def log(edit: Difference, event: str) -> None:
    """A line for each meter that an edit concerns, as far as anybody reads that."""
    sentences = edit.sentences
    for sentence in sentences[:_TOLD]:
        _log.warning(event, what=sentence) if edit.takes_away else _log.info(event, what=sentence)
    if len(sentences) > _TOLD:
        _log.info(event, what=f"and {len(sentences) - _TOLD} more meters")


def looked_up(
    settings: Settings, state: StateFolder, accounts: Collection[str]
) -> tuple[tuple[Meter, ...], tuple[Draft, ...]]:
    """Meters and drafts of the files, or of the last good ones, for a command that changes nothing.

    Both are empty where none are good.
    """
    for folder in filter(None, (settings.mapping, state.good_mapping)):
        with suppress(MappingError):
            found = _load(folder, settings, accounts)
            return found.meters, found.drafts
    return (), ()


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


def last_good(settings: Settings, state: StateFolder, accounts: Collection[str]) -> tuple[Meter, ...]:
    """The meters of the copy that is kept, under the settings of today; none where there is none."""
    if state.good_mapping is not None:
        with suppress(MappingError):  # it was good under other settings
            return _load(state.good_mapping, settings, accounts).meters
    return ()


def _tell_of_own_instance(meters: Iterable[Meter], settings: Settings) -> None:
    for clash in own_instance_mapped(meters, settings):
        _log.warning("the mapping wants a look", warning=str(clash))


def _same_as_kept(mapping: Mapping, source: Path, kept: Path) -> bool:
    """Whether the copy is of these very files, so that it need not be parsed."""
    copies = {path for path in kept.rglob("*") if path.is_file()}
    try:
        return len(copies) == len(mapping.files) and all(
            (kept / file.relative_to(source)).read_bytes() == content for file, content in mapping.files
        )
    except OSError:
        return False


def load_for(settings: Settings, folder: Path | None) -> Mapping:
    """The mapping's files as they are now, the settings' own where no folder is named. Raises MappingError."""
    return _load(folder or settings.mapping, settings, {DEFAULT_ACCOUNT, *settings.accounts})


def _load(folder: Path, settings: Settings, accounts: Collection[str]) -> Mapping:
    return load(folder, defaults_of(settings), accounts=accounts)


def defaults_of(settings: Settings) -> Defaults:
    """What the site decides for meters that do not."""
    return Defaults(settings.zone, settings.interval, DEFAULT_ACCOUNT, settings.tolerance)
