"""Commands that expand a picture: by direction, by side, to a ratio, by zooming out."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import discord
from discord import app_commands
from discord.app_commands.transformers import RangeTransformer
from discord.ext import commands

from bot.domain.geometry import Margins
from bot.domain.model import Bounds, ImageModel
from bot.domain.order import Detail, Order, OutputFormat
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
from bot.ui.i18n.command_texts import Option, create_command, set_options
from bot.ui.interactions.message_pictures import to_attachment
from bot.ui.interactions.order_flow import submit_or_preview_order
from bot.ui.interactions.responses import Interaction
from bot.ui.interactions.services import InteractionServices
from bot.ui.interactions.transformers import (
    ANCHOR_TRANSFORMER,
    DETAIL_TRANSFORMER,
    DIRECTION_TRANSFORMER,
    FORMAT_TRANSFORMER,
    RatioTransformer,
    suggest_pixels,
    suggest_ratios,
)

Factor = app_commands.Range[float, 1.01, float(MAX_ZOOM)]
Ratio = app_commands.Transform[Fraction, RatioTransformer]
AsDirection = app_commands.Transform[Direction, DIRECTION_TRANSFORMER]
AsAnchor = app_commands.Transform[Anchor, ANCHOR_TRANSFORMER]
AsDetail = app_commands.Transform[Detail, DETAIL_TRANSFORMER]
AsFormat = app_commands.Transform[OutputFormat, FORMAT_TRANSFORMER]
_INTEGER, _STRING = discord.AppCommandOptionType.integer, discord.AppCommandOptionType.string
Command = app_commands.Command[Any, ..., None]
Submit = Callable[..., Awaitable[None]]
"""Takes an interaction, a request, and the options of every command."""
_COMMON_OPTIONS = (
    Option("image", "The picture: JPEG, PNG, WebP, or the first frame of a GIF"),
    Option("prompt", "What the new area should show; leave it out for a natural continuation"),
    Option("results", "How many different pictures; each one is charged"),
    Option("private", "Show the result only to me"),
    Option("preview", "Show canvas and price first; pay on confirmation"),
    Option("spoiler", "Hide the result behind a spoiler"),
    Option("format", "File format of the result; left out, that of the picture"),
    Option("tolerance", "Safety tolerance, 0 is strictest: lower than what is allowed here"),
    Option("detail", "How large pictures are rendered: at the model's best size, or unscaled"),
)


async def _submit_order(
    services: InteractionServices,
    interaction: Interaction,
    request: ExpansionRequest,
    image: discord.Attachment,
    prompt: str = "",
    results: int = 1,
    private: bool = False,
    preview: bool = False,
    spoiler: bool = False,
    format: AsFormat | None = None,
    tolerance: int | None = None,
    detail: AsDetail = Detail.AUTOMATIC,
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
        detail=detail,
        upload_limit=interaction.filesize_limit,
        locale=str(interaction.locale),
    )
    await submit_or_preview_order(interaction, services, order, preview=preview)


@dataclass(frozen=True, slots=True)
class _CommandBuilder:
    """Turns builders of requests into commands whose options have a model's bounds."""

    model: ImageModel
    submit: Submit

    def take_common_options(self, build_request: Callable[..., ExpansionRequest]) -> Any:
        """Return a command's callback with the builder's options and the common ones."""

        async def run(interaction: Interaction, **values: Any) -> None:
            request = build_request(**{each.name: values.pop(each.name) for each in own})
            await self.submit(interaction, request, **values)

        # discord.py reads a command's options from its callback's signature, so one is built here
        own = [*inspect.signature(build_request).parameters.values()]
        _, _, _, image, *rest = inspect.signature(_submit_order).parameters.values()
        types = self._list_types()
        options = [
            each.replace(annotation=types.get(each.name, each.annotation))
            for each in (image, *own, *rest)
        ]
        set_options(run, options)
        for option in _COMMON_OPTIONS:
            option(run)
        return app_commands.guild_only()(run)

    def suggest(self, *options: str) -> Callable[[Any], Any]:
        """Return a decorator that suggests amounts of pixels for these options."""

        async def suggest(
            interaction: Interaction, current: int | str
        ) -> list[app_commands.Choice[int]]:
            return await suggest_pixels(interaction, current, model=self.model)

        suggestions: dict[str, Any] = dict.fromkeys(options, suggest)
        return app_commands.autocomplete(**suggestions)

    def _list_types(self) -> dict[str, RangeTransformer]:
        """Return the types of the options that the model bounds."""
        model = self.model
        most = model.margin.maximum
        shortest, longest = model.min_prompt_length, model.max_prompt_length
        side = RangeTransformer(_INTEGER, min=model.margin.minimum, max=most)
        return {
            "pixels": RangeTransformer(_INTEGER, min=1, max=most),
            **dict.fromkeys(("left", "right", "top", "bottom"), side),
            "prompt": RangeTransformer(_STRING, min=shortest, max=longest),
            "results": _build_range(model.results),
            "tolerance": _build_range(model.tolerance),
        }


