"""What the BACnet network's answers mean. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Final

from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, unknown, warning
from bacnet_bridge.doctor.pcap import Station
from bacnet_bridge.doctor.wire import Heard
from bacnet_bridge.model import Meter

OWN: Final = "own datagrams"
BBMD: Final = "BBMD registration"
TABLE: Final = "BBMD table"
ROUTERS: Final = "BACnet routers"
DEVICES: Final = "devices"
INSTANCE: Final = "own instance"
CHECKS: Final = (OWN, BBMD, TABLE, ROUTERS, DEVICES, INSTANCE)

_NAMED: Final = 5
_ROUTED: Final = re.compile(r"(\d+):.+")


def judge_network(heard: Heard, meters: Sequence[Meter], instance: int | None) -> list[Finding]:
    """`instance`: the bridge's own, where the site says it."""
    if heard.trouble:
        says = f"not checked: {heard.trouble}"
        return [failure(DEVICES, heard.trouble, "mend what is said of interface, mask and port")] + [
            unknown(check, says) for check in CHECKS if check != DEVICES
        ]
    return [
        judge_own(heard),
        judge_bbmd(heard),
        judge_table(heard),
        judge_routers(heard, meters),
        judge_devices(heard, meters),
        judge_instance(heard, instance),
    ]


def judge_own(heard: Heard) -> Finding:
    """The kernel hands our broadcasts back to us: where it does not, it does not hand us others' either.

    A BBMD that sends them back is one of two on this network, or one that lists itself wrongly: everything is heard
    twice, and I-Ams multiply.
    """
    if not heard.broadcasting:
        return not_applicable(OWN, "the bridge does not broadcast on a network of its own")
    sent, traffic = heard.traffic.broadcasts, heard.traffic
    if not sent:
        return unknown(OWN, "nothing was broadcast")
    loops = {each.source[0] for each in traffic.datagrams if each.back and _origin(each.data) == traffic.own}
    if loops:
        return warning(
            OWN,
            f"the BBMD {', '.join(sorted(loops))} sends our broadcasts back to us",
            "there must be one BBMD in each IP subnet: look for a second one, and at their tables",
        )
    texts = {each.data for each in sent}
    if any(each.back and each.source == traffic.own and each.data in texts for each in traffic.datagrams):
        return ok(OWN, f"our broadcasts to {traffic.everyone} come back to us")
    return failure(
        OWN,
        f"our own broadcasts to {traffic.everyone} do not come back: others' will not arrive either",
        f"let UDP {sent[0].destination[1]} in at this machine's firewall (`sudo ufw allow`, `sudo nft list ruleset`)",
    )


def judge_bbmd(heard: Heard) -> Finding:
    bbmd = heard.identity.bbmd
    if bbmd is None:
        return not_applicable(BBMD, "no bacnet.bbmd is set: the bridge broadcasts by itself")
    if heard.registered:
        return ok(BBMD, f"{bbmd} takes us as a foreign device for {heard.identity.ttl} s at a time")
    answers = [each.data for each in heard.traffic.datagrams if each.back and each.data[:2] == b"\x81\x00"]
    if b"\x81\x00\x00\x06\x00\x30" in answers:
        return failure(
            BBMD,
            f"{bbmd} refuses to take us as a foreign device",
            "it must accept foreign devices: see to its settings, or to its list being full",
        )
    return failure(
        BBMD,
        f"{bbmd} does not answer our registration",
        "see whether it is a BBMD, whether its address is right, and whether firewalls let UDP 47808 through both ways",
    )


def judge_table(heard: Heard) -> Finding:
    """Whom it distributes to. Many give no table to strangers, which harms nothing."""
    if heard.identity.bbmd is None:
        return not_applicable(TABLE, "no bacnet.bbmd is set")
    if heard.table is None:
        return unknown(TABLE, "it does not answer our question for its table")
    if heard.table[1] == 0:
        return unknown(TABLE, "it does not show its table, as many do")
    entries = table_entries(heard.table)
    if not entries:
        return warning(
            TABLE,
            "its table is empty: it distributes to its own subnet at most",
            "add the other subnets' BBMDs to its broadcast distribution table, if there are any",
        )
    listed = ", ".join(f"{host}:{port}" for host, port in entries[:_NAMED])
    more = f" and {len(entries) - _NAMED} more" if len(entries) > _NAMED else ""
    return ok(TABLE, f"it distributes to {listed}{more}")


