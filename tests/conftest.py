"""For all tests: no setting of whoever runs them reaches in, and none of them logs a secret."""

import copy
import logging
import os
from collections.abc import Generator, Iterator
from typing import Final

import pytest
import structlog
from hypothesis import settings
from structlog.testing import LogCapture
from structlog.typing import EventDict, WrappedLogger

from bacnet_bridge import redaction
from bacnet_bridge.simulator.building import SimulatedBuilding
from tests.support.logged import LOGGED, secrets_in
from tests.support.standing import standing_building

_NET: Final = pytest.StashKey[redaction.Redaction]()
"""What a test's own settings said that is secret."""

settings.register_profile("suite", deadline=None)  # a loaded machine is no failure
settings.load_profile("suite")


@pytest.fixture(scope="session")
def standing() -> Iterator[SimulatedBuilding]:
    """One for all tests of this process; `tests.support.building.building` lends it."""
    with standing_building() as made:
        yield made


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("BRIDGE_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_secrets_of_others(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One test's password is another's word."""
    own = copy.deepcopy(redaction._ALL)
    monkeypatch.setattr(redaction, "_ALL", own)
    request.node.stash[_NET] = own


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that a test ran in this process sends the log to a stream that is closed afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def _captured_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test takes for itself with `capture_logs` is looked through as well."""
    taken = LogCapture.__call__

    def kept(self: LogCapture, logger: WrappedLogger, method: str, event: EventDict) -> object:
        LOGGED.append(repr(event))
        return taken(self, logger, method, event)

    monkeypatch.setattr(LogCapture, "__call__", kept)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that logged a secret fails, in whatever process, and whatever it was about."""
    report = yield
    if call.when == "teardown":
        logged = "".join(text for _, of, text in item._report_sections if of in {"log", "stderr", "stdout"})
        found = secrets_in(logged + "\n".join(LOGGED), item.stash.get(_NET, redaction.Redaction()))
        LOGGED.clear()
        if found and report.passed:
            report.outcome = "failed"
            report.longrepr = "secrets were logged:\n" + "\n".join(found[:10])
    return report
