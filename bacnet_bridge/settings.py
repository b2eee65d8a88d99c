"""The site's settings, resolved once: command line, environment, secrets directory, site file → one frozen `Settings`.

Earlier sources win over later ones. The environment's names begin with `BRIDGE_` and nest with two underscores
(`BRIDGE_BACNET__INSTANCE`); files in the secrets directory bear the same names; the site file is YAML.
`docs/settings.md` lists them all, and a test holds it to this file.
"""

import difflib
import os
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, Self, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.redaction import keep_out, secrets_of
from bacnet_bridge.secret_files import listed, said_by, strange
from bacnet_bridge.settings_problems import Sources, sentences
from bacnet_bridge.site_file import Names, SiteFile, anchored, read_site
from bacnet_bridge.vocabulary.addresses import check_server, parse_host, parse_own
from bacnet_bridge.vocabulary.durations import parse_seconds
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, OWN_OBJECTS
from bacnet_bridge.vocabulary.password import parse as parse_hash

PREFIX = "BRIDGE_"
DEFAULT_ACCOUNT = "default"
PRODUCTION = "https://web-collector.wattics.com/measurements/v2/unifiedjson/"
_POINTERS = frozenset({"SITE", "SECRETS_DIR"})
"""They say where settings are, and so are none themselves."""


def _length(value: object) -> object:
    """A length of time as people write it, `5 min`; numbers are seconds."""
    return parse_seconds(value) if isinstance(value, str) else value


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        close = difflib.get_close_matches(zone, available_timezones(), n=1)
        raise ValueError(f"is no IANA time zone{f'; did you mean {close[0]}?' if close else ', like Europe/Dublin'}")
    return ZoneInfo(zone).key


def _sound(parse: Callable[[str], object]) -> AfterValidator:
    """Stays the text that it is, if it can be parsed."""

    def checked(text: str) -> str:
        parse(text)
        return text

    return AfterValidator(checked)


def _ip(text: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(text)
    except ValueError:
        raise ValueError("is no IP address; write 127.0.0.1, or 0.0.0.0 for all of this machine's") from None


def _device_name(text: str) -> None:
    """Names are unique within a device, and every object has one (BACnet, clause 12.1.5)."""
    if not text.strip():
        raise ValueError("is empty; every device must have a name")
    if text in OWN_OBJECTS:
        raise ValueError(f"is what an object of the bridge itself is called ({', '.join(OWN_OBJECTS)}); take another")


_Length: Final = BeforeValidator(_length)
_Secret = Annotated[SecretStr | None, BeforeValidator(lambda value: value or None)]
"""An empty file in the secrets directory is no secret; it holds the place of one."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def model_post_init(self, _context: object) -> None:
        """Whoever has settings can no longer log their secrets."""
        keep_out(secrets_of(self))


class BacnetSettings(_Section):
    """What the bridge is on the building's network."""

    instance: Annotated[int, Field(ge=0, le=MAX_INSTANCE)]
    """The bridge's own device instance: ask whoever keeps the building's list of instances for a free one."""
    address: Annotated[str, _sound(parse_own)]
    """Own address with mask and, where 47808 is taken, a port: `192.168.1.10/24` or `192.168.1.10/24:47809`."""
    name: Annotated[str, _sound(_device_name)] = "BACnet Bridge"
    """Own device name, unique on the network."""
    vendor_id: Annotated[int, Field(ge=0, le=65535)] = 999
    """Own vendor identifier."""
    bbmd: Annotated[str, _sound(parse_host)] | None = None
    """`host:port` of a BBMD to register with as a foreign device, where broadcasts do not reach the bridge."""
    timeout: Annotated[float, Field(ge=0.5, le=60), _Length] = 3
    """Seconds that a device has for one answer; slow field buses want more."""
    bbmd_ttl: Annotated[int, Field(ge=10, le=65535), _Length] = 60
    """Seconds that a registration lasts; it is renewed in time."""
    in_flight: Annotated[int, Field(ge=1, le=1024)] = 256
    """Requests in flight at once over all devices."""
    per_device: Annotated[int, Field(ge=1, le=16)] = 1
    """Requests in flight at once to one BACnet/IP device, at most; more than one only where it proves to keep up."""
    per_router: Annotated[int, Field(ge=1, le=64)] = 2
    """Requests in flight at once over the devices behind one BACnet router."""
    gap: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False), _Length] = 0
    """Seconds that a device, or the trunk behind a router, rests between an answer and the next question."""


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
    password: _Secret = None
    """Its password. Best kept in the secrets directory."""
    address: str = PRODUCTION
    """Where packets go; `https` only."""
    ca: Path | None = None
    """A file of CA certificates trusted beside the system's, for a site whose firewall or proxy signs for itself."""
    proxy: str | None = None
    """`http://host:port` of an HTTP proxy that lets CONNECT through, where the site allows no other way out."""
    proxy_username: str | None = None
    """Its user, where it asks for one (basic authentication)."""
    proxy_password: _Secret = None
    """Its password. Best kept in the secrets directory."""
    timeout: Annotated[float, Field(gt=0, le=600), _Length] = 30
    """Seconds that an attempt may take, from connecting to the end of the answer."""
    connections: Annotated[int, Field(ge=1, le=1024)] = 32
    """Packets in flight at once, over all meters."""


