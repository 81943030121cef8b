"""Decoding and validating seed images, and encoding results."""

from __future__ import annotations

import io
import struct
import warnings
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageOps

from bot.domain.geometry import Size

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""Formats of a seed image (vendor's API reference: PNG, JPG, WEBP); no other parser is started."""
MAX_BYTES: Final = 20 * 1024 * 1024
"""Largest seed image in bytes; the model's maker states 20 MB of base64 for its newer endpoints."""
MAX_PIXELS: Final = 4096 * 4096
"""Largest seed image in pixels, read from the header; ours, the vendor states none."""
MIN_SIDE: Final = 8
MAX_SIDE: Final = 8192
"""Shortest and longest side of a seed image in pixels; ours, the vendor states none. With the
largest margins a side stays under the 16,383 pixels that the WEBP format can hold."""

_UNREADABLE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    struct.error,
    OverflowError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class SeedUnusableError(Exception):
    """The reason, in one sentence, why a seed image cannot be used."""


def measure_size(data: bytes) -> Size:
    """Return the upright size of a completely decoded seed image; raise `SeedUnusableError`.

    The header is checked against every limit before a pixel is decoded.
    """
    height, width = decode_seed(data).shape[:2]
    return Size(width, height)


def decode_seed(data: bytes) -> NDArray[np.uint8]:
    """Return the first frame, upright, as (height, width, 3 or 4); or raise `SeedUnusableError`."""
    if len(data) > MAX_BYTES:
        raise SeedUnusableError(f"The image has {len(data)} bytes; at most {MAX_BYTES} are taken.")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(*image.size)
            return _to_array(ImageOps.exif_transpose(image))
    except _UNREADABLE as error:
        raise SeedUnusableError("The image is not a readable JPEG, PNG or WEBP file.") from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise SeedUnusableError(
            f"The image has {width}x{height} pixels; at most {MAX_PIXELS} in all are taken."
        )
    if not MIN_SIDE <= min(width, height) <= max(width, height) <= MAX_SIDE:
        raise SeedUnusableError(
            f"The image has {width}x{height} pixels; a side has {MIN_SIDE} to {MAX_SIDE}."
        )


def _to_array(image: Image.Image) -> NDArray[np.uint8]:
    if image.mode.startswith("I"):
        return np.repeat((np.asarray(image) >> 8).astype(np.uint8)[..., None], 3, axis=2)
    return np.array(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def flatten_alpha(seed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Put a translucent image on the mean of its visible colours; hidden ones stay hidden."""
    if seed.shape[2] == 3:
        return seed
    alpha = seed[..., 3:].astype(np.float32) / 255
    weight = float(alpha.sum())
    colour = seed[..., :3].astype(np.float32)
    mean = (colour * alpha).sum((0, 1)) / weight if weight else np.full(3, 255, np.float32)
    laid: NDArray[np.float32] = np.rint(colour * alpha + mean * (1 - alpha))
    return laid.astype(np.uint8)


def encode_pixels(pixels: NDArray[np.uint8], *, file_format: str, quality: int) -> bytes:
    """Return a JPG, PNG or WEBP file without metadata; JPG shows translucent pixels over white."""
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    if file_format == "JPG":
        _over_white(image).save(out, "JPEG", quality=quality)
    elif file_format == "PNG":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()


def _over_white(image: Image.Image) -> Image.Image:
    if image.mode == "RGB":
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
