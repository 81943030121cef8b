"""What the dispatcher knows of the jobs it carries, and what their states mean to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from bot.domain.ids import UserId
from bot.domain.job import Job, JobState

QUEUED: Final = frozenset({JobState.RESERVED, JobState.PREPARED})
"""States that wait for a turn."""
OCCUPIES_SLOT: Final = QUEUED | {JobState.SUBMITTING, JobState.SUBMITTED}
RUNNING: Final = OCCUPIES_SLOT | {JobState.RENDERED}
"""A member's job counts as running until its pictures are on disk."""
INTERRUPTIBLE: Final = frozenset({JobState.SUBMITTING, JobState.SUBMITTED})
"""States whose step only asks and waits: it may be broken off at any time."""


@dataclass(slots=True)
class RunningJob:
    """A job under way; without a task it waits for an answer until its time has come."""

    user: UserId
    state: JobState
    job: Job | None = None
    task: asyncio.Task[None] | None = None
