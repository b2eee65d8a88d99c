"""Who is where: device instances bound to addresses, kept across restarts, followed when a known device moves.

A device that was bound before is found again by one read of its name at its old address, without a broadcast. It is
followed to another address only when the old one is silent and what stands at the new one says the same of itself
(guarantee 4). Somebody else with its instance is an alarm, and does not stop the reading of the right one.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from bacnet_bridge.bacnet.alarms import Alarms
from bacnet_bridge.bacnet.claims import Claims
from bacnet_bridge.bacnet.client import MAX_APDU, Client, IAm
from bacnet_bridge.bacnet.datum import Kind
from bacnet_bridge.bacnet.identity import DEVICE, About, about_from, read_about, read_name
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, DecodeError, decode_read, encode_read
from bacnet_bridge.clock import Clock, SystemClock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, ObjectId

_log = structlog.get_logger()

_OBJECT_IDENTIFIER: Final = 75
_MAX_APDU: Final = 62
_CAUTIOUS_APDU: Final = 480
"""Taken for a device that does not say: MS/TP's size, which whatever is behind a router can also carry."""
_SECOND_CLAIM: Final = 0.2
"""Seconds after the first I-Am in which a second device with the same instance keeps a first binding from being made.
Later ones are an alarm."""
_NEWS: Final = 86_400.0
"""Seconds for which a changed address stands in the overview."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Where a device is, and the longest message that it takes."""

    instance: int
    address: str
    max_apdu: int


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A binding that was once made, and what the device said of itself then."""

    binding: Binding
    about: About

    def document(self) -> dict[str, Any]:
        return {"address": self.binding.address, "max_apdu": self.binding.max_apdu, **self.about.document()}


class Directory:
    """Finds devices and remembers them: what is in use until somebody forgets it, who they are in `kept`.

    Without `kept` no identity is asked for, and so none is followed or compared.
    """

    def __init__(self, client: Client, clock: Clock | None = None, kept: Kept | None = None) -> None:
        self._client = client
        self._clock = clock or SystemClock()
        self._kept = kept
        self._known: dict[int, dict[str | None, Binding]] = {}
        self._alarms = Alarms()
        self._claims = Claims(client, self._clock, self._alarms)
        self._strangers: dict[int, dict[str | None, _Remembered]] = {}
        self._moves: dict[int, tuple[float, str]] = {}
        self._restart_listeners: list[Callable[[int], None]] = []
        client.on_i_am(self._heard)

    @property
    def attention(self) -> tuple[str, ...]:
        """What an operator should know of devices and their addresses, as sentences."""
        now = self._clock.monotonic()
        return self._alarms.sentences + tuple(sentence for until, sentence in self._moves.values() if now < until)

    def on_restart(self, listener: Callable[[int], None]) -> None:
        """Tell `listener` the instance of every bound device that says I-Am unasked: it may have been started anew."""
        self._restart_listeners.append(listener)

    def forget(self, instance: int, address: str | None) -> None:
        """Ask anew next time: the device went silent and may have moved."""
        self._known.get(instance, {}).pop(address, None)

    async def find(self, instance: int, address: str | None, *, tries: int = 3) -> Binding:
        """The device's binding; `address` as in `Meter.address`.

        Raises DeviceSilentError or ReadError, whose texts name the cause only. Two devices that claim an instance that
        was never bound are an error which names both addresses, and so is a device that is not the one of before.
        """
        known = self._known.get(instance, {}).get(address)
        if known is None:
            known = await self._search(instance, address, tries)
            self._known.setdefault(instance, {})[address] = known
            self._claims.settled(instance, known.address)
        return known

    def accept(self, instance: int) -> list[str]:
        """Take the strangers that claim this instance for the device from now on; a sentence for each."""
        taken = []
        for address, stranger in self._strangers.pop(instance, {}).items():
            self._remember(address, stranger)
            self._alarms.end(("stranger", instance, address), "another device is accepted", device=instance)
            taken.append(f"device {instance} is now {stranger.about} at {stranger.binding.address}")
        return taken

    async def stop(self) -> None:
        """End what looks after claims."""
        await self._claims.stop()

    async def _search(self, instance: int, address: str | None, tries: int) -> Binding:
        where = None if address is None else await self._client.canonical(address)
        before = self._remembered(instance, address)
        if before is None:
            return await self._bind_first(instance, address, where, tries)
        if where in {None, before.binding.address} and await self._stands(before, address, min(tries, 2)):
            return before.binding
        return await self._follow(before, address, where, tries)

    async def _stands(self, before: _Remembered, address: str | None, tries: int) -> bool:
        """Whether the device is where it was. It may have another name if it surely is the same machine."""
        binding = before.binding
        try:
            name = await read_name(self._client, binding.instance, binding.address, tries)
            if name == before.about.name:
                return True
            about = await read_about(self._client, binding.instance, binding.address, tries)
        except DeviceSilentError:
            if address is not None:
                raise DeviceSilentError(f"no answer at {binding.address}") from None
            return False
        except ReadError:
            return False
        if not before.about.is_machine(about):
            return False
        _log.warning("device has another name", device=binding.instance, was=before.about.name, now=about.name)
        self._remember(address, replace(before, about=about))
        return True

    async def _bind_first(self, instance: int, address: str | None, where: str | None, tries: int) -> Binding:
        claims = await self._claimants(instance, where, tries)
        if len(claims) > 1:
            raise _ambiguous(claims)
        binding = next(iter(claims.values()), None) or await self._at(instance, where, tries)
        if self._kept is not None:
            try:
                about = await read_about(self._client, instance, binding.address, 1)
            except ReadError as error:
                _log.debug("a device does not say who it is yet", device=instance, cause=str(error))
            else:
                self._remember(address, _Remembered(binding, about))
        return binding

    async def _follow(self, before: _Remembered, address: str | None, where: str | None, tries: int) -> Binding:
        """To where the device that was bound before stands now, among all that claim its instance."""
        instance = before.binding.instance
        claims = await self._claimants(instance, where, tries)
        if not claims:
            here = await self._at(instance, where, tries)
            claims = {here.address: here}
        said: dict[str, About] = {}
        silence: DeviceSilentError | None = None
        for claimed in claims:
            try:
                said[claimed] = await read_about(self._client, instance, claimed, 1)
            except DeviceSilentError as error:
                silence = error
            except ReadError as error:
                _log.debug("a claimant does not say who it is", device=instance, address=claimed, cause=str(error))
        same = [claimed for claimed, about in said.items() if before.about.known_again(about)]
        if not same:
            if not said and silence is not None:
                raise silence
            raise self._strange(before, address, claims, said)
        if before.binding.address in same:
            same = [before.binding.address]
        if len(same) > 1:
            raise _ambiguous(same)
        found = claims[same[0]]
        self._move(before, address, _Remembered(found, said[found.address]))
        for claimed in said.keys() - {found.address}:
            self._claims.examine(instance, claimed, found.address, said[found.address])
        return found

    def _strange(
        self, before: _Remembered, address: str | None, claims: Mapping[str, Binding], said: Mapping[str, About]
    ) -> ReadError:
        instance = before.binding.instance
        if not said:
            return ReadError(f"what stands at {' and '.join(sorted(claims))} does not say who it is")
        where, about = next(iter(sorted(said.items())))
        sentence = (
            f"at {where} stands {about}, but device {instance} was {before.about} at {before.binding.address}: "
            f"it is not read; `bacnet-bridge accept {instance}` if it took that one's place"
        )
        self._strangers.setdefault(instance, {})[address] = _Remembered(claims[where], about)
        self._alarms.start(
            ("stranger", instance, address),
            "another device has this instance, and is not read",
            f"device {instance}: {sentence}",
            device=instance,
        )
        return ReadError(sentence)

    def _move(self, before: _Remembered, address: str | None, after: _Remembered) -> None:
        instance, old, new = after.binding.instance, before.binding.address, after.binding.address
        self._strangers.get(instance, {}).pop(address, None)
        self._alarms.end(("stranger", instance, address), "the right device answers again", device=instance)
        self._remember(address, after)
        if old != new:
            _log.warning("device has moved and is followed", device=instance, was=old, now=new)
            sentence = f"device {instance}: it moved from {old} to {new}, and is read there"
            self._moves[instance] = self._clock.monotonic() + _NEWS, sentence

    def _heard(self, i_am: IAm) -> None:
        known = self._known.get(i_am.instance, {})
        for address, binding in known.items():
            if binding.address == i_am.address:
                known[address] = replace(binding, max_apdu=i_am.max_apdu)
                for listener in self._restart_listeners:
                    listener(i_am.instance)
                return
        if (bound := known.get(None)) is not None:
            before = self._remembered(i_am.instance, None)
            about = before.about if before is not None else About()
            self._claims.examine(i_am.instance, i_am.address, bound.address, about, lambda: self._vacated(bound))

    def _vacated(self, bound: Binding) -> None:
        """Another address claims a bound instance, and the bound one is silent: look for it anew."""
        if self._known.get(bound.instance, {}).get(None) == bound:
            self.forget(bound.instance, None)

    async def _claimants(self, instance: int, where: str | None, tries: int) -> dict[str, Binding]:
        """Who says I-Am with this instance, by address; with `where`, only who stands there."""
        claims: dict[str, Binding] = {}
        heard = asyncio.Event()

        def listen(i_am: IAm) -> None:
            if i_am.instance == instance and where in {None, i_am.address}:
                claims[i_am.address] = Binding(instance, i_am.address, i_am.max_apdu)
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

    async def _at(self, instance: int, where: str | None, tries: int) -> Binding:
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

    def _remembered(self, instance: int, address: str | None) -> _Remembered | None:
        entry = None if self._kept is None else self._kept.get(_key(instance, address))
        if entry is None:
            return None
        where, size = entry.get("address"), entry.get("max_apdu")
        about = about_from(entry)
        if not isinstance(where, str) or not isinstance(size, int) or about.name is None:
            return None
        return _Remembered(Binding(instance, where, size), about)

    def _remember(self, address: str | None, what: _Remembered) -> None:
        if self._kept is not None:
            self._kept.put(_key(what.binding.instance, address), what.document())


def _key(instance: int, address: str | None) -> str:
    return f"{instance}" if address is None else f"{instance} at {address}"


def _ambiguous(claims: "Mapping[str, object] | list[str]") -> ReadError:
    both = " and ".join(sorted(claims))
    return ReadError(
        f"both {both} claim this instance; give one of them another, or name the right one's address in the mapping"
    )
