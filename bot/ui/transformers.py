"""Command options to domain values."""

from __future__ import annotations

from fractions import Fraction

import discord
from discord import app_commands

from bot.domain.geometry import Size
from bot.domain.order import Attachment
from bot.domain.request import parse_ratio
from bot.ui.replies import Interaction


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
