"""Questions and answers: bacpypes3's transactions, with a short way for what nearly all of them are.

A question in one piece to a station of the own network, and its answer in one piece, are put into octets and taken
out of them here: the layers between would copy them six times, in two tasks, to the same end. All else goes through the
layers: other networks, segments, errors, rejects, aborts, and whatever is not exactly what is waited for. Time-outs,
repetitions and states are the library's either way.

Segments of an answer are put together by segments.py where the question asked for them: the library's own way keeps
whatever comes, for ever; waits for a lost one less long than devices wait for an acknowledgement; and after a gap it
acknowledges windows that nobody sent.
"""

import asyncio
import struct
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Final

from bacpypes3.apdu import (
    AbortPDU,
    AbortReason,
    ComplexAckPDU,
    ConfirmedRequestPDU,
    ErrorPDU,
    SegmentAckPDU,
    SimpleAckPDU,
)
from bacpypes3.appservice import (
    ABORTED,
    AWAIT_CONFIRMATION,
    COMPLETED,
    IDLE,
    SEGMENTED_CONFIRMATION,
    ApplicationServiceAccessPoint,
    ClientSSM,
)
from bacpypes3.basetypes import Segmentation
from bacpypes3.comm import ServiceAccessPoint

from bacnet_bridge.bacnet.cov import CONFIRMED_NOTIFICATION, UNCONFIRMED_NOTIFICATION
from bacnet_bridge.bacnet.edge import Edge, Station
from bacnet_bridge.bacnet.segments import SegmentError, Segments

_SAID_TO_TRANSACTIONS: Final = (
    "numberOfApduRetries",
    "apduTimeout",
    "segmentationSupported",
    "apduSegmentTimeout",
    "maxSegmentsAccepted",
    "maxApduLengthAccepted",
)

_HEAD: Final = struct.Struct(">HHHBBBB")
"""BVLC (function, length), NPDU (version, control), and the header of a confirmed request in one piece."""
_UNICAST: Final = 0x810A
_EXPECTING_REPLY: Final = 0x0104

_UNCONFIRMED_NOTIFICATION: Final = bytes([0x10, UNCONFIRMED_NOTIFICATION])
_CONFIRMED_NOTIFICATION: Final = bytes([CONFIRMED_NOTIFICATION])
_UNKNOWN_SUBSCRIPTION: Final = bytes([0x91, 5, 0x91, 79])
"""The error's class, services, and its code (clause 21)."""
_WHOLE_REQUEST: Final = (b"\x00", b"\x02")
"""First octet of a confirmed request that is in one piece (clause 20.1.2); the 2: its answer may be in segments."""


class Question(ConfirmedRequestPDU):  # type: ignore[misc]
    """A confirmed request, encoded already, with its own number of repetitions.

    `station` is where the short way leads; None means the layers. `answer` gets the service data of what came the
    short way or in segments, and the library's PDU of what came through the layers.
    """

    def __init__(
        self,
        service: int,
        request: bytes,
        destination: Any,
        station: Station | None,
        retries: int,
        *,
        segments: int = 0,
    ) -> None:
        """Its answer may come in so many `segments`; 0 for one piece."""
        super().__init__(service, None, request, destination=destination)
        self.station = station
        self.retries = retries
        self.segments = segments
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


def datagram_of(request: Any) -> bytes:
    """What the layers would make of a confirmed request in one piece to a station of the own network."""
    head = _HEAD.pack(
        _UNICAST,
        len(request.pduData) + _HEAD.size,
        _EXPECTING_REPLY,
        request.apduSA << 1,
        request.apduMaxSegs << 4 | request.apduMaxResp,
        request.apduInvokeID,
        request.apduService,
    )
    return head + request.pduData  # type: ignore[no-any-return]


