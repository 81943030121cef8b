"""A renderer that paints what really lies around the seed image: the true continuation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np

from bot.domain.geometry import Size
from sandbox.runware.engine.pixels import encode_pixels, measure_size
from sandbox.runware.engine.render import Rendered, RenderOrder
from tests.support.images.world import World

Box = tuple[float, float, float, float]


@dataclass
class TrueRenderer:
    """Render a known world. Every seed image shows its part `box`, at any size.

    The area of the seed image is rendered too, as the real model does.
    """

    world: World
    box: Box = (0.0, 0.0, 1.0, 1.0)
    engine = "true"
    warming = False
    progress: tuple[float, ...] = ()

    async def render(self, order: RenderOrder) -> Rendered:
        return await asyncio.to_thread(self._paint, order)

    def _paint(self, order: RenderOrder) -> Rendered:
        seed, margins = measure_size(order.seed), order.margins
        left, top, right, bottom = self.box
        across, down = (right - left) / seed.width, (bottom - top) / seed.height
        shown = (
            left - margins.left * across,
            top - margins.top * down,
            right + margins.right * across,
            bottom + margins.bottom * down,
        )
        canvas = self.world.show(shown, seed.grow_by(margins))
        pixels = order.finish(np.asarray(canvas))
        data = encode_pixels(pixels, file_format=order.file_format, quality=order.quality)
        return Rendered(data, self.engine)

    def show_seed(self, left: int, top: int, size: Size) -> Box:
        """Let seed images show a part of the world from now on, at full scale."""
        self.box = (left, top, left + size.width, top + size.height)
        return self.box
