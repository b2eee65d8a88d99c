import asyncio
import gc
import random
import socket
import weakref

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.rpm import READ_PROPERTY, decode_read, encode_read
from bacnet_bridge.errors import DeviceSilentError, NetworkError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import analog, apdu_of, client, device, overhear
from tests.support.building import free_port
from tests.support.peer import peer_of

READ_AI1 = encode_read(PropertyRef(ObjectId(0, 1)))
NAME = PropertyRef(ObjectId(8, 4_000), 77)


def what_it_is(made: Client) -> dict[str, str]:
    """All that a peer could want to change."""
    about = made._app.device_object
    return {name: str(getattr(about, name)) for name in about._elements if not name.startswith("local")}


async def in_flight(made: Client) -> None:
    async with asyncio.timeout(5):
        while not made._app.asap.clientTransactions:  # noqa: ASYNC110 bacpypes3 tells nobody
            await asyncio.sleep(0)


async def test_an_answer_and_a_refusal() -> None:
    async with device(objects={"analog-input,1": analog(21.5)}) as made, client() as bridge:
        _, datum = decode_read(await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1))
        assert datum.value == 21.5
        unknown = encode_read(PropertyRef(ObjectId(0, 2)))
        with pytest.raises(RefusedError, match="unknown-object") as refusal:
            await bridge.ask(made.address, READ_PROPERTY, unknown, tries=1)
        assert (refusal.value.kind, refusal.value.code) == ("error", 31)
        with pytest.raises(RefusedError, match="reject unrecognized-service") as refusal:
            await bridge.ask(made.address, 26, b"", tries=1)
        assert refusal.value.unrecognized_service


@pytest.mark.parametrize(("tries", "datagrams"), [(1, 1), (3, 3)])
async def test_a_silent_device_costs_its_tries(tries: int, datagrams: int) -> None:
    async with device(silent=True) as made, client(timeout=0.05) as bridge:
        sent = overhear(bridge)
        with pytest.raises(DeviceSilentError, match="no answer"):
            await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=tries)
        assert len(sent) == datagrams


async def test_a_silence_leaves_nothing_for_the_collector_of_cycles() -> None:
    async with device(silent=True) as made, client(timeout=0.05) as bridge:
        gc.disable()
        try:
            with pytest.raises(DeviceSilentError) as silence:
                await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1)
            told = weakref.ref(silence.value)
            del silence
            assert told() is None
        finally:
            gc.enable()


async def test_a_lost_request_is_repeated() -> None:
    lost = iter([True])
    async with device(objects={"analog-input,1": analog(21.5)}) as made, client(timeout=0.1) as bridge:
        made.rewrite = lambda datagram: None if next(lost, False) else datagram
        _, datum = decode_read(await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=2))
        assert datum.value == 21.5


async def test_stop_ends_what_is_in_flight() -> None:
    async with device(silent=True) as made, client(timeout=30) as bridge:
        asking = asyncio.create_task(bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=3))
        await in_flight(bridge)
        await bridge.stop()
        with pytest.raises(DeviceSilentError, match="closed"):
            await asking
        with pytest.raises(DeviceSilentError, match="closed"):
            await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=1)


async def test_a_cancelled_question_leaves_no_transaction_behind() -> None:
    async with device(silent=True) as made, client(timeout=30) as bridge:
        asking = asyncio.create_task(bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=3))
        await in_flight(bridge)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert bridge._app.asap.clientTransactions == []
        assert bridge._app._requests == {}


async def test_a_taken_port_is_a_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        with pytest.raises(NetworkError, match=rf"127\.0\.0\.1:{port}: another program has this port: stop it"):
            await Client(Identity(1, f"127.0.0.1/32:{port}")).start()


