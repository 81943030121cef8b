"""The life of a job: its states, the legal moves, and the row that travels through the steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.ids import Digest, JobId, TaskUuid
from bot.domain.money import MicroUsd
from bot.domain.order import Note, Order, Origin, OutputFormat, ReplyTarget
from bot.domain.plan import Plan


class JobState(StrEnum):
    RESERVED = "reserved"
    """Accepted: the hold is taken, nothing has left the house."""
    PREPARED = "prepared"
    """The seed image is stored, normalised, and the plan is made from its true size."""
    SUBMITTING = "submitting"
    """The request may have reached the provider; from here on only asking tells."""
    SUBMITTED = "submitted"
    """The provider has accepted the task."""
    RENDERED = "rendered"
    """The provider's results and their cost are on record."""
    STORED = "stored"
    """The delivered pictures are on disk."""
    DELIVERED = "delivered"
    """The member has the pictures, or they are kept because no way leads to the member."""
    SETTLED = "settled"
    CANCELLED = "cancelled"
    FAILED = "failed"
    PARKED = "parked"
    """The outcome is unknown; the money stays held until the operator decides."""


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
"""The legal moves; a state that is no key has none. SUBMITTING goes back to PREPARED only where the
provider surely has nothing: the connection was refused, or it said that it is full."""

END_STATES: Final = frozenset({_S.SETTLED, _S.CANCELLED, _S.FAILED})
WAITING_STATES: Final = frozenset({_S.PARKED})
"""Not ended, but nothing moves it by itself."""
OPEN_STATES: Final = frozenset(JobState) - END_STATES - WAITING_STATES


@dataclass(frozen=True, slots=True)
class Result:
    """One picture of a task: where the provider left it, and what became of it.

    `raw` is the provider's file as it came, `delivered` the file for the member; both are None
    until stored. `cost` is None where the provider reported none.
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
    """A code for each try to fetch it that met a file or its absence, until one succeeds."""


@dataclass(frozen=True, slots=True)
class Job:
    """One order on its way.

    `epoch` fences it: only who claimed the job last may move it. `attempts` counts failed tries of
    the present step, `sends` how often the task's request may have left the house.
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
    """The format to deliver, known once the seed image's own is."""
    plan: Plan | None = None
    cost: MicroUsd | None = None
    failure: str = ""

    @property
    def has_ended(self) -> bool:
        return self.state in END_STATES

    @property
    def prepared_plan(self) -> Plan:
        """The plan of a job that is past PREPARED; raise `ValueError` before."""
        if self.plan is None:
            msg = f"job {self.id} has no plan in state {self.state}"
            raise ValueError(msg)
        return self.plan

    @property
    def output_format(self) -> OutputFormat:
        """The format to deliver; raise `ValueError` before PREPARED."""
        if self.output is None:
            msg = f"job {self.id} has no output format in state {self.state}"
            raise ValueError(msg)
        return self.output

    @property
    def stored_seed(self) -> Digest:
        """The seed image of a job that is past PREPARED; raise `ValueError` before."""
        if self.seed is None:
            msg = f"job {self.id} has no seed image in state {self.state}"
            raise ValueError(msg)
        return self.seed


@dataclass(frozen=True, slots=True)
class JobEvent:
    """One recorded move."""

    source: JobState | None
    target: JobState
    at: datetime
    detail: str = ""
