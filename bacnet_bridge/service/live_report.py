"""What two looks at a site's meters show: per meter what is wrong, per device what a slot costs. Pure."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.model import Meter
from bacnet_bridge.packet.plausible import implausible
from bacnet_bridge.packet.remark import Remark, Weight
from bacnet_bridge.service.live import Cost, Glance, Look
from bacnet_bridge.service.log_report import LogLine, Seen, by_log, log_lines, log_remarks
from bacnet_bridge.vocabulary.holes import HoleReason

_COMFORTABLE: Final = 0.5
"""Share of the tolerance that a slot should take at most."""


@dataclass(frozen=True, slots=True)
class SeenMeter:
    """A meter or draft as the later look shows it."""

    meter: Meter
    draft: bool
    glance: Glance
    remarks: tuple[Remark, ...]
    logs: tuple[LogLine, ...] = ()
    """Of the points that name one."""


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device's part in a slot in which all of its meters are due. `tolerance` is its meters' least, in seconds."""

    cost: Cost
    meters: int
    tolerance: float
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class LiveReport:
    """In the order of the mapping."""

    meters: tuple[SeenMeter, ...]
    devices: tuple[SeenDevice, ...]

    def count(self, weight: Weight) -> int:
        """How many remarks have it."""
        seen: tuple[SeenMeter | SeenDevice, ...] = (*self.meters, *self.devices)
        return sum(remark.weight is weight for each in seen for remark in each.remarks)


def live_report(meters: Sequence[Meter], drafts: Collection[str], first: Look, second: Look) -> LiveReport:
    """`drafts` are names. The looks are of these meters, in this order."""
    logs = by_log(second.logs)
    seen = tuple(
        SeenMeter(meter, meter.name in drafts, new, _told(meter, old, new, logs), log_lines(meter, logs))
        for meter, old, new in zip(meters, first.glances, second.glances, strict=True)
    )
    return LiveReport(seen, tuple(_device(cost, meters) for cost in second.costs))


def _told(meter: Meter, old: Glance, new: Glance, logs: Seen) -> tuple[Remark, ...]:
    return tuple(dict.fromkeys((*_remarks(meter, old, new), *log_remarks(meter, logs))))


def _remarks(meter: Meter, old: Glance, new: Glance) -> Iterator[Remark]:
    for reading in new.readings:
        field = (reading.point.field,)
        if reading.problem is not None and reading.problem.reason is not HoleReason.FIRST:
            yield Remark(field, Weight.WRONG, f"{reading.point.field} has no value: {reading.problem.detail}")
        elif reading.notice:
            yield Remark(field, Weight.ODD, f"{reading.point.field}: {reading.notice}")
    yield from implausible(meter, old.readings, new.readings)


def _device(cost: Cost, meters: Sequence[Meter]) -> SeenDevice:
    own = [meter for meter in meters if (meter.device, meter.address) == (cost.device, cost.mapped_address)]
    tolerance = min(meter.tolerance for meter in own)
    told = f"device {cost.device} takes {cost.took:.1f} s for a slot of all its meters"
    remarks: tuple[Remark, ...] = ()
    if cost.took > tolerance:
        what = "its slots cannot be met: give it a longer interval or tolerance, or fewer points"
        remarks = (Remark((), Weight.WRONG, f"{told}, and the tolerance is {tolerance:g} s: {what}"),)
    elif cost.took > _COMFORTABLE * tolerance:
        remarks = (Remark((), Weight.ODD, f"{told}, more than half of the tolerance, {tolerance:g} s"),)
    return SeenDevice(cost, len(own), tolerance, remarks)
