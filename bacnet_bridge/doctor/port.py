"""The bridge's UDP port: free, the running service's own, or somebody else's."""

from collections.abc import Sequence
from typing import Final

from bacnet_bridge.doctor.finding import Finding, failure, ok
from bacnet_bridge.doctor.holder import Holder

PORT: Final = "BACnet port"


def judge_port(host: str, port: int, *, taken: bool, holders: Sequence[Holder], service: int | None) -> Finding:
    """`service`: the process id of the bridge that runs on the site's state folder."""
    if not taken:
        return ok(PORT, f"UDP {port} of {host} is free")
    if service is not None and any(each.pid == service for each in holders):
        return ok(PORT, f"UDP {port} of {host} is held by the running bridge (process {service})")
    named = " and ".join(map(str, holders))
    if service is not None and all(each.pid is None for each in holders):
        held = f"held by {named}, probably the running bridge" if named else "taken, probably by the running bridge"
        return ok(PORT, f"UDP {port} of {host} is {held} (process {service})")
    who = f"held by {named}" if named else "taken; the kernel does not say by whom (another container's, or root's)"
    return failure(
        PORT,
        f"UDP {port} of {host} is {who}",
        "stop that program, or give the bridge another port, like bacnet.address: …/24:47809; "
        f"who it is tells `sudo ss -ulpn sport = :{port}`",
    )
