from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.clock import DrivenClock
from tests.support.outbox import SqliteBackend


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[SqliteBackend]:
    backend = SqliteBackend(tmp_path, DrivenClock())
    await backend.open()
    yield backend
    await backend.close()
