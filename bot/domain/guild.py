"""What a guild has settled for itself; a setting that is absent is the operator's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.errors import SettingRefused
from bot.domain.gallery import GalleryMode, GalleryRules
from bot.domain.ids import ChannelId, RoleId, UserId
from bot.domain.money import MicroUsd
from bot.domain.tolerance import (
    MAX_TOLERANCE,
    MIN_TOLERANCE,
    ORDINARY_MAX,
    ChannelTolerance,
    RoleTolerance,
    ToleranceLimits,
)
from bot.domain.wordlist import MAX_WORD_LENGTH, MAX_WORDS

MAX_RESULTS: Final = 20
"""Pictures per request that the provider takes at most."""
_MAX_LISTED: Final = 25
"""Roles or channels in one setting: as many as one of Discord's selects can show."""
MAX_PATTERNS: Final = 25
MAX_PATTERN_LENGTH: Final = 200
"""Patterns in a guild's list, and characters of one."""


class MenuPolicy(StrEnum):
    """Who may use the message menu on pictures that others have posted."""

    EVERYONE = "everyone"
    MODERATORS = "moderators"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class RoleTier:
    """Members with this role may have `results_per_day` pictures made."""

    role: RoleId
    results_per_day: int


@dataclass(frozen=True, slots=True)
class PersonalGrant:
    """A member's own number of results per day, instead of all other rules; `until` None lasts."""

    user: UserId
    results_per_day: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """Every setting of a guild, each with its default; None leaves it to the operator.

    Caps only narrow what the operator allows. Raises `SettingRefused` for a value that cannot be.
    A new setting is a new field: values are stored by name, so no migration is needed.
    """

    tolerance: int = ORDINARY_MAX
    """Ceiling of the safety tolerance outside of age-restricted channels, 0 (strict) to 2; a
    request may only lower it."""
    adult_tolerance: int | None = None
    """Ceiling in age-restricted channels, 0 to 6; None is as everywhere else."""
    channel_tolerance: tuple[ChannelTolerance, ...] = ()
    role_tolerance: tuple[RoleTolerance, ...] = ()
    """Of a member's roles that are listed, the highest counts; it narrows, it never widens."""
    check_content: bool = False
    """Whether the provider rates prompt and picture a second time."""
    allowed_channels: tuple[ChannelId, ...] = ()
    allowed_roles: tuple[RoleId, ...] = ()
    """Where and by whom pictures may be expanded; empty is everywhere and by everybody."""
    max_side: int | None = None
    """Longest side of a canvas in pixels."""
    menu_on_others: MenuPolicy = MenuPolicy.EVERYONE
    banned_words: tuple[str, ...] = ()
    banned_patterns: tuple[str, ...] = ()
    """Prompts that hold one of these are refused; patterns are regular expressions."""
    moderators_channel: ChannelId | None = None
    """Where reports and pictures that wait for approval are shown."""
    log_channel: ChannelId | None = None
    """Where changes of settings and acts of moderators are told."""
    approve_first: bool = False
    """Whether a result waits for a moderator before it is shown."""
    gallery_channel: ChannelId | None = None
    gallery_mode: GalleryMode = GalleryMode.OFF
    gallery_threshold: int = 3
    gallery_lower: int = 0
    """Votes that show a picture, and at or below which it leaves again."""
    gallery_self_votes: bool = False
    gallery_voter_roles: tuple[RoleId, ...] = ()
    gallery_account_days: int = 0
    gallery_message_minutes: int = 0
    """How old a voter's account and the picture's message have to be for a vote to count."""
    gallery_frozen: bool = False
    gallery_weekly: bool = False
    """Whether the best of the week are posted."""
    results_per_user_day: int | None = None
    usd_per_user_month: MicroUsd | None = None
    role_tiers: tuple[RoleTier, ...] = ()
    """A member has the best of these and of `results_per_user_day`."""
    usd_per_month: MicroUsd | None = None
    results_per_command: int | None = None
    preview_above: MicroUsd | None = None
    """A price above this is shown before it is paid; None shows it on request alone."""
    language: str = ""
    """A Discord locale for what everybody reads; empty follows the member who asked."""
    time_zone: str = "UTC"
    """The IANA zone whose midnight begins a day."""

    def __post_init__(self) -> None:
        for name, (lowest, highest) in _BOUNDS.items():
            _check_bounds(name, getattr(self, name), lowest, highest)
        for name, most in _LENGTHS.items():
            if len(getattr(self, name)) > most:
                raise SettingRefused(name, str(len(getattr(self, name))), f"at most {most}")
        self._check_lists()
        if self.gallery_lower >= self.gallery_threshold:
            raise SettingRefused(
                "gallery_lower", str(self.gallery_lower), "less than the votes to come in"
            )
        _check_time_zone(self.time_zone)

    def _check_lists(self) -> None:
        for tier in self.role_tiers:
            _check_bounds("role_tiers", tier.results_per_day, 0, 10**6)
        levels = [each.tolerance for each in self.channel_tolerance]
        for level in levels + [each.tolerance for each in self.role_tolerance]:
            _check_bounds("tolerance", level, MIN_TOLERANCE, MAX_TOLERANCE)
        for name, longest in (
            ("banned_words", MAX_WORD_LENGTH),
            ("banned_patterns", MAX_PATTERN_LENGTH),
        ):
            for text in getattr(self, name):
                if not text.strip() or len(text) > longest:
                    raise SettingRefused(name, text, f"1 to {longest} characters each")

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def gallery_rules(self) -> GalleryRules:
        return GalleryRules(
            self.gallery_channel,
            self.gallery_mode,
            self.gallery_threshold,
            self.gallery_lower,
            self.gallery_self_votes,
            self.gallery_voter_roles,
            timedelta(days=self.gallery_account_days),
            timedelta(minutes=self.gallery_message_minutes),
            self.gallery_frozen,
        )

    def get_tolerance_limits(self, operator_limit: int) -> ToleranceLimits:
        """Return the limits of the tolerance, under the operator's own maximum."""
        return ToleranceLimits(
            operator_limit,
            self.tolerance,
            self.adult_tolerance,
            self.channel_tolerance,
            self.role_tolerance,
        )


