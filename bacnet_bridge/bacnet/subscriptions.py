"""Changes of values that devices tell by themselves, for points with `cov: yes`: subscribed, renewed, taken up again.

Subscriptions follow the reading: a device is asked for them where, and once, it has answered a reading, and anew
after it fell silent, moved, or said I-Am, as it does after a restart. One that refuses is simply read, and asked
again later.
"""

import asyncio
import contextlib
import math
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.batch import Refs
from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.cov import SUBSCRIBE_COV, decode_notification, encode_cancel, encode_subscribe
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.line import who_are_you
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.subscription import Subscription, Told
from bacnet_bridge.bacnet.tags import DecodeError
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import STATUS_FLAGS, ObjectId

_log = structlog.get_logger()

LIFETIME: Final = 300
"""Seconds that a subscription lasts: a device that forgets one without a word is noticed after half of it at most."""
PROCESS: Final = 135
"""The process identifier: the same in every run, so that a bridge that starts anew takes its old places again."""
_RENEWED_FROM, _RENEWED_TO = 0.4, 0.5
"""Parts of the lifetime after which it is renewed: spread, so that what was subscribed together does not stay so."""
_REFUSED_AGAIN: Final = 3600.0
"""Seconds after which a device that refused is asked again; spread by a tenth."""
_UNANSWERED_AGAIN: Final = 300.0
"""Seconds after which a device that said nothing to it is asked again, unless its readings fail as well."""
_GRAIN: Final = 0.01
"""Seconds of the shortest rest: a clock's sleep may end a moment too early."""
_TRIES: Final = 2
_KEPT: Final = 16
"""Tuples of what is left to ask that are kept for a device, as there are plans."""
_GOODBYE: Final = 1.0
"""Seconds in which subscriptions are ended when the bridge stops. Those that are left end by themselves."""


class Subscriptions:
    """What is subscribed at any number of devices. Made and used in one event loop."""

    def __init__(self, client: Client, clock: Clock, gate: Gate, lifetime: int = LIFETIME) -> None:
        self._client, self._clock, self._gate = client, clock, gate
        self._lifetime = lifetime
        self._by_key: dict[str, _Subscriber] = {}
        client.on_notification(self._notified)
        client.on_i_am(self._heard)

    async def read(
        self, device: Device, refs: Refs, told: Sequence[PropertyRef], patience: float, *, once: bool = False
    ) -> Sequence[Answer]:
        """As `Device.read`, but without asking for what the device told by itself.

        `told` names the present-values that it is to tell, with a point's `cov: yes`; `refs` holds them, and their
        status-flags. Something is asked in any case: silence never counts as unchanged (guarantee 4).
        """
        subscriber = self._follow(device, told)
        known = subscriber.known(told)
        asked = refs if not known else subscriber.left(refs, known, once=once)
        answers = await device.read(asked or subscriber.proof, patience, once=once)
        subscriber.answered()
        if not known:
            return answers
        # The proof itself answers nobody.
        found: dict[PropertyRef, Answer] = {**dict(zip(asked, answers, strict=False)), **known}
        return [found[ref] for ref in refs]

    def known(self, device: Device, ref: PropertyRef) -> Told | None:
        """The object's present-value and status-flags as the device told them last, where they still count."""
        subscriber = self._by_key.get(device.key)
        known = {} if subscriber is None else subscriber.known([ref])
        return (known[ref], known[_flags(ref)]) if known else None

    async def only(self, told: Mapping[str, Collection[ObjectId]]) -> None:
        """By `Device.key`, the objects that are still to be told of. Others end by themselves, and are not renewed."""
        gone = []
        for key, subscriber in list(self._by_key.items()):
            subscriber.want_only(told.get(key, ()))
            if not subscriber.wanted:
                gone.append(self._by_key.pop(key))
        await asyncio.gather(*(subscriber.stop() for subscriber in gone))

    def moved(self) -> None:
        """Our port may be elsewhere now, where nobody tells anything: each is read, and asked anew once it answered."""
        for subscriber in self._by_key.values():
            subscriber.moved()

    async def stop(self) -> None:
        """End all subscriptions, as far as devices answer at once. To be called before the client's stop."""
        subscribers = self._by_key.values()
        await asyncio.gather(*(subscriber.stop() for subscriber in subscribers))
        try:
            async with asyncio.timeout(_GOODBYE):
                await asyncio.gather(*(subscriber.say_goodbye() for subscriber in subscribers))
        except TimeoutError:
            _log.debug("some subscriptions are left to end by themselves")

    def _follow(self, device: Device, told: Iterable[PropertyRef]) -> "_Subscriber":
        key = device.key
        if key not in self._by_key:
            self._by_key[key] = _Subscriber(device, self._client, self._clock, self._gate, self._lifetime)
        self._by_key[key].want(told)
        return self._by_key[key]

    def _notified(self, source: str, data: bytes) -> bool:
        """Guarantee 4: only what comes from the device, about the object, for this process, is taken."""
        try:
            notification = decode_notification(data)
        except DecodeError as error:
            _log.debug("a notification that cannot be decoded", source=source, cause=str(error))
            return False
        if notification.process != PROCESS:
            return False
        at = source, notification.device
        taken = [
            subscription
            for subscriber in self._by_key.values()
            if subscriber.at == at and (subscription := subscriber.wanted.get(notification.object)) is not None
        ]
        for subscription in taken:
            subscription.notified(notification, self._clock.monotonic())
        return bool(taken)

    def _heard(self, i_am: IAm) -> None:
        for subscriber in self._by_key.values():
            if subscriber.at == (i_am.address, i_am.instance):
                subscriber.doubt()


