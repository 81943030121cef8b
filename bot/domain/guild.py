"""A guild's settings; for one that is not set the operator's default applies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from bot.domain.content import ORDINARY_MAX, ChannelTolerance, RoleTolerance, ToleranceLimits
from bot.domain.errors import SettingRefused
from bot.domain.gallery import GalleryMode, GalleryRules
from bot.domain.ids import ChannelId, RoleId, UserId
from bot.domain.model import DEFAULT_MODEL
from bot.domain.money import MicroUsd
from bot.domain.settings_table import Kind, Section, Setting, read_table

MAX_WORDS: Final = 200
MAX_WORD_LENGTH: Final = 60
"""Refused words in a guild's list, and characters of each entry, which may be several words."""
MAX_PATTERNS: Final = 25
MAX_PATTERN_LENGTH: Final = 200
"""Patterns in a guild's list, and characters of each."""
_LEVELS: Final = (DEFAULT_MODEL.tolerance.minimum, DEFAULT_MODEL.tolerance.maximum)
_PER_COMMAND: Final = (DEFAULT_MODEL.results.minimum, DEFAULT_MODEL.results.maximum)
"""What may be stored; where it is used, the bounds of the model that runs limit it further."""
_RESULTS: Final = (0, 10**6)
_MONEY: Final = (0, 10**12)
"""Bounds that several settings share: results per day, micro-dollars."""
_S, _K = Section, Kind


class MenuPolicy(StrEnum):
    """Who may use the context menu on other members' pictures."""

    EVERYONE = "everyone"
    MODERATORS = "moderators"
    NOBODY = "nobody"


class Preset(StrEnum):
    """A set of settings for a kind of community."""

    FAMILY = "family"
    ART = "art"
    ADULTS = "adults"


@dataclass(frozen=True, slots=True)
class RoleTier:
    """The daily quota of members with a role."""

    role: RoleId
    results_per_day: int