_BOUNDS: Final = {
    "tolerance": (MIN_TOLERANCE, ORDINARY_MAX),
    "adult_tolerance": (MIN_TOLERANCE, MAX_TOLERANCE),
    "results_per_command": (1, MAX_RESULTS),
    "results_per_user_day": (0, 10**6),
    "usd_per_user_month": (0, 10**12),
    "usd_per_month": (0, 10**12),
    "preview_above": (0, 10**12),
    "max_side": (64, 16_384),
    "gallery_threshold": (1, 1000),
    "gallery_lower": (-1, 999),
    "gallery_account_days": (0, 3650),
    "gallery_message_minutes": (0, 10_080),
}
_LENGTHS: Final = {
    "role_tiers": _MAX_LISTED,
    "channel_tolerance": _MAX_LISTED,
    "role_tolerance": _MAX_LISTED,
    "allowed_channels": _MAX_LISTED,
    "allowed_roles": _MAX_LISTED,
    "gallery_voter_roles": _MAX_LISTED,
    "banned_words": MAX_WORDS,
    "banned_patterns": MAX_PATTERNS,
}
SETTING_NAMES: Final = tuple(field.name for field in fields(GuildSettings))


def replace_settings(settings: GuildSettings, values: Mapping[str, object]) -> GuildSettings:
    """Change settings by name, all or none; raise `SettingRefused` for a bad name or value."""
    for name in values:
        if name not in SETTING_NAMES:
            raise SettingRefused(name, str(values[name]), "there is no such setting")
    return replace(settings, **values)  # type: ignore[arg-type] # the name decides the type


def _check_bounds(name: str, value: object, lowest: int, highest: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
        raise SettingRefused(name, str(value), f"from {lowest} to {highest}")


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingRefused("time_zone", name, "a time zone such as Europe/Berlin") from error


PERSONAL_SETTINGS: Final = GuildSettings(tolerance=1)
"""What holds where there is no guild: nobody can change it, and nobody moderates there, so the
content checks are stricter than a guild's own default of 2."""
