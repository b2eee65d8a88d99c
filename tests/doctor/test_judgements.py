"""What was seen → a state. Pure, as tables."""

from dataclasses import replace
from datetime import date
from ipaddress import IPv4Interface
from pathlib import Path

import pytest

from bacnet_bridge.doctor.clock import Time, age_of, judge_clock, judge_zone
from bacnet_bridge.doctor.finding import State
from bacnet_bridge.doctor.folder import Folder, judge_disk, judge_folder, judge_outbox, judge_user, kind_of
from bacnet_bridge.doctor.holder import Holder
from bacnet_bridge.doctor.interfaces import Going, judge_container, judge_interface, judge_mask
from bacnet_bridge.doctor.machine import (
    Machine,
    judge_files,
    judge_libc,
    judge_memory,
    judge_python,
    judge_sqlite,
)
from bacnet_bridge.doctor.platform import judge_credentials
from bacnet_bridge.doctor.port import judge_port
from bacnet_bridge.doctor.secrets import Kept, judge_secrets, kept_secrets
from bacnet_bridge.model import Meter
from bacnet_bridge.schedule.credibility import BUILT
from bacnet_bridge.settings import Settings

OK, WARNING, FAILURE = State.OK, State.WARNING, State.FAILURE
NOT_APPLICABLE, UNKNOWN = State.NOT_APPLICABLE, State.UNKNOWN
MACHINE = {"lo": [IPv4Interface("127.0.0.1/8")], "eth0": [IPv4Interface("10.0.0.5/24")]}
SETTINGS = Settings.model_validate({"bacnet": {"instance": 1, "address": "10.0.0.5/24"}, "zone": "Europe/Dublin"})


@pytest.mark.parametrize(
    ("own", "bbmd", "interface", "mask"),
    [
        ("10.0.0.5/24", None, OK, OK),
        ("10.0.0.5/16", None, OK, FAILURE),
        ("10.0.0.5/32", None, OK, FAILURE),
        ("10.0.0.5/32", "10.9.0.1", OK, NOT_APPLICABLE),
        ("10.0.0.6/24", None, FAILURE, OK),
        ("127.0.0.62/8", None, OK, OK),
        (None, None, FAILURE, NOT_APPLICABLE),
    ],
)
def test_interface_and_mask(own: str | None, bbmd: str | None, interface: State, mask: State) -> None:
    going = Going(None if own is None else IPv4Interface(own), "why", bbmd)
    assert judge_interface(going, MACHINE).state is interface
    assert judge_mask(going, MACHINE).state is mask


def test_a_wrong_mask_shows_both_broadcast_addresses() -> None:
    says = judge_mask(Going(IPv4Interface("10.0.0.5/16"), ""), MACHINE).says
    assert "10.0.255.255 instead of 10.0.0.255" in says


@pytest.mark.parametrize(
    ("name", "driver", "container", "state"),
    [
        ("eth0", "veth", "/.dockerenv", FAILURE),
        ("eth0", "virtio_net", "/.dockerenv", OK),
        ("eth0", None, "/run/.containerenv", UNKNOWN),
        ("eth0", "veth", None, NOT_APPLICABLE),
        ("lo", None, "/.dockerenv", NOT_APPLICABLE),
        ("docker0", "bridge", None, FAILURE),
        ("br-0123", "bridge", None, FAILURE),
    ],
)
def test_a_containers_bridge_network(name: str, driver: str | None, container: str | None, state: State) -> None:
    assert judge_container(name, driver, container).state is state


def test_a_containers_bridge_network_where_a_bbmd_passes_broadcasts_on() -> None:
    assert judge_container("eth0", "veth", "/.dockerenv", "10.9.0.1").state is OK
    assert judge_container("eth0", None, "/.dockerenv", "10.9.0.1").state is UNKNOWN
    assert judge_container("docker0", "bridge", None, "10.9.0.1").state is FAILURE


OURS, HIDDEN, OTHER = Holder("bridge", 7, "bacnet-bridge"), Holder("bridge"), Holder("root", 9, "bacserv")


@pytest.mark.parametrize(
    ("taken", "holders", "service", "state", "says"),
    [
        (False, [], None, OK, "is free"),
        (True, [OURS], 7, OK, "held by the running bridge (process 7)"),
        (True, [HIDDEN], 7, OK, "probably the running bridge"),
        (True, [], 7, OK, "probably by the running bridge"),
        (True, [OTHER], 7, FAILURE, "bacserv (process 9, user root)"),
        (True, [OTHER], None, FAILURE, "bacserv (process 9, user root)"),
        (True, [HIDDEN], None, FAILURE, "a process of the user bridge"),
        (True, [], None, FAILURE, "does not say by whom"),
    ],
)
def test_the_port(taken: bool, holders: list[Holder], service: int | None, state: State, says: str) -> None:
    found = judge_port("10.0.0.5", 47808, taken=taken, holders=holders, service=service)
    assert (found.state, says in found.says) == (state, True)


