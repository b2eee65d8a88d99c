"""What a device says of itself, by which it is known again at another address (clause 12.11)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    UNKNOWN_PROPERTY,
    DecodeError,
    Refusal,
    decode_read,
    decode_read_multiple,
    encode_read,
    encode_read_multiple,
)
from bacnet_bridge.errors import ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import OBJECT_NAME, ObjectId

DEVICE: Final = 8
_SERIAL: Final = 372
_PROPERTIES: Final = {"name": OBJECT_NAME, "vendor": 120, "model": 70, "serial": _SERIAL}


@dataclass(frozen=True, slots=True)
class About:
    """None is what the device does not offer."""

    name: str | None = None
    vendor: int | None = None
    model: str | None = None
    serial: str | None = None

    def __str__(self) -> str:
        more = [f"{what} {value}" for what, value in asdict(self).items() if what != "name" and value is not None]
        return f"{self.name!r}" + (f" ({', '.join(more)})" if more else "")

    def known_again(self, now: "About") -> bool:
        """Whether `now` may be the same device: whatever this one offered is said again."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return all(value in {None, getattr(now, what)} for what, value in mine.items())

    def is_machine(self, now: "About") -> bool:
        """Whether `now` is surely this very machine, whatever it is called."""
        return self.serial is not None and (self.serial, self.vendor) == (now.serial, now.vendor)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def about_from(entry: Mapping[str, Any]) -> About:
    """From what `document` wrote."""
    return About(**{each.name: entry.get(each.name) for each in fields(About)})


async def read_about(client: Client, instance: int, where: str, tries: int) -> About:
    """Ask the device that stands at `where`. Raises ReadError where it is silent, busy, or not this instance."""
    refs = {what: PropertyRef(ObjectId(DEVICE, instance), number) for what, number in _PROPERTIES.items()}
    try:
        data = await client.ask(where, READ_PROPERTY_MULTIPLE, encode_read_multiple(list(refs.values())), tries=tries)
        found = decode_read_multiple(data)
        said = {what: _offered(found[ref]) for what, ref in refs.items()}
    except (RefusedError, DecodeError, KeyError):
        said = {what: await _singly(client, where, ref, tries) for what, ref in refs.items()}
    return _about(said)


async def read_name(client: Client, instance: int, where: str, tries: int) -> str | None:
    """The cheapest question that only this device answers well. Raises as `read_about`."""
    ref = PropertyRef(ObjectId(DEVICE, instance), OBJECT_NAME)
    return _text(await _singly(client, where, ref, tries))


async def _singly(client: Client, where: str, ref: PropertyRef, tries: int) -> Datum | None:
    try:
        answered, datum = decode_read(await client.ask(where, READ_PROPERTY, encode_read(ref), tries=tries))
    except DecodeError as error:
        raise ReadError(f"{ref}: the answer cannot be decoded ({error})") from None
    except RefusedError as refusal:
        # A young property: old devices reject or abort the question, instead of saying that they have none.
        if ref.property == _SERIAL and refusal.kind != "error":
            return None
        if (refusal.kind, refusal.code) == ("error", UNKNOWN_PROPERTY):
            return None
        raise
    if answered != ref:
        raise ReadError(f"{ref}: an answer to another question")
    return datum


def _offered(found: Datum | Refusal) -> Datum | None:
    if isinstance(found, Datum):
        return found
    if found.code == UNKNOWN_PROPERTY:
        return None
    raise RefusedError("error", found.code, str(found))


def _about(said: Mapping[str, Datum | None]) -> About:
    vendor = said["vendor"]
    number = vendor.value if vendor is not None and vendor.kind is Kind.UNSIGNED else None
    return About(
        _text(said["name"]), number if isinstance(number, int) else None, _text(said["model"]), _text(said["serial"])
    )


def _text(said: Datum | None) -> str | None:
    text = str(said.value).strip(" \t\r\n\0") if said is not None and said.kind is Kind.TEXT else ""
    return text or None
