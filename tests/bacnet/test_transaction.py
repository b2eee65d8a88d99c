"""The short way and the layers: the same questions leave, the same answers are taken, and nothing else is.

Two stacks without a socket get the same datagrams; one of them may take the short way.
"""

import asyncio
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from bacpypes3.apdu import ComplexAckPDU
from bacpypes3.basetypes import Segmentation
from bacpypes3.comm import Server
from bacpypes3.ipv4.service import BIPNormal
from bacpypes3.local.device import DeviceObject
from bacpypes3.pdu import IPv4Address
from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.edge import Door, Edge, Station
from bacnet_bridge.bacnet.presence import application
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, decode_read, encode_read
from bacnet_bridge.bacnet.transaction import Question
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import analog, client, device, overhear

OWN = "10.0.0.2:47808"
PEER = ("10.0.0.7", 47808)
SERVICE, INVOKE = 14, 5
READ_AI1 = encode_read(PropertyRef(ObjectId(0, 1)))


class Heard(NamedTuple):
    """A datagram that arrives, and from where."""

    source: Station
    datagram: bytes


class DeafEdge(Edge):
    """Without a socket: what would leave is on a list, and what arrives is put in by hand."""

    def __init__(self, *, short: bool) -> None:
        Server.__init__(self)
        self.address = IPv4Address(OWN)
        self.local_address = self.address.addrTuple
        self.broadcast_address = None
        self.sent: list[tuple[bytes, Station]] = []
        self.local_transport = SimpleNamespace(sendto=lambda data, to: self.sent.append((bytes(data), to)))
        self._transport_tasks: list[asyncio.Task[None]] = []
        self._local_transport_ready = asyncio.Event()
        self._local_transport_ready.set()
        self._short = short
        self.door = Door(self, self.address)

    def station(self, address: Any) -> Station | None:
        return super().station(address) if self._short else None


@dataclass
class Stack:
    """The bridge's layers, and one question to PEER in them."""

    edge: DeafEdge
    app: Any
    question: Question

    async def hears(self, heard: Heard) -> None:
        self.edge.door.datagram_received(heard.datagram, heard.source)
        await settled()

    def outcome(self) -> object:
        """All that can be seen from outside."""
        return self.answer(), self.edge.sent, len(self.app.asap.clientTransactions), self.edge.undecodable

    def answer(self) -> object:
        answer = self.question.answer
        if not answer.done():
            return "none"
        if (nack := answer.exception()) is not None:
            return (
                type(nack).__name__,
                getattr(nack, "apduAbortRejectReason", None),
                bytes(getattr(nack, "pduData", b"")),
            )
        ack = answer.result()
        if isinstance(ack, bytes):
            return SERVICE, ack
        return ack.apduService, bytes(ack.pduData) if isinstance(ack, ComplexAckPDU) else type(ack).__name__

    def end(self) -> None:
        for transaction in [*self.app.asap.clientTransactions, *self.app.asap.serverTransactions]:
            transaction.stop_timer()


async def settled() -> None:
    """Until no task has anything left to do at once."""
    for _ in range(4):
        await asyncio.sleep(0)


async def stack(request: bytes, *, short: bool, segments: bool, service: int = SERVICE) -> Stack:
    edge = DeafEdge(short=short)
    described = DeviceObject(
        objectIdentifier=("device", 4_000),
        objectName="bridge",
        maxApduLengthAccepted=1476,
        segmentationSupported=Segmentation("segmented-both" if segments else "no-segmentation"),
        maxSegmentsAccepted=64,
        apduTimeout=60_000,
        numberOfApduRetries=0,
    )
    app = application(described, BIPNormal(), edge)
    app.heard = lambda _: None
    app.next_invoke_id = INVOKE
    destination = IPv4Address(PEER)
    question = Question(service, request, destination, edge.station(destination), 0)
    await app.ask(question)
    await settled()
    return Stack(edge, app, question)


def framed(npdu: bytes, function: int = 0x0A, lie: int = 0) -> bytes:
    return bytes([0x81, function]) + (len(npdu) + 4 + lie).to_bytes(2) + npdu


