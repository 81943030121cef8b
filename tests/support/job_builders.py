"""Jobs to insert into a database."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from fractions import Fraction

from bot.domain.geometry import Size
from bot.domain.ids import ChannelId, GuildId, InteractionId, JobId, TaskUuid, UserId
from bot.domain.job import Job, JobState
from bot.domain.money import MicroUsd
from bot.domain.order import Attachment, Order, Origin, OutputFormat, ReplyTarget
from bot.domain.request import Anchor, ExpansionRequest, ToRatio

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def build_order(request: ExpansionRequest | None = None) -> Order:
    return Order(
        attachment=Attachment("http://x/a.png", "a.png", 1000, "image/png", Size(640, 480)),
        request=request or ToRatio(Fraction(16, 9), Anchor.LEFT),
        prompt="dunes",
        results=2,
        format=OutputFormat.WEBP,
        private=True,
    )


def build_job(interaction: int = 1, request: ExpansionRequest | None = None) -> Job:
    return Job(
        id=JobId(f"job{interaction}"),
        origin=Origin(InteractionId(interaction), GuildId(10), ChannelId(20), UserId(30), "Ana"),
        order=build_order(request),
        reply=ReplyTarget("token"),
        task_uuid=TaskUuid(uuid.uuid4()),
        state=JobState.RESERVED,
        epoch=0,
        attempts=0,
        sends=0,
        hold=MicroUsd(100_000),
        created_at=NOW,
        updated_at=NOW,
        run_at=NOW,
    )
