"""Which looks there are, and what each needs: the one place that knows all of this room."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeAlias

from bacnet_bridge.bacnet.client import Identity
from bacnet_bridge.bacnet.port import is_taken, own_addresses
from bacnet_bridge.bacnet.standing import own_now
from bacnet_bridge.clock import SystemClock, moment_of
from bacnet_bridge.doctor import certificate, clock, folder, interfaces, machine, network, platform, running, secrets
from bacnet_bridge.doctor.asked import status_of
from bacnet_bridge.doctor.finding import Finding, Findings, Look, failure, not_applicable, unknown, warning
from bacnet_bridge.doctor.firewall import addresses, station
from bacnet_bridge.doctor.holder import holders
from bacnet_bridge.doctor.mapped import MAPPING, judge_mapping
from bacnet_bridge.doctor.pcap import Datagram
from bacnet_bridge.doctor.port import PORT, judge_port
from bacnet_bridge.doctor.site import Site, judge_settings
from bacnet_bridge.doctor.way_out import Shaken, resolved, shake
from bacnet_bridge.doctor.wire import SEARCH, Heard, Wanted, listen
from bacnet_bridge.errors import NetworkError, SettingsError
from bacnet_bridge.outbox.damage import problem
from bacnet_bridge.schedule.kernel import kernel_synchronised
from bacnet_bridge.service.accounts import proxy_of
from bacnet_bridge.settings import DEFAULT_ACCOUNT, lacking_credentials, secrets_folder
from bacnet_bridge.site_file import SiteFile
from bacnet_bridge.system import IS_POSIX
from bacnet_bridge.wattics.address import check_address
from bacnet_bridge.wattics.credentials import Credentials, Proxy
from bacnet_bridge.wattics.date import NoDate, platform_date
from bacnet_bridge.wattics.session import trust
from bacnet_bridge.wattics.validity import AnyTime

Address: TypeAlias = Callable[[], tuple[str, str]]
"""The bridge's own, as it is written, and why it is this one; raises NetworkError where nobody can tell."""
Way: TypeAlias = Callable[[], Identity]
"""By which port the network is asked, beside a running service too; raises NetworkError where none can be used."""

_NOBODY_S: Final = "bacnet-bridge-doctor"
"""The id that is asked for where no meter is mapped; no packet is ever sent with it."""


