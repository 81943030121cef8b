"""A renderer of single colours, for tests where only the protocol matters."""

from __future__ import annotations

import asyncio
import functools
import io
from typing import Final

from PIL import Image

from bot.domain.geometry import Margins, Size
from sandbox.runware.engine.render import Rendered, RenderOrder

_FORMATS: Final = {"JPG": "JPEG", "PNG": "PNG", "WEBP": "WEBP"}


class FlatRenderer:
    """Return a picture of the right size and format; its colour depends on the noise seed."""

    engine = "flat"
    warming = False
    progress: tuple[float, ...] = ()

    async def render(self, order: RenderOrder) -> Rendered:
        await asyncio.sleep(0)
        data = _paint_picture(order.seed, order.margins, order.file_format, order.noise_seed % 64)
        return Rendered(data, self.engine)


@functools.lru_cache(maxsize=512)
def _paint_picture(seed: bytes, margins: Margins, file_format: str, tint: int) -> bytes:
    with Image.open(io.BytesIO(seed)) as image:
        size = Size(*image.size).grow_by(margins)
    out = io.BytesIO()
    colour = (4 * tint, 255 - 4 * tint, 128)
    Image.new("RGB", (size.width, size.height), colour).save(out, _FORMATS[file_format])
    return out.getvalue()
