"""How Python's collector of cycles and its threads' turns are set."""

import gc
import sys
from collections.abc import Iterator

import pytest

from bacnet_bridge.service import interpreter


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    threshold, callbacks, turn = gc.get_threshold(), gc.callbacks[:], sys.getswitchinterval()
    yield
    gc.set_threshold(*threshold)
    gc.callbacks[:] = callbacks
    gc.unfreeze()
    sys.setswitchinterval(turn)


def test_what_stays_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_FIRST", 2)
    before = len(gc.callbacks)
    interpreter.settle()
    interpreter.settle()
    assert len(gc.callbacks) == before + 1, "a second call takes the first one's place"
    kept = []
    for frozen in (True, True, False):
        made = [object.__new__(_Meter) for _ in range(1000)]
        kept.append(made)
        gc.collect(1)
        looked_at = {id(each) for each in gc.get_objects()}
        assert all(id(each) in looked_at for each in made) is not frozen


def test_the_youngest_are_not_set_aside() -> None:
    interpreter.settle()
    made = _Meter()
    gc.collect(0)
    assert any(each is made for each in gc.get_objects())


def test_a_thread_that_computes_keeps_the_loop_waiting_for_a_millisecond_at_most() -> None:
    interpreter.settle()
    assert sys.getswitchinterval() <= 0.001


class _Meter:
    def __init__(self) -> None:
        self.made_when_due: list[float] = []
