"""Commands that expand a picture: by direction, by side, to a ratio, by zooming out."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

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
from bot.ui.i18n.command_texts import Option, create_command, set_options
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

Pixels = app_commands.Range[int, 1, MAX_MARGIN]
Side = app_commands.Range[int, 0, MAX_MARGIN]
Prompt = app_commands.Range[str, 2, 3000]
Results = app_commands.Range[int, 1, 20]
Tolerance = app_commands.Range[int, MIN_TOLERANCE, MAX_TOLERANCE]
Factor = app_commands.Range[float, 1.01, float(MAX_ZOOM)]
Ratio = app_commands.Transform[Fraction, RatioTransformer]
AsDirection = app_commands.Transform[Direction, DIRECTION_TRANSFORMER]
AsAnchor = app_commands.Transform[Anchor, ANCHOR_TRANSFORMER]
AsFormat = app_commands.Transform[OutputFormat, FORMAT_TRANSFORMER]
_COMMON_OPTIONS = (
    Option("image", "The picture: JPEG, PNG, WebP, or the first frame of a GIF"),
    Option("prompt", "What the new area should show; leave it out for a natural continuation"),
    Option("results", "How many different pictures; each one is charged"),
    Option("private", "Show the result only to me"),
    Option("preview", "Show canvas and price first; pay on confirmation"),
    Option("spoiler", "Hide the result behind a spoiler"),
    Option("format", "File format of the result; left out, that of the picture"),
    Option("tolerance", "Safety tolerance, 0 is strictest: lower than what is allowed here"),
)


async def _submit_order(
    services: InteractionServices,
    interaction: Interaction,
    request: ExpansionRequest,
    image: discord.Attachment,
    prompt: Prompt = "",
    results: Results = 1,
    private: bool = False,
    preview: bool = False,
    spoiler: bool = False,
    format: AsFormat | None = None,
    tolerance: Tolerance | None = None,
) -> None:
    """Submit or preview an order; parameters from `image` on are options of every command."""
    attachment = to_attachment(image)
    order = Order(
        attachment=replace(attachment, spoiler=attachment.spoiler or spoiler),
        request=request,
        prompt=prompt,
        results=results,
        format=format,
        private=private,
        tolerance=tolerance,
        upload_limit=interaction.filesize_limit,
        locale=str(interaction.locale),
    )
    await submit_or_preview_order(interaction, services, order, preview=preview)


def _take_common_options(build_request: Callable[..., ExpansionRequest]) -> Any:
    """Turn a request builder into a command callback with its own and the common options."""

    async def run(cog: ExpandCog, interaction: Interaction, **values: Any) -> None:
        request = build_request(cog, **{each.name: values.pop(each.name) for each in own})
        await _submit_order(cog.services, interaction, request, **values)

    # discord.py reads a command's options from its callback's signature, so one is built here
    _, *own = inspect.signature(build_request).parameters.values()
    _, _, _, image, *rest = inspect.signature(_submit_order).parameters.values()
    set_options(run, [image, *own, *rest])
    for option in _COMMON_OPTIONS:
        option(run)
    return app_commands.guild_only()(run)


class ExpandCog(commands.Cog):
    """Commands that each build an `ExpansionRequest`; `_submit_order` handles all of them."""

    def __init__(self, services: InteractionServices) -> None:
        self.services = services

    @create_command("expand", "Extend a picture beyond its frame, in one direction or more")
    @Option("direction", "Where the picture grows")
    @Option("pixels", "Pixels to add on each of these sides")
    @app_commands.autocomplete(pixels=suggest_pixels)
    @_take_common_options
    def expand_direction(self, direction: AsDirection, pixels: Pixels) -> ExpansionRequest:
        return DirectionalMargins(direction, pixels)

    @create_command("expand-sides", "Extend a picture by its own amount on each side")
    @Option("left", "Pixels to add on the left")
    @Option("right", "Pixels to add on the right")
    @Option("top", "Pixels to add at the top")
    @Option("bottom", "Pixels to add at the bottom")
    @app_commands.autocomplete(
        left=suggest_pixels, right=suggest_pixels, top=suggest_pixels, bottom=suggest_pixels
    )
    @_take_common_options
    def expand_sides(
        self, left: Side = 0, right: Side = 0, top: Side = 0, bottom: Side = 0
    ) -> ExpansionRequest:
        return ExplicitMargins(Margins(top, right, bottom, left))

    @create_command("expand-ratio", "Extend a picture until it has another shape")
    @Option("ratio", "The shape to reach, such as 16:9, 1:1 or 1500x500")
    @Option("anchor", "Where your picture sits in the new one (default: in the middle)")
    @app_commands.autocomplete(ratio=suggest_ratios)
    @_take_common_options
    def expand_ratio(self, ratio: Ratio, anchor: AsAnchor = Anchor.CENTER) -> ExpansionRequest:
        return ToRatio(ratio, anchor)

    @create_command("expand-zoom", "Zoom out: grow the canvas by a factor around the picture")
    @Option("factor", "1.5 makes the canvas half as large again; your picture keeps its size")
    @_take_common_options
    def expand_zoom(self, factor: Factor) -> ExpansionRequest:
        # by way of `str`, since Fraction(1.1) would keep the binary rounding error
        return ZoomOut(Fraction(str(factor)))
