"""Trend logs on the simulated network: their objects, and the answers to ReadRange.

For the simulator's own process only.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Final

from bacpypes3.apdu import AbortPDU, ComplexAckPDU, ConfirmedServiceChoice, ErrorPDU, ReadRangeRequest, RejectPDU
from bacpypes3.basetypes import DeviceObjectPropertyReference, LoggingType
from bacpypes3.constructeddata import ArrayOf
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.object import TrendLogMultipleObject, TrendLogObject
from bacpypes3.primitivedata import Date, Time

from bacnet_bridge.clock import instant_of, moment_of
from bacnet_bridge.simulator.behaviour import Behaviour, RangeForm
from bacnet_bridge.simulator.building_objects import SimulatedObject
from bacnet_bridge.simulator.log_declaration import LogDeclaration
from bacnet_bridge.simulator.trend_log import DeviceTime, Entry, Sample, TrendLog
from bacnet_bridge.simulator.trend_wire import answer, encoded
from bacnet_bridge.vocabulary.objects import ObjectId

_AROUND: Final = 40
"""Octets of an answer around its records, at most."""
_LOG_BUFFER: Final = 131
_UNKNOWN_OBJECT, _NOT_A_LIST = b"\x91\x01\x91\x1f", b"\x91\x05\x91\x16"


class SimulatedLog:
    """One log on the network, kept up to date by `refresh`."""

    def __init__(
        self, declared: LogDeclaration, objects: dict[ObjectId, SimulatedObject], time: DeviceTime, since: int
    ) -> None:
        sources = [objects[each] for each in declared.of]

        def samples(at: int) -> tuple[Sample, ...]:
            return tuple(each.sample(at) for each in sources)

        self.log = TrendLog(declared, time, samples, since)
        self.bacnet = _object(declared)

    def refresh(self, instant: int) -> None:
        """Record what was due until then, and say so."""
        self.log.advance(instant)
        self.bacnet.enable = self.log.enabled
        self.bacnet.recordCount = len(self.log.entries)
        self.bacnet.totalRecordCount = max(0, self.log.total)


class _LocalTrendLog(LocalObject, TrendLogObject):  # type: ignore[misc]  # bacpypes3 ships no types
    """Its buffer is read by ReadRange only."""


class _LocalTrendLogMultiple(LocalObject, TrendLogMultipleObject):  # type: ignore[misc]
    """The same."""


def _object(declared: LogDeclaration) -> Any:
    logged = [
        DeviceObjectPropertyReference(objectIdentifier=(each.type, each.instance), propertyIdentifier="present-value")
        for each in declared.of
    ]
    changes = declared.cov_increment is not None
    return (_LocalTrendLogMultiple if declared.multiple else _LocalTrendLog)(
        objectIdentifier=(declared.object.type, declared.object.instance),
        objectName=declared.name,
        logDeviceObjectProperty=(ArrayOf(DeviceObjectPropertyReference)(logged) if declared.multiple else logged[0]),
        logInterval=0 if changes else round(100 * declared.interval),
        loggingType=LoggingType(1 if changes else 0),
        enable=True,
        stopWhenFull=declared.stop_when_full,
        bufferSize=declared.buffer,
        recordCount=0,
        totalRecordCount=0,
        statusFlags=[0, 0, 0, 0],
        eventState="normal",
        reliability="no-fault-detected",
    )


def answered(request: ReadRangeRequest, logs: Iterable[SimulatedLog], room: int, behaviour: Behaviour) -> Any:
    """What the device answers, in an APDU of so many octets."""
    wanted = ObjectId(*map(int, request.objectIdentifier))
    log = next((each.log for each in logs if each.log.declared.object == wanted), None)
    if log is None or int(request.propertyIdentifier) != _LOG_BUFFER or request.range is None:
        error = ErrorPDU(ConfirmedServiceChoice.readRange, request.apduInvokeID, destination=request.pduSource)
        error.put_data(_UNKNOWN_OBJECT if log is None else _NOT_A_LIST)
        return error
    form, entries = _named(log, request.range)
    if form in behaviour.refuse_range:
        return RejectPDU(reason="invalid-parameter-datatype", context=request)
    if behaviour.abort_records is not None and len(entries) > behaviour.abort_records:
        return AbortPDU(srv=True, reason="segmentation-not-supported", context=request)
    records = _fitting(log, entries, room - _AROUND, behaviour.most_records)
    ack = ComplexAckPDU(ConfirmedServiceChoice.readRange, request.apduInvokeID, destination=request.pduSource)
    sent = entries[: len(records)]
    first = bool(sent) and sent[0] is log.entries[0]
    last = bool(sent) and sent[-1] is log.entries[-1]
    number = sent[0].number if sent and form is not RangeForm.POSITION else None
    flags = (first, last, len(records) < len(entries))
    ack.put_data(answer((wanted.type, wanted.instance), records, flags, number))
    return ack


def _named(log: TrendLog, named: Any) -> tuple[RangeForm, list[Entry]]:
    """How the request names records, and which it means."""
    if (by := named.byPosition) is not None:
        return RangeForm.POSITION, log.by_position(int(by.referenceIndex), int(by.count))
    if (by := named.bySequenceNumber) is not None:
        return RangeForm.SEQUENCE, log.by_sequence(int(by.referenceSequenceNumber), int(by.count))
    date, time = named.byTime.referenceTime.date, named.byTime.referenceTime.time
    moment = datetime(1900 + date[0], date[1], date[2], time[0], time[1], time[2], time[3] * 10_000, UTC)
    return RangeForm.TIME, log.by_time(instant_of(moment), int(named.byTime.count))


def _fitting(log: TrendLog, entries: list[Entry], room: int, most: int | None) -> list[bytes]:
    """As many of them, from the first on, as the answer has room for."""
    records: list[bytes] = []
    for entry in entries[:most]:
        record = encoded(entry, multiple=log.declared.multiple)
        room -= len(record)
        if room < 0:
            break
        records.append(record)
    return records


class ClockedDevice(DeviceObject):  # type: ignore[misc]
    """A device object whose clock is `_shown`: local milliseconds, read as if they were UTC; None where it has none."""

    _shown: Callable[[], int | None] = staticmethod(lambda: None)

    @property
    def localDate(self) -> Date | None:  # noqa: N802  bacpypes3 calls it so
        shown = self._shown()
        if shown is None:
            return None
        moment = moment_of(shown)
        return Date((moment.year - 1900, moment.month, moment.day, moment.isoweekday()))

    @localDate.setter
    def localDate(self, value: Any) -> None:  # noqa: N802
        """Nobody sets it."""

    @property
    def localTime(self) -> Time | None:  # noqa: N802
        shown = self._shown()
        if shown is None:
            return None
        moment = moment_of(shown)
        return Time((moment.hour, moment.minute, moment.second, moment.microsecond // 10_000))

    @localTime.setter
    def localTime(self, value: Any) -> None:  # noqa: N802
        """Nobody sets it."""