@dataclass(slots=True)
class Examination:
    """All looks at one site. `file`: what the site file says."""

    site: Site
    file: SiteFile
    address: Address
    way: Way
    heard: Heard | None = field(default=None, init=False)

    @property
    def looks(self) -> list[Look]:
        """In the order in which they are shown."""
        network_s = SEARCH + 15
        return [
            Look(("settings",), self._settings, 2),
            Look((MAPPING,), self._mapping, 2),
            Look((secrets.SECRETS,), self._secrets, 5),
            Look((interfaces.INTERFACE, interfaces.MASK, interfaces.CONTAINER, PORT), self._interface),
            Look(network.CHECKS, self._network, network_s),
            Look((clock.CLOCK, clock.ZONE), self._clock, 15),
            *self._platforms(),
            Look((platform.AUTHORITIES,), self._authorities, 5),
            *self._accounts(),
            Look((folder.USER, folder.STATE, folder.DISK), self._folder),
            Look((folder.OUTBOX,), self._outbox, folder.LOOK + 5),
            Look((running.SERVICE, running.PROBLEMS, running.SILENT), self._service, 20),
            Look(machine.CHECKS, self._machine, 5),
        ]

    @property
    def traffic(self) -> list[Datagram]:
        """All BACnet datagrams of this run, without our own broadcasts' return."""
        seen = [] if self.heard is None else self.heard.traffic.datagrams
        return [each for each in seen if not (each.back and each.source == self.heard_at)]

    @property
    def heard_at(self) -> tuple[str, int] | None:
        return None if self.heard is None else self.heard.traffic.own

    async def _settings(self) -> Findings:
        return [judge_settings(self.site)]

    async def _mapping(self) -> Findings:
        return [judge_mapping(self.site)]

    async def _secrets(self) -> Findings:
        try:
            directory = secrets_folder()
        except SettingsError as error:
            return [unknown(secrets.SECRETS, str(error))]
        settings = self.site.settings
        key = settings.status.key or settings.status.certificate  # the certificate's file may hold both
        kept = secrets.kept_secrets(directory, self.file.file, self.file.data, settings.state, key)
        return [secrets.judge_secrets(kept, alone=interfaces.container_sign() is not None)]

    async def _interface(self) -> Findings:
        (going, port), machine_s = self._going(), own_addresses()
        found = [interfaces.judge_interface(going, machine_s), interfaces.judge_mask(going, machine_s)]
        own = going.interface
        name = None if own is None else interfaces.name_of(own, machine_s)
        if own is None or name is None:
            why = "not checked: the bridge's own interface is not known"
            return [*found, not_applicable(interfaces.CONTAINER, why), not_applicable(PORT, why)]
        container = interfaces.container_sign()
        found.append(interfaces.judge_container(name, interfaces.driver_of(name), container, going.bbmd))
        service = running.holder_of(self.site.state.lock)
        taken = is_taken(str(own.ip), port)
        who = await asyncio.to_thread(holders, str(own.ip), port) if taken else []
        return [*found, judge_port(str(own.ip), port, taken=taken, holders=who, service=service)]

    def _going(self) -> tuple[interfaces.Going, int]:
        """By which interface and port."""
        try:
            address, why = self.address()
            own, port = own_now(address)
        except NetworkError as error:
            return interfaces.Going(None, str(error)), 0
        return interfaces.Going(own, why, self.site.settings.bacnet.bbmd), port

    async def _network(self) -> Findings:
        try:
            identity = await asyncio.to_thread(self.way)
        except NetworkError as error:
            return [unknown(check, f"not checked: {error}") for check in network.CHECKS]
        instance = None if "bacnet.instance" in self.site.lacking else self.site.settings.bacnet.instance
        wanted = Wanted.by(self.site.meters, instance)
        self.heard = await listen(identity, self.site.settings.bacnet.timeout, wanted)
        return network.judge_network(self.heard, self.site.meters, instance)

    async def _clock(self) -> Findings:
        settings, now = self.site.settings, SystemClock().wall()
        zone = None if "zone" in self.site.lacking else settings.zone
        version, source = await asyncio.to_thread(clock.rules_of, settings.zone)
        zoned = clock.judge_zone(zone, version, source, moment_of(now).date())
        try:
            synchronised = kernel_synchronised()
        except OSError:
            synchronised = None
        date = await self._date()
        departure = None if isinstance(date, str) else (date + 500 - SystemClock().wall()) / 1000
        why = date if isinstance(date, str) else ""
        return [clock.judge_clock(clock.Time(now, synchronised, departure, why, settings.clock)), zoned]

    async def _date(self) -> int | str:
        """The platform's, or why there is none."""
        settings = self.site.settings
        try:
            check_address(settings.platform.address)
            verified = trust(ca := settings.platform.ca)
            trusted = AnyTime(verified) if settings.clock == "platform" else verified  # as the service asks it
            date = await platform_date(settings.platform.address, trusted, proxy=proxy_of(settings), site_ca=ca)
        except SettingsError as error:
            return str(error)
        return date.reason if isinstance(date, NoDate) else date

    def _platforms(self) -> list[Look]:
        """One look for each address that packets go to."""
        hosts = addresses(self.site)
        looks = []
        for address in hosts:
            names = (platform.DNS, platform.PROXY, platform.TLS)
            see = _Way(address, self.site, several=len(hosts) > 1)
            looks.append(Look(tuple(see.name(each) for each in names), see, 45))
        return looks

    async def _authorities(self) -> Findings:
        ca = self.site.settings.platform.ca
        if ca is None:
            return [not_applicable(platform.AUTHORITIES, "no platform.ca is set: the system's authorities are trusted")]
        try:
            found: list[tuple[str, datetime]] | str = certificate.authorities(ca.read_bytes())
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it holds no certificates in PEM form"
            found = f"{ca} cannot be used: {why}"
        return [platform.judge_authorities(found, datetime.now(UTC))]

    def _accounts(self) -> list[Look]:
        """One look for each account's credentials."""
        settings = self.site.settings
        given = {DEFAULT_ACCOUNT: (settings.platform.address, settings.platform.username, settings.platform.password)}
        for name, account in settings.accounts.items():
            given[name] = account.address or settings.platform.address, account.username, account.password
        looks = []
        for name, (address, username, password) in given.items():
            both = Credentials(username, password) if username and password and password.get_secret_value() else None
            see = _Account(name, address, both, self.site)
            looks.append(Look((see.check,), see, 25))
        return looks

    async def _folder(self) -> Findings:
        settings, state = self.site.settings, self.site.state
        seen = await asyncio.to_thread(folder.look_at, settings.state)
        spare = await asyncio.to_thread(folder.spare_in, state.database)
        disk = folder.judge_disk(seen, self.site.meters, spare, settings)
        return [folder.judge_user(seen, os.geteuid() if IS_POSIX else None), folder.judge_folder(seen), disk]

    async def _outbox(self) -> Findings:
        database = self.site.state.database
        if not database.exists():
            return [folder.judge_outbox(database, "", "")]
        first = await asyncio.to_thread(problem, database)
        whole = "" if first else await asyncio.to_thread(folder.look_through, database)
        return [folder.judge_outbox(database, first, whole)]

    async def _service(self) -> Findings:
        return running.judge_service(await running.told_by(self.site.state))

    async def _machine(self) -> Findings:
        settings = self.site.settings
        sessions = len(addresses(self.site)) + len(settings.accounts)
        today = datetime.now(UTC).date()
        return machine.judge_machine(machine.this_machine(), settings.platform.connections * sessions, today)


