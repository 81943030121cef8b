"""Command options to domain values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Generic, TypeVar

import discord
from discord import app_commands

from bot.domain.geometry import Size
from bot.domain.order import Attachment, OutputFormat
from bot.domain.request import Anchor, Direction, parse_ratio
from bot.ui.replies import Interaction

_E = TypeVar("_E", bound=StrEnum)


def attachment_of(attachment: discord.Attachment) -> Attachment:
    """Take over what Discord declares of an attachment."""
    declared = None
    if attachment.width and attachment.height:
        declared = Size(attachment.width, attachment.height)
    return Attachment(
        url=attachment.url,
        filename=attachment.filename,
        size=attachment.size,
        content_type=attachment.content_type or "",
        declared=declared,
        spoiler=attachment.is_spoiler(),
    )


class RatioTransformer(app_commands.Transformer):
    """Read a shape such as `16:9`; raise `NotARatio` for anything else."""

    async def transform(self, _interaction: Interaction, value: str) -> Fraction:
        return parse_ratio(value)


class _Chosen(app_commands.Transformer, Generic[_E]):
    """Offer the members of an enumeration under names for people."""

    def __init__(self, names: Mapping[_E, str]) -> None:
        self._names = names

    @property
    def choices(self) -> list[app_commands.Choice[Any]]:
        return [
            app_commands.Choice(name=name, value=member.value)
            for member, name in self._names.items()
        ]

    async def transform(self, _interaction: Interaction, value: str) -> _E:
        kind = type(next(iter(self._names)))
        return kind(value)


DIRECTIONS: Final = _Chosen(
    {
        Direction.LEFT: "left",
        Direction.RIGHT: "right",
        Direction.UP: "up",
        Direction.DOWN: "down",
        Direction.HORIZONTAL: "left and right",
        Direction.VERTICAL: "up and down",
        Direction.ALL: "all sides",
    }
)
ANCHORS: Final = _Chosen(
    {
        Anchor.CENTER: "in the middle",
        Anchor.LEFT: "at the left",
        Anchor.RIGHT: "at the right",
        Anchor.TOP: "at the top",
        Anchor.BOTTOM: "at the bottom",
    }
)
FORMATS: Final = _Chosen(
    {
        OutputFormat.PNG: "PNG, lossless",
        OutputFormat.JPG: "JPG",
        OutputFormat.WEBP: "WebP",
    }
)
