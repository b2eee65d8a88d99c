"""The site's settings, resolved once: command line, environment, secrets directory, site file → one frozen `Settings`.

Earlier sources win over later ones. The environment's names begin with `BRIDGE_` and nest with two underscores
(`BRIDGE_BACNET__INSTANCE`); files in the secrets directory bear the same names; the site file is YAML.
`docs/settings.md` lists them all, and a test holds it to this file.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.secret_files import listed, said_by, strange
from bacnet_bridge.settings_problems import Sources, sentences
from bacnet_bridge.settings_sections import (
    PRODUCTION,
    AccountSettings,
    AlarmSettings,
    BacnetSettings,
    Length,
    PlatformSettings,
    Section,
    StatusSettings,
)
from bacnet_bridge.site_file import Names, SiteFile, anchored, read_site

__all__ = [  # with the sections, which belong to it
    "DEFAULT_ACCOUNT",
    "PREFIX",
    "PRODUCTION",
    "AccountSettings",
    "AlarmSettings",
    "BacnetSettings",
    "PlatformSettings",
    "Settings",
    "StatusSettings",
    "lacking_credentials",
    "load_settings",
    "load_without_secrets",
    "secrets_folder",
    "site_file",
    "strange_secrets",
]
PREFIX = "BRIDGE_"
DEFAULT_ACCOUNT = "default"
_POINTERS = frozenset({"SITE", "SECRETS_DIR"})
"""They say where settings are, and so are none themselves."""


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        close = difflib.get_close_matches(zone, available_timezones(), n=1)
        raise ValueError(f"is no IANA time zone{f'; did you mean {close[0]}?' if close else ', like Europe/Dublin'}")
    return ZoneInfo(zone).key


class Settings(Section):
    """Everything that a site decides. Frozen; a secret never shows in its text."""

    bacnet: BacnetSettings
    """What the bridge is on the building's network."""
    platform: PlatformSettings = PlatformSettings()
    """The far end and the default account."""
    accounts: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")], AccountSettings] = Field(default={})
    """Further accounts by name: small letters, digits and hyphens, since the environment knows no case."""
    alarms: AlarmSettings = AlarmSettings()
    """Who is told what is wrong."""
    status: StatusSettings = StatusSettings()
    """The status page, health and metrics."""
    zone: Annotated[str, AfterValidator(_known_zone)]
    """The building's IANA time zone, `Europe/Dublin`; a mapping may state another for some meters."""
    interval: Annotated[int, Field(ge=1, le=86400), Length] = 300
    """Seconds between slots, for meters that state none. It must be the one registered with the platform."""
    tolerance: Annotated[float, Field(gt=0, allow_inf_nan=False), Length] | None = None
    """Seconds after its instant within which a slot's reading must begin; if not given, min(interval/4, 60 s)."""
    clock: Literal["system", "platform", "trust"] = "system"
    """Whose word makes the clock credible: the system's synchronisation, the platform's `Date`, the operator's."""
    mapping: Path = Path("point_mappings")
    """Folder of the mapping's files."""
    auto_apply: bool = False
    """Whether an edit of the mapping that takes something away comes into force without `bacnet-bridge apply`."""
    state: Path = Path("state")
    """Folder that keeps outbox, ledger and lock. Must be on a local disk."""
    room: Annotated[float, Field(ge=3600, allow_inf_nan=False), Length] = 7_776_000
    """Seconds of an outage for which each meter has room in the outbox; what one does not use is lent to others."""
    heal_wait: Annotated[float, Field(ge=1, le=86_400, allow_inf_nan=False), Length] = 900
    """Seconds that newer packets wait, at least, for a trend log to fill a gap; longer where its interval is long."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe line that is logged."""
    log_format: Literal["auto", "human", "json"] = "auto"
    """`auto` writes for people on a terminal and JSON elsewhere."""


