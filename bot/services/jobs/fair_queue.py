"""The fair queue: round-robin over guilds, then a guild's members, then a member's oldest entry."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Final, Generic, TypeVar

from bot.domain.ids import GuildId, UserId

Key = TypeVar("Key", bound=Hashable)
_T = TypeVar("_T")
_MAX_MEASUREMENTS: Final = 32
"""How many of the latest durations an estimate averages."""


@dataclass(frozen=True, slots=True)
class QueueEntry(Generic[Key]):
    """What waits, named by its key, with the guild and member that it counts for."""

    key: Key
    guild: GuildId
    user: UserId


class FairQueue(Generic[Key]):
    """A round-robin queue: sending more does not get a member or guild more turns.

    A guild, and within it a member, goes to the end of its ring after each turn.
    """

    def __init__(self) -> None:
        self._rings: dict[GuildId, dict[UserId, dict[Key, QueueEntry[Key]]]] = {}
        self._waiting: dict[Key, QueueEntry[Key]] = {}
        self._order: list[Key] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add_entry(self, waiting: QueueEntry[Key]) -> None:
        """Add an entry to the queue; one that is queued already keeps its place."""
        if waiting.key in self._waiting:
            return
        self._waiting[waiting.key] = waiting
        members = self._rings.setdefault(waiting.guild, {})
        members.setdefault(waiting.user, {})[waiting.key] = waiting
        self._order = None

    def remove_entry(self, key: Key) -> None:
        """Remove an entry from the queue, if it is there."""
        waiting = self._waiting.pop(key, None)
        if waiting is None:
            return
        members = self._rings[waiting.guild]
        del members[waiting.user][key]
        if not members[waiting.user]:
            del members[waiting.user]
        if not members:
            del self._rings[waiting.guild]
        self._order = None

    def retain_entries(self, keys: Iterable[Key]) -> None:
        """Remove every entry that is not among these."""
        for key in self._waiting.keys() - set(keys):
            self.remove_entry(key)

    def take_next(self, may_run: Callable[[UserId], bool]) -> QueueEntry[Key] | None:
        """Remove and return the first entry whose member may run one more; None if none."""
        for members in self._rings.values():
            for user, entries in members.items():
                if may_run(user):
                    waiting = next(iter(entries.values()))
                    self.remove_entry(waiting.key)
                    self._move_to_end(waiting)
                    return waiting
        return None

    def find_surplus(self, guild: GuildId) -> QueueEntry[Key] | None:
        """Return the latest entry of the guild with most, None unless `guild` has two fewer."""
        counts = Counter(each.guild for each in self._waiting.values())
        fullest = max(counts, key=counts.__getitem__, default=guild)
        if counts[fullest] - counts[guild] < 2:  # otherwise the two would only change places
            return None
        return next(each for each in reversed(self._waiting.values()) if each.guild == fullest)

    def find_position(self, key: Key) -> int | None:
        """Return an entry's place, 1 being next; None if it is not queued."""
        if key not in self._waiting:
            return None
        if self._order is None:
            # the turns to come, if nobody is held back by a limit: computed once per change
            guilds = [_interleave(members.values()) for members in self._rings.values()]
            self._order = list(_interleave(guilds))
        return self._order.index(key) + 1

    def _move_to_end(self, served: QueueEntry[Key]) -> None:
        # dicts keep insertion order: taking a key out and putting it back moves it to the end
        if members := self._rings.pop(served.guild, None):
            self._rings[served.guild] = members
            if entries := members.pop(served.user, None):
                members[served.user] = entries


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
