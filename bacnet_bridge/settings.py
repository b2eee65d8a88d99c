"""The site's settings, resolved once: command line, environment, secrets directory, site file → one frozen `Settings`.

Earlier sources win over later ones. The environment's names begin with `BRIDGE_` and nest with two underscores
(`BRIDGE_BACNET__INSTANCE`); files in the secrets directory bear the same names; the site file is YAML.
`docs/settings.md` lists them all, and a test holds it to this file.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)
from pydantic_settings import SettingsError as SourceError

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE

PREFIX = "BRIDGE_"
DEFAULT_ACCOUNT = "default"
PRODUCTION = "https://web-collector.wattics.com/measurements/v2/unifiedjson/"
_POINTERS = frozenset({"SITE", "SECRETS_DIR"})
"""They say where settings are, and so are none themselves."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class BacnetSettings(_Section):
    """What the bridge is on the building's network."""

    instance: Annotated[int, Field(ge=0, le=MAX_INSTANCE)]
    """The bridge's own device instance: ask whoever keeps the building's list of instances for a free one."""
    address: str
    """Own address with mask and, where 47808 is taken, a port: `192.168.1.10/24` or `192.168.1.10/24:47809`."""
    name: str = "BACnet Bridge"
    """Own device name, unique on the network."""
    vendor_id: Annotated[int, Field(ge=0, le=65535)] = 999
    """Own vendor identifier."""
    bbmd: str | None = None
    """`host:port` of a BBMD to register with as a foreign device, where broadcasts do not reach the bridge."""
    timeout: Annotated[float, Field(ge=0.5, le=60)] = 3
    """Seconds that a device has for one answer; slow field buses want more."""
    bbmd_ttl: Annotated[int, Field(ge=10, le=65535)] = 60
    """Seconds that a registration lasts; it is renewed in time."""


class AccountSettings(_Section):
    """Another account at the platform, for the meters that name it."""

    username: str
    """User of basic authentication."""
    password: SecretStr
    """Its password. Best kept in the secrets directory."""
    address: str | None = None
    """Where its packets go; the platform's address where none is given."""


class PlatformSettings(_Section):
    """The far end, and the account that meters belong to unless they name another."""

    username: str | None = None
    """User of basic authentication. Without it packets are kept and wait."""
    password: SecretStr | None = None
    """Its password. Best kept in the secrets directory."""
    address: str = PRODUCTION
    """Where packets go; `https` only."""
    ca: Path | None = None
    """A file of CA certificates trusted beside the system's, for a site whose firewall or proxy signs for itself."""
    timeout: Annotated[float, Field(gt=0, le=600)] = 30
    """Seconds that an attempt may take, from connecting to the end of the answer."""
    connections: Annotated[int, Field(ge=1, le=1024)] = 32
    """Packets in flight at once, over all meters."""