def _build_range(bounds: Bounds[int]) -> RangeTransformer:
    return RangeTransformer(_INTEGER, min=bounds.minimum, max=bounds.maximum)


def build_expand_commands(model: ImageModel, submit: Submit) -> tuple[Command, ...]:
    """Return the commands, with the model's bounds; `submit` runs what they order."""
    builder = _CommandBuilder(model, submit)
    return (
        _build_direction_command(builder),
        _build_sides_command(builder),
        _build_ratio_command(builder),
        _build_zoom_command(builder),
    )


def _build_direction_command(builder: _CommandBuilder) -> Command:
    @create_command("expand", "Extend a picture beyond its frame, in one direction or more")
    @Option("direction", "Where the picture grows")
    @Option("pixels", "Pixels to add on each of these sides")
    @builder.suggest("pixels")
    @builder.take_common_options
    def expand_direction(direction: AsDirection, pixels: int) -> ExpansionRequest:
        return DirectionalMargins(direction, pixels)

    return expand_direction


def _build_sides_command(builder: _CommandBuilder) -> Command:
    @create_command("expand-sides", "Extend a picture by its own amount on each side")
    @Option("left", "Pixels to add on the left")
    @Option("right", "Pixels to add on the right")
    @Option("top", "Pixels to add at the top")
    @Option("bottom", "Pixels to add at the bottom")
    @builder.suggest("left", "right", "top", "bottom")
    @builder.take_common_options
    def expand_sides(
        left: int = 0, right: int = 0, top: int = 0, bottom: int = 0
    ) -> ExpansionRequest:
        return ExplicitMargins(Margins(top, right, bottom, left))

    return expand_sides


def _build_ratio_command(builder: _CommandBuilder) -> Command:
    @create_command("expand-ratio", "Extend a picture until it has another shape")
    @Option("ratio", "The shape to reach, such as 16:9, 1:1 or 1500x500")
    @Option("anchor", "Where your picture sits in the new one (default: in the middle)")
    @app_commands.autocomplete(ratio=suggest_ratios)
    @builder.take_common_options
    def expand_ratio(ratio: Ratio, anchor: AsAnchor = Anchor.CENTER) -> ExpansionRequest:
        return ToRatio(ratio, anchor)

    return expand_ratio


def _build_zoom_command(builder: _CommandBuilder) -> Command:
    @create_command("expand-zoom", "Zoom out: grow the canvas by a factor around the picture")
    @Option("factor", "1.5 makes the canvas half as large again; your picture keeps its size")
    @builder.take_common_options
    def expand_zoom(factor: Factor) -> ExpansionRequest:
        # by way of `str`, since Fraction(1.1) would keep the binary rounding error
        return ZoomOut(Fraction(str(factor)))

    return expand_zoom


class ExpandCog(commands.Cog):
    """Commands that each build an `ExpansionRequest`; `_submit_order` handles all of them."""

    def __init__(self, services: InteractionServices, client: commands.Bot) -> None:
        submit = functools.partial(_submit_order, services)
        self._commands = build_expand_commands(services.model, submit)
        self._tree = client.tree

    async def cog_load(self) -> None:
        for command in self._commands:
            self._tree.add_command(command)

    async def cog_unload(self) -> None:
        for command in self._commands:
            self._tree.remove_command(command.name)
