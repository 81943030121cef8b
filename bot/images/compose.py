"""The delivered picture: the provider's margins around the unchanged pixels of the seed image."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import Note, OutputFormat
from bot.domain.plan import Plan
from bot.errors import ResultUnusable
from bot.images.encode import encode_image, encode_to_fit
from bot.images.seam import hide_seam
from bot.images.seed_format import flatten_image, load_seed

_RESULT_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_PROVIDER_SIDE: Final = 2048
"""Longest side at which the provider stores uploads (vendor's page on image upload); whether it
shrinks inline seed images too is not documented."""
_MAX_SHRINK_FACTOR: Final = 4
"""A result whose width is more than this many times smaller than planned is unusable."""


@dataclass(frozen=True, slots=True)
class ComposedImage:
    """A picture ready to be sent, with its size in pixels."""

    data: bytes
    format: OutputFormat
    size: Size
    notes: tuple[Note, ...]


def compose_result(
    seed_path: Path, raw_path: Path, plan: Plan, wanted: OutputFormat, *, max_bytes: int
) -> ComposedImage:
    """Paste the seed image over the provider's result, crop to the plan, and encode to fit.

    Raises `ResultUnusable` if the result is not an image or not of the planned shape.
    """
    picture, notes = _paste_seed(seed_path, raw_path, plan, opaque=wanted is OutputFormat.JPG)
    encoded = encode_to_fit(picture, wanted, max_bytes)
    if encoded.note:
        notes.append(encoded.note)
    return ComposedImage(encoded.data, encoded.format, encoded.size, tuple(notes))


def build_master(seed_path: Path, raw_path: Path, plan: Plan) -> bytes:
    """Compose the same picture as a full-size PNG from the two stored files.

    Raises `ResultUnusable` as `compose_result` does.
    """
    picture, _ = _paste_seed(seed_path, raw_path, plan, opaque=False)
    return encode_image(picture, OutputFormat.PNG).data


def encode_provider_image(seed_path: Path, max_bytes: int, size: Size | None = None) -> str:
    """Return the seed image over white as a data URI: PNG, or JPEG if over `max_bytes`.

    It is scaled to `size` if that is given.
    """
    seed = flatten_image(load_seed(seed_path))
    if size is not None and size != Size(*seed.size):
        seed = seed.resize((size.width, size.height), Image.Resampling.LANCZOS)
    data, kind = encode_image(seed, OutputFormat.PNG).data, "png"
    if len(data) > max_bytes:
        data, kind = encode_image(seed, OutputFormat.JPG).data, "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _paste_seed(
    seed_path: Path, raw_path: Path, plan: Plan, *, opaque: bool
) -> tuple[Image.Image, list[Note]]:
    canvas, notes = _open_result(raw_path, plan)
    seed = load_seed(seed_path)
    plain = flatten_image(seed)  # over white, as the provider was given it
    hide_seam(canvas, plain, plan.rendered)
    if opaque:
        seed = plain
    elif seed.mode == "RGBA":
        canvas = canvas.convert("RGBA")
    # no mask: the seed replaces pixels and alpha instead of being blended
    canvas.paste(seed, (plan.rendered.left, plan.rendered.top))
    crop = plan.crop
    if crop.total_pixels:
        canvas = canvas.crop(
            (crop.left, crop.top, canvas.width - crop.right, canvas.height - crop.bottom)
        )
    return canvas, notes


def _open_result(raw_path: Path, plan: Plan) -> tuple[Image.Image, list[Note]]:
    """Open the provider's file, scaling a uniformly smaller one up to the planned size."""
    planned = plan.rendered_canvas
    try:
        with Image.open(raw_path, formats=_RESULT_FORMATS) as image:
            size = Size(*image.size)
            if _is_around_shrunk_seed(size, plan):
                return _enlarge_result(image, plan), [Note.RESCALED]
            if size != planned and not _has_same_shape(size, planned):
                raise ResultUnusable("wrong_size", f"got {size}, planned {planned}")
            image.load()
            canvas = image if image.mode == "RGB" else image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ResultUnusable("not_an_image", str(error)) from error
    canvas.info = {}
    if size == planned:
        return canvas, []
    scaled = canvas.resize((planned.width, planned.height), Image.Resampling.LANCZOS)
    return scaled, [Note.RESCALED]


def _is_around_shrunk_seed(size: Size, plan: Plan) -> bool:
    """Return whether the margins are as planned, but the provider shrank the seed image first."""
    scale = _PROVIDER_SIDE / max(plan.seed.width, plan.seed.height)
    grown = Size(1, 1).grow_by(plan.rendered)  # the margins, plus 1 each way
    width_error = abs(size.width - grown.width + 1 - plan.seed.width * scale)
    height_error = abs(size.height - grown.height + 1 - plan.seed.height * scale)
    return scale < 1 and max(width_error, height_error) <= 1


def _enlarge_result(image: Image.Image, plan: Plan) -> Image.Image:
    """Scale a result around a shrunk seed image up, and crop the margins, then too wide."""
    canvas, margins, seed = plan.rendered_canvas, plan.rendered, plan.seed
    across = (image.width - margins.left - margins.right) / seed.width
    down = (image.height - margins.top - margins.bottom) / seed.height
    box = (
        margins.left * (1 - across),
        margins.top * (1 - down),
        image.width - margins.right * (1 - across),
        image.height - margins.bottom * (1 - down),
    )
    size = (canvas.width, canvas.height)
    return image.convert("RGB").resize(size, Image.Resampling.LANCZOS, box=box)


def _has_same_shape(size: Size, planned: Size) -> bool:
    """Return whether `size` is `planned` at a smaller scale, give or take a pixel per side."""
    slack = planned.width + planned.height
    smaller = planned.width / _MAX_SHRINK_FACTOR <= size.width <= planned.width
    return smaller and abs(size.width * planned.height - size.height * planned.width) <= slack