NOW = BUILT + 86_400_000


@pytest.mark.parametrize(
    ("time", "state"),
    [
        (Time(NOW, True, 0.4, "", "system"), OK),
        (Time(NOW, True, None, "no name", "system"), OK),
        (Time(NOW, True, -11, "", "system"), WARNING),
        (Time(NOW, True, 61, "", "trust"), FAILURE),
        (Time(NOW, False, 3, "", "system"), WARNING),
        (Time(NOW, None, None, "no name", "system"), FAILURE),
        (Time(NOW, False, None, "no name", "trust"), WARNING),
        (Time(NOW, False, 3600, "", "platform"), OK),
        (Time(NOW, True, None, "no name", "platform"), FAILURE),
        (Time(0, True, 0, "", "trust"), FAILURE),
    ],
)
def test_the_clock(time: Time, state: State) -> None:
    assert judge_clock(time).state is state


def test_the_zones_rules_grow_old() -> None:
    today = date(2026, 11, 23)
    assert age_of("2026a", date(2026, 1, 31)) == 30
    assert age_of("odd", today) is None
    assert judge_zone("Europe/Dublin", "2026b", "x", today).state is OK
    assert judge_zone("Europe/Dublin", "2024b", "x", today).state is WARNING
    assert judge_zone("Europe/Dublin", None, "x", today).state is UNKNOWN
    assert judge_zone(None, "2026b", "x", today).state is NOT_APPLICABLE


def meters(count: int) -> list[Meter]:
    return [Meter(f"m{n}", f"m{n}", 1, (), 300, "UTC", 60.0) for n in range(count)]


GIB = 2**30
PLACE = Folder(Path("/var/lib/x"), True, "", "ext4", 100 * GIB, 1000)


@pytest.mark.parametrize(
    ("free", "count", "state", "says"),
    [
        (100 * GIB, 10, OK, "100 years"),
        (GIB, 100, WARNING, "36 days of an outage at 100 meters' rate, less than the setting room promises (90 days)"),
        (100 * 2**20, 100, WARNING, "3 days"),
        (32 * 2**20, 100, FAILURE, "14 hours"),
        (0, 100, FAILURE, "0 hours"),
        (GIB, 0, NOT_APPLICABLE, "no meter is mapped yet"),
    ],
)
def test_days_of_an_outage(free: int, count: int, state: State, says: str) -> None:
    found = judge_disk(replace(PLACE, free=free), meters(count), 0, SETTINGS)
    assert (found.state, says in found.says) == (state, True), found.says


def test_free_pages_of_the_outboxs_own_file_count() -> None:
    assert judge_disk(replace(PLACE, free=0), meters(1), GIB, SETTINGS).state is OK


@pytest.mark.parametrize(
    ("folder", "state"),
    [
        (PLACE, OK),
        (replace(PLACE, there=False), OK),
        (replace(PLACE, trouble="Read-only file system"), FAILURE),
        (replace(PLACE, kind="nfs4"), FAILURE),
        (replace(PLACE, kind="tmpfs"), WARNING),
    ],
)
def test_the_state_folder(folder: Folder, state: State) -> None:
    assert judge_folder(folder).state is state


def test_root_sees_more_than_the_bridges_user_may() -> None:
    assert judge_user(PLACE, 0).state is WARNING
    assert judge_user(PLACE, 1000).state is OK
    assert judge_user(replace(PLACE, owner=0), 0).state is OK


def test_the_file_system_is_the_last_mount_above() -> None:
    mounts = [
        "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
        "30 22 0:30 / /mnt/a\\040b rw - nfs4 host:/x rw",
        "31 22 0:31 / /mnt rw - tmpfs tmpfs rw",
        "32 22 0:31 / / rw - overlay overlay rw",
    ]
    assert kind_of(Path("/var/lib"), mounts) == "overlay"
    assert kind_of(Path("/mnt/a b/c"), mounts) == "nfs4"
    assert kind_of(Path("/mnt/a"), mounts) == "tmpfs"


