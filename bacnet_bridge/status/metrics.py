"""Figures as Prometheus reads them: names and units by its conventions, labels only where their values are bounded.

Most are taken from the stages when somebody asks, and cost nothing before. `docs/metrics.md` lists them all.
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from bacnet_bridge.status.sources import Figures

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
_PREFIX: Final = "bacnet_bridge_"
_READ: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LAG: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5)


class Metrics:
    """A registry of its own: nothing that a library may have registered shows up."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self.read_seconds = _histogram(
            "read_seconds", "Time from asking a meter's device to the readings.", _READ, self._registry
        )
        self.loop_lag_seconds = _histogram(
            "loop_lag_seconds", "By how much a timer was late, looked at twenty times a second.", _LAG, self._registry
        )
        ProcessCollector(registry=self._registry)

    def text(self, figures: Figures, problems: int) -> bytes:
        """All of them. May be called in a thread."""
        return generate_latest(_All(self._registry, figures, problems))


class _All(Collector):
    """What the registry counts, and these figures."""

    def __init__(self, registry: CollectorRegistry, figures: Figures, problems: int) -> None:
        self._registry, self._figures, self._problems = registry, figures, problems

    def collect(self) -> Iterator[Metric]:
        figures = self._figures
        yield InfoMetricFamily(f"{_PREFIX}build", "Which bridge this is.", {"version": figures.version})
        yield _gauge("start_time_seconds", "When it started, in seconds since 1970.", figures.started)
        yield _gauge("problems", "Reasons why the bridge does not do its work; /readyz says them.", self._problems)
        yield _gauge("moves", "1 while slots are read and delivery goes on.", figures.moves)
        yield from _slots(figures)
        yield from _delivery(figures)
        yield from _clock(figures)
        yield from _devices(figures)
        yield _gauge("memory_blocks", "Blocks of memory that Python has in use.", sys.getallocatedblocks())
        yield from self._registry.collect()


def _slots(figures: Figures) -> Iterator[Metric]:
    yield _gauge("meters", "Meters that are read.", figures.meters)
    yield _gauge("meters_without_packet", "Meters whose newest slot is a hole.", figures.meters_without_packet)
    missed = sum(figures.holes.values())
    yield _counter("slots_due", "Slots that were due and are over.", figures.packed + missed)
    yield _counter("slots_packed", "Slots whose packet was put into the outbox.", figures.packed)
    yield _counters("slots_missed", "Slots without a packet, by reason.", "reason", figures.holes)
    yield _counter("slots_healed", "Slots that were filled from a trend log.", figures.healed)
    yield _counters("gaps", "Gaps that a trend log was waited for, by what became of them.", "outcome", figures.gaps)


def _delivery(figures: Figures) -> Iterator[Metric]:
    yield _gauge("waiting_packets", "Packets that wait in the outbox.", figures.waiting)
    yield _gauge("oldest_waiting_seconds", "Age of the oldest packet that waits; 0 where none does.", figures.oldest)
    yield _counters("delivery_attempts", "Requests to the platform, by what came of them.", "verdict", figures.attempts)
    yield _counter("accepted_packets", "Packets that the platform accepted.", figures.accepted)
    yield _counter("unknown_outcomes", "Requests of which nobody knows what came.", figures.unknown_outcomes)
    yield _gauge("requests_in_flight", "Requests to the platform under way.", figures.in_flight)
    yield _gauge("queues_failing", "Meters whose latest packet was not accepted.", figures.queues_failing)
    yield _gauge("queues_on_hold", "Meters whose packets collect and do not leave.", figures.queues_on_hold)
    yield _gauge("queues_healing", "Meters on hold while a gap is filled from a log.", figures.queues_healing)
    yield _gauge("accounts_paused", "Accounts whose credentials are refused or missing.", figures.accounts_paused)
    yield _gauge("platforms_away", "Hosts of the platform that do not answer.", figures.platforms_away)


def _clock(figures: Figures) -> Iterator[Metric]:
    if figures.clock_offset is not None:
        yield _gauge("clock_offset_seconds", "Platform's clock less the bridge's.", figures.clock_offset)
    yield _gauge("clock_credible", "1 while slots may be stamped.", figures.clock_credible)


def _devices(figures: Figures) -> Iterator[Metric]:
    requests = CounterMetricFamily(f"{_PREFIX}device_requests", "Questions to a device.", labels=["device"])
    errors = CounterMetricFamily(
        f"{_PREFIX}device_errors", "Questions that it did not answer, or refused.", labels=["device", "kind"]
    )
    trips = GaugeMetricFamily(
        f"{_PREFIX}device_round_trip_seconds", "Smoothed time of its answers; 0 before the first.", labels=["device"]
    )
    silent = GaugeMetricFamily(f"{_PREFIX}device_silent", "1 while it answers nothing.", labels=["device"])
    for each in figures.devices:
        requests.add_metric([each.device], each.requests)
        errors.add_metric([each.device, "unanswered"], each.unanswered)
        errors.add_metric([each.device, "refused"], each.refused)
        trips.add_metric([each.device], each.round_trip)
        silent.add_metric([each.device], each.silent)
    yield from (requests, errors, trips, silent)


def _histogram(name: str, says: str, buckets: tuple[float, ...], registry: CollectorRegistry) -> Histogram:
    return Histogram(f"{_PREFIX}{name}", says, buckets=buckets, registry=registry)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}{name}", says, value=value)


def _counter(name: str, says: str, value: int) -> Metric:
    return CounterMetricFamily(f"{_PREFIX}{name}", says, value=value)


def _counters(name: str, says: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"{_PREFIX}{name}", says, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family
