"""The fair queue: round-robin over guilds, then a guild's members, then a member's oldest job."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final, TypeVar

from bot.domain.ids import GuildId, JobId, UserId

_T = TypeVar("_T")
_MAX_MEASUREMENTS: Final = 32
"""How many of the latest durations an estimate averages."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A queued job with the guild and member that it counts for."""

    job_id: JobId
    guild: GuildId
    user: UserId


class FairQueue:
    """A round-robin queue: sending more orders does not get a member or guild more turns.

    A guild, and within it a member, goes to the end of its ring after each turn.
    """

    def __init__(self) -> None:
        self._rings: dict[GuildId, dict[UserId, dict[JobId, QueuedJob]]] = {}
        self._waiting: dict[JobId, QueuedJob] = {}
        self._order: list[JobId] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add_job(self, waiting: QueuedJob) -> None:
        """Add a job to the queue; one that is queued already keeps its place."""
        if waiting.job_id in self._waiting:
            return
        self._waiting[waiting.job_id] = waiting
        members = self._rings.setdefault(waiting.guild, {})
        members.setdefault(waiting.user, {})[waiting.job_id] = waiting
        self._order = None

    def remove_job(self, job_id: JobId) -> None:
        """Remove a job from the queue, if it is there."""
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
        """Remove every job that is not among these."""
        for job_id in self._waiting.keys() - set(job_ids):
            self.remove_job(job_id)

    def take_next(self, may_run: Callable[[UserId], bool]) -> QueuedJob | None:
        """Remove and return the first job whose member may run one more; None if there is none."""
        for members in self._rings.values():
            for user, jobs in members.items():
                if may_run(user):
                    waiting = next(iter(jobs.values()))
                    self.remove_job(waiting.job_id)
                    self._move_to_end(waiting)
                    return waiting
        return None

    def find_position(self, job_id: JobId) -> int | None:
        """Return a job's place, 1 being next; None if it is not queued."""
        if job_id not in self._waiting:
            return None
        if self._order is None:
            # the turns to come, if nobody is held back by a limit: computed once per change
            guilds = [_interleave(members.values()) for members in self._rings.values()]
            self._order = list(_interleave(guilds))
        return self._order.index(job_id) + 1

    def _move_to_end(self, served: QueuedJob) -> None:
        # dicts keep insertion order: taking a key out and putting it back moves it to the end
        if members := self._rings.pop(served.guild, None):
            self._rings[served.guild] = members
            if jobs := members.pop(served.user, None):
                members[served.user] = jobs


class WaitEstimator:
    """Estimate waiting times from how long the latest jobs took at the provider, in seconds."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._measured: deque[float] = deque(maxlen=_MAX_MEASUREMENTS)

    def add_measurement(self, seconds: float) -> None:
        self._measured.append(max(0.0, seconds))

    def estimate_wait(self, position: int) -> float | None:
        """Return the expected wait in seconds for a place; None while nothing was measured."""
        if not self._measured:
            return None
        return position / self._slots * sum(self._measured) / len(self._measured)


def _interleave(sequences: Iterable[Iterable[_T]]) -> Iterator[_T]:
    """Take the first of each, then the second of each, and so on."""
    # one-element tuples, so that sequences that have run out add nothing
    rounds = zip_longest(*([(each,) for each in part] for part in sequences), fillvalue=())
    return chain.from_iterable(chain.from_iterable(rounds))
