"""The line to one device: every question to it passes here, and what its answers prove goes into its profile."""

import asyncio
from collections.abc import Sequence
from typing import Final

from bacnet_bridge.bacnet import profile as learning
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.profile import Profile
from bacnet_bridge.bacnet.rpm import READ_PROPERTY_MULTIPLE
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

_DEVICE: Final = 8
_OBJECT_IDENTIFIER: Final = 75
TRIES: Final = 2
"""Of a question to a device that is not known to be silent."""


def who_are_you(instance: int) -> PropertyRef:
    """The cheapest question that every device answers."""
    return PropertyRef(ObjectId(_DEVICE, instance), _OBJECT_IDENTIFIER)


class Line:
    """One device's; `tries`, and the counts of requests and of what they were answered with, are of one gathering."""

    def __init__(self, client: Client, gate: Gate, clock: Clock, profile: Profile) -> None:
        self.profile = profile
        self.tries = TRIES
        self.requests = self.answers = 0
        self.asked = 0
        """Since the line was made."""
        self.unanswered = self.refused = 0
        """Of those."""
        self.took = 0.0
        """Seconds that the newest answer took, from when the question was let out."""
        self._client, self._gate, self._clock = client, gate, clock
        self._who = f"{profile.instance} {profile.mapped_address}"

    async def send(self, service: int, request: bytes, properties: int, tries: int = 0, *, segments: int = 0) -> bytes:
        """The answer. Raises what `Client.ask` raises."""
        async with self._gate.turn(self.profile.address, self._who):
            self.requests += 1
            self.asked += 1
            began = self._clock.monotonic()
            try:
                data = await self._client.ask(
                    self.profile.address, service, request, tries=tries or self.tries, segments=segments
                )
            except ReadError as error:
                self._count(error)
                raise
            self.took = self._clock.monotonic() - began
        self.answers += 1
        together = properties if service == READ_PROPERTY_MULTIPLE else 0
        self.profile = learning.after_answer(self.profile, together, 1000 * self.took)
        return data

    @property
    def at_once(self) -> int:
        """Requests that may be in flight at once: what the site allows, and the device proved to keep up with."""
        most = self._gate.at_once(self.profile.address)
        return 1 if most == 1 else self.profile.at_once(most, self._clock.wall())

    async def send_at_once(self, requests: Sequence[bytes]) -> Sequence[bytes | None]:
        """The answers to ReadPropertyMultiple requests; None where one was lost or refused. From it is learned."""
        began = self._clock.monotonic()
        answers = await asyncio.gather(*map(self._try, requests))
        took = 1000 * (self._clock.monotonic() - began)
        number, now = len(requests), self._clock.wall()
        if None in answers:
            self.profile = learning.after_too_many(self.profile, number, now)
        else:
            most = self._gate.at_once(self.profile.address)
            self.profile = learning.after_together(self.profile, number, took, most, now)
        return answers

    async def _try(self, request: bytes) -> bytes | None:
        async with self._gate.turn(self.profile.address, self._who):
            self.requests += 1
            self.asked += 1
            try:
                answer = await self._client.ask(self.profile.address, READ_PROPERTY_MULTIPLE, request, tries=1)
            except ReadError as error:
                self._count(error)
                return None
        self.answers += 1
        return answer

    def _count(self, error: ReadError) -> None:
        if isinstance(error, DeviceSilentError):
            self.unanswered += 1
        else:
            self.refused += 1
