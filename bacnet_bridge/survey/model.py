"""What a look at a network found: frozen, lossless in JSON (file.py), made by bacnet/, read by everyone else.

Everywhere None means *not known*: `unread` beside it says why where it was asked for, and where nothing stands there
either it was not asked for (`--no-objects`, `--only`, Ctrl-C) or is no property of this type. An empty text or tuple
was said by the device. Texts are as the device said them, so they may hold anything: markup, control characters, line
breaks; whoever prints them makes them harmless.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.units import Unit, unit_by_code

LONGEST_TEXT: Final = 1024
"""Characters that are kept of a text; `unread` says where a longer one was cut."""


@dataclass(frozen=True, slots=True)
class Unread:
    """What was asked for and could not be had."""

    what: str
    """A property's standard name, `units`, or its number where it has none; `object-list[17]` for an element."""
    why: str
    """`read-access-denied`, `no answer`: a cause, without the device and the object."""


@dataclass(frozen=True, slots=True)
class Value:
    """A present-value. `kind` is the wire's: real, double, unsigned, integer, enumerated, boolean, character string …

    `text` is the shortest text of the number that reads back the same (a Real 21.3 is `21.3`; `nan`, `inf`, `-inf`),
    a text as it is, bits as `0110`, null as `null`, `true` or `false`, anything else as hexadecimal octets.
    """

    kind: str
    text: str

    @property
    def number(self) -> Decimal | None:
        """The number, exactly; None for what is none, or not finite."""
        if self.kind not in {"real", "double", "unsigned", "integer", "enumerated"}:
            return None
        try:
            found = Decimal(self.text)
        except InvalidOperation:
            return None
        return found if found.is_finite() else None


@dataclass(frozen=True, slots=True)
class Trend:
    """What a trend log says of itself (clause 12.25). Instants are the device's local time, ISO 8601 without offset."""

    object: ObjectId | None = None
    """The logged object."""
    property: int | None = None
    index: int | None = None
    device: int | None = None
    """The logged object's device; None for the log's own."""
    members: tuple[LoggedProperty | None, ...] = ()
    """Of a Trend Log Multiple, what each column records; None for an unused one."""
    interval: float | None = None
    """Seconds between records; 0 where it logs by change or by trigger."""
    enabled: bool | None = None
    buffer: int | None = None
    """Records that it can hold."""
    records: int | None = None
    """Records that it holds."""
    total: int | None = None
    """Records that it ever made."""
    oldest: str | None = None
    """Of the oldest record: `2026-11-23T14:05:00.00`; asterisks stand for what the device leaves open."""
    stops_when_full: bool | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """What an imported list says of a device or an object beside what a survey knows: kept to be written again."""

    column: str
    """As the list heads it; `min-present-value` and the like as EDE does."""
    text: str


