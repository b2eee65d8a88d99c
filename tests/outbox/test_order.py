import pytest

from bacnet_bridge.errors import FencedError, OutboxError
from bacnet_bridge.outbox.order import Hold, QueueOrder
from tests.support.outbox import queue


@pytest.fixture
def order() -> QueueOrder:
    """1000, 2000 and 3000 wait."""
    order = QueueOrder(queue(), 1)
    for instant, row in ((1000, 11), (3000, 12), (2000, 13)):
        order.insert(instant, row)
    return order


def test_packets_stand_in_order_with_their_rows(order: QueueOrder) -> None:
    assert list(order.instants) == [1000, 2000, 3000]
    assert list(order.rows) == [11, 13, 12]
    assert (order.find(2000), order.find(2500)) == (13, None)
    order.remove(1000)
    assert (order.claim(), order.fence) == ((2000, 13), 2000)


def test_a_claim_raises_the_fence_before_anything_is_on_disk(order: QueueOrder) -> None:
    assert order.fence is None
    order.claim()
    assert order.fence == 1000


def test_nothing_is_claimed_while_the_head_is_leaving_or_a_hold_is_coming(order: QueueOrder) -> None:
    order.leaving.add(1000)
    assert order.claim() is None
    order.leaving.clear()
    order.holding = 1
    assert order.claim() is None
    order.holding, order.hold = 0, Hold(0, 10)
    assert order.claim() is None
    assert order.fence is None, "what was not given was not attempted"


def test_what_is_on_its_way_to_disk_counts_as_put(order: QueueOrder) -> None:
    order.coming.add(4000)
    with pytest.raises(FencedError, match="tail 4000"):
        order.check_put(4000)
    order.coming.discard(4000)
    order.check_put(4000)


def test_what_is_leaving_cannot_leave_again_nor_be_overtaken(order: QueueOrder) -> None:
    order.leaving.add(1000)
    with pytest.raises(OutboxError, match="just leaving"):
        order.check_leave(1000)
    with pytest.raises(OutboxError, match="1000 goes first"):
        order.check_accept(2000)
