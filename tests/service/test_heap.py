"""How Python's collector of cycles is set."""

import gc
from collections.abc import Iterator

import pytest

from bacnet_bridge.service import heap


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    threshold, callbacks = gc.get_threshold(), gc.callbacks[:]
    yield
    gc.set_threshold(*threshold)
    gc.callbacks[:] = callbacks
    gc.unfreeze()


def test_what_stays_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_FIRST", 2)
    before = len(gc.callbacks)
    heap.settle()
    heap.settle()
    assert len(gc.callbacks) == before + 1, "a second call takes the first one's place"
    kept = []
    for frozen in (True, True, False):
        made = [object.__new__(_Meter) for _ in range(1000)]
        kept.append(made)
        gc.collect(1)
        looked_at = {id(each) for each in gc.get_objects()}
        assert all(id(each) in looked_at for each in made) is not frozen


def test_the_youngest_are_not_set_aside() -> None:
    heap.settle()
    made = _Meter()
    gc.collect(0)
    assert any(each is made for each in gc.get_objects())


class _Meter:
    def __init__(self) -> None:
        self.made_when_due: list[float] = []
