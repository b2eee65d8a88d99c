"""What a site says so far. One that is half made is looked at as far as it goes, with stand-ins for what it lacks."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

from bacnet_bridge.doctor.finding import Finding, failure, ok
from bacnet_bridge.errors import MappingError, SettingsError
from bacnet_bridge.mapping import Defaults, Mapping, load
from bacnet_bridge.model import Meter
from bacnet_bridge.settings import DEFAULT_ACCOUNT, BacnetSettings, Settings, load_settings
from bacnet_bridge.state import StateFolder
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE

_STAND_INS: Final = {
    "zone": "UTC",
    "bacnet.instance": MAX_INSTANCE,
    "bacnet.address": "127.0.0.1/32",
}
"""Required settings, and what stands for each where the site does not say it, or says it wrongly."""


@dataclass(frozen=True, slots=True)
class Site:
    """`lacking`: the names of settings for which a stand-in was taken. `trouble`: what is wrong with the settings."""

    settings: Settings
    lacking: frozenset[str] = frozenset()
    trouble: str = ""
    mapping: Mapping | None = None
    mapping_trouble: str = ""
    """Its problems, one a line; or why there is no mapping."""
    mapping_there: bool = False
    """Whether anybody began one."""
    last_good: Path | None = None
    """What the service starts with where the mapping is wrong."""

    @property
    def state(self) -> StateFolder:
        return StateFolder(self.settings.state)

    @property
    def meters(self) -> tuple[Meter, ...]:
        return () if self.mapping is None else self.mapping.meters

    @property
    def bacnet(self) -> BacnetSettings | None:
        """What the site says of BACnet; None where it does not say its own address."""
        return None if "bacnet.address" in self.lacking else self.settings.bacnet


def read_site(file: Path | None, state: Path | None = None, mapping: Path | None = None) -> Site:
    """Settings, mapping, and what is wrong with them. Reads files only. Raises nothing for what stands in them."""
    settings, lacking, trouble = _settings(file, {"state": state, "mapping": mapping})
    found, mapping_trouble = _mapping(settings)
    folder = settings.mapping
    there = folder.is_dir() and any(folder.iterdir())
    last_good = StateFolder(settings.state).good_mapping
    return Site(settings, lacking, trouble, found, mapping_trouble, there, last_good)


def judge_settings(site: Site) -> Finding:
    if not site.trouble:
        return ok("settings", "complete")
    lines = site.trouble.splitlines()
    more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
    mend = "mend the site file" if site.lacking else "mend that first"
    return failure(
        "settings",
        f"{lines[0]}{more}; what follows was looked at without {', '.join(sorted(site.lacking)) or 'it'}",
        f"`bacnet-bridge run` cannot start: {mend}; docs/settings.md has all settings",
    )


def _settings(file: Path | None, given: dict[str, Any]) -> tuple[Settings, frozenset[str], str]:
    """As much of the site's settings as there is; the fewest stand-ins come first."""
    try:
        return load_settings(file, **given), frozenset(), ""
    except SettingsError as error:
        trouble = str(error)
    for wanted in sorted(product((False, True), repeat=len(_STAND_INS) + 1), key=sum):
        lacking = frozenset(name for name, stands in zip(_STAND_INS, wanted[1:], strict=True) if stands)
        hidden = {"status": {"port": 0}} if wanted[0] else {}  # its password may be what cannot be read
        try:
            return load_settings(file, whole=False, **given, **_nested(lacking), **hidden), lacking, trouble
        except SettingsError:
            continue
    bare = {name: value for name, value in given.items() if value is not None}
    return Settings.model_validate(_nested(frozenset(_STAND_INS)) | bare), frozenset(_STAND_INS), trouble


def _nested(names: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        section, _, inner = name.partition(".")
        if inner:
            found.setdefault(section, {})[inner] = _STAND_INS[name]
        else:
            found[section] = _STAND_INS[name]
    return found


def _mapping(settings: Settings) -> tuple[Mapping | None, str]:
    defaults = Defaults(settings.zone, settings.interval, DEFAULT_ACCOUNT, settings.tolerance)
    try:
        return load(settings.mapping, defaults, accounts={DEFAULT_ACCOUNT, *settings.accounts}), ""
    except MappingError as error:
        return None, str(error)
