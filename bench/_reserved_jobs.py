"""Jobs that a benchmark inserts into the database itself."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from bot.domain.geometry import Size
from bot.domain.ids import JobId, TaskUuid
from bot.domain.job import Job, JobState
from bot.domain.model import DEFAULT_MODEL
from bot.domain.money import MicroUsd
from bot.domain.order import Attachment, Order, Origin, ReplyTarget

PICTURE: Final = Attachment("http://127.0.0.1:9/a.png", "a.png", 99, "image/png", Size(64, 64))
"""An attachment that is never downloaded."""


def build_reserved_job(number: int, origin: Origin, order: Order, accepted_at: datetime) -> Job:
    """Build an order's job as it is accepted; `number` determines its ids."""
    return Job(
        id=JobId(f"job{number}"),
        origin=origin,
        order=order,
        reply=ReplyTarget("token"),
        task_uuid=TaskUuid(UUID(int=number)),
        state=JobState.RESERVED,
        epoch=0,
        attempts=0,
        sends=1,
        hold=MicroUsd(DEFAULT_MODEL.price.per_result * order.results),
        created_at=accepted_at,
        updated_at=accepted_at,
        run_at=accepted_at,
    )