_SECTIONS: Final[Mapping[str, type[BaseModel]]] = {
    "bacnet": BacnetSettings,
    "platform": PlatformSettings,
    "accounts": AccountSettings,
    "alarms": AlarmSettings,
    "status": StatusSettings,
}


_PATHS: Final[tuple[Names, ...]] = tuple(
    path
    for name, field in Settings.model_fields.items()
    for path, kind in [
        ((name,), field.annotation),
        *(((name, inner), each.annotation) for inner, each in _SECTIONS.get(name, Section).model_fields.items()),
    ]
    if kind is Path or Path in get_args(kind)
)
"""The settings that are files or folders."""


def load_settings(site: Path | None = None, *, whole: bool = True, **given: Any) -> Settings:
    """Resolve the settings; `site` and `given` are the command line's and win.

    Not `whole`: a secret that cannot be read, or whose directory is not there, counts as none, for a look at the rest.

    Relative paths go by the site file's folder where it says them, or nobody does; else by the current one.
    Raises SettingsError: one sentence for each wrong setting, naming it and the place where it stands, never its value.
    """
    read = site_file(site)
    folder = secrets_folder() if whole else _secrets_named()
    files = [each for each in listed(folder, PREFIX) if _is_setting(each.names)]

    class Stack(_Stack):
        site = read
        secrets = said_by(files, whole=whole)

    _refuse_unknown(os.environ)
    try:
        found = Stack(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        if not read.there and not _said(os.environ) and all(each["type"] == "missing" for each in problems):
            raise SettingsError(
                f"there is no {read.file} in {Path.cwd()} (and no {PREFIX} settings in the environment): "
                "go to the site's folder, or name the file with --site"
            ) from None
        earlier = [source() for source in Stack.earlier]
        sources = Sources(read, earlier, PREFIX, Settings, _SECTIONS,
                          {each.names: each.file for each in files}, folder.absolute())  # fmt: skip
        raise SettingsError("\n".join(sentences(problems, sources))) from None
    except (SourceError, TypeError, ValueError, OSError) as error:
        raise SettingsError(f"the settings cannot be read: {error}") from None
    return Settings(**{name: getattr(found, name) for name in Settings.model_fields})


def load_without_secrets(site: Path | None = None, **given: Any) -> Settings:
    """The same for a command that uses no secret: none need be there, not even the status page's, which it hides."""
    return load_settings(site, whole=False, status={"port": 0}, **given)


def site_file(site: Path | None = None) -> SiteFile:
    """The site file, also where there is none of the usual name; its paths go by its folder. Raises SettingsError."""
    named = site or (Path(os.environ[f"{PREFIX}SITE"]) if f"{PREFIX}SITE" in os.environ else None)
    read = read_site(named or Path("site.yaml"))
    if named is not None and not read.there:
        raise SettingsError(f"the site file {named} is not there; name another with --site or {PREFIX}SITE")
    return anchored(read, _PATHS, _folder_of(read))


def _folder_of(site: SiteFile) -> Path:
    """By which its paths go; in that folder itself they stay as short as they are written."""
    folder = site.file.parent
    return Path() if folder.absolute() == Path.cwd() else folder


def _by_default(site: SiteFile) -> dict[str, Any]:
    """The folders that a site has where nobody names others: beside its file."""
    folders = {name: Settings.model_fields[name].default for name in ("mapping", "state")}
    return {name: _folder_of(site) / folder for name, folder in folders.items()} if site.there else {}


def secrets_folder() -> Path:
    """The secrets directory. Raises SettingsError where one is named and is not there."""
    folder = _secrets_named()
    if f"{PREFIX}SECRETS_DIR" in os.environ and not (folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)):
        raise SettingsError(
            f"the secrets directory {folder} is not there or may not be read; name another with {PREFIX}SECRETS_DIR"
        )
    return folder


def _secrets_named() -> Path:
    """The same, be it there or not."""
    return Path(os.environ.get(f"{PREFIX}SECRETS_DIR", "/run/secrets"))


