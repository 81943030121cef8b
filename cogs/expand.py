"""The commands that expand a picture: by direction, by sides, to a ratio, by a zoom."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

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
from bot.ui.replies import Interaction, answer
from bot.ui.transformers import (
    ANCHORS,
    DIRECTIONS,
    FORMATS,
    RatioTransformer,
    attachment_of,
)

if TYPE_CHECKING:
    from bot.client import ExpanseBot

_IMAGE: Final = "The picture: JPEG, PNG, WebP, or the first frame of a GIF"
_PROMPT: Final = "What the new area should show; leave it out for a natural continuation"
_RESULTS: Final = "How many different pictures; each one is charged"
_PRIVATE: Final = "Show the result only to me"
_FORMAT: Final = "File format of the result; left out, that of the picture"
_SIDE: Final = "Pixels to add on this side"

Pixels = app_commands.Range[int, 1, MAX_MARGIN]
Side = app_commands.Range[int, 0, MAX_MARGIN]
Prompt = app_commands.Range[str, 2, 3000]
Results = app_commands.Range[int, 1, 20]
Ratio = app_commands.Transform[Fraction, RatioTransformer]
AsDirection = app_commands.Transform[Direction, DIRECTIONS]
AsAnchor = app_commands.Transform[Anchor, ANCHORS]
AsFormat = app_commands.Transform[OutputFormat, FORMATS]


class Expand(commands.Cog):
    """Every command makes an order and hands it to the one way in."""

    def __init__(self, bot: ExpanseBot) -> None:
        self._expansions = bot.expansions

    @app_commands.command(description="Extend a picture beyond its frame, in one direction or more")
    @app_commands.guild_only()
    @app_commands.describe(
        image=_IMAGE,
        direction="Where the picture grows",
        pixels="Pixels to add on each of these sides",
        prompt=_PROMPT,
        results=_RESULTS,
        private=_PRIVATE,
        format=_FORMAT,
    )
    async def expand(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        direction: AsDirection,
        pixels: Pixels,
        prompt: Prompt = "",
        results: Results = 1,
        private: bool = False,
        format: AsFormat | None = None,
    ) -> None:
        request = Directional(direction, pixels)
        await self._order(interaction, image, request, prompt, results, private, format)

    @app_commands.command(
        name="expand-sides", description="Extend a picture by its own amount on each side"
    )
    @app_commands.guild_only()
    @app_commands.describe(
        image=_IMAGE,
        left=_SIDE,
        right=_SIDE,
        top=_SIDE,
        bottom=_SIDE,
        prompt=_PROMPT,
        results=_RESULTS,
        private=_PRIVATE,
        format=_FORMAT,
    )
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
        format: AsFormat | None = None,
    ) -> None:
        request = Sides(Margins(top, right, bottom, left))
        await self._order(interaction, image, request, prompt, results, private, format)

    @app_commands.command(
        name="expand-ratio", description="Extend a picture until it has another shape"
    )
    @app_commands.guild_only()
    @app_commands.describe(
        image=_IMAGE,
        ratio="The shape to reach, such as 16:9, 1:1 or 1500x500",
        anchor="Where your picture sits in the new one (default: in the middle)",
        prompt=_PROMPT,
        results=_RESULTS,
        private=_PRIVATE,
        format=_FORMAT,
    )
    async def expand_ratio(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        ratio: Ratio,
        anchor: AsAnchor = Anchor.CENTER,
        prompt: Prompt = "",
        results: Results = 1,
        private: bool = False,
        format: AsFormat | None = None,
    ) -> None:
        request = ToRatio(ratio, anchor)
        await self._order(interaction, image, request, prompt, results, private, format)

    @app_commands.command(
        name="expand-zoom", description="Zoom out: grow the canvas by a factor around the picture"
    )
    @app_commands.guild_only()
    @app_commands.describe(
        image=_IMAGE,
        factor="1.5 makes the canvas half as large again; your picture keeps its size",
        prompt=_PROMPT,
        results=_RESULTS,
        private=_PRIVATE,
        format=_FORMAT,
    )
    async def expand_zoom(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        factor: app_commands.Range[float, 1.01, float(MAX_ZOOM)],
        prompt: Prompt = "",
        results: Results = 1,
        private: bool = False,
        format: AsFormat | None = None,
    ) -> None:
        request = ZoomOut(Fraction(str(factor)))
        await self._order(interaction, image, request, prompt, results, private, format)

    async def _order(
        self,
        interaction: Interaction,
        image: discord.Attachment,
        request: ExpansionRequest,
        prompt: str,
        results: int,
        private: bool,
        fmt: OutputFormat | None,
    ) -> None:
        order = Order(
            attachment=attachment_of(image),
            request=request,
            prompt=prompt,
            results=results,
            format=fmt,
            private=private,
            upload_limit=interaction.filesize_limit,
        )
        await answer(interaction, self._expansions, order)


async def setup(bot: ExpanseBot) -> None:
    await bot.add_cog(Expand(bot))