async def test_a_taken_broadcast_port_is_a_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.255.255.255", 0))
        port = other.getsockname()[1]
        with pytest.raises(NetworkError, match="another program has this port"):
            await Client(Identity(1, f"127.0.0.1/8:{port}")).start()


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("192.0.2.77/24:47808", "no interface of this machine has this address"),
        ("127.0.0.1", "has no prefix length: write it like"),
        ("127.0.0.1/99", "is wrong, .*: write it like"),
        ("127.0.0.1/24:many", "is wrong, its port is none from 1 to 65535: write it like"),
        ("localhost/24", "is wrong, .*: write it like"),
    ],
)
async def test_a_wrong_own_address_is_a_sentence(address: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        await Client(Identity(1, address)).start()


async def test_a_start_that_is_given_up_leaves_nothing_running() -> None:
    async with device(silent=True) as made:
        bridge = Client(Identity(1, f"127.0.0.1/32:{free_port()}", bbmd=made.address, ttl=1))
        starting = asyncio.create_task(bridge.start())
        async with asyncio.timeout(5):
            while bridge._registration is None:  # noqa: ASYNC110 as above
                await asyncio.sleep(0)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await bridge.stop()
        assert bridge._registration.done()
        assert bridge._edge.local_transport.is_closing()


@pytest.mark.parametrize(
    ("bbmd", "sentence"),
    [
        ("no-such-host.invalid", r"'no-such-host\.invalid' has no IPv4 address"),
        ("a..b", "has no IPv4 address"),
        ("127.0.0.1:99999", "is wrong, its port is none from 1 to 65535"),
    ],
)
async def test_a_wrong_bbmd_is_a_sentence(bbmd: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        await Client(Identity(1, f"127.0.0.1/32:{free_port()}", bbmd=bbmd)).start()


async def test_a_wrong_device_address_is_an_error() -> None:
    async with client() as bridge:
        with pytest.raises(ReadError, match=r"'127\.0\.0\.1:x' cannot be used"):
            await bridge.ask("127.0.0.1:x", READ_PROPERTY, READ_AI1, tries=1)
        with pytest.raises(ReadError, match="cannot broadcast"):
            await bridge.who_is(5)
        with pytest.raises(ReadError, match="cannot look for the router of network 100: give it its prefix length"):
            await bridge.ask("100:12", READ_PROPERTY, READ_AI1, tries=1)


async def test_the_receive_buffer_holds_a_burst() -> None:
    async with client() as bridge:
        sock = bridge._edge.local_transport.get_extra_info("socket")
        default = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with default:
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= default.getsockopt(
                socket.SOL_SOCKET, socket.SO_RCVBUF
            )


WRITES = {
    "WriteProperty of object-name": (15, bytes.fromhex("0C 02000FA0 19 4D 3E 75 05 00 65766C21 3F")),
    "WriteProperty of apdu-timeout": (15, bytes.fromhex("0C 02000FA0 19 0B 3E 21 01 3F")),
    "WritePropertyMultiple": (16, bytes.fromhex("0C 02000FA0 1E 09 4D 2E 75 05 00 65766C21 2F 1F")),
    "DeviceCommunicationControl": (17, bytes.fromhex("19 01")),
    "ReinitializeDevice": (20, bytes.fromhex("09 00")),
    "CreateObject": (10, bytes.fromhex("0E 09 02 0F")),
    "DeleteObject": (11, bytes.fromhex("C4 02000FA0")),
    "AddListElement": (8, bytes.fromhex("0C 02000FA0 19 98 3E 3F")),
    "RemoveListElement": (9, bytes.fromhex("0C 02000FA0 19 98 3E 3F")),
    "AtomicWriteFile": (7, bytes.fromhex("C4 02800001 0E 31 00 61 00 0F")),
    "LifeSafetyOperation": (27, bytes.fromhex("09 01 1C 00000001 29 00")),
    "ConfirmedPrivateTransfer": (18, bytes.fromhex("09 01 19 01")),
    "SubscribeCOV": (5, bytes.fromhex("09 01 1C 02000FA0")),
}


@pytest.mark.parametrize("name", WRITES)
async def test_writes_to_the_bridge_are_refused_and_change_nothing(name: str) -> None:
    service, request = WRITES[name]
    async with client() as bridge, peer_of(bridge) as peer:
        before = what_it_is(bridge)
        with capture_logs() as logs:
            assert await peer.ask(service, request) == bytes([0x60, 9, 9])
        assert what_it_is(bridge) == before
        assert [log["service"] for log in logs] == [service]
        assert decode_read((await peer.ask(12, encode_read(NAME)))[3:])[1].value == "BACnet Bridge"


async def test_unconfirmed_writes_and_network_management_are_not_heard() -> None:
    async with client() as bridge, peer_of(bridge) as peer:
        before = what_it_is(bridge)
        for npdu in (
            "01 00 10 06 A4 7E0A1504 B4 0A1E0000",  # TimeSynchronization
            "01 00 10 09 A4 7E0A1504 B4 0A1E0000",  # UTCTimeSynchronization
            "01 00 10 0A 09 01 19 01",  # WriteGroup
            "01 00 10 02 09 01",  # COV notification
            "01 80 06 01 0007 01 00",  # Initialize-Routing-Table
            "01 80 08 0007 05",  # Establish-Connection-To-Network
            "01 80 13 0007 01",  # Network-Number-Is
            "01 80 12",  # What-Is-Network-Number
            "01 80 00",  # Who-Is-Router-To-Network
        ):
            peer.send(bytes.fromhex(npdu))
        answer = await peer.ask(12, encode_read(NAME))
        assert answer[0] == 0x30, "the first answer is to the read: nothing before was answered"
        assert what_it_is(bridge) == before
        assert list(bridge._app.nsap.adapters) == [None]


async def test_it_says_who_it_is_and_what_it_does() -> None:
    async with client() as bridge, peer_of(bridge) as peer:
        peer.send(bytes.fromhex("01 00 10 08"))
        async with asyncio.timeout(5):
            i_am = apdu_of(await peer.answers.get())
        assert i_am == bytes.fromhex("10 00 C4 02000FA0 22 05C4 91 03 22 03E7")
        services = decode_read((await peer.ask(12, encode_read(PropertyRef(ObjectId(8, 4_000), 97))))[3:])[1].value
        assert isinstance(services, tuple)
        assert [number for number, bit in enumerate(services) if bit] == [1, 12, 14, 28, 33, 34]


async def test_garbage_does_not_stop_it() -> None:
    noise = random.Random(7)
    heads = [b"", b"\x81", b"\x81\x0a", b"\x81\x0a\x00\x10\x01", b"\x81\x04\x00\x20\x7f\x00\x00\x01\xba\xc0\x01\x08"]
    heads += [b"\x81\x0a\x00\x19\x01\x04" + bytes([kind << 4]) for kind in range(8)]
    async with (
        device(objects={"analog-input,1": analog(21.5)}) as made,
        client(timeout=3) as bridge,
        peer_of(bridge) as peer,
    ):
        for number in range(3000):
            peer.transport.sendto(noise.choice(heads) + noise.randbytes(noise.randrange(60)))
            if number % 100 == 0:
                await asyncio.sleep(0)
        _, datum = decode_read(await bridge.ask(made.address, READ_PROPERTY, READ_AI1, tries=3))
        assert datum.value == 21.5
        assert bridge._edge.undecodable > 0
        assert bridge._app.device_object.objectName == "BACnet Bridge"


async def test_what_is_not_on_the_list_never_reaches_the_socket() -> None:
    """A write made on purpose, past all of the bridge's own code."""
    async with device() as made, client(timeout=0.05) as bridge:
        sent = overhear(bridge)
        with capture_logs() as logs, pytest.raises(DeviceSilentError):
            await bridge.ask(made.address, 15, bytes.fromhex("0C 00000001 19 55 3E 44 00000000 3F"), tries=1)
        assert sent == []
        assert [log["what"] for log in logs] == ["confirmed service 15"]


async def test_addresses_that_are_never_heard_of_again_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.bacnet.client._ADDRESSES", 10)
    async with client() as bridge:
        for port in range(20_000, 20_100):
            await bridge.who_is(77, f"127.0.0.1:{port}")
        assert len(bridge._addresses) <= 10