class _Transaction(ClientSSM):  # type: ignore[misc]
    """One question, until it has its answer or none is to come."""

    def __init__(self, layer: "TransactionLayer", question: Question) -> None:
        super().__init__(layer, question.pduDestination)
        self.numberOfApduRetries = question.retries
        self.question = question
        self.station: Station | None = question.station
        self._segments: Segments | None = None
        if question.segments:
            self.segmentationSupported = Segmentation.segmentedReceive
            self.maxSegmentsAccepted = question.segments

    async def request(self, apdu: Any) -> None:
        if self.station is None or apdu.apduType != ConfirmedRequestPDU.pduType or apdu.apduSeg:
            await super().request(apdu)
        else:
            self.ssmSAP.edge.send(datagram_of(apdu), self.station)

    def set_state(self, new: int, timer: int = 0) -> None:
        super().set_state(new, timer)
        if new in {COMPLETED, ABORTED}:
            self.ssmSAP.waiting.pop((self.station, self.invokeID), None)

    def take(self, datagram: bytes) -> bool:
        """Whether this acknowledgement, in one piece, is what is waited for; then this is the end."""
        if self.state != AWAIT_CONFIRMATION or datagram[8] != self.question.apduService:
            return False
        self.set_state(COMPLETED)
        self._answer(datagram[9:])
        return True

    async def await_confirmation(self, apdu: Any) -> None:
        if self.question.segments and isinstance(apdu, ComplexAckPDU) and apdu.apduSeg:
            self._segments = Segments(self.question.segments)
            self.set_state(SEGMENTED_CONFIRMATION, self.apduTimeout)
            await self._segment(apdu, self._segments)
        else:
            await super().await_confirmation(apdu)

    async def segmented_confirmation(self, apdu: Any) -> None:
        if self._segments is None:
            await super().segmented_confirmation(apdu)
        elif isinstance(apdu, ComplexAckPDU) and apdu.apduSeg:
            await self._segment(apdu, self._segments)
        elif isinstance(apdu, AbortPDU):
            self.set_state(ABORTED)
            await self.response(apdu)
        else:
            await self.give_up(AbortReason.invalidApduInThisState)

    async def segmented_confirmation_timeout(self) -> None:
        await self.give_up(AbortReason.noResponse)

    async def give_up(self, reason: int) -> None:
        """End it, here and on the device, which would go on sending."""
        abort = self.abort(reason)
        await self.request(abort)
        await self.response(abort)

    async def _segment(self, apdu: Any, segments: Segments) -> None:
        if apdu.apduService != self.question.apduService:
            await self.give_up(AbortReason.invalidApduInThisState)
            return
        try:
            said = segments.take(apdu.apduSeq, apdu.apduWin, bytes(apdu.pduData), more=bool(apdu.apduMor))
        except SegmentError:
            await self.give_up(AbortReason.bufferOverflow)
            return
        self.restart_timer(self.apduTimeout)
        if said is not None:
            await self.request(SegmentAckPDU(said.gap, False, self.invokeID, said.sequence, said.window))
        if segments.whole:
            self.set_state(COMPLETED)
            self._answer(segments.data())

    def _answer(self, data: bytes) -> None:
        if not self.question.answer.done():
            self.question.answer.set_result(data)


class TransactionLayer(ApplicationServiceAccessPoint):  # type: ignore[misc]
    """bacpypes3's transactions, with repetitions per question and the answers left undecoded.

    An answer that the stock layer cannot decode is lost with its whole batch, and an error with its question; rpm.py
    decodes by the tags instead.
    """

    notified: Callable[[str, bytes], bool]
    """Called with the source and the undecoded data of a notification of a change; whether somebody waits for it."""

    def __init__(self, device: Any, cache: Any, edge: Edge) -> None:
        """Every transaction asks what `device` says of these, which took a third of its CPU: it is asked once."""
        said = {name: getattr(device, name) for name in _SAID_TO_TRANSACTIONS if hasattr(device, name)}
        super().__init__(SimpleNamespace(**said), cache)
        self.edge = edge
        self.waiting: dict[tuple[Station | None, int], _Transaction] = {}
        """By the only one who may answer, and the invoke id; other networks' answers come through the layers."""
        edge.acknowledged = self._acknowledged

    async def sap_indication(self, apdu: Any) -> None:
        if not isinstance(apdu, Question):
            await super().sap_indication(apdu)
            return
        transaction = _Transaction(self, apdu)
        self.clientTransactions.append(transaction)
        if transaction.station is not None:
            self.waiting[transaction.station, apdu.apduInvokeID] = transaction
        await transaction.indication(apdu)

    async def confirmation(self, pdu: Any) -> None:
        head = bytes(pdu.pduData[:4])
        if head[:2] == _UNCONFIRMED_NOTIFICATION:
            self.notified(str(pdu.pduSource), bytes(pdu.pduData[2:]))
            return
        if head[:1] in _WHOLE_REQUEST and head[3:] == _CONFIRMED_NOTIFICATION:
            # Without a transaction: one that is repeated is answered again.
            known = self.notified(str(pdu.pduSource), bytes(pdu.pduData[4:]))
            answer = (SimpleAckPDU if known else ErrorPDU)(CONFIRMED_NOTIFICATION, head[2], destination=pdu.pduSource)
            answer.put_data(b"" if known else _UNKNOWN_SUBSCRIPTION)
            await self.request(answer)
            return
        try:
            await super().confirmation(pdu)
        except BaseException:  # a cancelled one, too
            # Listed before it was looked at: a request that could not be begun would stay for ever.
            self.serverTransactions[:] = [each for each in self.serverTransactions if each.state != IDLE]
            raise

    async def sap_response(self, apdu: Any) -> None:
        if isinstance(apdu, (ComplexAckPDU, ErrorPDU)):
            await ServiceAccessPoint.sap_response(self, apdu)
        else:
            await super().sap_response(apdu)

    def forget(self, question: Question) -> None:
        """End the transaction of a question nobody waits for: later, its abort would hit another's invoke id."""
        for transaction in self._of(question):
            transaction.set_state(ABORTED)

    async def give_up_on(self, question: Question) -> None:
        """The same; and a device that sends segments still is told."""
        for transaction in self._of(question):
            if transaction.state == SEGMENTED_CONFIRMATION:
                await transaction.give_up(AbortReason.other)
            else:
                transaction.set_state(ABORTED)

    def _of(self, question: Question) -> list[_Transaction]:
        invoke, peer = question.apduInvokeID, question.pduDestination
        return [each for each in self.clientTransactions if each.invokeID == invoke and each.pdu_address == peer]

    def _acknowledged(self, source: Station, datagram: bytes) -> bool:
        transaction = self.waiting.get((source, datagram[7]))
        return transaction is not None and transaction.take(datagram)
