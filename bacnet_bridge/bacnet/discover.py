"""Who is where: device instances bound to addresses by Who-Is, or by a read where an address answers no Who-Is."""

import asyncio
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.client import MAX_APDU, Client, IAm
from bacnet_bridge.bacnet.datum import Kind
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, DecodeError, decode_read, encode_read
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, ObjectId

_DEVICE: Final = 8
_OBJECT_IDENTIFIER: Final = 75
_MAX_APDU: Final = 62
_CAUTIOUS_APDU: Final = 480
"""Taken for a device that does not say: MS/TP's size, which whatever is behind a router can also carry."""
_SECOND_CLAIM: Final = 0.2
"""Seconds after the first I-Am in which a second device with the same instance is heard."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a device is, and the longest message that it takes."""

    instance: int
    address: str
    max_apdu: int


class Directory:
    """Finds devices and remembers them until somebody forgets them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._known: dict[tuple[int, str | None], Binding] = {}

    def forget(self, instance: int, address: str | None) -> None:
        """Ask anew next time: the device went silent and may have moved."""
        self._known.pop((instance, address), None)

    async def find(self, instance: int, address: str | None, *, tries: int = 3) -> Binding:
        """The device's binding; `address` as in `Meter.address`.

        Raises DeviceSilentError or ReadError, whose texts name the cause only. Two devices that claim the instance
        are an error which names both addresses (guarantee 4).
        """
        known = self._known.get((instance, address))
        if known is None:
            known = await self._search(instance, address, tries)
            self._known[instance, address] = known
        return known

    async def _search(self, instance: int, address: str | None, tries: int) -> Binding:
        where = None if address is None else await self._client.canonical(address)
        claims = await self._claims(instance, where, tries)
        if len(claims) > 1:
            both = " and ".join(sorted(claims))
            raise ReadError(
                f"both {both} claim this instance; give one of them another, "
                "or name the right one's address in the mapping"
            )
        for found in claims.values():
            return Binding(instance, found.address, found.max_apdu)
        if where is None:
            raise DeviceSilentError("no answer to Who-Is")
        return await self._identify(instance, where, min(tries, 2))

    async def _claims(self, instance: int, where: str | None, tries: int) -> dict[str, IAm]:
        """The I-Ams of the instance by address; with `where`, only the one from there."""
        claims: dict[str, IAm] = {}
        heard = asyncio.Event()

        def listen(i_am: IAm) -> None:
            if i_am.instance == instance and where in {None, i_am.address}:
                claims[i_am.address] = i_am
                heard.set()

        with self._client.listening(listen):
            for _ in range(tries):
                await self._client.who_is(instance, where)
                try:
                    async with asyncio.timeout(self._client.timeout / 3):
                        await heard.wait()
                except TimeoutError:
                    continue
                if where is None:
                    await asyncio.sleep(_SECOND_CLAIM)
                break
        return claims

    async def _identify(self, instance: int, where: str, tries: int) -> Binding:
        """By a read of the device object that the mapping names; where it is refused, of the wildcard (clause 12.11).

        In this order, so that a device which ignores the wildcard is found, and another one is named.
        """
        for asked in (instance, MAX_INSTANCE + 1):
            try:
                found = await self._read(where, PropertyRef(ObjectId(_DEVICE, asked), _OBJECT_IDENTIFIER), tries)
            except DeviceSilentError:
                raise DeviceSilentError(f"no answer at {where}") from None
            except (ReadError, DecodeError):
                continue
            if found != _DEVICE << 22 | instance:
                raise ReadError(
                    f"at {where} stands device {(found or 0) & 0x3FFFFF}; "
                    "correct the address or the instance in the mapping"
                )
            return Binding(instance, where, await self._size(instance, where))
        raise ReadError(f"what stands at {where} does not say which device it is")

    async def _size(self, instance: int, where: str) -> int:
        try:
            size = await self._read(where, PropertyRef(ObjectId(_DEVICE, instance), _MAX_APDU), 1)
        except (ReadError, DecodeError):
            return _CAUTIOUS_APDU
        return max(50, min(MAX_APDU, size or _CAUTIOUS_APDU))

    async def _read(self, where: str, ref: PropertyRef, tries: int) -> int | None:
        _, datum = decode_read(await self._client.ask(where, READ_PROPERTY, encode_read(ref), tries=tries))
        numeric = datum.kind in {Kind.OBJECT, Kind.UNSIGNED}
        return datum.value if numeric and isinstance(datum.value, int) else None
