"""What a response says about each requested task.

Entries are matched to tasks by UUID, never by position; those of other tasks are dropped.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID

from bot.domain.errors import ExpanseError
from bot.errors import (
    ContentRefused,
    OutcomeUnknown,
    ProviderAuth,
    ProviderBusy,
    ProviderCredit,
    ProviderUnavailable,
    TaskFailed,
    TaskForgotten,
    TaskRejected,
    Transient,
)
from bot.runware.error_codes import classify_poll_error, classify_submit_error
from bot.runware.responses import ApiError, Envelope, ResultItem, TaskStatus
from bot.runware.transport import RawResponse

log = logging.getLogger(__name__)

_TASK_ERRORS: Final = (ContentRefused, TaskFailed, TaskForgotten, TaskRejected)
"""Errors about one task; without a UUID they must mean the only task in the request."""


@dataclass(frozen=True, slots=True)
class SubmitAccepted:
    """The provider has the task; with delivery `sync` this holds its results and failures."""

    results: tuple[ResultItem, ...] = ()
    failures: tuple[ExpanseError, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmitRefused:
    """The provider refused the task: not accepted by this request, and not billed.

    After a `Transient` error it may be retried with the same UUID; `TaskConflict` means that it
    was accepted before.
    """

    error: ExpanseError


@dataclass(frozen=True, slots=True)
class SubmitUnanswered:
    """Whether the task was accepted is unknown: poll it before doing anything else."""

    detail: str


Submission = SubmitAccepted | SubmitRefused | SubmitUnanswered


@dataclass(frozen=True, slots=True)
class TaskView:
    """The current status of a task, with all its results and failures so far.

    `is_processing` means that more may come. `is_known` is False if a clean answer omits the task
    or says that it doesn't exist. `is_unclear` means that the answer proves neither: poll again.
    """

    results: tuple[ResultItem, ...] = ()
    failures: tuple[ExpanseError, ...] = ()
    is_processing: bool = False
    is_known: bool = True
    is_unclear: bool = False


@dataclass(slots=True)
class TaskEntries:
    """The entries of a response that name one task."""

    items: list[ResultItem] = field(default_factory=list)
    errors: list[ApiError] = field(default_factory=list)

    @property
    def finished_results(self) -> tuple[ResultItem, ...]:
        """The finished pictures, without repeated ones."""
        finished = [item for item in self.items if item.is_finished]
        return tuple({item.image_uuid or item.media_source: item for item in finished}.values())


@dataclass(slots=True)
class TaskOutcomes:
    """A response grouped by task; `general_errors` name no task.

    `is_clean` tells whether a missing task proves that the provider doesn't know it.
    """

    status: int
    retry_after: float | None
    entries: dict[UUID, TaskEntries]
    general_errors: list[ApiError]
    is_clean: bool
    raw_items: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def from_response(cls, response: RawResponse, asked: frozenset[UUID]) -> Self:
        status, wait = response.status, response.retry_after
        try:
            envelope = Envelope.parse_body(response.body)
        except ValueError:
            return cls(status, wait, {}, [], is_clean=False)
        entries: dict[UUID, TaskEntries] = {}
        for item in _select_asked(envelope.data, asked):
            entries.setdefault(item.task_uuid, TaskEntries()).items.append(item)
        for error in envelope.errors:
            if error.task_uuid is not None and error.task_uuid in asked:
                entries.setdefault(error.task_uuid, TaskEntries()).errors.append(error)
        general = [error for error in envelope.errors if error.task_uuid is None]
        # an unnamed error or an unreadable entry could be about any of the tasks
        clean = status < 500 and not general and not envelope.ignored_count
        return cls(status, wait, entries, general, clean, envelope.raw_items)

    @property
    def has_no_entries(self) -> bool:
        """Whether a successful answer mentions no task, rather than having failed as a whole."""
        return self.is_clean and self.status < 300

    def assign_unnamed_errors(self, uuid: UUID) -> None:
        """Assign errors without a UUID to the only requested task."""
        general = self.general_errors
        own = [each for each in general if isinstance(classify_poll_error(each), _TASK_ERRORS)]
        if own and self.status < 500:
            self.entries.setdefault(uuid, TaskEntries()).errors += own
            self.general_errors = [error for error in general if error not in own]

    def get_submission(self, uuid: UUID, default_error: ExpanseError) -> Submission:
        """Return the outcome of one submitted task; `default_error` if it isn't mentioned."""
        entry = self.entries.get(uuid, TaskEntries())
        if entry.items:
            failures = tuple(map(classify_poll_error, entry.errors))
            return SubmitAccepted(entry.finished_results, failures)
        error = default_error
        if not entry.errors and isinstance(default_error, TaskRejected):
            # others were refused by UUID: this one may or may not have been accepted with them
            return SubmitUnanswered(default_error.detail)
        if entry.errors:
            error = classify_submit_error(
                entry.errors[0], task_uuid=uuid, retry_after=self.retry_after
            )
        if isinstance(error, OutcomeUnknown):
            return SubmitUnanswered(error.detail)
        # a 5xx may come from a gateway after the task was accepted behind it
        if isinstance(error, Transient) and self.status >= 500:
            return SubmitUnanswered(error.detail)
        return SubmitRefused(error)

    def get_task_view(self, uuid: UUID) -> TaskView:
        """Return what a poll shows about one task."""
        entry = self.entries.get(uuid)
        if entry is None:
            unclear = not self.is_clean
            return TaskView(is_processing=unclear, is_known=unclear, is_unclear=unclear)
        ends = list(map(classify_poll_error, entry.errors))
        ends += [
            TaskFailed("error", "the provider marked the result as failed")
            for item in entry.items
            if item.status is TaskStatus.ERROR and not item.is_finished
        ]
        waiting = any(isinstance(end, Transient) for end in ends) or any(
            not item.is_finished and item.status is not TaskStatus.ERROR for item in entry.items
        )
        # an entry of its own proves that the task exists, whatever the errors say
        forgotten = any(isinstance(end, TaskForgotten) for end in ends) and not entry.items
        failures = tuple(end for end in ends if not isinstance(end, Transient | TaskForgotten))
        known = not forgotten or bool(failures)
        unclear = known and not entry.items and not failures
        return TaskView(entry.finished_results, failures, waiting, known, unclear)

    def find_error(self, uuid: UUID) -> ExpanseError | None:
        """Return the first error about one task, or None."""
        errors = self.entries.get(uuid, TaskEntries()).errors
        return classify_poll_error(errors[0], retry_after=self.retry_after) if errors else None

    def find_poll_error(self) -> ExpanseError | None:
        """Return the error that failed the poll as a whole, even if it names tasks.

        A refused key never ends a task, and neither do transient errors if the answer has
        nothing else.
        """
        errors = [error for entry in self.entries.values() for error in entry.errors]
        classified = [classify_poll_error(error, retry_after=self.retry_after) for error in errors]
        refused_key = next((each for each in classified if isinstance(each, ProviderAuth)), None)
        items = any(entry.items for entry in self.entries.values())
        if classified and not items and all(isinstance(error, Transient) for error in classified):
            return classified[0]
        return refused_key

    def infer_submit_error(self) -> ExpanseError:
        """Return the error that applies to submitted tasks the answer does not mention."""
        if self.status >= 500 or self.status == 408:
            return OutcomeUnknown(f"HTTP {self.status} after the request was sent")
        if self.general_errors:
            return classify_submit_error(
                self.general_errors[0], task_uuid=None, retry_after=self.retry_after
            )
        if self.status < 300:
            return OutcomeUnknown(f"HTTP {self.status} without a word about the task")
        return self._infer_error_by_status()

    def infer_fetch_error(self) -> ExpanseError:
        """Return the error that an answer without any task means."""
        if self.general_errors and self.status < 500:
            return classify_poll_error(self.general_errors[0], retry_after=self.retry_after)
        return self._infer_error_by_status()

    def _infer_error_by_status(self) -> ExpanseError:
        code = f"http{self.status}"
        detail = f"HTTP {self.status} without an error object"
        if self.status in {401, 403}:
            return ProviderAuth(code, detail)
        if self.status == 402:
            return ProviderCredit(code, detail)
        if self.status == 429:
            return ProviderBusy(detail, self.retry_after)
        if self.status < 300 or self.status == 408 or self.status >= 500:
            return ProviderUnavailable(detail, self.retry_after)
        return TaskRejected(code, detail)


def _select_asked(items: Sequence[ResultItem], asked: frozenset[UUID]) -> list[ResultItem]:
    matching = [item for item in items if item.task_uuid in asked]
    if count := len(items) - len(matching):
        log.warning("provider sent items of unknown tasks", extra={"count": count})
    return matching
