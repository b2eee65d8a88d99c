"""What one device proved able to do: pure, frozen, kept across restarts.

Whatever it refused is tried again an hour later, because it may have been replaced or updated: nothing is disabled
for ever. Instants are UTC milliseconds; a clock that was set makes a limit lapse early, never last longer.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from bacnet_bridge.vocabulary.objects import ObjectId

TRY_AGAIN: Final = 3_600_000
"""Milliseconds for which a refusal counts."""
_SMOOTHING: Final = 0.125
"""Share of the newest round trip in the smoothed one, as in TCP (RFC 6298)."""
_WORTH_IT: Final = 0.75
"""Share of the time of one after the other that requests at once may take at most."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One device; the defaults are those of a device that nobody has met."""

    instance: int
    mapped_address: str | None = None
    """The address by which the mapping names it; None where it is found by its instance."""
    address: str = ""
    """Where it was found last; empty before that."""
    max_apdu: int = 0
    """Octets of the longest message that it takes; 0 before it was found."""
    worked: int = 0
    """Most properties that one request was answered with."""
    most: int = 0
    """Properties of the largest request that fits, though larger ones should; 0 where none was too large."""
    most_at: int = 0
    multiple_refused_at: int = 0
    """When it refused ReadPropertyMultiple as such; 0 where it never did."""
    spoiling: Mapping[str, int] | None = None
    """Objects that turn a whole request into a refusal, and when that was seen."""
    dumb: tuple[str, ...] = ()
    """Objects about which no question is answered, though the device answers others."""
    round_trip: float = 0.0
    """Smoothed milliseconds from a gathering's first question to its answer; 0 before the first."""
    requests: int = 0
    """Of the last gathering."""
    in_flight: int = 1
    """Requests that it answers at once, in less time than one after the other."""
    in_flight_at: int = 0
    """When more proved to be too many; 0 where none did."""
    silent_since: int = 0
    """When it fell silent; 0 while it answers."""
    refusal: str = ""
    """What it refused last, and why; empty where it never did."""
    refused_at: int = 0

    def at_once(self, most: int, now: int) -> int:
        """Requests that it is asked at once, where the site allows so many."""
        lowest = 1 if _counts(self.in_flight_at, now) else 2  # to see whether it keeps up
        return min(most, max(lowest, self.in_flight))

    def reads_singly(self, now: int) -> bool:
        """Whether ReadPropertyMultiple is not to be tried."""
        return _counts(self.multiple_refused_at, now)

    def most_together(self, now: int) -> int:
        """Properties that a request may ask for at most, beside what its octets allow; 0 for no limit."""
        return self.most if _counts(self.most_at, now) else 0

    def apart(self, now: int) -> frozenset[str]:
        """Objects that stand alone in their requests."""
        return frozenset(each for each, at in (self.spoiling or {}).items() if _counts(at, now))


def found(profile: Profile, address: str, max_apdu: int) -> Profile:
    """The device stands there and says so of itself."""
    if (profile.address, profile.max_apdu) == (address, max_apdu):
        return profile
    return replace(profile, address=address, max_apdu=max_apdu)


def after_answer(profile: Profile, properties: int, milliseconds: float) -> Profile:
    """A request for so many properties was answered after this time."""
    before = profile.round_trip or milliseconds
    smoothed = before + _SMOOTHING * (milliseconds - before)
    return replace(profile, worked=max(profile.worked, properties), round_trip=smoothed)


def after_together(profile: Profile, number: int, milliseconds: float, most: int, now: int) -> Profile:
    """So many requests were in flight to it at once, and all were answered after this time.

    A device that answers them one after the other gains nothing by it, and its next ones would only wait there.
    """
    if milliseconds > _WORTH_IT * number * profile.round_trip:
        return after_too_many(profile, number, now)
    if number < profile.in_flight or _counts(profile.in_flight_at, now):
        return profile
    return replace(profile, in_flight=min(number + 1, most))


def after_too_many(profile: Profile, number: int, now: int) -> Profile:
    """So many requests at once were too many: one of them was refused or lost, or nothing was gained."""
    return replace(profile, in_flight=max(1, number // 2), in_flight_at=now)


def after_refusal(profile: Profile, cause: str, now: int) -> Profile:
    """The device refused something; this alone limits nothing."""
    return replace(profile, refusal=cause, refused_at=now)


def after_too_much(profile: Profile, fitting: int, now: int) -> Profile:
    """A request that should have fitted was refused, and its parts, of `fitting` properties at most, were not."""
    known = profile.most_together(now)
    return replace(profile, most=min(known or fitting, fitting), most_at=now)


def after_multiple_refused(profile: Profile, now: int) -> Profile:
    """Whatever ReadPropertyMultiple is sent is refused or lost; the same properties are answered one by one."""
    return replace(profile, multiple_refused_at=now)


def after_spoiling(profile: Profile, wanted: ObjectId, now: int) -> Profile:
    """With this object in it a request is refused."""
    lasting = {each: at for each, at in (profile.spoiling or {}).items() if _counts(at, now)}
    return replace(profile, spoiling={**lasting, str(wanted): now})


def after_dumb(profile: Profile, wanted: ObjectId) -> Profile:
    """A question about this object got no answer, and the next one, about another, did."""
    return replace(profile, dumb=tuple(dict.fromkeys((*profile.dumb, str(wanted)))))


def after_dumb_answered(profile: Profile, wanted: ObjectId) -> Profile:
    """A question about it is answered again."""
    return replace(profile, dumb=tuple(each for each in profile.dumb if each != str(wanted)))


def after_silence(profile: Profile, now: int) -> Profile:
    """It answers nothing any more; how long so is kept from the first time."""
    return replace(profile, silent_since=profile.silent_since or now)


def after_gathering(profile: Profile, requests: int) -> Profile:
    """All that was due at one moment took so many requests, and it answered."""
    if (profile.requests, profile.silent_since) == (requests, 0):
        return profile
    return replace(profile, requests=requests, silent_since=0)


def document(profile: Profile) -> dict[str, Any]:
    """As it stands in the state folder and in the command's answer."""
    return asdict(profile)


def from_document(entry: Mapping[str, Any]) -> Profile | None:
    """From what `document` wrote; None for what is none, or another version's."""
    known = {each.name: entry[each.name] for each in fields(Profile) if each.name in entry}
    if not isinstance(entry.get("instance"), int):
        return None
    fresh = Profile(entry["instance"])
    for name, value in known.items():
        if not _fits(name, value, getattr(fresh, name)):
            return None
    return replace(fresh, **{**known, "dumb": tuple(known.get("dumb", ()))})


def _fits(name: str, value: object, default: object) -> bool:
    match name:
        case "mapped_address":
            return value is None or isinstance(value, str)
        case "spoiling":
            return value is None or (isinstance(value, dict) and all(type(at) is int for at in value.values()))
        case "dumb":
            return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
        case "round_trip":
            return type(value) in {int, float}
        case _:
            return type(value) is type(default)


def _counts(at: int, now: int) -> bool:
    return at > 0 and 0 <= now - at < TRY_AGAIN