def lacking_credentials(settings: Settings) -> str:
    """Why the default account's packets will wait: a sentence where it has no username or password, else nothing."""
    lacking = [name for name in ("username", "password") if getattr(settings.platform, name) is None]
    if not lacking:
        return ""
    folder = secrets_folder().absolute()
    looked = " and ".join(f"{PREFIX.lower()}platform__{name}" for name in lacking)
    missing = " and no ".join(f"platform.{name}" for name in lacking)
    return f"no {missing}: looked for {looked} in {folder}{_others(folder)}; packets are kept and wait for it"


def _others(folder: Path) -> str:
    """What the directory holds instead, by name."""
    if not folder.is_dir():
        return ", which is not there"
    settings = {each.file.name for each in listed(folder, PREFIX) if _is_setting(each.names)}
    try:
        names = {file.name for file in folder.iterdir() if not file.name.startswith(".")}
    except OSError as error:
        return f", which cannot be read ({error.strerror})"
    others = sorted(names - settings)
    if not others:
        return ""
    named = ", ".join(others[:3]) + (f" and {len(others) - 3} more" if len(others) > 3 else "")
    return f" (holds {named}, which {'is no setting' if len(others) == 1 else 'are no settings'})"


def strange_secrets() -> list[str]:
    """What the secrets directory has for us that is no setting: sentences. Raises SettingsError."""
    return strange(listed(secrets_folder(), PREFIX), _is_setting, _close_setting)


def _is_setting(names: Names) -> bool:
    head, inner = names[0], names[1:]
    if head not in _SECTIONS:
        return head in Settings.model_fields and not inner
    depth = 2 if head == "accounts" else 1
    return len(inner) == depth and inner[-1] in _SECTIONS[head].model_fields


def _close_setting(names: Names) -> str:
    """The file that was meant, if one is near."""
    account = f"accounts__{names[1]}" if len(names) == 3 else ""
    sections = {account if section == "accounts" else section: model for section, model in _SECTIONS.items()}
    fields = (f"{section}__{name}" for section, model in sections.items() if section for name in model.model_fields)
    close = difflib.get_close_matches("__".join(names), [*fields, *Settings.model_fields], n=1, cutoff=0.8)
    return f"{PREFIX}{close[0]}".lower() if close else ""


class _Stack(BaseSettings, Settings):
    """Where settings come from. No `.env`: what a service reads should not depend on where it is started."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")
    site: ClassVar[SiteFile]
    secrets: ClassVar[Mapping[str, Any]]
    earlier: ClassVar[tuple[PydanticBaseSettingsSource, ...]] = ()
    """Those that win over the site file."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        cls.earlier = init_settings, env_settings, InitSettingsSource(settings_cls, dict(cls.secrets))
        return *cls.earlier, InitSettingsSource(settings_cls, _by_default(cls.site) | dict(cls.site.data))


def _said(environment: Mapping[str, str]) -> bool:
    """Whether the environment holds any setting, right or wrong."""
    heads = {name.upper().removeprefix(PREFIX) for name in environment if name.upper().startswith(PREFIX)}
    return bool(heads - _POINTERS)


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """A mistyped name in the environment would be ignored in silence; say so instead."""
    known = {name.upper() for name in Settings.model_fields} | _POINTERS
    for name in environment:
        head, nested, _ = name.upper().removeprefix(PREFIX).partition("__")
        if name.upper().startswith(PREFIX) and head.lower() in _SECTIONS and not nested:
            raise SettingsError(f"{name} is a section; set {name}__ and the name of a setting in it")
        if name.upper().startswith(PREFIX) and head not in known:
            close = difflib.get_close_matches(head, known, n=1)
            meant = f"; did you mean {PREFIX}{close[0]}?" if close else ""
            raise SettingsError(f"{name} is not a setting{meant} (all of them: docs/settings.md)")
