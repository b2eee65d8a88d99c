"""Who answers to an instance: by Who-Is, and by reads where nobody says I-Am."""

import asyncio
from typing import Final

from bacnet_bridge.bacnet.bindings import Binding
from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.datum import Kind
from bacnet_bridge.bacnet.identity import DEVICE
from bacnet_bridge.bacnet.presence import MAX_APDU
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, DecodeError, decode_read, encode_read
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, ObjectId

_OBJECT_IDENTIFIER: Final = 75
_MAX_APDU: Final = 62
_CAUTIOUS_APDU: Final = 480
"""Taken for a device that does not say: MS/TP's size, which whatever is behind a router can also carry."""
_SECOND_CLAIM: Final = 0.2
"""Seconds after the first I-Am in which a second device with the same instance keeps a first binding from being made.
Later ones are an alarm."""
_MOST: Final = 16
"""Claimants of one instance that are looked at: I-Ams may be forged by the thousand."""


class Search:
    """Looks for devices. An I-Am that comes after its search was given up counts for the next one.

    It may come late because a slow trunk carries many answers. Asking anew instead would add to what delays them: each
    late answer would have another question asked, for ever.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._late: dict[int, dict[str, Binding]] = {}
        """By instances whose search was given up: what was heard of them since."""

    def heard(self, i_am: IAm) -> None:
        """An I-Am that no search waits for, or any other."""
        late = self._late.get(i_am.instance)
        if late is not None and len(late) < _MOST:
            late[i_am.address] = Binding(i_am.instance, i_am.address, i_am.max_apdu)

    async def claimants(self, instance: int, where: str | None, tries: int) -> dict[str, Binding]:
        """Who says I-Am with this instance, by address; with `where`, only who stands there."""
        late = self._late.pop(instance, {})
        claims = {at: claim for at, claim in late.items() if where in {None, at}}
        heard = asyncio.Event()

        def listen(i_am: IAm) -> None:
            if i_am.instance == instance and where in {None, i_am.address} and len(claims) < _MOST:
                claims[i_am.address] = Binding(instance, i_am.address, i_am.max_apdu)
                heard.set()

        with self._client.listening(listen):
            for _ in range(tries):
                if not claims:
                    await self._client.who_is(instance, where)
                    try:
                        async with asyncio.timeout(self._client.timeout / 3):
                            await heard.wait()
                    except TimeoutError:
                        continue
                if where is None:
                    await asyncio.sleep(_SECOND_CLAIM)
                break
        if not claims:
            self._late[instance] = {}
        return claims

    async def at(self, instance: int, where: str | None, tries: int) -> Binding:
        """Who stands there without saying I-Am: by a read of the device object that the mapping names.

        Where that is refused, of the wildcard (clause 12.11). In this order, so that a device which ignores the
        wildcard is found, and another one is named.
        """
        if where is None:
            raise DeviceSilentError(f"no answer to Who-Is{self._client.deaf_to}")
        for asked in (instance, MAX_INSTANCE + 1):
            try:
                found = await self._read(where, PropertyRef(ObjectId(DEVICE, asked), _OBJECT_IDENTIFIER), min(tries, 2))
            except DeviceSilentError:
                raise DeviceSilentError(f"no answer at {where}") from None
            except (ReadError, DecodeError):
                continue
            if found != DEVICE << 22 | instance:
                raise ReadError(
                    f"at {where} stands device {(found or 0) & 0x3FFFFF}; "
                    "correct the address or the instance in the mapping"
                )
            self._late.pop(instance, None)
            return Binding(instance, where, await self._size(instance, where))
        raise ReadError(f"what stands at {where} does not say which device it is")

    async def _size(self, instance: int, where: str) -> int:
        try:
            size = await self._read(where, PropertyRef(ObjectId(DEVICE, instance), _MAX_APDU), 1)
        except (ReadError, DecodeError):
            return _CAUTIOUS_APDU
        return max(50, min(MAX_APDU, size or _CAUTIOUS_APDU))

    async def _read(self, where: str, ref: PropertyRef, tries: int) -> int | None:
        _, datum = decode_read(await self._client.ask(where, READ_PROPERTY, encode_read(ref), tries=tries))
        numeric = datum.kind in {Kind.OBJECT, Kind.UNSIGNED}
        return datum.value if numeric and isinstance(datum.value, int) else None
