"""The status page as the settings have it."""

from bacnet_bridge.service.collect import Collector
from bacnet_bridge.settings import StatusSettings
from bacnet_bridge.status.metrics import Metrics
from bacnet_bridge.status.server import Place, StatusServer
from bacnet_bridge.status.sources import Sources
from bacnet_bridge.vocabulary.password import parse


def status_server(settings: StatusSettings, sources: Sources, collector: Collector) -> StatusServer | None:
    """None where the site wants none. From here on the collector's readings are timed."""
    if not settings.port:
        return None
    metrics = Metrics()
    collector.read_took = metrics.read_seconds.observe
    password = None if settings.password_hash is None else parse(settings.password_hash.get_secret_value())
    place = Place(settings.address, settings.port, password, settings.certificate, settings.key)
    return StatusServer(place, sources, metrics)
