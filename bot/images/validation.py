"""Validation of uploaded pictures: check limits and format, decode, and normalise for storage.

Order: bytes, format by content, header, pixels, decoding, orientation, sRGB, metadata removal.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms, UnidentifiedImageError

from bot.domain.geometry import Size
from bot.domain.order import Note, OutputFormat
from bot.errors import ImageReason, ImageRefused
from bot.images.seed_format import encode_seed

_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF")
_MULTI_PICTURE_JPEG: Final = "MPO"
"""Pillow's name for a JPEG followed by more pictures, such as a phone camera's depth map or
preview: not an animation (CIPA DC-007)."""
_OUTPUT_FORMATS: Final = {
    "JPEG": OutputFormat.JPG,
    "MPO": OutputFormat.JPG,
    "PNG": OutputFormat.PNG,
    "WEBP": OutputFormat.WEBP,
    "GIF": OutputFormat.PNG,
}
_ORIENTATION_TAG: Final = 0x0112
_TRANSPOSITIONS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The tag's values in the Exif standard, and the turn that undoes each."""


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Limits of a seed image: bytes of the file, pixels in total, pixels of a side."""

    max_bytes: int
    max_pixels: int
    min_side: int
    max_side: int


@dataclass(frozen=True, slots=True)
class SeedImage:
    """A normalised seed image: 8-bit sRGB or RGBA, upright, without metadata.

    `data` is in the stored format (images/seed_format.py), `format` is that of the uploaded file,
    used for the result.
    """

    data: bytes
    size: Size
    format: OutputFormat
    notes: tuple[Note, ...]


def normalise_seed_image(data: bytes, limits: ImageLimits) -> SeedImage:
    """Validate and normalise a picture; raise `ImageRefused` if it can't be expanded."""
    with open_validated(data, limits) as image:
        return _clean_image(image)


@contextmanager
def open_validated(data: bytes, limits: ImageLimits) -> Iterator[Image.Image]:
    """Open a picture whose header is within the limits; its pixels are not decoded yet.

    Any exception in the block, such as a decoder's, is raised as `ImageRefused`.
    """
    check_bytes(len(data), limits)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)  # Pillow's own limit
        # Pillow warns of broken metadata: not a reason to refuse a readable picture
        warnings.filterwarnings("ignore", category=UserWarning)
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                # before decoding: a small file may declare billions of pixels
                check_size(Size(*image.size), limits)
                yield image
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _build_too_many_pixels("", limits) from None
        except UnidentifiedImageError:
            raise ImageRefused(ImageReason.NOT_AN_IMAGE) from None
        except ImageRefused:
            raise
        except MemoryError:
            raise ImageRefused(ImageReason.TOO_HARD) from None
        except Exception as error:  # noqa: BLE001 - hostile bytes raise anything in a decoder
            raise ImageRefused(ImageReason.BROKEN, type(error).__name__) from None


def check_bytes(size: int, limits: ImageLimits) -> None:
    """Raise `ImageRefused` if a file has more bytes than allowed."""
    if size > limits.max_bytes:
        found, limit = (f"{number / 2**20:.1f} MiB" for number in (size, limits.max_bytes))
        raise ImageRefused(ImageReason.TOO_MANY_BYTES, found, limit)


def check_size(size: Size, limits: ImageLimits) -> None:
    """Raise `ImageRefused` for too many pixels in total, or a side that is too long or short."""
    if size.pixel_count > limits.max_pixels:
        raise _build_too_many_pixels(str(size), limits)
    if max(size.width, size.height) > limits.max_side:
        raise ImageRefused(ImageReason.TOO_LONG, str(size), str(limits.max_side))
    if min(size.width, size.height) < limits.min_side:
        raise ImageRefused(ImageReason.TOO_SMALL, str(size), str(limits.min_side))


def _clean_image(image: Image.Image) -> SeedImage:
    source = image.format or ""
    moving = getattr(image, "n_frames", 1) > 1 and source != _MULTI_PICTURE_JPEG
    notes = [Note.FIRST_FRAME] if moving else []
    image.seek(0)
    image.load()
    plain = convert_to_srgb(turn_upright(image))
    if plain.mode == "RGBA":
        notes.append(Note.TRANSPARENT)
    return SeedImage(encode_seed(plain), Size(*plain.size), _OUTPUT_FORMATS[source], tuple(notes))


def is_sideways(image: Image.Image) -> bool:
    """Return whether the orientation swaps width and height."""
    return image.getexif().get(_ORIENTATION_TAG, 1) in {5, 6, 7, 8}


def turn_upright(image: Image.Image) -> Image.Image:
    """Turn the pixels as the Exif orientation says; other tags are not read."""
    turn = _TRANSPOSITIONS.get(image.getexif().get(_ORIENTATION_TAG, 1))
    if turn is None:
        return image
    turned = image.transpose(turn)
    turned.info = image.info
    return turned


def convert_to_srgb(image: Image.Image) -> Image.Image:
    """Convert any mode to 8-bit RGB in sRGB, or to RGBA if any pixel is not opaque."""
    if image.mode.startswith("I"):
        # 16-bit grey, 65535 / 257 = 255: Pillow's own conversion would clip instead of scale
        image = image.point(lambda value: value / 257).convert("L")
    transparent = image.has_transparency_data
    profile = image.info.get("icc_profile")
    if image.mode == "RGBA" and not profile:
        # the common case, without splitting the channels
        opaque = image.getchannel("A").getextrema() == (255, 255)
        return image.convert("RGB") if opaque else image.copy()
    # a profile describes colours only, so alpha is set aside and put back unconverted
    alpha = image.convert("RGBA").getchannel("A") if transparent else None
    colour = _convert_by_profile(image, profile) if profile else image.convert("RGB")
    if alpha is None or alpha.getextrema() == (255, 255):
        return colour
    colour.putalpha(alpha)
    return colour


def _convert_by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert from the embedded ICC profile to sRGB; ignore a profile that can't be read."""
    if image.mode not in {"RGB", "CMYK", "L"}:
        image = image.convert("RGB")
    srgb = ImageCms.createProfile("sRGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")
    return converted if converted is not None else image.convert("RGB")


def _build_too_many_pixels(found: str, limits: ImageLimits) -> ImageRefused:
    limit = f"{limits.max_pixels / 1e6:.1f} megapixels"
    return ImageRefused(ImageReason.TOO_MANY_PIXELS, found, limit)
