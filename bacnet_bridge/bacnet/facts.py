"""What objects say of themselves: asked at the start, when their device may have been started anew, and daily."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.device import Answers, Device, UnreadableError
from bacnet_bridge.bacnet.number import scale_of
from bacnet_bridge.bacnet.rpm import UNKNOWN_PROPERTY
from bacnet_bridge.bacnet.rule import Facts
from bacnet_bridge.clock import Clock
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ACCUMULATOR, MAX_PRES_VALUE, OBJECT_NAME, UNITS, ObjectId
from bacnet_bridge.vocabulary.units import unit_by_code

_SCALE: Final = 187
_DATABASE_REVISION: Final = 155
_DEVICE: Final = 8
_UNITLESS: Final = frozenset({3, 4, 5, 13, 14, 19})
"""Binary and multi-state objects: they have no units property."""
_FACTS_LAST: Final = 86_400.0
"""Seconds until an object is asked anew in any case."""
_REVISION_LASTS: Final = 300.0
"""Seconds until a device is asked anew for its Database_Revision (clause 12.11.35), which tells that it was loaded."""
_BELIEVED_AGAIN: Final = 300.0
"""Seconds between two I-Ams of a device that are taken for a restart: some say it to whoever asks, all day."""


Age = tuple[int, int]
"""How often the device fell silent, and may have been started or loaded anew: then what was known is outdated."""
Version = tuple[int, int, int]
"""The age, and how often an object said something else than before."""


def age_of(version: Version) -> Age:
    return version[:2]


@dataclass(frozen=True, slots=True)
class _Known:
    """Facts that hold while their device's age is this; asked for anew from `until` on (monotonic)."""

    facts: Facts
    age: Age
    until: float


class DeviceFacts:
    """What the objects of one device said of themselves, each as long as it holds."""

    def __init__(self, device: Device, clock: Clock) -> None:
        self._device = device
        self._clock = clock
        self._known: dict[ObjectId, _Known] = {}
        self._restarts = 0
        self._learned = 0
        """How often an object said something else than before."""
        self._said_i_am = False
        self._believed_from = 0.0
        self._revision: Datum | None = None
        self._revision_due = 0.0

    def heard(self) -> None:
        """The device said I-Am: before its next value is believed, its objects are asked who they are."""
        self._said_i_am = True

    def version(self) -> Version:
        """Another one than before where what was known of any object is outdated, or otherwise now."""
        if self._said_i_am and (now := self._clock.monotonic()) >= self._believed_from:
            self._said_i_am, self._believed_from = False, now + _BELIEVED_AGAIN
            self._restarts += 1
        return self._device.silences, self._restarts, self._learned

    def until(self, objects: Iterable[ObjectId]) -> float:
        """Before this instant (monotonic) nothing has to be asked, while the version stays."""
        known = [self._known.get(each) for each in objects]
        return min(self._revision_due, *(0.0 if each is None else each.until for each in known))

    def wanted(self, objects: Iterable[ObjectId]) -> list[PropertyRef]:
        """What is to be asked beside the values."""
        now, age = self._clock.monotonic(), self._age
        wanted = [_revision(self._device)] if self._revision_due <= now else []
        for each in objects:
            known = self._known.get(each)
            if known is None or known.age != age or known.until <= now:
                wanted += [*fact_refs(each), *_optional_refs(each)]
        return wanted

    def check_revision(self, answers: Answers) -> None:
        """Another Database_Revision than last time: what was known is outdated."""
        now = self._clock.monotonic()
        if self._revision_due > now or (answer := answers.get(_revision(self._device))) is None:
            return
        if isinstance(answer, UnreadableError):
            self._revision_due = now + (_FACTS_LAST if absent(answer) else _REVISION_LASTS)
            return
        if self._revision not in {None, answer}:
            self._restarts += 1
        self._revision, self._revision_due = answer, now + _REVISION_LASTS

    def learn(self, objects: Iterable[ObjectId], answers: Answers) -> None:
        """Keep what the objects said; whatever was refused for the moment is asked again next time."""
        until = self._clock.monotonic() + _FACTS_LAST
        for each in objects:
            refs = fact_refs(each)
            if all(ref in answers and _settled(answers[ref]) for ref in refs):
                before, facts = self._known.get(each), _facts(each, answers)
                if before is not None and before.facts == facts:
                    facts = before.facts  # the very same ones: what was worked out of them stays
                else:
                    self._learned += 1
                self._known[each] = _Known(facts, self._age, until)

    def of(self, wanted: ObjectId) -> Facts | None:
        """None where the object did not say all that must be known of it."""
        known = self._known.get(wanted)
        return known.facts if known is not None and known.age == self._age else None

    def forget(self) -> None:
        """Ask every object anew."""
        self._known.clear()

    def doubt(self, wanted: ObjectId) -> None:
        """Ask an object anew next time: its value was refused, and it may be mended meanwhile."""
        known = self._known.get(wanted)
        if known is not None:
            self._known[wanted] = replace(known, until=0.0)

    @property
    def _age(self) -> Age:
        return self._device.silences, self._restarts


def fact_refs(wanted: ObjectId) -> list[PropertyRef]:
    """The properties in which an object says what it is."""
    refs = [PropertyRef(wanted, OBJECT_NAME)]
    if wanted.type not in _UNITLESS:
        refs.append(PropertyRef(wanted, UNITS))
    if wanted.type == ACCUMULATOR:
        refs.append(PropertyRef(wanted, _SCALE))
    return refs


def _optional_refs(wanted: ObjectId) -> list[PropertyRef]:
    """What is good to know: an object that refuses it is read all the same."""
    return [PropertyRef(wanted, MAX_PRES_VALUE)] if wanted.type == ACCUMULATOR else []


def absent(error: UnreadableError) -> bool:
    """The device says that it has no such thing, as opposed to being busy."""
    return error.code == UNKNOWN_PROPERTY


def _facts(wanted: ObjectId, answers: Answers) -> Facts:
    name = answers[PropertyRef(wanted, OBJECT_NAME)]
    units = answers.get(PropertyRef(wanted, UNITS))
    scale = answers.get(PropertyRef(wanted, _SCALE))
    largest = answers.get(PropertyRef(wanted, MAX_PRES_VALUE))
    return Facts(
        str(name.value).strip(" \t\r\n\0") if isinstance(name, Datum) and name.kind is Kind.TEXT else None,
        unit_by_code(units.value) if isinstance(units, Datum) and isinstance(units.value, int) else None,
        scale_of(scale) if isinstance(scale, Datum) else Decimal(1),
        Decimal(largest.value) if isinstance(largest, Datum) and isinstance(largest.value, int) else None,
    )


def _settled(answer: Datum | UnreadableError) -> bool:
    return isinstance(answer, Datum) or absent(answer)


def _revision(device: Device) -> PropertyRef:
    return PropertyRef(ObjectId(_DEVICE, device.instance), _DATABASE_REVISION)
