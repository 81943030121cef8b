"""Payloads of actions; a custom_id holds their fields in order, separated by dots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from bot.domain.geometry import Side
from bot.domain.guild import Preset
from bot.domain.ids import DraftId, GuildId, JobId
from bot.domain.moderation import ActionKind
from bot.domain.order import PictureRef
from bot.domain.request import Direction
from bot.domain.settings_table import Section
from bot.images.film.animation import MovieFormat
from bot.ui.actions import Action


@dataclass(frozen=True, slots=True)
class PanPayload:
    picture: PictureRef
    direction: Direction


@dataclass(frozen=True, slots=True)
class ZoomPayload:
    """`factor` is a key of `ZOOM_FACTORS`."""

    picture: PictureRef
    factor: str


@dataclass(frozen=True, slots=True)
class FilmPayload:
    picture: PictureRef
    format: MovieFormat


@dataclass(frozen=True, slots=True)
class SpoilerPayload:
    picture: PictureRef
    hidden: bool


@dataclass(frozen=True, slots=True)
class NudgePayload:
    draft: DraftId
    side: Side
    steps: int


@dataclass(frozen=True, slots=True)
class SharingPayload:
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class CasePayload:
    job_id: JobId
    kind: ActionKind


@dataclass(frozen=True, slots=True)
class SettingPayload:
    """`name` has hyphens for underscores; if `value` is None, the menu's choice counts."""

    guild_id: GuildId
    name: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class SectionPayload:
    guild_id: GuildId
    section: Section


@dataclass(frozen=True, slots=True)
class PresetPayload:
    guild_id: GuildId
    preset: Preset


@dataclass(frozen=True, slots=True)
class LogPayload:
    guild_id: GuildId
    page: int


PAYLOADS: Final[Mapping[Action, Any]] = dict.fromkeys(Action, PictureRef) | {
    **dict.fromkeys((Action.CANCEL, Action.RESEND, Action.BLOCK_FORM), JobId),
    **dict.fromkeys((Action.RATIO, Action.DRAFT_ASK, Action.DRAFT_FORM, Action.SHARE), DraftId),
    **dict.fromkeys((Action.CONFIRM_DRAFT, Action.DISCARD_DRAFT, Action.MENU_FORM), DraftId),
    Action.DRAFT_DETAIL: DraftId,
    **dict.fromkeys((Action.OPEN, Action.EXPORT, Action.ERASE, Action.ERASE_CONFIRM), NoneType),
    **dict.fromkeys((Action.ORDER_ASK, Action.ORDER_FORM, Action.ORDER_POST), NoneType),
    **dict.fromkeys((Action.SETTINGS_ASK, Action.SETTINGS_FORM), SectionPayload),
    Action.PAN: PanPayload,
    Action.ZOOM: ZoomPayload,
    Action.FILM: FilmPayload,
    Action.SPOILER: SpoilerPayload,
    Action.NUDGE: NudgePayload,
    Action.PAGE: int,
    Action.SET_SHARING: SharingPayload,
    Action.CASE_ACTION: CasePayload,
    Action.SECTION: GuildId,
    Action.SET: SettingPayload,
    Action.PRESET: PresetPayload,
    Action.LOG: LogPayload,
}
"""The payload type of each action; `PictureRef` unless listed here."""