class _Subscriber:
    """One device's subscriptions, asked for one after the other."""

    def __init__(self, device: Device, client: Client, clock: Clock, gate: Gate, lifetime: int) -> None:
        self.at: tuple[str, int] = "", device.instance
        """Where the device answered, and its instance."""
        self.wanted: dict[ObjectId, Subscription] = {}
        self.proof = (who_are_you(device.instance),)
        """What is asked where there is nothing else to ask."""
        self._device, self._client, self._clock, self._gate = device, client, clock, gate
        self._lifetime = lifetime
        self._silences = -1
        self._refused: set[ObjectId] = set()
        self._unanswered = False
        self._woken = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._left: dict[int, tuple[Refs, frozenset[PropertyRef], Refs]] = {}

    @property
    def heard_since(self) -> bool:
        """It answered a reading, and did not fall silent since."""
        return self._silences == self._device.silences

    def want(self, told: Iterable[PropertyRef]) -> None:
        for ref in told:
            if ref.object not in self.wanted:
                self.wanted[ref.object] = Subscription(ref.object, self._clock.monotonic())
                self._woken.set()

    def want_only(self, objects: Collection[ObjectId]) -> None:
        for each in self.wanted.keys() - set(objects):
            del self.wanted[each]
            self._refused.discard(each)

    def known(self, told: Iterable[PropertyRef]) -> dict[PropertyRef, Datum]:
        """What the device told of these and still counts: their values and flags."""
        known: dict[PropertyRef, Datum] = {}
        now = self._clock.monotonic()
        for ref in told if self.heard_since else ():
            subscription = self.wanted.get(ref.object) if ref == PropertyRef(ref.object) else None
            if subscription is not None and (said := subscription.known(now)) is not None:
                known[ref], known[_flags(ref)] = said
        return known

    def left(self, refs: Refs, known: Mapping[PropertyRef, Datum], *, once: bool) -> Refs:
        """Those that are to be asked for; the very same tuple as the last time, so that its plan is kept."""
        before = self._left.get(id(refs))
        if before is not None and before[0] is refs and before[1] == known.keys():
            return before[2]
        left = tuple(ref for ref in refs if ref not in known)
        if not once:
            if len(self._left) >= _KEPT:
                self._left.clear()
            self._left[id(refs)] = refs, frozenset(known), left
        return left

    def answered(self) -> None:
        """The device answered a reading just now."""
        at = self._device.profile.address, self._device.instance
        if self.at != at or not self.heard_since:
            self.at, self._silences, self._unanswered = at, self._device.silences, False
            for each in self.wanted.values():
                if each.object not in self._refused:
                    each.lost(self._clock.monotonic())
            self._woken.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._keep(), name=f"changes of device {self._device.key}")

    def doubt(self) -> None:
        """Its I-Am came: it may have been started anew, and have forgotten everything."""
        for each in self.wanted.values():
            if each.stands:
                each.doubted(self._clock.monotonic())
        self._woken.set()

    def moved(self) -> None:
        """What it told counts no more, as if it had fallen silent."""
        self._silences = -1

    async def stop(self) -> None:
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    async def say_goodbye(self) -> None:
        """End what stands, so that the device has nobody to tell in vain."""
        for each in self.wanted.values():
            if each.stands and self.heard_since:
                with contextlib.suppress(ReadError):
                    await self._ask(encode_cancel(PROCESS, each.object), tries=1)
                each.lost(math.inf)

    async def _keep(self) -> None:
        while True:
            self._woken.clear()
            for each in list(self.wanted.values()):
                if self.heard_since and each.due <= self._clock.monotonic():
                    await self._subscribe(each)
            await self._rest()

    async def _rest(self) -> None:
        """Until something is due; while the device is silent, until it answers a reading."""
        until: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._woken.wait())]
        if self.heard_since:
            due = min(each.due for each in self.wanted.values())
            seconds = max(_GRAIN, due - self._clock.monotonic())
            until.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in until:
                each.cancel()

    async def _subscribe(self, each: Subscription) -> None:
        before = self.at, self._silences
        each.asking(self._clock.monotonic(), self._lifetime)
        refusal: ReadError | None = None
        try:
            await self._ask(encode_subscribe(PROCESS, each.object, self._lifetime), tries=_TRIES)
        except ReadError as error:
            refusal = error
        if before != (self.at, self._silences) or not self.heard_since:
            return  # it fell silent or moved meanwhile
        now = self._clock.monotonic()
        if refusal is None:
            part = random.uniform(_RENEWED_FROM, _RENEWED_TO)  # noqa: S311 no secret: it only spreads
            each.taken(now, self._lifetime, part * self._lifetime)
            self._was_taken(each)
        elif isinstance(refusal, DeviceSilentError) and not self._unanswered:
            self._unanswered = True  # it may be silent altogether, which its next reading shows
            for other in self.wanted.values():
                other.lost(now + _UNANSWERED_AGAIN)
        else:
            self._was_refused(each, refusal)

    async def _ask(self, request: bytes, *, tries: int) -> None:
        async with self._gate.turn(self.at[0], self._device.key):
            await self._client.ask(self.at[0], SUBSCRIBE_COV, request, tries=tries)

    def _was_taken(self, each: Subscription) -> None:
        self._unanswered = False
        if each.object in self._refused:
            self._refused.remove(each.object)
            if not self._refused:
                _log.info("device tells the changes of all its points", device=self._device.instance)

    def _was_refused(self, each: Subscription, why: ReadError) -> None:
        """One object costs only itself; a device that has no such service, or says nothing to it, is left alone."""
        alone = isinstance(why, RefusedError) and why.kind != "reject" and not why.unrecognized_service
        if not self._refused:
            _log.info(
                "device refuses to tell changes: what it refuses is read, and it is asked again later",
                device=self._device.instance,
                what=str(each.object),
                cause=str(why),
            )
        again = self._clock.monotonic() + random.uniform(0.9, 1.1) * _REFUSED_AGAIN  # noqa: S311 as above
        for refused in [each] if alone else self.wanted.values():
            refused.lost(again)
            self._refused.add(refused.object)


def _flags(ref: PropertyRef) -> PropertyRef:
    return PropertyRef(ref.object, STATUS_FLAGS)
