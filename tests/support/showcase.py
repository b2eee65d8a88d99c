"""A made-up office block whose every view has something to show: for looking, for pictures, for hostile names."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.support.status import MadeUp

LEVELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
NOW = int(datetime(2026, 11, 23, 10, 5, tzinfo=UTC).timestamp() * 1000)
MINUTE = 60_000
PLATFORM = "https://web.example:443"
SILENT = "device silent: device 3004 did not answer within 60 s"

CLAIMED = (
    "device 3003: 'AHU' at 192.168.1.77 has the same instance as 'Floor 3' at 2002:13, which is read on; "
    "give one of them another instance"
)

_KINDS = (
    ("Floor {} lighting", "kWh", 1840.0, 3.5),
    ("Floor {} sockets", "kWh", 960.0, 2.0),
    ("Supply air {}", "°C", 19.5, 1.8),
    ("Cold water riser {}", "m³", 412.0, 0.4),
    ("Heat riser {}", "kWh", 7300.0, 12.0),
    ("Room CO₂ {}", "ppm", 620.0, 180.0),
)


def local(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1000, UTC).isoformat(timespec="milliseconds")


def day(number: int) -> list[float | None]:
    """288 values of five minutes each: a curve of its own for each meter, with a gap here and there."""
    _, _, middle, swing = _KINDS[number % len(_KINDS)]
    return [
        None
        if number % 9 == 4 and 150 < slot < 170
        else round(
            middle
            + swing * math.sin((slot - 90 + 7 * number) / 46)
            + swing / 4 * math.sin(slot * (0.21 + number % 5 / 20)),
            2,
        )
        for slot in range(288)
    ]


def spark(values: list[float | None]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    taken = values[5::6]
    signs = ["!" if value is None else LEVELS[round(61 * (value - low) / (high - low))] for value in taken]
    return {"spark": "".join(signs), "low": low, "high": high}


def row(number: int, *, troubled: bool = True) -> dict[str, Any]:
    """As `/api/meters` has it."""
    name, unit, _, _ = _KINDS[number % len(_KINDS)]
    values = day(number)
    silent, waits = troubled and number in {7, 19}, troubled and number in {7, 12, 19}
    value = None if silent else f"{values[-1]:.2f}"
    return {
        "id": f"m-{number}",
        "name": name.format(number // len(_KINDS) + 1),
        "device": 3000 + number // 8,
        "device_key": str(3000 + number // 8),
        "interval": 300,
        "tolerance": 60,
        "slot": local(NOW),
        "field": "value",
        "value": value,
        "unit": unit,
        "last": "" if silent else f"{value} {unit}",
        "last_accepted": local(NOW - (50 if silent else 5) * MINUTE),
        "accepted": 121 - 9 * silent,
        "waiting": 3 * waits,
        "holes": 9 * silent + (number % 9 == 4) * 19,
        "reasons": {"device silent": 9} if silent else {},
        "missing": {},
        "attention": SILENT if silent else "",
        "problem": "",
        "next_attempt": None,
        **spark(values),
    }


def device(number: int, *, troubled: bool = True) -> dict[str, Any]:
    """As `/api/devices` has it."""
    silent = troubled and number == 4
    return {
        "device": str(3000 + number),
        "instance": 3000 + number,
        "mapped_address": None,
        "network": 2001 + number % 2 if number else None,
        "address": f"{2001 + number % 2}:{number + 10}" if number else "192.168.1.40",
        "max_apdu": 480,
        "round_trip": 31.0 + 9 * number,
        "requests": 2,
        "in_flight": 1,
        "silent_since": NOW - 45 * MINUTE if silent else 0,
        "refusal": "analog-input 9: unknown object" if number == 2 else "",
        "refused_at": NOW - MINUTE if number == 2 else 0,
        "multiple_refused_at": NOW - 3 * MINUTE if number == 5 else 0,
        "spoiling": None,
        "dumb": [],
        "asked": 244,
        "unanswered": 18 * silent,
        "refused": int(number == 2),
        "last_i_am": NOW - 90 * MINUTE,
        "meters": [f"m-{each}" for each in range(8 * number, 8 * number + 8)],
        "conflicts": ["192.168.1.77 also says that it is device 3003"] if troubled and number == 3 else [],
    }


class Showcase(MadeUp):
    """What the service would tell; `troubled` or in best order."""

    def __init__(self, meters: int = 48, *, troubled: bool = True) -> None:
        MadeUp.__init__(self, meters=[row(number, troubled=troubled) for number in range(meters)])
        self.troubled = troubled
        self.device_list = [device(number, troubled=troubled) for number in range((meters + 7) // 8)]
        self.problems = []

    async def overview(self) -> dict[str, Any]:
        told = {**await MadeUp.overview(self)}
        attention = [
            f"2 meters: {SILENT}",
            CLAIMED,
        ]
        return told | {
            "now": local(NOW),
            "started": local(NOW - 16_000 * MINUTE),
            "attention": attention if self.troubled else [],
        }

    async def meter(self, meter: str) -> dict[str, Any] | None:
        found = next((each for each in self.meters if each["id"] == meter), None)
        return None if found is None else found | dict(_more(found))

    async def history(self, meter: str) -> dict[str, Any] | None:
        found = next((at for at, each in enumerate(self.meters) if each["id"] == meter), None)
        if found is None:
            return None
        values = day(found)
        return {
            "id": meter,
            "field": "value",
            "unit": self.meters[found]["unit"],
            "step": 300,
            "first": NOW - 287 * 5 * MINUTE,
            "values": values,
            "holes": [int(value is None) for value in values],
            "known_since": NOW - 86_400_000,
            "complete": True,
        }

    async def delivery(self) -> dict[str, Any]:
        waiting = sum(each["waiting"] for each in self.meters)
        return {
            "waiting": waiting,
            "oldest_seconds": 900.0,
            "accepted": 5771,
            "attempts": {"accepted": 5771, "backing off": 4},
            "in_flight": 2,
            "accepted_per_second": 0.31,
            "put_per_second": 0.16,
            "seconds_to_drain": 60 if waiting else None,
            "queues": [queue(each["id"], each["waiting"]) for each in self.meters if each["waiting"]],
            "accounts": [],
            "platforms": [],
            "breakers": [
                {
                    "host": PLATFORM,
                    "open": False,
                    "probes": 0,
                    "share_failing": 0.01,
                    "under_way": 2,
                    "next_probe": None,
                    "reason": "",
                }
            ],
            "rates": {"every": 10, "accepted": [0.3] * 30, "put": [0.16] * 30},
        }

    async def mapping(self) -> dict[str, Any]:
        wrong = {
            "file": "floors.yaml",
            "line": 41,
            "column": 7,
            "message": "unknown key `tolerence`",
            "suggestion": "did you mean `tolerance`?",
        }
        return {
            "folder": "/etc/bacnet-bridge/mapping",
            "state": "wrong" if self.troubled else "in force",
            "sentence": "the last good mapping stays in force; correct the files" if self.troubled else "",
            "in_force_since": NOW - 9000 * MINUTE,
            "judged_at": NOW - MINUTE,
            "meters": len(self.meters),
            "drafts": ["Roof solar"],
            "files": [
                {"file": each, "size": 4096, "modified": NOW - 9000 * MINUTE}
                for each in ("floors.yaml", "plant.csv", "risers.xlsx")
            ],
            "problems": [wrong] if self.troubled else [],
            "warnings": [],
            "waiting": None,
        }


def queue(meter: str, waiting: int) -> dict[str, Any]:
    return {
        "id": meter,
        "account": {"address": PLATFORM, "credentials": "main"},
        "waiting": waiting,
        "oldest": NOW - 15 * MINUTE if waiting else None,
        "last_accepted": NOW - 20 * MINUTE,
        "held_until": None,
        "unproven": 0,
        "alarm": "",
        "under_way": bool(waiting),
        "retry": None,
        "answers": [[NOW - 5 * MINUTE, "503 from the platform"]] if waiting else [],
        "next": [{"instant": NOW - 15 * MINUTE, "body": f'{{"id":"{meter}","value":1}}', "origin": "slot"}]
        if waiting
        else [],
    }


def _more(found: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    body = f'{{"id":"{found["id"]}","tsISO8601":"{found["slot"]}","value":{found["value"]}}}'
    silent = found["value"] is None
    yield "address", None
    yield "account", "main"
    yield "zone", "Europe/Dublin"
    yield "place", "floors.yaml:12"
    yield (
        "points",
        [
            {
                "field": "value",
                "source": f"device {found['device']} analog-input 3",
                "value": found["value"],
                "raw": found["value"],
                "unit": found["unit"],
                "value_unit": found["unit"],
                "flags": [],
                "problem": SILENT if silent else None,
                "notice": "",
                "at": found["slot"],
            }
        ],
    )
    yield (
        "packet",
        {"slot": NOW, "hole": "device silent", "detail": SILENT.partition(": ")[2]}
        if silent
        else {"slot": NOW, "body": body},
    )
    yield (
        "answer",
        {
            "at": NOW + 1200,
            "instant": NOW,
            "body": body,
            "status": 200,
            "action": "accepted",
            "text": "",
            "seconds": 0.21,
        },
    )
    yield "queue", queue(found["id"], found["waiting"])
    yield (
        "days",
        [
            {
                "day": f"2026-11-{23 - back}",
                "due": 288 if back else 121,
                "accepted": 288 if back else 121,
                "waiting": 0,
                "set_aside": 0,
                "holes": 0,
                "reasons": {},
            }
            for back in range(7)
        ],
    )
