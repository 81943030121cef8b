"""Jobs as a bench puts them into the books itself."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from bench.limits import GENEROUS
from bot.domain.geometry import Size
from bot.domain.ids import JobId, TaskUuid
from bot.domain.job import Job, JobState
from bot.domain.money import MicroUsd
from bot.domain.order import Attachment, Order, Origin, Reply

PICTURE: Final = Attachment("http://127.0.0.1:9/a.png", "a.png", 99, "image/png", Size(64, 64))
"""An attachment that nobody fetches."""


def reserved(number: int, origin: Origin, order: Order, at: datetime) -> Job:
    """Make the job of an order as it is accepted; `number` makes its ids."""
    return Job(
        id=JobId(f"job{number}"),
        origin=origin,
        order=order,
        reply=Reply("token"),
        task_uuid=TaskUuid(UUID(int=number)),
        state=JobState.RESERVED,
        epoch=0,
        attempts=0,
        sends=1,
        hold=MicroUsd(GENEROUS.price * order.results),
        created_at=at,
        updated_at=at,
        run_at=at,
    )