class Settings(_Section):
    """Everything that a site decides. Frozen; a secret never shows in its text."""

    bacnet: BacnetSettings
    """What the bridge is on the building's network."""
    platform: PlatformSettings = PlatformSettings()
    """The far end and the default account."""
    accounts: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")], AccountSettings] = {}
    """Further accounts by name: small letters, digits and hyphens, since the environment knows no case."""
    zone: str
    """The building's IANA time zone, `Europe/Dublin`; a mapping may state another for some meters."""
    interval: Annotated[int, Field(ge=1, le=86400)] = 300
    """Seconds between slots, for meters that state none. It must be the one registered with the platform."""
    tolerance: Annotated[float, Field(gt=0)] | None = None
    """Seconds after its instant within which a slot's reading must begin; if not given, min(interval/4, 60 s)."""
    clock: Literal["system", "platform", "trust"] = "system"
    """Whose word makes the clock credible: the system's synchronisation, the platform's `Date`, the operator's."""
    mapping: Path = Path("point_mappings")
    """Folder of the mapping's files."""
    state: Path = Path("state")
    """Folder that keeps outbox, ledger and lock. Must be on a local disk."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe line that is logged."""
    log_format: Literal["auto", "human", "json"] = "auto"
    """`auto` writes for people on a terminal and JSON elsewhere."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            close = difflib.get_close_matches(zone, available_timezones(), n=1)
            raise ValueError(f"no such IANA zone{f'; did you mean {close[0]}?' if close else ', like Europe/Dublin'}")
        return ZoneInfo(zone).key


def load_settings(site: Path | None = None, **given: Any) -> Settings:
    """Resolve the settings; `site` and `given` are the command line's and win.

    Raises SettingsError: one sentence for each wrong setting, naming it as it is written, never its value.
    """
    site_file = site or Path(os.environ.get(f"{PREFIX}SITE", "site.yaml"))
    if not site_file.is_file() and (site is not None or f"{PREFIX}SITE" in os.environ):
        raise SettingsError(f"the site file {site_file} is not there; name another with --site or {PREFIX}SITE")

    secrets = Path(os.environ.get(f"{PREFIX}SECRETS_DIR", "/run/secrets"))
    if f"{PREFIX}SECRETS_DIR" in os.environ and not os.access(secrets, os.R_OK | os.X_OK):
        raise SettingsError(
            f"the secrets directory {secrets} is not there or may not be read; name another with {PREFIX}SECRETS_DIR"
        )

    class Sources(_Sources):
        model_config = SettingsConfigDict(yaml_file=site_file, secrets_dir=secrets)

    _refuse_unknown(os.environ)
    try:
        found = Sources(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(problem) for problem in error.errors())) from None
    except UnicodeError:
        raise SettingsError(f"a file in the secrets directory {secrets} is not UTF-8 text") from None
    except (SourceError, TypeError, ValueError, OSError) as error:
        raise SettingsError(f"the settings cannot be read: {error}") from None
    return Settings(**{name: getattr(found, name) for name in Settings.model_fields})


class _Sources(BaseSettings, Settings):
    """Where settings come from. No `.env`: what a service reads should not depend on where it is started."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", secrets_dir_missing="ok")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings
        secrets = NestedSecretsSettingsSource(file_secret_settings)
        return init_settings, env_settings, secrets, _SiteFile(settings_cls)


class _SiteFile(YamlConfigSettingsSource):
    """What is wrong in the site file is told without quoting it: it may be a password that YAML takes for a tag."""

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        try:
            data: Any = super()._read_file(file_path)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            raise SettingsError(
                f"the site file {file_path} is not valid YAML{where}; put texts that hold signs in quotes"
            ) from None
        except UnicodeError:
            raise SettingsError(f"the site file {file_path} is not UTF-8 text; save it as that") from None
        if not (isinstance(data, dict) and all(isinstance(name, str) for name in data)):
            raise SettingsError(f"the site file {file_path} does not hold settings like `zone: Europe/Dublin`")
        return data


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """A mistyped name in the environment would be ignored in silence; say so instead."""
    known = {name.upper() for name in Settings.model_fields} | _POINTERS
    for name in environment:
        head = name.upper().removeprefix(PREFIX).split("__")[0]
        if name.upper().startswith(PREFIX) and head not in known:
            close = difflib.get_close_matches(head, known, n=1)
            meant = f"; did you mean {PREFIX}{close[0]}?" if close else ""
            raise SettingsError(f"{name} is not a setting{meant} (all of them: docs/settings.md)")


def _sentence(problem: Mapping[str, Any]) -> str:
    path = [str(part) for part in problem["loc"]]
    variable = PREFIX + "__".join(path).upper()
    if problem["type"] == "missing":
        return f"{'.'.join(path)} is required: set it in the site file, or {variable} in the environment"
    if problem["type"] == "extra_forbidden":
        return f"{'.'.join(path)} is not a setting{_close_to(path)} (all of them: docs/settings.md)"
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{'.'.join(path)} (or {variable}) is wrong: {message[0].lower()}{message[1:]}"


def _close_to(path: list[str]) -> str:
    sections: dict[str, type[BaseModel]] = {
        "bacnet": BacnetSettings,
        "platform": PlatformSettings,
        "accounts": AccountSettings,
    }
    known = sections.get(path[0], Settings).model_fields
    close = difflib.get_close_matches(path[-1], known, n=1)
    return f"; did you mean {'.'.join([*path[:-1], close[0]])}?" if close else ""