@dataclass(frozen=True, slots=True)
class _Way:
    """The way to one of the platform's addresses."""

    address: str
    site: Site
    several: bool

    def name(self, check: str) -> str:
        return f"{check} of {station(self.address, 443)[0]}" if self.several else check

    async def __call__(self) -> Findings:
        try:
            check_address(self.address)
            proxy = proxy_of(self.site.settings)
        except SettingsError as error:
            says, why = str(error), "not checked: packets cannot go there as the settings are"
            others = [not_applicable(each, why) for each in (platform.DNS, platform.PROXY)]
            return self._named([*others, failure(platform.TLS, says, "correct the site's settings of the platform")])
        host, port = station(self.address, 443)
        asked = (host, port) if proxy is None else proxy.station
        try:
            found: list[str] | OSError | UnicodeError = await asyncio.wait_for(resolved(*asked), 10)
        except TimeoutError:
            found = OSError(None, "the DNS servers do not answer")
        except (OSError, UnicodeError) as error:
            found = error
        named = platform.judge_dns(asked[0], found, proxy=proxy is not None)
        if not isinstance(found, list):
            why = "not checked: without an address there is no way"
            return self._named([named, *(not_applicable(each, why) for each in (platform.PROXY, platform.TLS))])
        shaken = await shake(host, port, self.site.settings.platform.ca, proxy)
        return self._named([named, *self._judged(host, port, proxy, shaken)])

    def _judged(self, host: str, port: int, proxy: Proxy | None, shaken: Shaken) -> list[Finding]:
        now = datetime.now(UTC)
        through = platform.judge_proxy(None if proxy is None else proxy.address, host, shaken)
        return [through, platform.judge_tls(host, port, shaken, now)]

    def _named(self, found: list[Finding]) -> list[Finding]:
        return [Finding(self.name(each.check), each.state, each.says, each.remedy) for each in found]


@dataclass(frozen=True, slots=True)
class _Account:
    """What the platform thinks of one account's credentials."""

    name: str
    address: str
    credentials: Credentials | None
    site: Site

    @property
    def check(self) -> str:
        return platform.CREDENTIALS if self.name == DEFAULT_ACCOUNT else f"{platform.CREDENTIALS} of {self.name}"

    async def __call__(self) -> Findings:
        if self.credentials is None and self.name != DEFAULT_ACCOUNT:
            return [unknown(self.check, f"not checked: its password cannot be read (see {secrets.SECRETS})")]
        if self.credentials is None:
            return [warning(self.check, lacking_credentials(self.site.settings), "docs/settings.md: secrets")]
        meter = next((each.id for each in self.site.meters if each.account == self.name), None)
        try:
            check_address(self.address)
            trusted, proxy = trust(self.site.settings.platform.ca), proxy_of(self.site.settings)
        except SettingsError as error:
            return [unknown(self.check, f"not checked: {error}")]
        asked = meter or _NOBODY_S
        ours = await status_of(self.address, asked, self.credentials, trusted, proxy)
        strangers = await status_of(self.address, asked, None, trusted, proxy)
        return [platform.judge_credentials(self.name, ours, strangers, meter)]
