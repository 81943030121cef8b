"""Changes of a guild's settings by its moderators: checked, recorded and logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.clock import Clock
from bot.domain.errors import SettingRefused
from bot.domain.guild import MAX_PATTERN_LENGTH, PRESETS, SETTINGS, GuildSettings, Preset
from bot.domain.ids import GuildId, UserId
from bot.domain.moderation import ModerationAction, SettingChange
from bot.domain.settings_table import LEVEL_KINDS, MOST, Kind
from bot.services.ports.channels import ModeratorsChannel
from bot.services.prompts.banned_patterns import MAX_LIST_PROGRAM, PatternSize
from bot.services.prompts.banned_words import fold_entry
from bot.services.prompts.pattern_matcher import PatternMatcher
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.moderation import ModerationStore

LOG_PAGE_SIZE: Final = 10
"""Entries on one page of the change log."""
LIST_TOO_LARGE: Final = "shorter, or on a list with fewer patterns"
ValuesChange = Callable[[GuildSettings], Mapping[str, object]]


@dataclass(eq=False)
class _PatternsUnmeasured(Exception):
    patterns: Sequence[str]


@dataclass(frozen=True, slots=True)
class ChangeLogPage:
    """A page of setting changes and moderation acts, newest first; `number` counts from 0."""

    entries: Sequence[ModerationAction | SettingChange]
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class GuildSettingsService:
    """Read and change settings; callers check the actor's permissions.

    `operator_tolerance` is the highest filter level that the operator allows; `allow_unmarked`
    whether results may be without the mark of AI.
    """

    guilds: GuildSettingsStore
    moderation: ModerationStore
    moderators_channel: ModeratorsChannel
    patterns: PatternMatcher
    clock: Clock
    operator_tolerance: int
    allow_unmarked: bool

    async def get(self, guild: GuildId) -> GuildSettings:
        return await self.guilds.get(guild)

    async def set_values(
        self, guild: GuildId, values: Mapping[str, object], actor: UserId
    ) -> GuildSettings:
        """Change all of these settings, or none and raise `SettingRefused`."""
        return await self.change_values(guild, lambda _: values, actor)

    async def change_values(
        self, guild: GuildId, compute_values: ValuesChange, actor: UserId
    ) -> GuildSettings:
        """Compute changes from current settings in one transaction, so that none is lost."""
        sizes = dict[str, PatternSize]()

        def checked(settings: GuildSettings) -> Mapping[str, object]:
            values = compute_values(settings)
            for name, value in values.items():
                self._check_value(name, value)
            if "banned_patterns" in values:
                _check_patterns(settings.banned_patterns, values["banned_patterns"], sizes)
            return values

        while True:
            try:
                now = self.clock.now()
                names, after = await self.guilds.change_values(guild, checked, actor, now)
                break
            except _PatternsUnmeasured as unmeasured:
                # outside the transaction, since measuring may take seconds
                sizes |= await self.patterns.measure_patterns(unmeasured.patterns)
        if names and after.log_channel is not None:
            for latest in reversed(await self.guilds.list_changes(guild, len(names))):
                await self.moderators_channel.post_log_entry(guild, after.log_channel, latest)
        return after

    async def edit_list(
        self, guild: GuildId, name: str, entry: str, actor: UserId, *, is_listed: bool
    ) -> bool:
        """Add an entry to a list or remove it; return whether the list changed.

        Words that differ only in case or spelling of the same characters count as one.
        """
        mark = fold_entry if name == "banned_words" else str
        was_changed = False

        def compute_list(settings: GuildSettings) -> Mapping[str, object]:
            nonlocal was_changed
            now: tuple[str, ...] = getattr(settings, name)
            others = tuple(each for each in now if mark(each) != mark(entry))
            was_changed = (len(others) == len(now)) is is_listed
            if not was_changed:
                return {}
            return {name: (*others, entry) if is_listed else others}

        await self.change_values(guild, compute_list, actor)
        return was_changed

    async def apply_preset(self, guild: GuildId, preset: Preset, actor: UserId) -> GuildSettings:
        """Set a preset's values; filter levels are limited to the operator's."""
        fitting = {
            name: min(value, self.operator_tolerance)
            if SETTINGS[name].kind is Kind.LEVEL and isinstance(value, int)
            else value
            for name, value in PRESETS[preset].items()
        }
        return await self.set_values(guild, fitting, actor)

    async def get_log_page(self, guild: GuildId, number: int) -> ChangeLogPage:
        """Return a page of the guild's change log."""
        most = (number + 1) * LOG_PAGE_SIZE + 1
        entries: list[ModerationAction | SettingChange] = [
            *await self.guilds.list_changes(guild, most),
            *await self.moderation.list_acts(guild, most),
        ]
        entries.sort(key=lambda each: each.at, reverse=True)
        first, after = number * LOG_PAGE_SIZE, (number + 1) * LOG_PAGE_SIZE
        return ChangeLogPage(entries[first:after], number, len(entries) > after)

    def _check_value(self, name: str, value: object) -> None:
        row = SETTINGS.get(name)
        for level in row.list_numbers(value) if row and row.kind in LEVEL_KINDS else ():
            if level > self.operator_tolerance:
                raise SettingRefused(name, str(level), MOST, {"most": self.operator_tolerance})
        if name == "mark_results" and not value and not self.allow_unmarked:
            raise SettingRefused(name, "off", "on, as the operator of this bot has decided")


def _check_patterns(before: Sequence[str], after: Any, sizes: Mapping[str, PatternSize]) -> None:
    """Raise `SettingRefused` for an added pattern that is invalid, or makes the list too large.

    Patterns that are listed already are not checked, so that too large ones can be removed.
    """
    added = [each for each in after if each not in before]
    for pattern in added:
        if len(pattern) > MAX_PATTERN_LENGTH:
            most = {"most": MAX_PATTERN_LENGTH}
            raise SettingRefused("banned_patterns", pattern[:40], MOST, most)
    unmeasured = [each for each in after if added and each not in sizes]
    if unmeasured:
        raise _PatternsUnmeasured(unmeasured)
    for pattern in added:
        if sizes[pattern].problem:
            raise SettingRefused("banned_patterns", pattern, sizes[pattern].problem)
        if sum(sizes[each].instructions for each in after) > MAX_LIST_PROGRAM:
            raise SettingRefused("banned_patterns", pattern, LIST_TOO_LARGE)
