"""The mapping's state. Pure."""

from typing import Final

from bacnet_bridge.doctor.finding import Finding, failure, ok, warning
from bacnet_bridge.doctor.site import Site

MAPPING: Final = "mapping"


def judge_mapping(site: Site) -> Finding:
    folder = site.settings.mapping
    if not site.mapping_there:
        return warning(
            MAPPING,
            f"there is none in {folder} yet: nothing is read",
            "`bacnet-bridge discover` shows what can be mapped; docs/mapping.md shows how",
        )
    if site.mapping is None:
        lines = site.mapping_trouble.splitlines()
        kept = "; the last good one is in force" if site.last_good is not None else ""
        count = f"{len(lines)} problem{'s' if len(lines) > 1 else ''}"
        return failure(MAPPING, f"{count}, the first: {lines[0]}{kept}", "`bacnet-bridge check` lists them")
    counts = f"{_counted(len(site.mapping.meters), 'meter')}, {_counted(len(site.mapping.drafts), 'draft')}"
    if site.mapping.warnings:
        warnings = site.mapping.warnings
        more = f" (and {len(warnings) - 1} more)" if len(warnings) > 1 else ""
        return warning(MAPPING, f"{counts}; {warnings[0]}{more}", "`bacnet-bridge check` lists what wants a look")
    return ok(MAPPING, counts)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
