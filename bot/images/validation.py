"""Validation of uploaded pictures: check limits and format, decode, and normalise for storage.

Order: bytes, format by content, header, pixels, decoding, orientation, sRGB, metadata removal.
What a browser shows is what counts (`images/reading`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from bot.domain.geometry import Size
from bot.domain.order import Note, OutputFormat
from bot.errors import ImageReason, ImageRefused
from bot.images.reading.container import NotAPicture, Picture, TooMuchWork
from bot.images.reading.picture import open_picture
from bot.images.seed_format import encode_seed


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
    with open_validated(data, limits) as picture:
        plain = picture.decode_as_shown()
        notes = [Note.FIRST_FRAME] if picture.is_moving else []
        if plain.mode == "RGBA":
            notes.append(Note.TRANSPARENT)
        return SeedImage(encode_seed(plain), Size(*plain.size), picture.format, tuple(notes))


@contextmanager
def open_validated(data: bytes, limits: ImageLimits) -> Iterator[Picture]:
    """Open a picture whose header is within the limits; its pixels are not decoded yet.

    Any exception in the block, such as a decoder's, is raised as `ImageRefused`.
    """
    check_bytes(len(data), limits)
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)  # Pillow's own limit
        # Pillow warns of broken metadata: not a reason to refuse a readable picture
        warnings.filterwarnings("ignore", category=UserWarning)
        try:
            picture = open_picture(data)
            # before decoding: a small file may declare billions of pixels
            check_size(picture.stored_size, limits)
            yield picture
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise _build_too_many_pixels("", limits) from None
        except (UnidentifiedImageError, NotAPicture):
            raise ImageRefused(ImageReason.NOT_AN_IMAGE) from None
        except ImageRefused:
            raise
        except (TooMuchWork, MemoryError):
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


def _build_too_many_pixels(found: str, limits: ImageLimits) -> ImageRefused:
    limit = f"{limits.max_pixels / 1e6:.1f} megapixels"
    return ImageRefused(ImageReason.TOO_MANY_PIXELS, found, limit)