def mostly(usual: object, *others: object) -> st.SearchStrategy[Any]:
    return st.sampled_from((usual,) * 5 * len(others) + others)


PLAIN = b"\x01\x00"
NPCIS = tuple(
    bytes.fromhex(each)
    for each in (
        *("0104", "0101", "0110", "0140", "018001", "0200", "01"),
        *("010800640107", "0120FFFF00FF", "012000050107FF"),
    )
)
KINDS = (0x31, 0x32, 0x34, 0x38, 0x3C, 0x20, 0x40, 0x50, 0x60, 0x70, 0x71, 0x00, 0x10, 0x80, 0xF0)
DATAGRAMS = st.builds(
    lambda npci, head, rest, function, lie, cut: framed(npci + bytes(head) + rest, function, lie)[: cut or None],
    mostly(PLAIN, *NPCIS),
    st.tuples(mostly(0x30, *KINDS), mostly(INVOKE, INVOKE + 1, 0), mostly(SERVICE, 12, 0, 1, 255)),
    st.binary(max_size=40),
    mostly(0x0A, 0x0B, 0x04, 0x00, 0x09, 0x0C),
    mostly(0, 1, -1, 256),
    mostly(0, *range(1, 10)),
)
HEARD = st.builds(
    Heard,
    mostly(PEER, ("10.0.0.7", 47809), ("10.0.0.8", 47808), ("10.0.0.2", 47808)),
    st.one_of(DATAGRAMS, DATAGRAMS, DATAGRAMS, st.binary(max_size=60)),
)

ACK = bytes([0x30, INVOKE, SERVICE]) + b"value"
RIGHT = Heard(PEER, framed(PLAIN + ACK))
NEARLY_RIGHT = {
    "another port": Heard((PEER[0], PEER[1] + 1), RIGHT.datagram),
    "another host": Heard(("10.0.0.8", PEER[1]), RIGHT.datagram),
    "another question's": Heard(PEER, framed(PLAIN + bytes([0x30, INVOKE + 1, SERVICE]))),
    "another service": Heard(PEER, framed(PLAIN + bytes([0x30, INVOKE, 12]) + b"value")),
    "another BVLC": Heard(PEER, framed(PLAIN + ACK, function=0x09)),
    "a lying length": Heard(PEER, framed(PLAIN + ACK, lie=1)),
    "no service": Heard(PEER, framed(PLAIN + ACK[:2])),
    "no invoke id": Heard(PEER, framed(PLAIN + ACK[:1])),
    "another version": Heard(PEER, framed(b"\x02\x00" + ACK)),
    "from another network": Heard(PEER, framed(bytes.fromhex("010800640107") + ACK)),
    "from another network, cut": Heard(PEER, framed(b"\x01\x08" + ACK)),
    "to another network": Heard(PEER, framed(b"\x01\x20" + ACK)),
    "a message to routers": Heard(PEER, framed(b"\x01\x80" + ACK)),
    "a segment": Heard(PEER, framed(PLAIN + bytes([0x3C, INVOKE, 0, 1, SERVICE]) + b"value")),
    "an error": Heard(PEER, framed(PLAIN + bytes([0x50, INVOKE, SERVICE, 0x91, 1, 0x91, 31]))),
}


async def both(request: bytes = READ_AI1, *, segments: bool = False, service: int = SERVICE) -> tuple[Stack, Stack]:
    short, long = [await stack(request, short=way, segments=segments, service=service) for way in (True, False)]
    return short, long


async def compare(heard: list[Heard], *, segments: bool) -> object:
    short, long = await both(segments=segments)
    try:
        for each in heard:
            await short.hears(each)
            await long.hears(each)
            assert short.outcome() == long.outcome()
        return short.answer()
    finally:
        short.end()
        long.end()


@pytest.mark.parametrize("segments", [False, True])
@pytest.mark.parametrize("name", NEARLY_RIGHT)
async def test_nearly_the_right_answer(name: str, segments: bool) -> None:
    alone = await compare([NEARLY_RIGHT[name]], segments=segments)
    assert alone != (SERVICE, b"value")
    await compare([NEARLY_RIGHT[name], RIGHT, RIGHT], segments=segments)


