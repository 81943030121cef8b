"""Whose turn it is: guilds take turns, within a guild its members, and of one the oldest job."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final, TypeVar

from bot.domain.ids import GuildId, JobId, UserId

_T = TypeVar("_T")
_MAX_MEASUREMENTS: Final = 32
"""The last jobs whose times make an estimate."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job that waits for its turn, and whose it is."""

    job_id: JobId
    guild: GuildId
    user: UserId


class FairQueue:
    """A queue of two rings, in which nobody gets more by coming often.

    Guilds stand in a ring, and in each guild its members; who was served goes to the end.
    """

    def __init__(self) -> None:
        self._rings: dict[GuildId, dict[UserId, dict[JobId, QueuedJob]]] = {}
        self._waiting: dict[JobId, QueuedJob] = {}
        self._order: list[JobId] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add_job(self, waiting: QueuedJob) -> None:
        """Let a job wait; one that does already keeps its place."""
        if waiting.job_id in self._waiting:
            return
        self._waiting[waiting.job_id] = waiting
        members = self._rings.setdefault(waiting.guild, {})
        members.setdefault(waiting.user, {})[waiting.job_id] = waiting
        self._order = None

    def remove_job(self, job_id: JobId) -> None:
        """Take a job out of the queue, wherever it stands."""
        waiting = self._waiting.pop(job_id, None)
        if waiting is None:
            return
        members = self._rings[waiting.guild]
        del members[waiting.user][job_id]
        if not members[waiting.user]:
            del members[waiting.user]
        if not members:
            del self._rings[waiting.guild]
        self._order = None

    def retain_jobs(self, job_ids: Iterable[JobId]) -> None:
        """Forget every job that is not among these."""
        for job_id in self._waiting.keys() - set(job_ids):
            self.remove_job(job_id)

    def take_next(self, may_run: Callable[[UserId], bool]) -> QueuedJob | None:
        """Take the first job whose member may have one more running."""
        for members in self._rings.values():
            for user, jobs in members.items():
                if may_run(user):
                    waiting = next(iter(jobs.values()))
                    self.remove_job(waiting.job_id)
                    self._move_to_end(waiting)
                    return waiting
        return None

    def find_position(self, job_id: JobId) -> int | None:
        """Return how many turns away a job is, 1 being the next; None if it does not wait."""
        if job_id not in self._waiting:
            return None
        if self._order is None:
            guilds = [_interleave(members.values()) for members in self._rings.values()]
            self._order = list(_interleave(guilds))
        return self._order.index(job_id) + 1

    def _move_to_end(self, served: QueuedJob) -> None:
        if members := self._rings.pop(served.guild, None):
            self._rings[served.guild] = members
            if jobs := members.pop(served.user, None):
                members[served.user] = jobs


class WaitEstimator:
    """How long jobs occupied a place at the provider, measured; in seconds."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._measured: deque[float] = deque(maxlen=_MAX_MEASUREMENTS)

    def add_measurement(self, seconds: float) -> None:
        self._measured.append(max(0.0, seconds))

    def estimate_wait(self, position: int) -> float | None:
        """Estimate when a place in the queue is reached; None while nothing was measured."""
        if not self._measured:
            return None
        return position / self._slots * sum(self._measured) / len(self._measured)


def _interleave(sequences: Iterable[Iterable[_T]]) -> Iterator[_T]:
    """Take the first of each, then the second of each, and so on."""
    rounds = zip_longest(*([(each,) for each in hand] for hand in sequences), fillvalue=())
    return chain.from_iterable(chain.from_iterable(rounds))