def table_entries(answer: bytes) -> list[Station]:
    """Of a Read-Broadcast-Distribution-Table-Ack (J.2.5): ten octets each, of which the last four are a mask."""
    whole = answer[4 : 4 + (len(answer) - 4) // 10 * 10]
    entries = [whole[at : at + 6] for at in range(0, len(whole), 10)]
    return [(str(IPv4Address(each[:4])), int.from_bytes(each[4:6])) for each in entries]


def judge_routers(heard: Heard, meters: Sequence[Meter]) -> Finding:
    """Which answered, whether two lead to one network, and whether mapped addresses have theirs."""
    numbers = Counter(network.number for network in heard.networks)
    wanted = {int(found[1]) for meter in meters if (found := _ROUTED.fullmatch(meter.address or ""))}
    missing = sorted(wanted - numbers.keys())
    if missing:
        return failure(
            ROUTERS,
            f"no router leads to network {', '.join(map(str, missing))}, which the mapping's addresses name",
            "see whether the router is on, and whether its broadcasts reach this network",
        )
    twice = sorted(number for number, count in numbers.items() if count > 1)
    if twice:
        routers = ", ".join(each.router for each in heard.networks if each.number == twice[0])
        return warning(
            ROUTERS,
            f"several routers lead to network {twice[0]}: {routers}",
            "each BACnet network needs a number of its own in the whole building: correct one of them",
        )
    if not numbers:
        return not_applicable(ROUTERS, "none answered: all devices are on BACnet/IP, or there are none")
    listed = ", ".join(f"network {each.number} behind {each.router}" for each in heard.networks[:_NAMED])
    more = f" and {len(heard.networks) - _NAMED} more" if len(heard.networks) > _NAMED else ""
    return ok(ROUTERS, f"{listed}{more}")


def judge_devices(heard: Heard, meters: Sequence[Meter]) -> Finding:
    """Do the mapped ones answer; without a mapping, does anybody."""
    found = {i_am.instance for i_am in heard.devices}
    wanted = {meter.device for meter in meters}
    if not meters:
        late = "" if heard.ended else ", and more may be there: the search was cut short"
        if found:
            return ok(DEVICES, f"{_devices(len(found))} answered{late}; `bacnet-bridge discover` lists them")
        return warning(DEVICES, "no device answered", _WHERE_ARE_THEY)
    silent = sorted(wanted - found)
    if not silent:
        return ok(
            DEVICES, f"all {len(wanted)} mapped devices answered" if len(wanted) > 1 else "the mapped one answered"
        )
    named = ", ".join(map(str, silent[:_NAMED])) + (f" and {len(silent) - _NAMED} more" if len(silent) > _NAMED else "")
    says = f"{len(silent)} of {_devices(len(wanted), 'mapped ')} did not answer: {named}"
    return (warning if len(silent) < len(wanted) else failure)(DEVICES, says, _WHERE_ARE_THEY)


_WHERE_ARE_THEY: Final = (
    "see whether they are on, whether the interface is the one on their network (a VLAN?), whether firewalls let "
    "BACnet's port through, or whether a BBMD is needed"
)


def judge_instance(heard: Heard, instance: int | None) -> Finding:
    """A second device with our own instance disturbs both."""
    if instance is None:
        return not_applicable(INSTANCE, "not checked: the site does not say bacnet.instance yet")
    if heard.identity.bbmd is not None and not heard.registered:
        return unknown(INSTANCE, "not checked: without a registration nobody hears the question")
    own = heard.traffic.own[0]
    others = [each.address for each in heard.devices if each.instance == instance and _host(each.address) != own]
    if others:
        return failure(
            INSTANCE,
            f"{others[0]} bears the bridge's own instance {instance}",
            "give bacnet.instance a free one: ask whoever keeps the building's list of instances",
        )
    return ok(INSTANCE, f"nobody else answers to {instance}")


def _devices(count: int, kind: str = "") -> str:
    return f"{count} {kind}device{'' if count == 1 else 's'}"


def _host(address: str) -> str:
    return address.partition(":")[0]


def _origin(datagram: bytes) -> Station | None:
    """Who sent what a BBMD forwards (J.2.4); None where it forwards nothing."""
    if datagram[:2] != b"\x81\x04" or len(datagram) < 10:
        return None
    return str(IPv4Address(datagram[4:8])), int.from_bytes(datagram[8:10])
