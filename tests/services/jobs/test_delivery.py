"""How a delivery stands in the log of a job's moves."""

from __future__ import annotations

import pytest

from bot.domain.ids import MessageId
from bot.services.ports.jobs import DeliveryReceipt, DeliveryRoute


@pytest.mark.parametrize(
    ("delivery", "detail"),
    [
        (DeliveryReceipt(DeliveryRoute.REPLY, MessageId(123)), "reply:123"),
        (DeliveryReceipt(DeliveryRoute.CHANNEL, MessageId(123)), "channel:123"),
        (DeliveryReceipt(DeliveryRoute.MESSAGE, MessageId(123)), "message:123"),
        (DeliveryReceipt(DeliveryRoute.ON_DISK), "kept:"),
        (DeliveryRoute.ON_DISK, "kept"),
        (DeliveryRoute.GUILD_LEFT, "dropped"),
        (DeliveryRoute.AWAITING_APPROVAL, "approval"),
        (DeliveryRoute.REMOVED, "removed"),
    ],
)
def test_a_delivery_is_written_as_it_always_was(
    delivery: DeliveryReceipt | DeliveryRoute, detail: str
) -> None:
    assert str(delivery) == detail