class AlarmSettings(_Section):
    """Who is told what is wrong, and how. Without an address nobody is; what holds is in the log and on BACnet."""

    site: str | None = None
    """How the bridge is called in messages; its device name where none is given."""
    webhook: _Secret = None
    """Address that each message is posted to. Often a secret by itself."""
    webhook_token: _Secret = None
    """Sent with it as a bearer token."""
    webhook_template: Path | None = None
    """File with the JSON that the receiver wants, in which `$subject` and the like are filled in."""
    mail_server: Annotated[str, _sound(check_server)] | None = None
    """Name or address of an SMTP server."""
    mail_port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """Its port; what is usual with the security, 587, 465 or 25, where none is given."""
    mail_security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection to it is secured."""
    mail_username: str | None = None
    """User, where the server asks for one."""
    mail_password: _Secret = None
    """Its password. Best kept in the secrets directory."""
    mail_from: str | None = None
    """Sender's address."""
    mail_to: str | None = None
    """Recipients' addresses, with commas between."""
    heartbeat: _Secret = None
    """Address that is asked for while slots are read and packets accepted. Often a secret by itself."""
    heartbeat_every: Annotated[float, Field(ge=10, le=86_400), _Length] = 60
    """Seconds between two heartbeats."""
    silent: Annotated[float, Field(ge=60, le=604_800), _Length] = 900
    """Seconds without a packet after which a meter is silent; three of its intervals at least."""
    waiting: Annotated[float, Field(ge=60, le=7_776_000), _Length] = 3600
    """Seconds that a packet may be the first that waits of its meter."""
    remind: Annotated[float, Field(ge=600, le=7_776_000), _Length] = 86_400
    """Seconds after which a condition that still holds is told again."""


class StatusSettings(_Section):
    """The status page, health and metrics, served by the bridge itself."""

    address: Annotated[str, _sound(_ip)] = "127.0.0.1"
    """IP address to listen on; one that others can reach demands a password."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8047
    """TCP port; 0: no status page."""
    password_hash: _Secret = None
    """What `bacnet-bridge password` prints. Best kept in the secrets directory."""
    certificate: Path | None = None
    """A file with the certificate and its chain (PEM): HTTPS in place of HTTP."""
    key: Path | None = None
    """Its private key, where the certificate's file does not hold it; without a passphrase."""

    @field_validator("password_hash")
    @classmethod
    def _is_hash(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            parse_hash(given.get_secret_value())
        return given

    @model_validator(mode="after")
    def _shut(self) -> Self:
        if self.port and self.password_hash is None and not ip_address(self.address).is_loopback:
            raise ValueError(
                f"needs a password: others can reach {self.address}. Set status.password_hash to what "
                "`bacnet-bridge password` prints, or listen on 127.0.0.1"
            )
        if self.key is not None and self.certificate is None:
            raise ValueError("has a key and no certificate; set status.certificate")
        return self


class Settings(_Section):
    """Everything that a site decides. Frozen; a secret never shows in its text."""

    bacnet: BacnetSettings
    """What the bridge is on the building's network."""
    platform: PlatformSettings = PlatformSettings()
    """The far end and the default account."""
    accounts: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")], AccountSettings] = {}
    """Further accounts by name: small letters, digits and hyphens, since the environment knows no case."""
    alarms: AlarmSettings = AlarmSettings()
    """Who is told what is wrong."""
    status: StatusSettings = StatusSettings()
    """The status page, health and metrics."""
    zone: Annotated[str, AfterValidator(_known_zone)]
    """The building's IANA time zone, `Europe/Dublin`; a mapping may state another for some meters."""
    interval: Annotated[int, Field(ge=1, le=86400), _Length] = 300
    """Seconds between slots, for meters that state none. It must be the one registered with the platform."""
    tolerance: Annotated[float, Field(gt=0, allow_inf_nan=False), _Length] | None = None
    """Seconds after its instant within which a slot's reading must begin; if not given, min(interval/4, 60 s)."""
    clock: Literal["system", "platform", "trust"] = "system"
    """Whose word makes the clock credible: the system's synchronisation, the platform's `Date`, the operator's."""
    mapping: Path = Path("point_mappings")
    """Folder of the mapping's files."""
    auto_apply: bool = False
    """Whether an edit of the mapping that takes something away comes into force without `bacnet-bridge apply`."""
    state: Path = Path("state")
    """Folder that keeps outbox, ledger and lock. Must be on a local disk."""
    room: Annotated[float, Field(ge=3600, allow_inf_nan=False), _Length] = 7_776_000
    """Seconds of an outage for which each meter has room in the outbox; what one does not use is lent to others."""
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
        *(((name, inner), each.annotation) for inner, each in _SECTIONS.get(name, _Section).model_fields.items()),
    ]
    if kind is Path or Path in get_args(kind)
)
"""The settings that are files or folders."""


def load_settings(site: Path | None = None, *, whole: bool = True, **given: Any) -> Settings:
    """Resolve the settings; `site` and `given` are the command line's and win.

    Not `whole`: a secret that cannot be read counts as none, for a look at all the rest.

    Relative paths go by the site file's folder where it says them, or nobody does; else by the current one.
    Raises SettingsError: one sentence for each wrong setting, naming it and the place where it stands, never its value.
    """
    read = site_file(site)
    folder = secrets_folder()
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
    folder = Path(os.environ.get(f"{PREFIX}SECRETS_DIR", "/run/secrets"))
    if f"{PREFIX}SECRETS_DIR" in os.environ and not (folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)):
        raise SettingsError(
            f"the secrets directory {folder} is not there or may not be read; name another with {PREFIX}SECRETS_DIR"
        )
    return folder


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
