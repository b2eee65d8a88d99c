"""What changed between two surveys of one network: new, gone, moved, renamed, other units, instance conflicts. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.units import unit_by_code


class Kind(StrEnum):
    """What became of a device or an object."""

    NEW = "new"
    GONE = "gone"
    MOVED = "moved"
    """A device at another address; an object's name at another identifier of the same device."""
    REPLACED = "replaced"
    """Another device has the instance now: name, vendor, model or serial number are others."""
    RENAMED = "renamed"
    UNIT = "unit changed"
    CHANGED = "changed"
    """A device's firmware or object count."""
    CONFLICT = "instance conflict"


@dataclass(frozen=True, slots=True)
class Change:
    """`was` and `now` are texts as the devices said them; empty where there is none."""

    kind: Kind
    device: int
    object: ObjectId | None = None
    was: str = ""
    now: str = ""

    def __str__(self) -> str:
        who = f"device {self.device}" + ("" if self.object is None else f", {self.object}")
        told = f"{self.was} → {self.now}" if self.was and self.now else self.was or self.now
        return f"{self.kind}: {who}" + (f": {told}" if told else "")


def difference(
    before: Survey, after: Survey, in_scope: Callable[[FoundDevice], bool] = lambda _: True
) -> tuple[Change, ...]:
    """By device, then by object. A device or object is only gone where the later survey surely looked for it:
    `in_scope` says so of devices, the completeness of both lists of objects.
    """
    old, new = _by_instance(before), _by_instance(after)
    changes: list[Change] = []
    for instance in sorted(old.keys() | new.keys()):
        was, now = old.get(instance, ()), new.get(instance, ())
        if len(now) > 1:
            changes.append(Change(Kind.CONFLICT, instance, now=" and ".join(_named(each) for each in now)))
        elif not now:
            looked = after.finished and all(in_scope(each) for each in was)
            changes += [Change(Kind.GONE, instance, was=_named(each)) for each in was if looked]
        elif not was:
            changes.append(Change(Kind.NEW, instance, now=_named(now[0])))
        else:
            before_it = next((each for each in was if each.address == now[0].address), was[0])
            changes += _device(before_it, now[0])
    return tuple(changes)


def _by_instance(survey: Survey) -> dict[int, tuple[FoundDevice, ...]]:
    found: dict[int, tuple[FoundDevice, ...]] = {}
    for each in survey.devices:
        found[each.instance] = (*found.get(each.instance, ()), each)
    return found


def _device(was: FoundDevice, now: FoundDevice) -> Iterator[Change]:
    if was.address and now.address and was.address != now.address:
        yield Change(Kind.MOVED, now.instance, was=was.address, now=now.address)
    if not (was.identified and now.identified):
        return
    if _is_another(was, now):
        yield Change(Kind.REPLACED, now.instance, was=_about(was), now=_about(now))
    elif None not in {was.name, now.name} and was.name != now.name:
        yield Change(Kind.RENAMED, now.instance, was=was.name or "", now=now.name or "")
    if was.firmware != now.firmware and (was.firmware, was.model) != (None, None):
        yield Change(Kind.CHANGED, now.instance, was=f"firmware {was.firmware}", now=f"{now.firmware}")
    yield from _objects(was, now)


def _is_another(was: FoundDevice, now: FoundDevice) -> bool:
    return any(a not in {None, b} for a, b in ((was.vendor, now.vendor), (was.model, now.model))) or (
        was.serial is not None and now.serial is not None and was.serial != now.serial
    )


def _objects(was: FoundDevice, now: FoundDevice) -> Iterator[Change]:
    old, new = ({each.id: each for each in device.objects} for device in (was, now))
    gone = [each for each in was.objects if each.id not in new and now.complete]
    fresh = [each for each in now.objects if each.id not in old and was.complete]
    moved = _moved(gone, fresh)
    for each in sorted({*old, *new}):
        if each in moved:
            yield Change(Kind.MOVED, now.instance, each, f"{moved[each].name} at {moved[each].id}", f"{each}")
        elif each in old and each in new:
            yield from _object(now.instance, old[each], new[each])
        elif any(each == one.id for one in fresh):
            yield Change(Kind.NEW, now.instance, each, now=new[each].name or "")
        elif any(each == one.id for one in gone) and each not in {one.id for one in moved.values()}:
            yield Change(Kind.GONE, now.instance, each, was=old[each].name or "")


def _moved(gone: list[FoundObject], fresh: list[FoundObject]) -> dict[ObjectId, FoundObject]:
    """Where an object's name stands under another identifier now, which it has alone: the one that it was."""
    was, now = _by_name(gone), _by_name(fresh)
    return {now[name].id: was[name] for name in was.keys() & now.keys()}


def _by_name(objects: list[FoundObject]) -> dict[str, FoundObject]:
    names = [each.name for each in objects]
    return {each.name: each for each in objects if each.name and names.count(each.name) == 1}


def _object(device: int, was: FoundObject, now: FoundObject) -> Iterator[Change]:
    if not (was.explored and now.explored):
        return
    if None not in {was.name, now.name} and was.name != now.name:
        yield Change(Kind.RENAMED, device, now.id, was.name or "", now.name or "")
    if was.units is not None and now.units is not None and was.units != now.units:
        yield Change(Kind.UNIT, device, now.id, unit_by_code(was.units).symbol, unit_by_code(now.units).symbol)


def _named(device: FoundDevice) -> str:
    return f"{device.name or 'a device without a name'} at {device.address}"


def _about(device: FoundDevice) -> str:
    said = [device.name, device.vendor_name, device.model, device.serial and f"serial {device.serial}"]
    return ", ".join(each for each in said if each)
