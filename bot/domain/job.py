"""A job's states, its legal transitions, and its data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from bot.domain.ids import Digest, JobId, TaskUuid
from bot.domain.money import MicroUsd
from bot.domain.order import Note, Order, Origin, OutputFormat, ReplyTarget
from bot.domain.plan import Plan

_T = TypeVar("_T")


class JobState(StrEnum):
    RESERVED = "reserved"
    """Accepted: money is held, nothing was sent."""
    PREPARED = "prepared"
    """The seed image is stored and normalised, and the plan is based on its real size."""
    SUBMITTING = "submitting"
    """The request may have reached the provider; only polling can tell."""
    SUBMITTED = "submitted"
    """The provider has accepted the task."""
    RENDERED = "rendered"
    """The provider's results and their cost are saved in the database."""
    STORED = "stored"
    """The delivered pictures are on disk."""
    DELIVERED = "delivered"
    """The member has the pictures, or they can't be delivered and stay stored."""
    SETTLED = "settled"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PARKED = "parked"
    """The outcome is unknown, and money stays held until the operator decides."""


_S = JobState
TRANSITIONS: Final[dict[JobState, frozenset[JobState]]] = {
    _S.RESERVED: frozenset({_S.PREPARED, _S.CANCELLED, _S.FAILED}),
    _S.PREPARED: frozenset({_S.SUBMITTING, _S.CANCELLED, _S.FAILED}),
    _S.SUBMITTING: frozenset({_S.SUBMITTED, _S.PREPARED, _S.FAILED, _S.PARKED}),
    _S.SUBMITTED: frozenset({_S.RENDERED, _S.FAILED, _S.PARKED}),
    _S.RENDERED: frozenset({_S.STORED, _S.FAILED}),
    _S.STORED: frozenset({_S.DELIVERED}),
    _S.DELIVERED: frozenset({_S.SETTLED}),
    _S.PARKED: frozenset({_S.SUBMITTED, _S.RENDERED, _S.FAILED}),
}
"""The legal transitions. SUBMITTING returns to PREPARED only if the provider certainly has no task:
the connection was refused, or it answered that it is busy."""

END_STATES: Final = frozenset({_S.SETTLED, _S.CANCELLED, _S.FAILED})
WAITING_STATES: Final = frozenset({_S.PARKED})
"""States that only a decision of the operator ends."""
OPEN_STATES: Final = frozenset(JobState) - END_STATES - WAITING_STATES


@dataclass(frozen=True, slots=True)
class Result:
    """One picture of a task.

    `raw` is the provider's file, `delivered` the member's; both are None until stored. `cost` is
    None if the provider reported none.
    """

    ordinal: int
    image_uuid: str
    url: str
    noise_seed: int | None
    cost: MicroUsd | None
    raw: Digest | None = None
    delivered: Digest | None = None
    format: OutputFormat | None = None
    bytes: int = 0
    notes: tuple[Note, ...] = ()
    fetch_errors: tuple[str, ...] = ()
    """The codes of attempts that failed permanently; empty once one succeeds."""


@dataclass(frozen=True, slots=True)
class Job:
    """An accepted order in progress.

    `epoch` rises with every claim, and only its last claimant may move the job. `attempts` counts
    failed attempts of the current step, `sends` how often the task may have been submitted.
    """

    id: JobId
    origin: Origin
    order: Order
    reply: ReplyTarget
    task_uuid: TaskUuid
    state: JobState
    epoch: int
    attempts: int
    sends: int
    hold: MicroUsd
    created_at: datetime
    updated_at: datetime
    run_at: datetime
    seed: Digest | None = None
    seed_notes: tuple[Note, ...] = ()
    output: OutputFormat | None = None
    """The format to deliver, known once the seed image is prepared."""
    plan: Plan | None = None
    cost: MicroUsd | None = None
    failure: str = ""
    part: int = 0
    """Its place, from 1, among the pictures of one interaction; 0 if that was for one only."""

    @property
    def has_ended(self) -> bool:
        return self.state in END_STATES

    @property
    def prepared_plan(self) -> Plan:
        """The plan; raise `ValueError` before PREPARED."""
        return self._require_set(self.plan, "plan")

    @property
    def output_format(self) -> OutputFormat:
        """The format to deliver; raise `ValueError` before PREPARED."""
        return self._require_set(self.output, "output format")

    @property
    def stored_seed(self) -> Digest:
        """The seed image's digest; raise `ValueError` before PREPARED."""
        return self._require_set(self.seed, "seed image")

    def _require_set(self, value: _T | None, name: str) -> _T:
        if value is None:
            raise ValueError(f"job {self.id} has no {name} in state {self.state}")
        return value


@dataclass(frozen=True, slots=True)
class JobEvent:
    source: JobState | None
    target: JobState
    at: datetime
    detail: str = ""
