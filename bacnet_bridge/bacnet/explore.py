"""One device, as a whole: who it is, all its objects, and what each of them says of itself.

What was found so far can be had at any time, and is kept when the device falls silent or somebody stops it. A list is
only called complete when as many objects were read as the device counts, and none stands behind them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bacnet_bridge.bacnet.answer import Answer, UnheardError, UnreadableError
from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.describe import (
    MULTISTATE,
    STATE_TEXT,
    TREND_LOGS,
    identifiers,
    object_from,
    ranges_text,
    refs_of,
)
from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.line import Line
from bacnet_bridge.bacnet.long_answers import LongAnswers, may_send_segments
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.read_range import READ_RANGE, decode_first, encode_first
from bacnet_bridge.bacnet.self_description import IDENTITY, OBJECT_LIST, about_device
from bacnet_bridge.bacnet.states import too_long, with_states
from bacnet_bridge.bacnet.tags import DecodeError
from bacnet_bridge.bacnet.typical import Typical
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Unread
from bacnet_bridge.vocabulary.objects import ObjectId, property_name

_DEVICE: Final = 8
_SAMPLE: Final = 12
"""Objects that are asked first: they show how long names and descriptions are on this device."""
_WINDOW: Final = 1_000
"""Elements of a list that are asked for before it is looked whether any is there: a device may count wrong."""
_MOST: Final = 200_000
"""Objects of a device that are listed at most."""
_AROUND_LIST: Final = 30
"""Octets of an answer around a whole object list."""

Progress = Callable[[int], None]
"""Called with how many more objects were explored."""
Wanted = Callable[[FoundDevice, FoundObject], bool]
"""Whether an object of which only the identifier is known is to be explored."""


class Exploration:
    """Of the device that said this I-Am. One coroutine at a time uses it."""

    def __init__(self, i_am: IAm, client: Client, directory: Directory, clock: Clock, gate: Gate) -> None:
        directory.bind(i_am)
        self._i_am = i_am
        self._typical = Typical()
        self._device = Device(i_am.instance, i_am.address, client, directory, clock, gate, self._typical.octets)
        self._client, self._clock, self._gate = client, clock, gate
        self._line: Line | None = None
        self._long: LongAnswers | None = None
        """Where the device says that it sends segments."""
        self._found = FoundDevice(i_am.instance, i_am.address, network_of(i_am.address), max_apdu=i_am.max_apdu)
        self._objects: dict[ObjectId, FoundObject] = {}
        self._before: dict[ObjectId, FoundObject] = {}
        """What an interrupted run knew, until the list says what there is."""

    @property
    def found(self) -> FoundDevice:
        """As far as it is known now."""
        asked = self._device.asked + (0 if self._line is None else self._line.asked)
        known = self._objects if self._found.complete else self._before | self._objects
        objects = tuple(known[each] for each in sorted(known))
        return replace(self._found, objects=objects, requests=asked)

    async def identify(self) -> None:
        """Who it is, and how many objects it has. Its silence stands in `found.trouble`."""
        refs = tuple(PropertyRef(self._own, number) for number in IDENTITY)
        counted = PropertyRef(self._own, OBJECT_LIST, 0)
        try:
            answers = await self._ask((*refs, counted))
        except DeviceSilentError:
            self._trouble("it said I-Am, and answers no question")
        except ReadError as error:
            self._trouble(f"it said I-Am, and cannot be read: {error}")
        else:
            self._found = about_device(self._found, self._own, answers, self._clock.wall())
            # A young property that it refuses with the whole request says nothing of its list, which is read next.
            self._device.profile = replace(self._device.profile, spoiling=None)
            if self._long is None and may_send_segments(self._i_am, self._found.segmentation):
                self._long = LongAnswers(self._i_am, self._own_line(), self._typical.octets, self._client.timeout)

    def take_over(self, before: FoundDevice) -> None:
        """Keep what an interrupted run knew of this device, where the device is still the same and was not loaded."""
        now = self._found
        same = [(each.name, each.database_revision, each.counted, each.serial) for each in (before, now)]
        if same[0] == same[1] and now.identified:
            self._before = {each.id: each for each in before.objects}
            self._objects = dict(self._before) if before.complete else {}
            self._found = replace(now, complete=before.complete)

    async def explore(self, wanted: Wanted, progress: Progress) -> None:
        """Its list and its objects, as far as they are not known yet and `wanted`. Trouble stands in `found`."""
        self._found = replace(self._found, trouble="")
        try:
            if not self._found.complete:
                await self._list()
            left = [each.id for each in self._objects.values() if not each.explored and wanted(self._found, each)]
            await self._describe(sorted(left), progress)
        except DeviceSilentError:
            known = sum(each.explored for each in self._objects.values())
            self._trouble(f"it fell silent after {known} of {self._found.counted or len(self._objects)} objects")
        except ReadError as error:
            self._trouble(str(error))

    async def stop(self) -> None:
        """End what is in flight."""
        await self._device.stop()

    @property
    def _own(self) -> ObjectId:
        return ObjectId(_DEVICE, self._device.instance)

    def _trouble(self, what: str) -> None:
        self._found = replace(self._found, trouble=what)

    async def _ask(self, refs: Sequence[PropertyRef]) -> dict[PropertyRef, Answer]:
        return await self._device.read_properties(refs)

    async def _list(self) -> None:
        """The object list: whole where it fits into one answer, else by its elements."""
        unread = [each for each in self._found.unread if not each.what.startswith(property_name(OBJECT_LIST))]
        self._found = replace(self._found, unread=tuple(unread))
        if await self._list_in_segments():
            return
        counted, size = self._found.counted, self._found.max_apdu or 0
        if counted is None or 5 * counted + _AROUND_LIST <= size:
            whole = PropertyRef(self._own, OBJECT_LIST)
            answer = (await self._ask((whole,)))[whole]
            listed = identifiers(answer) if isinstance(answer, Datum) else None
            if listed is not None and counted in {None, len(listed)}:
                self._found = replace(self._found, counted=len(listed), complete=True)
                self._add(listed)
                return
            if counted is None:
                why = answer.cause if isinstance(answer, UnreadableError) else "no list of objects"
                self._miss("", f"{why}; nor does it say how many there are")
                self._trouble(f"its object list cannot be read: {why}")
                return
        await self._list_by_index(counted)

    async def _list_in_segments(self) -> bool:
        """Whether the list came whole: as many objects as the device counts, and each once."""
        counted = self._found.counted
        if self._long is None or not self._long.holds(5 * (counted or 1) + _AROUND_LIST):
            return False
        datum = await self._long.whole(PropertyRef(self._own, OBJECT_LIST))
        if datum is None:
            return False
        listed = identifiers(datum)
        if listed is None or counted not in {None, len(listed)} or len(set(listed)) < len(listed):
            self._long.end(f"its object list is not the one of {counted} objects that it counts")
            return False
        self._found = replace(self._found, counted=len(listed), complete=True)
        self._add(listed)
        return True

    async def _list_by_index(self, counted: int) -> None:
        missing: dict[int, str] = {}
        end = 1
        """Of what was asked for."""
        while end <= min(counted, _MOST):
            window = range(end, min(end + _WINDOW, counted + 1))
            end = window.stop
            if not await self._elements(window, missing):
                break
        else:
            end += await self._beyond(end)
        for why in dict.fromkeys(missing.values()):
            self._miss(f"[{ranges_text(index for index, said in missing.items() if said == why)}]", why)
        lacking = len(missing) + max(0, counted + 1 - end)
        if end <= counted:
            self._miss(f"[{end}..{counted}]", "not asked for: nothing stands before it")
        self._found = replace(self._found, complete=not lacking)
        if lacking:
            self._trouble(f"{lacking} of the {counted} objects that it counts are not in its list")

    async def _beyond(self, end: int) -> int:
        """How many elements stand behind those that it counts."""
        more = 0
        while more < _WINDOW and await self._elements((end + more,), {}):
            more += 1
        if more:
            self._miss("", f"it counts {end - 1} objects, and lists {more} more")
        return more

    async def _elements(self, window: Iterable[int], missing: dict[int, str]) -> int:
        """Adds the elements that could be read; how many those were."""
        answers = await self._ask([PropertyRef(self._own, OBJECT_LIST, index) for index in window])
        read = 0
        for ref, answer in answers.items():
            if isinstance(answer, UnheardError):
                raise DeviceSilentError(answer.cause)
            listed = identifiers(answer) if isinstance(answer, Datum) else None
            if listed is not None and len(listed) == 1:
                self._add(listed)
                read += 1
            else:
                why = answer.cause if isinstance(answer, UnreadableError) else "no object identifier"
                missing[ref.index or 0] = why
        return read

    def _add(self, listed: Iterable[ObjectId]) -> None:
        for each in listed:
            if each != self._own:
                self._objects.setdefault(each, self._before.get(each) or FoundObject(each))

    def _miss(self, where: str, why: str) -> None:
        missed = Unread(f"{property_name(OBJECT_LIST)}{where}", why)
        self._found = replace(self._found, unread=(*self._found.unread, missed))

    async def _describe(self, wanted: Sequence[ObjectId], progress: Progress) -> None:
        """A few from all over the list first, then all others in as few requests as possible."""
        step = max(1, len(wanted) // _SAMPLE)
        sample = wanted[::step][:_SAMPLE] if len(wanted) > 2 * _SAMPLE else ()
        first = frozenset(sample)
        for group in (sample, [each for each in wanted if each not in first]):
            await self._describe_in_segments(group, progress)
            left = [each for each in group if not self._objects[each].explored]
            await self._describe_together(left, progress)

    async def _describe_in_segments(self, group: Sequence[ObjectId], progress: Progress) -> None:
        """As many as it works for."""
        if self._long is None:
            return
        async for answers in self._long.read([ref for each in group for ref in refs_of(each)]):
            for each in dict.fromkeys(ref.object for ref in answers):
                refs = refs_of(each)
                if answers.keys() >= set(refs):
                    self._learn(refs, self._long.measured)
                    self._objects[each] = await self._described(each, answers)
                    progress(1)

    async def _describe_together(self, group: Sequence[ObjectId], progress: Progress) -> None:
        """Each object is there as soon as its last answer is; one that gets none does not hold up the others."""
        if not group:
            return
        silence: DeviceSilentError | None = None
        asked = [(each, refs, self._device.read(refs, once=True)) for each in group if (refs := refs_of(each))]
        try:
            for each, refs, answers in asked:
                try:
                    said = dict(zip(refs, await answers, strict=True))
                except DeviceSilentError as error:
                    silence = error
                    continue
                self._learn(refs, self._device.measured)
                self._objects[each] = await self._described(each, said)
                progress(1)
        finally:
            for *_, answers in asked:
                answers.cancel()  # nobody waits for what is left when it is broken off
        if silence is not None:
            raise silence

    def _learn(self, refs: Iterable[PropertyRef], measured: Callable[[PropertyRef], int | None]) -> None:
        for ref in refs:
            if octets := measured(ref):
                self._typical.learn(ref, octets)

    async def _described(self, each: ObjectId, said: Mapping[PropertyRef, Answer]) -> FoundObject:
        if each.type in MULTISTATE and too_long(said[PropertyRef(each, STATE_TEXT)]):
            return await with_states(each, said, self._ask)
        oldest = await self._oldest(each) if each.type in TREND_LOGS else None
        return object_from(each, said, oldest)

    async def _oldest(self, log: ObjectId) -> str | None:
        """The instant of the first record; None where it cannot be had, which `records` explains mostly."""
        try:
            return decode_first(log, await self._own_line().send(READ_RANGE, encode_first(log), 1))
        except (ReadError, DecodeError):
            return None

    def _own_line(self) -> Line:
        """For what is not asked for with `self._device`."""
        if self._line is None:
            self._line = Line(self._client, self._gate, self._clock, self._device.profile)
        return self._line


def network_of(address: str) -> int | None:
    """Of `network:mac`; None on the own network. An IP address with a port has dots."""
    number, colon, _ = address.partition(":")
    return int(number) if colon and number.isdigit() else None
