"""The sections of the settings: each is a frozen model, whose fields' docstrings say what they decide.

`docs/settings.md` lists them all, and a test holds it to these.
"""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from bacnet_bridge.redaction import keep_out, secrets_of
from bacnet_bridge.vocabulary.addresses import check_server, parse_host, parse_own
from bacnet_bridge.vocabulary.durations import parse_seconds
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, OWN_OBJECTS
from bacnet_bridge.vocabulary.password import parse as parse_hash

PRODUCTION = "https://web-collector.wattics.com/measurements/v2/unifiedjson/"


def _length(value: object) -> object:
    """A length of time as people write it, `5 min`; numbers are seconds."""
    return parse_seconds(value) if isinstance(value, str) else value


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


Length: Final = BeforeValidator(_length)
_Secret = Annotated[SecretStr | None, BeforeValidator(lambda value: value or None)]
"""An empty file in the secrets directory is no secret; it holds the place of one."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def model_post_init(self, _context: object) -> None:
        """Whoever has settings can no longer log their secrets."""
        keep_out(secrets_of(self))


class BacnetSettings(Section):
    """What the bridge is on the building's network."""

    instance: Annotated[int, Field(ge=0, le=MAX_INSTANCE)]
    """The bridge's own device instance: ask whoever keeps the building's list of instances for a free one."""
    address: Annotated[str, _sound(parse_own)]
    """Own address with mask and, where 47808 is taken, a port: `192.168.1.10/24` or `192.168.1.10/24:47809`. Or the
    name of a network interface, asked for its address whenever the BACnet port is opened: `eth0` or `eth0:47809`."""
    name: Annotated[str, _sound(_device_name)] = "BACnet Bridge"
    """Own device name, unique on the network."""
    vendor_id: Annotated[int, Field(ge=0, le=65535)] = 999
    """Own vendor identifier."""
    bbmd: Annotated[str, _sound(parse_host)] | None = None
    """`host:port` of a BBMD to register with as a foreign device, where broadcasts do not reach the bridge."""
    timeout: Annotated[float, Field(ge=0.5, le=60), Length] = 3
    """Seconds that a device has for one answer; slow field buses want more."""
    bbmd_ttl: Annotated[int, Field(ge=10, le=65535), Length] = 60
    """Seconds that a registration lasts; it is renewed in time."""
    in_flight: Annotated[int, Field(ge=1, le=1024)] = 256
    """Requests in flight at once over all devices."""
    per_device: Annotated[int, Field(ge=1, le=16)] = 1
    """Requests in flight at once to one BACnet/IP device, at most; more than one only where it proves to keep up."""
    per_router: Annotated[int, Field(ge=1, le=64)] = 2
    """Requests in flight at once over the devices behind one BACnet router."""
    gap: Annotated[float, Field(ge=0, le=60, allow_inf_nan=False), Length] = 0
    """Seconds that a device, or the trunk behind a router, rests between an answer and the next question."""


class AccountSettings(Section):
    """Another account at the platform, for the meters that name it."""

    username: str
    """User of basic authentication."""
    password: SecretStr
    """Its password. Best kept in the secrets directory."""
    address: str | None = None
    """Where its packets go; the platform's address where none is given."""


class PlatformSettings(Section):
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
    timeout: Annotated[float, Field(gt=0, le=600), Length] = 30
    """Seconds that an attempt may take, from connecting to the end of the answer."""
    connections: Annotated[int, Field(ge=1, le=1024)] = 32
    """Packets in flight at once, over all meters."""


class AlarmSettings(Section):
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
    heartbeat_every: Annotated[float, Field(ge=10, le=86_400), Length] = 60
    """Seconds between two heartbeats."""
    silent: Annotated[float, Field(ge=60, le=604_800), Length] = 900
    """Seconds without a packet after which a meter is silent; three of its intervals at least."""
    waiting: Annotated[float, Field(ge=60, le=7_776_000), Length] = 3600
    """Seconds that a packet may be the first that waits of its meter."""
    remind: Annotated[float, Field(ge=600, le=7_776_000), Length] = 86_400
    """Seconds after which a condition that still holds is told again."""


class StatusSettings(Section):
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