@pytest.mark.parametrize(
    "right",
    [
        RIGHT,
        Heard(PEER, framed(PLAIN + ACK, function=0x0B)),
        Heard(PEER, framed(b"\x01\x03" + ACK)),
        Heard(PEER, framed(PLAIN + b"\x33" + ACK[1:])),
    ],
    ids=["as ever", "broadcast", "of high priority", "with reserved bits"],
)
async def test_the_right_answer(right: Heard) -> None:
    assert await compare([right, right], segments=False) == (SERVICE, b"value")


@settings(max_examples=150, deadline=None)
@given(st.lists(HEARD, max_size=6), st.booleans())
def test_what_arrives_ends_the_same(heard: list[Heard], segments: bool) -> None:
    asyncio.run(compare(heard, segments=segments))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=1_476), st.sampled_from([12, 14, 26, 5]), st.booleans())
def test_what_leaves_is_the_same(request: bytes, service: int, segments: bool) -> None:
    async def leave() -> None:
        short, long = await both(request, segments=segments, service=service)
        assert len(short.edge.sent) == 1
        assert short.outcome() == long.outcome()
        short.end()
        long.end()

    asyncio.run(leave())


@pytest.mark.parametrize("segments", [True, False])
async def test_a_question_in_more_than_one_piece_takes_the_layers(segments: bool) -> None:
    short, long = await both(bytes(1_477), segments=segments)
    assert short.outcome() == long.outcome()
    assert len(short.edge.sent) == segments
    short.end()
    long.end()


async def test_an_answer_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the question nor its answer is seen by the layers."""

    async def seen(*_: object) -> None:
        raise AssertionError("seen by the layers")

    async with device(objects={"analog-input,1": analog(21.5)}) as made, client() as bridge:
        for way in ("indication", "confirmation"):
            monkeypatch.setattr(bridge._edge, way, seen)
        _, datum = decode_read(await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1))
        assert datum.value == 21.5
        assert bridge._app.asap.waiting == {}
        assert bridge._app._requests == {}


async def test_repetitions_are_the_same_datagram() -> None:
    async with device(silent=True) as made, client(timeout=0.05) as bridge:
        sent = overhear(bridge)
        with pytest.raises(DeviceSilentError):
            await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=3)
        assert len(sent) == 3
        assert len(set(sent)) == 1
        assert bridge._app.asap.waiting == {}


async def test_a_late_answer_is_nobodys() -> None:
    """Under the number of a question that was given up; the next one has another."""
    async with device(objects={"analog-input,1": analog(21.5)}, delay=0.15) as made, client(timeout=0.1) as bridge:
        with pytest.raises(DeviceSilentError):
            await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1)
        made.objects["analog-input,1"] = analog(22.5)
        bridge.timeout, bridge._app.asap.device_object.apduTimeout = 1.0, 1_000
        _, datum = decode_read(await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1))
        assert datum.value == 22.5


async def test_no_more_questions_than_invoke_ids() -> None:
    async with device(silent=True) as made, client(timeout=30) as bridge:
        await bridge._address(made.address)
        asking = [asyncio.create_task(bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1)) for _ in range(256)]
        await settled()
        with pytest.raises(ReadError, match="no more questions"):
            await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1)
        assert len({invoke for _, invoke in bridge._app.asap.waiting}) == 256
        await bridge.stop()
        assert {type(each) for each in await asyncio.gather(*asking, return_exceptions=True)} == {DeviceSilentError}


async def test_the_port_may_close_while_a_name_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async with client() as bridge:

        async def slow(_: Client, address: str) -> str:
            await bridge.stop()
            return address

        monkeypatch.setattr(Client, "canonical", slow)
        with pytest.raises(DeviceSilentError, match="closed"):
            await bridge.ask("127.0.0.1:47808", READ_PROPERTY, READ_AI1, tries=1)
