"""A guild's settings as its moderators change them: checked, on record, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.domain.guild import GuildSettings
from bot.domain.ids import GuildId, UserId
from bot.domain.moderation import Act, GuildChange
from bot.domain.presets import PRESETS, Preset
from bot.domain.problems import SettingRefused
from bot.domain.wordlist import folded
from bot.services.patterns import check_pattern
from bot.services.quarters import Quarters
from bot.storage.guilds import GuildStore
from bot.storage.moderation import ModerationStore

PAGE: Final = 10
"""Entries on one page of the record."""
Wanted = Callable[[GuildSettings], object]


@dataclass(frozen=True, slots=True)
class Record:
    """A page of what was changed and done, the newest first; `number` counts from 0."""

    entries: Sequence[Act | GuildChange]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """Whether the actor may is asked by who calls this, at the click.

    `operator_tolerance` is the laxest check that the operator allows anywhere.
    """

    guilds: GuildStore
    moderation: ModerationStore
    quarters: Quarters
    clock: Clock
    operator_tolerance: int

    async def set(self, guild: GuildId, name: str, value: object, actor: UserId) -> GuildSettings:
        """Change one setting; raise `SettingRefused` for what cannot be."""
        return await self.change(guild, name, lambda _: value, actor)

    async def change(
        self, guild: GuildId, name: str, wanted: Wanted, actor: UserId
    ) -> GuildSettings:
        """Change one setting by what it is, so that two moderators' changes both count."""
        return await self._change(guild, lambda now: {name: wanted(now)}, actor)

    async def set_all(
        self, guild: GuildId, values: Mapping[str, object], actor: UserId
    ) -> GuildSettings:
        """Change several settings, or none of them where one cannot be."""
        return await self._change(guild, lambda _: values, actor)

    async def _change(
        self,
        guild: GuildId,
        wanted: Callable[[GuildSettings], Mapping[str, object]],
        actor: UserId,
    ) -> GuildSettings:
        def checked(settings: GuildSettings) -> Mapping[str, object]:
            values = wanted(settings)
            for name, value in values.items():
                self._check(name, value)
            return values

        names, after = await self.guilds.change(guild, checked, actor, self.clock.now())
        if names and after.log_channel is not None:
            for latest in reversed(await self.guilds.changes(guild, len(names))):
                await self.quarters.tell(guild, after.log_channel, latest)
        return after

    async def list_entry(
        self, guild: GuildId, name: str, entry: str, actor: UserId, *, listed: bool
    ) -> bool:
        """Put a word or pattern on its list, or take it off; say whether the list changed.

        Words that prompts are searched for in the same way are one word.
        """
        mark = folded if name == "banned_words" else str
        was_changed = False

        def wanted(settings: GuildSettings) -> object:
            nonlocal was_changed
            now: tuple[str, ...] = getattr(settings, name)
            others = tuple(each for each in now if mark(each) != mark(entry))
            was_changed = (len(others) == len(now)) is listed
            if not was_changed:
                return now
            return (*others, entry) if listed else others

        await self.change(guild, name, wanted, actor)
        return was_changed

    async def apply(self, guild: GuildId, preset: Preset, actor: UserId) -> GuildSettings:
        """Change all that belongs to a preset; a level stays under the operator's."""
        fitting = {
            name: min(value, self.operator_tolerance)
            if name in {"tolerance", "adult_tolerance"} and isinstance(value, int)
            else value
            for name, value in PRESETS[preset].items()
        }
        return await self.set_all(guild, fitting, actor)

    async def record(self, guild: GuildId, number: int) -> Record:
        """Return a page of the guild's record."""
        most = (number + 1) * PAGE + 1
        entries: list[Act | GuildChange] = [
            *await self.guilds.changes(guild, most),
            *await self.moderation.acts(guild, most),
        ]
        entries.sort(key=lambda each: each.at, reverse=True)
        first = number * PAGE
        return Record(entries[first : first + PAGE], number, len(entries) > first + PAGE)

    def _check(self, name: str, value: object) -> None:
        for level in _levels(name, value):
            if level > self.operator_tolerance:
                raise SettingRefused(name, str(level), f"at most {self.operator_tolerance}")
        if name == "banned_patterns" and isinstance(value, tuple):
            for pattern in value:
                check_pattern(pattern)


def _levels(name: str, value: object) -> list[int]:
    """Return the tolerances that a value holds."""
    if name in {"tolerance", "adult_tolerance"}:
        return [value] if isinstance(value, int) else []
    if name in {"channel_tolerance", "role_tolerance"} and isinstance(value, tuple):
        return [each.tolerance for each in value]
    return []
