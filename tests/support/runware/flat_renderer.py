"""A renderer of single colours around the seed image, where only the protocol matters."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from bot.domain.geometry import Size
from sandbox.runware.engine.pixels import decode_seed, encode_pixels
from sandbox.runware.engine.render import Rendered, RenderOrder
from sandbox.runware.media.returned_canvas import EXACT, ReturnedCanvas

_TINTS: Final = 64
_UNALTERED: Final = ReturnedCanvas(EXACT)


class FlatRenderer:
    """Return the seed image in a frame of one colour, which depends on the noise seed."""

    engine = "flat"
    warming = False
    progress: tuple[float, ...] = ()

    def __init__(self) -> None:
        self.altered_count = 0
        """Results so far that were not returned as they were rendered."""

    async def render(self, order: RenderOrder) -> Rendered:
        await asyncio.sleep(0)
        self.altered_count += order.finish != _UNALTERED
        tinted = replace(order, noise_seed=order.noise_seed % _TINTS)
        return Rendered(_paint_picture(tinted), self.engine)


@functools.lru_cache(maxsize=512)
def _paint_picture(order: RenderOrder) -> bytes:
    seed = Image.fromarray(decode_seed(order.seed)).convert("RGB")
    size = Size(*seed.size).grow_by(order.margins)
    tint = 4 * order.noise_seed
    canvas = Image.new("RGB", (size.width, size.height), (tint, 255 - tint, 128))
    canvas.paste(seed, (order.margins.left, order.margins.top))
    pixels = order.finish(np.asarray(canvas))
    return encode_pixels(pixels, file_format=order.file_format, quality=order.quality)
