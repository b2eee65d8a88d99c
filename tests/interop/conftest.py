"""The stacks run once for all interop tests."""

from collections.abc import Iterator

import pytest

from tests.support.peers import RUNNERS, Peer


@pytest.fixture(scope="session", params=list(RUNNERS))
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    with RUNNERS[request.param](tmp_path_factory.mktemp("peer")) as running:
        yield running
