"""Reads meters: what a meter's points need of its device, asked in one gathering, becomes readings."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.batch import Refs
from bacnet_bridge.bacnet.client import Client, IAm
from bacnet_bridge.bacnet.device import Answers, Device, Wish
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.facts import DeviceFacts, age_of
from bacnet_bridge.bacnet.judge import Judge
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.pacing import Gate, Limits
from bacnet_bridge.bacnet.pins import Pins
from bacnet_bridge.bacnet.plan import Gathering, Plan, plan_of
from bacnet_bridge.bacnet.profile import Profile, document, from_document
from bacnet_bridge.bacnet.rule import Rule
from bacnet_bridge.bacnet.subscriptions import Subscriptions
from bacnet_bridge.bacnet.traffic import Traffic, concerning
from bacnet_bridge.bacnet.trend import Logs
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import ReadError
from bacnet_bridge.model import Meter
from bacnet_bridge.vocabulary.objects import ObjectId

_log = structlog.get_logger()


class Reader:
    """Reads any number of meters side by side; per device one request is in flight."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        bindings: Kept | None = None,
        pins: Kept | None = None,
        profiles: Kept | None = None,
        limits: Limits | None = None,
        beside: tuple[Gate, Directory, Callable[[], Pins]] | None = None,
    ) -> None:
        """What is kept from an earlier run: where the devices were, what their objects were, what they could do.

        `beside` another reader: by its turns and its directory, and holding what it holds.
        """
        self._client = client
        self._clock = clock
        self._kept = [kept for kept in (bindings, pins, profiles) if kept is not None]
        self._profiles = profiles or Kept()
        self._beside = beside
        self._gate = Gate(limits) if beside is None else beside[0]
        self._directory = Directory(client, clock, bindings, self._gate) if beside is None else beside[1]
        self._directory.on_restart(self._restarted)
        self._devices: dict[tuple[int, str | None], Device] = {}
        self._by_instance: dict[int, list[Device]] = {}
        self._subscriptions = Subscriptions(client, clock, self._gate)
        self._i_am_at: dict[Device, int] = {}
        client.on_i_am(self._heard)
        self._plans: dict[str, Plan] = {}
        self._facts: dict[Device, DeviceFacts] = {}
        self.judge = Judge(clock, Pins(pins or Kept()))
        self._again: set[asyncio.Task[Gathering]] = set()

    @property
    def attention(self) -> tuple[str, ...]:
        """What an operator should know of devices, beside what stands in the readings: sentences."""
        return self._directory.attention

    def beside(self) -> "Reader":
        """A reader of meters that may not be mapped, in turn with this one. It keeps nothing, and is stopped first."""
        return Reader(self._client, self._clock, beside=(self._gate, self._directory, self.judge.pins.copy))

    def begin_anew(self) -> None:
        """Ask every object anew what it is, and hold what the reader beside which this one reads holds now."""
        self._plans.clear()
        if self._beside is not None:
            self.judge.pins = self._beside[2]()
        for facts in self._facts.values():
            facts.forget()

    async def warm(self, meters: Iterable[Meter]) -> None:
        """Bind these meters' devices and learn the facts, so that the first slots need not. Trouble shows in `read`."""
        reads: list[asyncio.Future[Gathering]] = []
        for meter in meters:
            if len(reads) % 250 == 0:  # of thousands, not all in one turn of the event loop
                await asyncio.sleep(0)
            reads.append(self.read(meter, {}))
        await asyncio.gather(*reads)

    async def only(self, meters: Iterable[Meter]) -> None:
        """These are the whole mapping: forget what is mapped no longer, and the pins of points that are said otherwise.

        Without any meter the pins stay: the mapping may just be unreadable.
        """
        mapped = {meter.id: meter for meter in meters}
        if mapped:
            await self.judge.pins.only(tuple(mapped.values()))
        for gone in self._plans.keys() - mapped.keys():
            del self._plans[gone]
        told: dict[str, set[ObjectId]] = {}
        places = {(meter.device, meter.address) for meter in mapped.values()}
        for meter in mapped.values():
            device = self._devices.get((meter.device, meter.address))
            if device is not None:
                told.setdefault(device.key, set()).update(each.source.object for each in meter.points if each.cov)
        await self._subscriptions.only(told)
        await asyncio.gather(*map(self._part_from, self._devices.keys() - places))

    def read(self, meter: Meter, memory: Mapping[str, str]) -> asyncio.Future[Gathering]:
        """Read all points of a meter, together with whatever else is due from its device at this moment.

        It begins at once: what is awaited later is read at the same time all the same, without a task for each.
        Never raises for a device's trouble: it stands as a Problem in the readings. `memory` is by device and
        `Point.key`: another device's counter does not go on where the first one's ended.
        """
        plan = self._plan(meter)
        if plan.told or not self._settled(plan):
            return asyncio.ensure_future(self._learning(plan, memory))
        answer: asyncio.Future[Gathering] = asyncio.Future(loop=asyncio.get_running_loop())
        plan.device.ask(_MeterWish(plan.refs, meter.tolerance, False, answer, self, plan, memory))
        return answer

    async def _learning(self, plan: Plan, memory: Mapping[str, str]) -> Gathering:
        """Where more must be asked than the values, or less."""
        try:
            answers, facts = await self._answers(plan)
        except ReadError as error:
            return self.judge.unread(plan, memory, error)
        return self.judge.gathered(plan, memory, answers, facts)

    def again(self, wish: "_MeterWish") -> None:
        """What was answered became doubtful while it was read."""

        def hand_on(task: asyncio.Task[Gathering]) -> None:
            self._again.discard(task)
            if wish.answer.done():
                return
            if task.cancelled():
                wish.answer.cancel()
            elif error := task.exception():
                wish.answer.set_exception(error)
            else:
                wish.answer.set_result(task.result())

        task = asyncio.create_task(self._learning(wish.plan, wish.memory))
        self._again.add(task)
        task.add_done_callback(hand_on)

    def logs(self, meter: Meter) -> Logs:
        """The trend logs of the meter's device; who keeps this goes on where the device fell silent."""
        return Logs(self._device(meter), self._client, self._gate, self._clock)

    def rules(self, meter: Meter) -> list[Rule | None]:
        """How each point's numbers become what is sent, as it was worked out for its readings, in the points' order.

        None where its object, or that of its `valid_when`, did not say what it is, or is not the one that is pinned.
        """
        return [self.judge.rule(track) for track in self._plan(meter).tracks]

    async def accept(self, instance: int, wanted: ObjectId | None = None) -> tuple[str, ...]:
        """An operator's word: what is held of the device, or of one object of it, is right as it is now.

        Without `wanted`, another device that claims the instance is taken for it, too. What was accepted, as
        sentences, once it is on disk; none where nothing was held.
        """
        accepted = self.judge.pins.accept(instance, wanted)
        if wanted is None:
            accepted += self._directory.accept(instance)
        await self._flush()
        return tuple(accepted)

    async def stop(self) -> None:
        """End what is in flight. To be called before the client's stop."""
        await self._subscriptions.stop()
        if self._beside is None:
            await self._directory.stop()
        await asyncio.gather(*(device.stop() for device in self._devices.values()))
        await self._flush()

    @property
    def profiles(self) -> list[Profile]:
        """What was learned of each device that is read, by instance."""
        return sorted((device.profile for device in self._devices.values()), key=lambda each: each.instance)

    @property
    def traffic(self) -> list[Traffic]:
        """What passed between each device that is read and us, since it is read; by instance."""
        told, devices = self.attention, sorted(self._devices.values(), key=lambda each: each.instance)
        return [
            Traffic(of.key, of.asked, *of.failed, of.profile, self._i_am_at.get(of), concerning(of.instance, told))
            for of in devices
        ]

    def try_silent(self) -> None:
        """To be called every minute or so: silent devices of which nothing is due are tried all the same."""
        for device in self._devices.values():
            device.try_if_due()

    def moved(self) -> None:
        """The port is open anew, maybe elsewhere: who was silent is tried at once, and changes are asked for anew."""
        self._subscriptions.moved()
        for device in self._devices.values():
            device.heard()

    def keep_profiles(self) -> None:
        """Have what was learned of the devices written soon."""
        for device in self._devices.values():
            self._profiles.put(device.key, document(device.profile))

    async def _part_from(self, at: tuple[int, str | None]) -> None:
        device = self._devices.pop(at)
        self._profiles.put(device.key, document(device.profile))
        del self._facts[device]
        self._i_am_at.pop(device, None)
        self._by_instance[device.instance].remove(device)
        self._directory.part_from(*at)
        await device.stop()

    async def _flush(self) -> None:
        self.keep_profiles()
        for kept in self._kept:
            await kept.flush()

    def _heard(self, i_am: IAm) -> None:
        for device in self._by_instance.get(i_am.instance, ()):
            device.heard()
            if device.profile.address in {"", i_am.address}:
                self._i_am_at[device] = self._clock.wall()

    def _restarted(self, instance: int) -> None:
        for device in self._devices.values():
            if device.instance == instance:
                self._facts[device].heard()

    def _plan(self, meter: Meter) -> Plan:
        plan = self._plans.get(meter.id)
        if plan is None or plan.meter is not meter:
            device = self._device(meter)
            plan = self._plans[meter.id] = plan_of(meter, device, self._facts[device])
        return plan

    def _device(self, meter: Meter) -> Device:
        """By instance and address: two sites behind two addresses may have one instance (guarantee 4)."""
        at = meter.device, meter.address
        if at not in self._devices:
            device = Device(*at, self._client, self._directory, self._clock, self._gate)
            device.profile = from_document(self._profiles.get(device.key) or {}) or device.profile
            self._devices[at] = device
            self._facts[device] = DeviceFacts(device, self._clock)
            self._by_instance.setdefault(meter.device, []).append(device)
        return self._devices[at]

    def _settled(self, plan: Plan) -> bool:
        """Nothing has to be asked beside the values."""
        return plan.facts.version() == plan.version and self._clock.monotonic() < plan.until

    async def _answers(self, plan: Plan) -> tuple[Sequence[Answer], Answers]:
        """The points' answers, and those about facts that were not known, by ref.

        Once more where the known ones became doubtful meanwhile.
        """
        known = plan.facts
        while True:
            age = age_of(known.version())
            settled = self._settled(plan)
            wanted = () if settled else tuple(known.wanted(plan.objects))
            refs = plan.refs + wanted if wanted else plan.refs  # the very same ones: what was worked out for them stays
            answers = await self._asked(plan, refs, once=bool(wanted))
            facts: Answers = {}
            if wanted:
                facts = dict(zip(wanted, answers[len(plan.refs) :], strict=True))
                known.check_revision(facts)
            if age_of(known.version()) == age:
                break
        if facts:
            known.learn(plan.objects, facts)
        if facts or not settled:
            plan.settle()
        return answers, facts

    def _asked(self, plan: Plan, refs: Refs, *, once: bool) -> Awaitable[Sequence[Answer]]:
        patience = plan.meter.tolerance
        if plan.told:
            return self._subscriptions.read(plan.device, refs, plan.told, patience, once=once)
        return plan.device.read(refs, patience, once=once)


@dataclass(slots=True, eq=False)
class _MeterWish(Wish):
    """A meter of which nothing but the values is asked: its readings are made as soon as the answers are there."""

    reader: Reader
    plan: Plan
    memory: Mapping[str, str]

    def grant(self, answers: Sequence[Answer]) -> None:
        """See Wish. Once more where what was known of the device became doubtful meanwhile."""
        plan, version = self.plan, self.plan.facts.version()
        if version != plan.version and (plan.version is None or age_of(version) != age_of(plan.version)):
            self.reader.again(self)
            return
        try:
            self.answer.set_result(self.reader.judge.gathered(plan, self.memory, answers, {}))
        except Exception as defect:  # noqa: BLE001 raised in the one who waits; the device's other readings go on
            self.answer.set_exception(defect)

    def refuse(self, error: Exception) -> None:
        """See Wish. A device's trouble becomes a Problem."""
        if isinstance(error, ReadError):
            self.answer.set_result(self.reader.judge.unread(self.plan, self.memory, error))
        else:
            self.answer.set_exception(error)
