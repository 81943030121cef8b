"""The commands that expand a picture: by direction, by sides, to a ratio, by a zoom."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.geometry import MAX_MARGIN, Margins
from bot.domain.order import Order, OutputFormat
from bot.domain.request import (
    MAX_ZOOM,
    Anchor,
    Direction,
    Directional,
    ExpansionRequest,
    Sides,
    ToRatio,
    ZoomOut,
)
from bot.domain.tolerance import MAX_TOLERANCE, MIN_TOLERANCE
from bot.ui import wording_commands as words
from bot.ui.order_flow import order_or_preview
from bot.ui.replies import Interaction
from bot.ui.transformers import (
    ANCHOR_CHOICES,
    DIRECTIONS,
    FORMATS,
    RatioTransformer,
    attachment_of,
    suggest_pixels,
    suggest_ratios,
)

if TYPE_CHECKING:
    from bot.client import ExpanseBot

Pixels = app_commands.Range[int, 1, MAX_MARGIN]
Side = app_commands.Range[int, 0, MAX_MARGIN]
Prompt = app_commands.Range[str, 2, 3000]
Results = app_commands.Range[int, 1, 20]
Tolerance = app_commands.Range[int, MIN_TOLERANCE, MAX_TOLERANCE]
Ratio = app_commands.Transform[Fraction, RatioTransformer]
AsDirection = app_commands.Transform[Direction, DIRECTIONS]
AsAnchor = app_commands.Transform[Anchor, ANCHOR_CHOICES]
AsFormat = app_commands.Transform[OutputFormat, FORMATS]
_SIDES = ("left", "right", "top", "bottom")
_COMMON = ("prompt", "results", "private", "preview", "spoiler", "format", "tolerance")


class Expand(commands.Cog):
    """Every command makes an order and hands it to the one way in."""

    def __init__(self, bot: ExpanseBot) -> None:
        self._desk = bot.desk

    @app_commands.command(name=words.EXPAND, description=words.ABOUT["expand"])
    @app_commands.guild_only()
    @words.options("image", "direction", "pixels", *_COMMON)
    @app_commands.autocomplete(pixels=suggest_pixels)
    async def expand(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        direction: AsDirection,
        pixels: Pixels,
        prompt: Prompt = "",
        results: Results = 1,
        private: bool = False,
        preview: bool = False,
        spoiler: bool = False,
        format: AsFormat | None = None,
        tolerance: Tolerance | None = None,
    ) -> None:
        order = _order(interaction, image, Directional(direction, pixels), prompt, results, format)
        await self._answer(interaction, order, private, preview, spoiler, tolerance)

    @app_commands.command(name=words.EXPAND_SIDES, description=words.ABOUT["expand-sides"])
    @app_commands.guild_only()
    @words.options("image", *_SIDES, *_COMMON)
    @app_commands.autocomplete(**dict.fromkeys(_SIDES, suggest_pixels))
    async def expand_sides(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        left: Side = 0,
        right: Side = 0,
        top: Side = 0,
        bottom: Side = 0,
        prompt: Prompt = "",
        results: Results = 1,
        private: bool = False,
        preview: bool = False,
        spoiler: bool = False,
        format: AsFormat | None = None,
        tolerance: Tolerance | None = None,
    ) -> None:
        request = Sides(Margins(top, right, bottom, left))
        order = _order(interaction, image, request, prompt, results, format)
        await self._answer(interaction, order, private, preview, spoiler, tolerance)

    @app_commands.command(name=words.EXPAND_RATIO, description=words.ABOUT["expand-ratio"])
    @app_commands.guild_only()
    @words.options("image", "ratio", "anchor", *_COMMON)
    @app_commands.autocomplete(ratio=suggest_ratios)
    async def expand_ratio(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        ratio: Ratio,
        anchor: AsAnchor = Anchor.CENTER,
        prompt: Prompt = "",
        results: Results = 1,
        private: bool = False,
        preview: bool = False,
        spoiler: bool = False,
        format: AsFormat | None = None,
        tolerance: Tolerance | None = None,
    ) -> None:
        order = _order(interaction, image, ToRatio(ratio, anchor), prompt, results, format)
        await self._answer(interaction, order, private, preview, spoiler, tolerance)

    @app_commands.command(name=words.EXPAND_ZOOM, description=words.ABOUT["expand-zoom"])
    @app_commands.guild_only()
    @words.options("image", "factor", *_COMMON)
    async def expand_zoom(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        factor: app_commands.Range[float, 1.01, float(MAX_ZOOM)],
        prompt: Prompt = "",
        results: Results = 1,
        private: bool = False,
        preview: bool = False,
        spoiler: bool = False,
        format: AsFormat | None = None,
        tolerance: Tolerance | None = None,
    ) -> None:
        request = ZoomOut(Fraction(str(factor)))
        order = _order(interaction, image, request, prompt, results, format)
        await self._answer(interaction, order, private, preview, spoiler, tolerance)

    async def _answer(
        self,
        interaction: Interaction,
        order: Order,
        private: bool,
        preview: bool,
        spoiler: bool,
        tolerance: int | None,
    ) -> None:
        attachment = order.attachment
        hidden = replace(attachment, spoiler=attachment.spoiler or spoiler)
        order = replace(order, attachment=hidden, private=private, tolerance=tolerance)
        await order_or_preview(interaction, self._desk, order, preview=preview)


def _order(
    interaction: Interaction,
    image: discord.Attachment,
    request: ExpansionRequest,
    prompt: str,
    results: int,
    fmt: OutputFormat | None,
) -> Order:
    return Order(
        attachment=attachment_of(image),
        request=request,
        prompt=prompt,
        results=results,
        format=fmt,
        upload_limit=interaction.filesize_limit,
        locale=str(interaction.locale),
    )


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Expand(bot))
