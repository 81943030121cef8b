"""Resizing pictures, as the provider does with large ones and faults with any."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

from bot.domain.geometry import Size

UPLOAD_SIDE: Final = 2048
"""Longest side in pixels at which uploads are stored (vendor's page on image upload)."""
_LARGEST_WEBP: Final = 16_383


def shrink_to_side(data: bytes, max_side: int) -> bytes:
    """Return a picture scaled down to `max_side` pixels a side, or its bytes unchanged."""
    with Image.open(io.BytesIO(data)) as image:
        scale = max_side / max(image.size)
        return data if scale >= 1 else _scale_image(image, scale)


def shrink_seed_image(data: bytes, pixels: float, *, quality: int) -> bytes:
    """Return a picture scaled down to `pixels` in all, or its bytes unchanged."""
    with Image.open(io.BytesIO(data)) as image:
        scale = (pixels / (image.width * image.height)) ** 0.5
        return data if scale >= 1 else _scale_image(image, scale, quality=quality)


def change_width(data: bytes, pixels: int) -> bytes:
    """Return a picture that is `pixels` wider, or narrower if negative."""
    with Image.open(io.BytesIO(data)) as image:
        return _encode_image(image, Size(max(1, image.width + pixels), image.height), 95)


def _scale_image(image: Image.Image, scale: float, *, quality: int = 95) -> bytes:
    size = Size(max(1, int(image.width * scale)), max(1, int(image.height * scale)))
    return _encode_image(image, size, quality)


def _encode_image(image: Image.Image, size: Size, quality: int) -> bytes:
    out = io.BytesIO()
    resized = image.resize((min(size.width, _LARGEST_WEBP), size.height), Image.Resampling.BOX)
    resized.save(out, image.format or "PNG", quality=quality, exif=image.getexif())
    return out.getvalue()