@dataclass(frozen=True, slots=True)
class FoundObject:
    """One object of a device's list."""

    id: ObjectId
    explored: bool = False
    """Its properties were asked for; else only its identifier is known."""
    name: str | None = None
    description: str | None = None
    units: int | None = None
    """BACnet's number of the unit."""
    value: Value | None = None
    flags: tuple[str, ...] | None = None
    """Status flags that are raised: `in-alarm`, `fault`, `overridden`, `out-of-service`; empty: all is well."""
    reliability: str | None = None
    """`no-fault-detected`, `communication-failure` …, or `reliability 77` for a number without a name."""
    states: tuple[str, ...] | None = None
    """Multi-state: the texts of states 1, 2, …; binary: those of inactive and active."""
    scale: str | None = None
    """Accumulator: what a present-value of 1 is, in its unit, as a decimal: `0.01`."""
    trend: Trend | None = None
    unread: tuple[Unread, ...] = ()
    stated: tuple[Stated, ...] = ()

    @property
    def unit(self) -> Unit | None:
        """By its number; a number that is not known gets a name that shows it."""
        return None if self.units is None else unit_by_code(self.units)

    @property
    def value_text(self) -> str | None:
        """The state's text where there is one, else the value's."""
        if self.value is None:
            return None
        number = self.value.number
        if number is None or not self.states:
            return self.value.text
        at = int(number) - (0 if self.id.type in {3, 4, 5} else 1)
        return self.states[at] if 0 <= at < len(self.states) else self.value.text


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """One device. Its identity is (instance, address): two with one instance are both kept, and a conflict."""

    instance: int
    address: str
    """`192.168.1.20:47808`-like as an I-Am shows it (the port only where it is not 47808), or `network:mac`; empty
    where a list was imported that does not say it.
    """
    network: int | None = None
    """Of the router behind which it stands; None for the own network."""
    seen: int = 0
    """UTC milliseconds at which it was asked last."""
    identified: bool = False
    """It was asked who it is; else only its I-Am is known."""
    name: str | None = None
    description: str | None = None
    location: str | None = None
    vendor: int | None = None
    vendor_name: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    software: str | None = None
    """Application_Software_Version."""
    protocol_revision: int | None = None
    database_revision: int | None = None
    max_apdu: int | None = None
    segmentation: str | None = None
    """`segmented-both`, `segmented-transmit`, `segmented-receive`, `no-segmentation`."""
    services: tuple[str, ...] | None = None
    """Services that it says it executes, by standard name: `read-property-multiple`, `subscribe-cov` …"""
    counted: int | None = None
    """How many objects its list holds, as the list's own count says; the device object is one of them."""
    complete: bool = False
    """`objects` is its whole list: as many as it counts, none of them missing. Never true of a partial one."""
    objects: tuple[FoundObject, ...] = ()
    """By type and instance; without the device object: where it is complete, mostly one less than `counted`."""
    trouble: str = ""
    """Why it was not explored to the end: a sentence, empty where it was, or where nobody asked for more."""
    requests: int = 0
    """Questions that it was asked; one that was repeated for want of an answer is one."""
    unread: tuple[Unread, ...] = ()
    stated: tuple[Stated, ...] = ()

    @property
    def key(self) -> tuple[int, str]:
        return self.instance, self.address

    @property
    def explored(self) -> bool:
        """Its list is whole and all its objects were asked."""
        return self.complete and all(each.explored for each in self.objects)

    def counts(self) -> Counter[int]:
        """How many objects of each type."""
        return Counter(each.id.type for each in self.objects)

    def object(self, wanted: ObjectId) -> FoundObject | None:
        return next((each for each in self.objects if each.id == wanted), None)


@dataclass(frozen=True, slots=True)
class FoundNetwork:
    """A network behind a router."""

    number: int
    router: str
    """The router's address."""


@dataclass(frozen=True, slots=True)
class Survey:
    """One look at a network, whole or not."""

    began: int
    """UTC milliseconds."""
    ended: int
    finished: bool
    """All that was to be looked at was; False after Ctrl-C. What a device withheld stands with the device."""
    scope: tuple[str, ...] = ()
    """What was looked at, as sentences: the ways by which devices were looked for, and what was left out."""
    networks: tuple[FoundNetwork, ...] = ()
    devices: tuple[FoundDevice, ...] = ()
    """By instance, then by address."""
    attention: tuple[str, ...] = ()
    """What an integrator should know, as sentences: given addresses at which nobody answers …"""

    @property
    def conflicts(self) -> dict[int, tuple[FoundDevice, ...]]:
        """Instances that more than one device claims, and those devices."""
        claims: dict[int, list[FoundDevice]] = {}
        for device in self.devices:
            claims.setdefault(device.instance, []).append(device)
        return {instance: tuple(found) for instance, found in claims.items() if len(found) > 1}

    def points(self) -> Iterator[tuple[FoundDevice, FoundObject]]:
        """Every object with its device, in order."""
        for device in self.devices:
            for each in device.objects:
                yield device, each
