# ruff: noqa: INP001 - a script, not a package
"""Known weaknesses of what requirements.lock names: `python -m tools.audit`, or `make audit`.

pip-audit asks the index's advisories; it runs in an environment of its own, since the bridge needs nothing of it. Where
the advisories cannot be reached nothing is known: that is said, and is no failure.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOCK: Final = Path(__file__).parents[1] / "requirements.lock"
_COMMAND: Final = (
    "uv", "tool", "run", "--quiet", "--from", "pip-audit>=2.9,<3",
    "pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json",
)  # fmt: skip
_SHOWN: Final = 5
_PATIENCE: Final = 300  # seconds


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of it: sentences, and whether anything is known to be weak."""

    sentences: tuple[str, ...]
    failed: bool


def judged(told: str) -> Audit:
    """`told`: pip-audit's JSON; what is none means that it could not ask."""
    try:
        packages = json.loads(told)["dependencies"]
        unknown = [each["name"] for each in packages if "vulns" not in each]
        weak = [
            f"{each['name']} {each['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
            for each in packages
            for found in each.get("vulns", ())
        ]
    except (ValueError, KeyError, TypeError):
        return Audit(("nothing was audited: the advisories cannot be reached from here",), failed=False)
    audited = len(packages) - len(unknown)
    if not audited:
        return Audit(("nothing was audited: the index that is reached here has no advisories",), failed=False)
    count = f"{audited} of {len(packages)} packages were audited"
    if unknown:
        count += f"; not known there: {', '.join(unknown[:_SHOWN])}{' and others' if len(unknown) > _SHOWN else ''}"
    return Audit((*weak, count, "known weaknesses" if weak else "no known weaknesses"), failed=bool(weak))


def main() -> int:
    """1 where a package is known to be weak."""
    command = [str(Path(sys.executable).with_name(_COMMAND[0])), *_COMMAND[1:], "--requirement", str(LOCK)]
    try:
        told = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=_PATIENCE).stdout  # noqa: S603 our own words
    except subprocess.TimeoutExpired:
        told = ""
    audit = judged(told)
    print(*audit.sentences, sep="\n")  # noqa: T201 a command's own answer
    return int(audit.failed)


if __name__ == "__main__":
    sys.exit(main())