@dataclass(frozen=True, slots=True)
class PersonalGrant:
    """A member's individual daily quota, instead of all others; with `until` None permanently."""

    user: UserId
    results_per_day: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class GuildSettings:
    """All settings of a guild; None means the operator's default.

    Limits can only be stricter than the operator's. Raises `SettingRefused` for an invalid value. A
    new setting is a new field and its texts (CONTRIBUTING.md); stored by name, it needs no
    migration.
    """

    tolerance: Annotated[int, Setting(_S.SAFETY, _K.LEVEL, (_LEVELS[0], ORDINARY_MAX))] = (
        ORDINARY_MAX
    )
    """Highest safety tolerance outside age-restricted channels, up to the model's default."""
    adult_tolerance: Annotated[int | None, Setting(_S.SAFETY, _K.LEVEL, _LEVELS)] = None
    """The same in age-restricted channels; None is as in other channels."""
    channel_tolerance: Annotated[
        tuple[ChannelTolerance, ...], Setting(_S.SAFETY, _K.CHANNEL_LEVELS, _LEVELS)
    ] = ()
    role_tolerance: Annotated[
        tuple[RoleTolerance, ...], Setting(_S.SAFETY, _K.ROLE_LEVELS, _LEVELS)
    ] = ()
    """The highest of a member's listed roles counts, but never exceeds other limits."""
    check_content: Annotated[bool, Setting(_S.SAFETY, _K.FLAG)] = False
    """Whether the provider checks prompt and picture a second time."""
    approve_first: Annotated[bool, Setting(_S.SAFETY, _K.FLAG)] = False
    """Whether a moderator must approve a result before it is shown."""
    mark_results: Annotated[bool, Setting(_S.SAFETY, _K.FLAG)] = True
    """Whether results are marked as made with AI, where the operator leaves that open."""
    menu_on_others: Annotated[MenuPolicy, Setting(_S.SAFETY, _K.CHOICE)] = MenuPolicy.EVERYONE
    use_descriptions: Annotated[bool, Setting(_S.SAFETY, _K.FLAG)] = False
    """Whether a picture's description is added to the prompt where a member gives none."""
    banned_words: Annotated[
        tuple[str, ...],
        Setting(_S.SAFETY, _K.WORDS, (1, MAX_WORD_LENGTH), max_entries=MAX_WORDS),
    ] = ()
    banned_patterns: Annotated[
        tuple[str, ...],
        Setting(_S.SAFETY, _K.WORDS, (1, MAX_PATTERN_LENGTH), max_entries=MAX_PATTERNS),
    ] = ()
    """Prompts that contain one of these are refused; patterns are regular expressions."""
    allowed_channels: Annotated[tuple[ChannelId, ...], Setting(_S.ACCESS, _K.CHANNELS)] = ()
    allowed_roles: Annotated[tuple[RoleId, ...], Setting(_S.ACCESS, _K.ROLES)] = ()
    """Where and by whom pictures may be expanded; empty allows all."""
    max_side: Annotated[int | None, Setting(_S.AMOUNTS, _K.COUNT, (64, 16_384))] = None
    """Longest side of a canvas in pixels."""
    results_per_command: Annotated[int | None, Setting(_S.AMOUNTS, _K.COUNT, _PER_COMMAND)] = None
    preview_above: Annotated[MicroUsd | None, Setting(_S.AMOUNTS, _K.MONEY, _MONEY)] = None
    """Orders above this price need confirmation; None shows a preview only on request."""
    results_per_user_day: Annotated[int | None, Setting(_S.QUOTAS, _K.COUNT, _RESULTS)] = None
    role_tiers: Annotated[tuple[RoleTier, ...], Setting(_S.QUOTAS, _K.ROLE_COUNTS, _RESULTS)] = ()
    """A member has the highest of these and of `results_per_user_day`."""
    usd_per_user_month: Annotated[MicroUsd | None, Setting(_S.QUOTAS, _K.MONEY, _MONEY)] = None
    usd_per_month: Annotated[MicroUsd | None, Setting(_S.QUOTAS, _K.MONEY, _MONEY)] = None
    gallery_channel: Annotated[ChannelId | None, Setting(_S.GALLERY, _K.CHANNEL)] = None
    gallery_mode: Annotated[GalleryMode, Setting(_S.GALLERY, _K.CHOICE)] = GalleryMode.OFF
    gallery_threshold: Annotated[int, Setting(_S.GALLERY, _K.COUNT, (1, 1000))] = 3
    gallery_lower: Annotated[int, Setting(_S.GALLERY, _K.COUNT, (-1, 999))] = 0
    """Votes that add a picture, and votes at or below which it is removed."""
    gallery_self_votes: Annotated[bool, Setting(_S.GALLERY, _K.FLAG)] = False
    gallery_voter_roles: Annotated[tuple[RoleId, ...], Setting(_S.GALLERY, _K.ROLES)] = ()
    gallery_account_days: Annotated[int, Setting(_S.GALLERY, _K.COUNT, (0, 3650))] = 0
    gallery_message_minutes: Annotated[int, Setting(_S.GALLERY, _K.COUNT, (0, 10_080))] = 0
    """Minimum age of a voter's account and of the picture's message for a vote to count."""
    gallery_frozen: Annotated[bool, Setting(_S.GALLERY, _K.FLAG)] = False
    gallery_weekly: Annotated[bool, Setting(_S.GALLERY, _K.FLAG)] = False
    """Whether the week's best pictures are posted."""
    language: Annotated[str, Setting(_S.PLACE, _K.LANGUAGE)] = ""
    """The Discord locale of public messages; empty uses the requesting member's."""
    time_zone: Annotated[str, Setting(_S.PLACE, _K.ZONE)] = "UTC"
    """The IANA time zone in which days begin."""
    log_channel: Annotated[ChannelId | None, Setting(_S.PLACE, _K.CHANNEL)] = None
    """Where changed settings and moderation actions are posted."""
    moderators_channel: Annotated[ChannelId | None, Setting(_S.PLACE, _K.CHANNEL)] = None
    """Where reports and approval requests are posted."""

    def __post_init__(self) -> None:
        for name, setting in SETTINGS.items():
            setting.check_value(name, getattr(self, name))
        if self.gallery_lower >= self.gallery_threshold:
            allowed = "less than the votes to come in"
            raise SettingRefused("gallery_lower", str(self.gallery_lower), allowed)

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
        """Return the guild's tolerance limits together with the operator's."""
        return ToleranceLimits(
            operator_limit,
            self.tolerance,
            self.adult_tolerance,
            self.channel_tolerance,
            self.role_tolerance,
        )


SETTINGS: Final[Mapping[str, Setting]] = read_table(GuildSettings)
"""All settings, in the order of the panel and the commands."""


def list_settings(section: Section, kinds: Collection[Kind] = tuple(Kind)) -> tuple[str, ...]:
    """Return the names of a section's settings of these kinds, in the table's order."""
    return tuple(
        name for name, row in SETTINGS.items() if row.section is section and row.kind in kinds
    )


def replace_settings(settings: GuildSettings, values: Mapping[str, object]) -> GuildSettings:
    """Change settings by name, all or none; raise `SettingRefused` for a bad name or value."""
    for name in values:
        if name not in SETTINGS:
            raise SettingRefused(name, str(values[name]), "there is no such setting")
    return replace(settings, **values)  # type: ignore[arg-type] # the name decides the type


PERSONAL_SETTINGS: Final = GuildSettings(tolerance=1)
"""Settings outside guilds, where nobody moderates: content checks are stricter than a guild's
default of 2."""
_OPEN_PRESET: Final[dict[str, object]] = {
    "tolerance": 2,
    "adult_tolerance": 4,
    "check_content": False,
    "approve_first": False,
    "menu_on_others": MenuPolicy.EVERYONE,
    "gallery_mode": GalleryMode.VOTES,
}
PRESETS: Final[dict[Preset, dict[str, object]]] = {
    Preset.FAMILY: {
        "tolerance": 0,
        "adult_tolerance": 0,
        "check_content": True,
        "approve_first": True,
        "menu_on_others": MenuPolicy.MODERATORS,
        "gallery_mode": GalleryMode.MANUAL,
    },
    Preset.ART: _OPEN_PRESET,
    Preset.ADULTS: {**_OPEN_PRESET, "adult_tolerance": 6},
}
"""Values by setting, recorded one by one, so that the log shows what a preset changed."""
