"""The commands that expand a picture: by direction, by sides, to a ratio, by a zoom."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.geometry import MAX_MARGIN, Margins
from bot.domain.order import Order, OutputFormat
from bot.domain.request import (
    MAX_ZOOM,
    Anchor,
    Direction,
    DirectionalMargins,
    ExpansionRequest,
    ExplicitMargins,
    ToRatio,
    ZoomOut,
)
from bot.domain.tolerance import MAX_TOLERANCE, MIN_TOLERANCE
from bot.ui.interactions.order_flow import submit_or_preview_order
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices
from bot.ui.interactions.transformers import (
    ANCHOR_TRANSFORMER,
    DIRECTION_TRANSFORMER,
    FORMAT_TRANSFORMER,
    RatioTransformer,
    suggest_pixels,
    suggest_ratios,
    to_attachment,
)
from bot.ui.texts import commands as command_texts

Pixels = app_commands.Range[int, 1, MAX_MARGIN]
Side = app_commands.Range[int, 0, MAX_MARGIN]
Prompt = app_commands.Range[str, 2, 3000]
Results = app_commands.Range[int, 1, 20]
Tolerance = app_commands.Range[int, MIN_TOLERANCE, MAX_TOLERANCE]
Ratio = app_commands.Transform[Fraction, RatioTransformer]
AsDirection = app_commands.Transform[Direction, DIRECTION_TRANSFORMER]
AsAnchor = app_commands.Transform[Anchor, ANCHOR_TRANSFORMER]
AsFormat = app_commands.Transform[OutputFormat, FORMAT_TRANSFORMER]
_SIDE_OPTIONS = ("left", "right", "top", "bottom")
_COMMON_OPTIONS = ("prompt", "results", "private", "preview", "spoiler", "format", "tolerance")


class ExpandCog(commands.Cog):
    """Every command makes an order and hands it to the one way in."""

    def __init__(self, services: InteractionServices) -> None:
        self._services = services

    @app_commands.command(
        name=command_texts.EXPAND, description=command_texts.DESCRIPTIONS["expand"]
    )
    @app_commands.guild_only()
    @command_texts.describe_options("image", "direction", "pixels", *_COMMON_OPTIONS)
    @app_commands.autocomplete(pixels=suggest_pixels)
    async def expand_direction(
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
        order = _build_order(
            interaction, image, DirectionalMargins(direction, pixels), prompt, results, format
        )
        await self._submit_order(interaction, order, private, preview, spoiler, tolerance)

    @app_commands.command(
        name=command_texts.EXPAND_SIDES, description=command_texts.DESCRIPTIONS["expand-sides"]
    )
    @app_commands.guild_only()
    @command_texts.describe_options("image", *_SIDE_OPTIONS, *_COMMON_OPTIONS)
    @app_commands.autocomplete(**dict.fromkeys(_SIDE_OPTIONS, suggest_pixels))
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
        request = ExplicitMargins(Margins(top, right, bottom, left))
        order = _build_order(interaction, image, request, prompt, results, format)
        await self._submit_order(interaction, order, private, preview, spoiler, tolerance)

    @app_commands.command(
        name=command_texts.EXPAND_RATIO, description=command_texts.DESCRIPTIONS["expand-ratio"]
    )
    @app_commands.guild_only()
    @command_texts.describe_options("image", "ratio", "anchor", *_COMMON_OPTIONS)
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
        order = _build_order(interaction, image, ToRatio(ratio, anchor), prompt, results, format)
        await self._submit_order(interaction, order, private, preview, spoiler, tolerance)

    @app_commands.command(
        name=command_texts.EXPAND_ZOOM, description=command_texts.DESCRIPTIONS["expand-zoom"]
    )
    @app_commands.guild_only()
    @command_texts.describe_options("image", "factor", *_COMMON_OPTIONS)
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
        order = _build_order(interaction, image, request, prompt, results, format)
        await self._submit_order(interaction, order, private, preview, spoiler, tolerance)

    async def _submit_order(
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
        await submit_or_preview_order(interaction, self._services, order, preview=preview)


def _build_order(
    interaction: Interaction,
    image: discord.Attachment,
    request: ExpansionRequest,
    prompt: str,
    results: int,
    fmt: OutputFormat | None,
) -> Order:
    return Order(
        attachment=to_attachment(image),
        request=request,
        prompt=prompt,
        results=results,
        format=fmt,
        upload_limit=interaction.filesize_limit,
        locale=str(interaction.locale),
    )
