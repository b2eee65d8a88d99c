"""What a running bridge takes, looked at from outside: its process, its state folder, and what `/metrics` says."""

import csv
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import IO, Final

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

LATE: Final = ("0.05", "0.1", "0.2", "0.5", "1.0")
"""Bounds of the loop's lag that are looked at, as `/metrics` writes them."""
_PREFIX: Final = "bacnet_bridge_"
_PATIENCE: Final = aiohttp.ClientTimeout(total=30)


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. Megabytes are of 2^20; counters count since the bridge's start."""

    at: float
    """Seconds since the watch began."""
    resident_mb: float
    anonymous_mb: float
    """Of these, what is no file's: the heap."""
    blocks: int
    """That Python has in use."""
    descriptors: int
    threads: int
    state_mb: float
    """All files of the state folder."""
    waiting: int
    packed: int
    missed: int
    accepted: int
    silent: int
    """Devices that answer nothing."""
    looks: int
    """How often the loop's lag was measured."""
    late_50: int
    late_100: int
    late_200: int
    """Of these, how often it was more than so many milliseconds."""
    late_500: int
    late_1000: int
    answer_ms: float
    """Of `/healthz`."""


class Watch:
    """Looks at one process."""

    def __init__(self, session: aiohttp.ClientSession, pid: int, state: Path, port: int) -> None:
        self._session, self._pid, self._state = session, pid, state
        self._url = f"http://127.0.0.1:{port}"
        self._began = time.monotonic()

    async def sample(self) -> Sample:
        """Raises OSError where the process is gone, aiohttp.ClientError where it does not answer."""
        answer_ms = 1000 * await self.healthz()
        told = await self.metrics()
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{self._pid}/status").read_text().splitlines() if ":" in line
        )
        looks = int(told[f"{_PREFIX}loop_lag_seconds_count"])
        late = [looks - int(told[f'{_PREFIX}loop_lag_seconds_bucket{{le="{bound}"}}']) for bound in LATE]
        packed = int(told[f"{_PREFIX}slots_packed_total"])
        return Sample(
            at=time.monotonic() - self._began,
            resident_mb=_megabytes(status["VmRSS"]),
            anonymous_mb=_megabytes(status["RssAnon"]),
            blocks=int(told[f"{_PREFIX}memory_blocks"]),
            descriptors=sum(1 for _ in Path(f"/proc/{self._pid}/fd").iterdir()),
            threads=int(status["Threads"]),
            state_mb=sum(file.stat().st_size for file in self._state.iterdir() if file.is_file()) / (1 << 20),
            waiting=int(told[f"{_PREFIX}waiting_packets"]),
            packed=packed,
            missed=int(told[f"{_PREFIX}slots_due_total"]) - packed,
            accepted=int(told[f"{_PREFIX}accepted_packets_total"]),
            silent=int(sum(value for name, value in told.items() if name.startswith(f"{_PREFIX}device_silent{{"))),
            looks=looks,
            late_50=late[0],
            late_100=late[1],
            late_200=late[2],
            late_500=late[3],
            late_1000=late[4],
            answer_ms=answer_ms,
        )

    async def healthz(self) -> float:
        """Seconds until it answered, whatever it says."""
        began = time.perf_counter()
        async with self._session.get(f"{self._url}/healthz", timeout=_PATIENCE) as answer:
            await answer.read()
        return time.perf_counter() - began

    async def metrics(self) -> dict[str, float]:
        """By name, with the labels as they are written."""
        async with self._session.get(f"{self._url}/metrics", timeout=_PATIENCE) as answer:
            answer.raise_for_status()
            text = await answer.text()
        return {
            _named(each.name, each.labels): each.value
            for family in text_string_to_metric_families(text)
            for each in family.samples
        }


class SampleFile:
    """The samples as they come, one line each, for whoever looks before the end."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._rows = csv.DictWriter(file, [each.name for each in fields(Sample)])
        self._rows.writeheader()

    def write(self, sample: Sample) -> None:
        self._rows.writerow({name: f"{value:.1f}".removesuffix(".0") for name, value in asdict(sample).items()})
        self._file.flush()


def _named(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{inside}}}" if inside else name


def _megabytes(kilobytes: str) -> float:
    return int(kilobytes.split(maxsplit=1)[0]) / 1024
