"""Who is where: device instances bound to addresses, kept across restarts, followed when a known device moves.

A device that was bound before is found again by one read of its name at its old address, without a broadcast. It is
followed to another address only when the old one is silent and what stands at the new one says the same of itself
(guarantee 4). Somebody else with its instance is an alarm, and does not stop the reading of the right one.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import structlog

from bacnet_bridge.bacnet.alarms import Alarms
from bacnet_bridge.bacnet.bindings import Binding, Bindings, Remembered
from bacnet_bridge.bacnet.claims import Claims
from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.identity import About, read_about, read_name
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.search import Search
from bacnet_bridge.clock import Clock, SystemClock
from bacnet_bridge.errors import DeviceSilentError, ReadError

__all__ = ["Binding"]  # what a directory gives

_log = structlog.get_logger()

_NAMELESS: Final = 60.0
"""Seconds until a device that did not say who it is, is asked again."""
_NEWS: Final = 86_400.0
"""Seconds for which a changed address stands in the overview."""


class Directory:
    """Finds devices and remembers them: what is in use until somebody forgets it, who they are in `kept`.

    Without `kept` no identity is asked for, and so none is followed or compared.
    """

    def __init__(
        self, client: Client, clock: Clock | None = None, kept: Kept | None = None, gate: Gate | None = None
    ) -> None:
        self._client = client
        self._clock = clock or SystemClock()
        self._gate = gate or Gate()
        self._bindings = Bindings(kept)
        self._sought = Search(client)
        self._known: dict[int, dict[str | None, Binding]] = {}
        self._alarms = Alarms()
        self._claims = Claims(client, self._clock, self._alarms)
        self._strangers: dict[int, dict[str | None, Remembered]] = {}
        self._nameless: dict[tuple[int, str | None], float] = {}
        """Bound devices that did not yet say who they are, and when they are to be asked again (monotonic)."""
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

    def part_from(self, instance: int, address: str | None) -> None:
        """The device is mapped no more: nothing is to be told of it. Who it was is kept."""
        self.forget(instance, address)
        self._nameless.pop((instance, address), None)
        self._strangers.get(instance, {}).pop(address, None)
        self._alarms.end(("stranger", instance, address), "the device is mapped no more", device=instance)
        if not self._known.get(instance):
            self._moves.pop(instance, None)
            self._claims.part_from(instance)

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
        elif self._nameless and self._nameless.get((instance, address), math.inf) <= self._clock.monotonic():
            await self._learn_who(known, address)
        return known

    def bind(self, i_am: IAm) -> None:
        """Take a device that was heard for what it says, by its address: it is not looked for."""
        binding = Binding(i_am.instance, i_am.address, i_am.max_apdu)
        self._known.setdefault(i_am.instance, {})[i_am.address] = binding

    def accept(self, instance: int) -> list[str]:
        """Take the strangers that claim this instance for the device from now on; a sentence for each."""
        taken = []
        for address, stranger in self._strangers.pop(instance, {}).items():
            self._bindings.put(address, stranger)
            self._alarms.end(("stranger", instance, address), "another device is accepted", device=instance)
            taken.append(f"device {instance} is now {stranger.about} at {stranger.binding.address}")
        return taken

    async def stop(self) -> None:
        """End what looks after claims."""
        await self._claims.stop()

    async def _search(self, instance: int, address: str | None, tries: int) -> Binding:
        where = None if address is None else await self._client.canonical(address)
        before = self._bindings.get(instance, address)
        if before is None:
            return await self._bind_first(instance, address, where, tries)
        if where in {None, before.binding.address} and await self._stands(before, address, min(tries, 2)):
            return before.binding
        return await self._follow(before, address, where, tries)

    async def _stands(self, before: Remembered, address: str | None, tries: int) -> bool:
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
        self._bindings.put(address, replace(before, about=about))
        return True

    async def _bind_first(self, instance: int, address: str | None, where: str | None, tries: int) -> Binding:
        claims = await self._sought.claimants(instance, where, tries)
        if len(claims) > 1:
            raise _ambiguous(claims)
        binding = next(iter(claims.values()), None) or await self._sought.at(instance, where, tries)
        await self._learn_who(binding, address)
        return binding

    async def _learn_who(self, binding: Binding, address: str | None) -> None:
        """What the device says of itself, so that it is known again; asked again later where it says nothing now.

        It has just been heard, so that this is a question like those for its values, and takes its turn with them.
        """
        self._nameless.pop((binding.instance, address), None)
        if not self._bindings.remember:
            return
        try:
            async with self._gate.turn(binding.address, f"{binding.instance} {address}"):
                about = await read_about(self._client, binding.instance, binding.address, 1)
        except ReadError as error:
            _log.debug("a device does not say who it is yet", device=binding.instance, cause=str(error))
            self._nameless[binding.instance, address] = self._clock.monotonic() + _NAMELESS
        else:
            self._bindings.put(address, Remembered(binding, about))

    async def _follow(self, before: Remembered, address: str | None, where: str | None, tries: int) -> Binding:
        """To where the device that was bound before stands now, among all that claim its instance."""
        instance = before.binding.instance
        claims = await self._sought.claimants(instance, where, tries)
        if not claims:
            here = await self._sought.at(instance, where, tries)
            claims = {here.address: here}
        said, silence = await self._said_by(claims, instance)
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
        self._move(before, address, Remembered(found, said[found.address]))
        for claimed in said.keys() - {found.address}:
            self._claims.examine(instance, claimed, found.address, said[found.address])
        return found

    async def _said_by(
        self, claims: Mapping[str, Binding], instance: int
    ) -> tuple[dict[str, About], DeviceSilentError | None]:
        """What stands at each of these addresses says of itself, asked side by side; and one that says nothing."""

        async def ask(claimed: str) -> About | ReadError:
            try:
                return await read_about(self._client, instance, claimed, 1)
            except ReadError as error:
                _log.debug("a claimant does not say who it is", device=instance, address=claimed, cause=str(error))
                return error

        answers = dict(zip(claims, await asyncio.gather(*map(ask, claims)), strict=True))
        silent = [answer for answer in answers.values() if isinstance(answer, DeviceSilentError)]
        said = {claimed: about for claimed, about in answers.items() if isinstance(about, About)}
        return said, next(iter(silent), None)

    def _strange(
        self, before: Remembered, address: str | None, claims: Mapping[str, Binding], said: Mapping[str, About]
    ) -> ReadError:
        instance = before.binding.instance
        if not said:
            return ReadError(f"what stands at {' and '.join(sorted(claims))} does not say who it is")
        where, about = next(iter(sorted(said.items())))
        sentence = (
            f"at {where} stands {about}, but device {instance} was {before.about} at {before.binding.address}: "
            f"it is not read; `bacnet-bridge accept {instance}` if it took that one's place"
        )
        self._strangers.setdefault(instance, {})[address] = Remembered(claims[where], about)
        self._alarms.start(
            ("stranger", instance, address),
            "another device has this instance, and is not read",
            f"device {instance}: {sentence}",
            device=instance,
        )
        return ReadError(sentence)

    def _move(self, before: Remembered, address: str | None, after: Remembered) -> None:
        instance, old, new = after.binding.instance, before.binding.address, after.binding.address
        self._strangers.get(instance, {}).pop(address, None)
        self._alarms.end(("stranger", instance, address), "the right device answers again", device=instance)
        self._bindings.put(address, after)
        if old != new:
            _log.warning("device has moved and is followed", device=instance, was=old, now=new)
            sentence = f"device {instance}: it moved from {old} to {new}, and is read there"
            self._moves[instance] = self._clock.monotonic() + _NEWS, sentence

    def _heard(self, i_am: IAm) -> None:
        self._sought.heard(i_am)
        known = self._known.get(i_am.instance, {})
        for address, binding in known.items():
            if binding.address == i_am.address:
                known[address] = replace(binding, max_apdu=i_am.max_apdu)
                for listener in self._restart_listeners:
                    listener(i_am.instance)
                return
        if (bound := known.get(None)) is not None:
            before = self._bindings.get(i_am.instance, None)
            about = before.about if before is not None else About()
            self._claims.examine(i_am.instance, i_am.address, bound.address, about, lambda: self._vacated(bound))

    def _vacated(self, bound: Binding) -> None:
        """Another address claims a bound instance, and the bound one is silent: look for it anew."""
        if self._known.get(bound.instance, {}).get(None) == bound:
            self.forget(bound.instance, None)


def _ambiguous(claims: "Mapping[str, object] | list[str]") -> ReadError:
    both = " and ".join(sorted(claims))
    return ReadError(
        f"both {both} claim this instance; give one of them another, or name the right one's address in the mapping"
    )
