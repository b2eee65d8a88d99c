import os
import socket
from pathlib import Path

from bacnet_bridge.doctor.holder import Socket, holders, in_the_way, sockets

TABLE = """\
   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  301: 0100007F:BAC0 00000000:0000 07 00000000:00000000 00:00000000 00000000  1000        0 4242 2 0000000000000000 0
  302: 00000000:BAC0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4343 2 0000000000000000 0
  303: 0200000A:BAC0 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4444 2 0000000000000000 0
"""


def test_the_kernels_table_is_read() -> None:
    found = sockets(TABLE)
    assert found[0] == Socket("127.0.0.1", 47808, 1000, 4242)
    assert [each.inode for each in in_the_way(found, "127.0.0.1", 47808)] == [4242, 4343]
    assert in_the_way(found, "127.0.0.1", 47809) == []


def test_who_holds_a_port_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        (holder,) = holders("127.0.0.1", held.getsockname()[1])
    assert holder.pid == os.getpid()
    assert holder.name == Path("/proc/self/comm").read_text().strip()


def test_a_socket_for_both_kinds_of_addresses_counts() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as held:
        held.bind(("::", 0))
        (holder,) = holders("127.0.0.1", held.getsockname()[1])
    assert holder.pid == os.getpid()


def test_nobody_holds_a_free_port() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    assert holders("127.0.0.1", port) == []