def test_an_outbox_that_is_not_whole(tmp_path: Path) -> None:
    database = tmp_path / "bridge.db"
    assert judge_outbox(database, "", "").state is NOT_APPLICABLE
    database.touch()
    assert judge_outbox(database, "", "").state is OK
    assert judge_outbox(database, "", None).state is UNKNOWN
    assert judge_outbox(database, "", "row 3 missing").state is FAILURE
    assert judge_outbox(database, "it is empty", "").state is FAILURE


def test_who_may_read_secrets(tmp_path: Path) -> None:
    site, state, folder = tmp_path / "site.yaml", tmp_path / "state", tmp_path / "secrets"
    folder.mkdir()
    state.mkdir(mode=0o700)
    secret = folder / "bridge_platform__password"
    for file in (site, secret, folder / "of_another_program"):
        file.touch(mode=0o600)

    def kept(said: dict[str, object]) -> list[Kept]:
        return kept_secrets(folder, site, said, state)

    assert [each.path for each in kept({})] == [secret, state]
    said: dict[str, object] = {"accounts": {"gym": {"password": "x"}}}
    assert [each.path for each in kept(said)] == [secret, site, state]
    assert judge_secrets(kept(said), alone=False).state is OK
    key = tmp_path / "status-key.pem"
    key.touch(mode=0o644)
    exposed = judge_secrets(kept_secrets(folder, site, {}, state, key), alone=False)
    assert (exposed.state, exposed.remedy) == (WARNING, f"`chmod 640 {key}`"), "root's, and of the group bridge"
    shut = judge_secrets([Kept(key, False, False, shared=True)], alone=False)
    assert (shut.state, shut.remedy.endswith(f"`chmod 640 {key}`")) == (FAILURE, True)
    gone = judge_secrets(kept_secrets(folder, site, {}, state, tmp_path / "nope.pem"), alone=False)
    assert (gone.state, gone.says) == (FAILURE, f"{tmp_path / 'nope.pem'} is not there")
    assert "status.certificate" in gone.remedy
    site.chmod(0o644)
    assert judge_secrets(kept({}), alone=False).state is OK
    exposed = judge_secrets(kept(said), alone=False)
    assert (exposed.state, exposed.remedy) == (WARNING, f"`chmod 600 {site}`")
    assert judge_secrets(kept(said), alone=True).state is OK
    assert judge_secrets([Kept(secret, False, False)], alone=True).state is FAILURE
    assert judge_secrets([], alone=False).state is NOT_APPLICABLE


@pytest.mark.parametrize(
    ("ours", "strangers", "meter", "state"),
    [
        (401, 401, "m", FAILURE),
        (200, 401, "m", OK),
        (404, 401, None, OK),
        (404, 401, "m", OK),
        (403, 401, None, OK),
        (403, 401, "m", WARNING),
        (404, 404, "m", UNKNOWN),
        (200, 200, "m", UNKNOWN),
        (405, "no answer", "m", UNKNOWN),
        (503, 503, "m", UNKNOWN),
        ("no connection", "no connection", "m", UNKNOWN),
    ],
)
def test_credentials_are_known_only_where_strangers_are_refused(
    ours: int | str, strangers: int | str, meter: str | None, state: State
) -> None:
    assert judge_credentials("default", ours, strangers, meter).state is state


MIB = 2**20
SEEN = Machine(GIB, None, 1024, (3, 11), (3, 40, 1), ("glibc", "2.36"))


@pytest.mark.parametrize(
    ("machine", "state"),
    [
        (SEEN, OK),
        (replace(SEEN, available=None), UNKNOWN),
        (replace(SEEN, available=64 * MIB), WARNING),
        (replace(SEEN, limit=200 * MIB), WARNING),
        (replace(SEEN, limit=512 * MIB), OK),
    ],
)
def test_memory(machine: Machine, state: State) -> None:
    assert judge_memory(machine).state is state


def test_versions_and_limits() -> None:
    assert judge_files(1024, 32).state is OK
    assert judge_files(1024, 1024).state is FAILURE
    assert judge_python((3, 11), date(2026, 10, 30)).state is OK
    assert judge_python((3, 11), date(2026, 11, 1)).state is WARNING
    assert judge_python((3, 11), date(2028, 1, 1)).state is WARNING
    assert judge_python((3, 99), date(2026, 1, 1)).state is UNKNOWN
    assert judge_sqlite((3, 40, 1)).state is OK
    assert judge_sqlite((3, 36, 0)).state is FAILURE
    assert judge_libc(("glibc", "2.36")).state is OK
    assert judge_libc(("glibc", "2.17")).state is WARNING
    assert judge_libc(("", "")).state is UNKNOWN
