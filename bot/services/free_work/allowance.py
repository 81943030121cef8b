"""How much free work a member may ask for: a token bucket each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from bot.domain.ids import UserId

TOKENS: Final = 60
"""Tokens of a full bucket: 10 previews, or 30 changes of one."""
_TOKENS_PER_SECOND: Final = 1.0
"""Refill up to `TOKENS`: a member who never stops uses a few per cent of a worker."""
_MAX_BUCKETS: Final = 10_000
"""How many members are remembered before those with a full bucket are forgotten."""


class Work(IntEnum):
    """Kinds of free work; the value is the number of tokens that one takes."""

    READ = 1
    """Rows of the database: a page, a menu, a form."""
    DRAW = 2
    """A drawing of stored data, or a comparison of two stored pictures: up to a second."""
    RENDER = 6
    """A picture that is fetched, or a file that is made or sent: some seconds."""
    FILM = 12
    """The film of a chain: the longest that a worker is busy."""


@dataclass(slots=True)
class _Bucket:
    """`tokens` at the time `at`, in seconds of the clock."""

    tokens: float
    at: float

    def refill(self, now: float) -> None:
        gained = max(0.0, now - self.at) * _TOKENS_PER_SECOND
        self.tokens, self.at = min(float(TOKENS), self.tokens + gained), now


class Allowances:
    """A bucket for each member; those that are full again are forgotten."""

    def __init__(self) -> None:
        self._buckets: dict[UserId, _Bucket] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def take_tokens(self, user: UserId, tokens: int, now: float) -> float:
        """Take tokens and return 0; if they are missing, take none and return the seconds to wait.

        `now` is in seconds of a monotonic clock.
        """
        if seconds := self.find_wait(user, tokens, now):
            return seconds
        bucket = self._buckets.setdefault(user, _Bucket(TOKENS, now))
        bucket.tokens -= min(tokens, TOKENS)
        if len(self._buckets) > _MAX_BUCKETS:
            self._forget_full(now)
        return 0.0

    def find_wait(self, user: UserId, tokens: int, now: float) -> float:
        """Return the seconds until there are so many tokens, 0 if there are; take none."""
        bucket = self._buckets.get(user)
        if bucket is None:
            return 0.0
        bucket.refill(now)
        return max(0.0, min(tokens, TOKENS) - bucket.tokens) / _TOKENS_PER_SECOND

    def is_full(self, user: UserId, now: float) -> bool:
        """Return whether the member has used nothing that is not refilled."""
        return self.find_wait(user, TOKENS, now) == 0

    def _forget_full(self, now: float) -> None:
        for bucket in self._buckets.values():
            bucket.refill(now)
        self._buckets = {
            user: bucket for user, bucket in self._buckets.items() if bucket.tokens < TOKENS
        }
