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
from bot.images.canvas import draw_canvas
from bot.images.encode import encode_image, encode_to_fit
from bot.images.reading.container import UNREADABLE
from bot.images.reading.picture import open_picture
from bot.images.registration.registration import register_seed
from bot.images.seam import hide_seam
from bot.images.seed_format import flatten_image, load_seed

_LARGEST_GROWTH: Final = 4
"""A result with more than this many times the planned pixels is refused before it is decoded."""
_LARGEST_SHRINK: Final = 8
"""A result whose sides are more than this many times smaller than planned is refused."""
_LEAST_RENDERED: Final = 0.25
"""Share of the new area that a result has to show."""
_NOTED_PIXELS: Final = 1.0
"""Pixels by which a canvas is smaller than planned before the card says so."""


@dataclass(frozen=True, slots=True)
class ComposedImage:
    """A picture ready to be sent, with its size in pixels."""

    data: bytes
    format: OutputFormat
    size: Size
    notes: tuple[Note, ...]


def compose_result(
    seed_path: Path,
    raw_path: Path,
    plan: Plan,
    wanted: OutputFormat,
    *,
    max_bytes: int,
    is_marked: bool = False,
) -> ComposedImage:
    """Align the provider's result with the plan, paste the seed image over it, and encode to fit.

    Raises `ResultUnusable` if the result is not an image, or does not show the seed image.
    """
    picture, notes = _paste_seed(seed_path, raw_path, plan, opaque=wanted is OutputFormat.JPG)
    encoded = encode_to_fit(picture, wanted, max_bytes, is_marked=is_marked)
    if encoded.note:
        notes.append(encoded.note)
    if is_marked:
        notes.append(Note.MADE_WITH_AI)
    return ComposedImage(encoded.data, encoded.format, encoded.size, tuple(notes))


def build_master(seed_path: Path, raw_path: Path, plan: Plan, *, is_marked: bool = False) -> bytes:
    """Compose the same picture as a full-size PNG from the two stored files.

    Raises `ResultUnusable` as `compose_result` does.
    """
    picture, _ = _paste_seed(seed_path, raw_path, plan, opaque=False)
    return encode_image(picture, OutputFormat.PNG, is_marked=is_marked).data


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
    seed = load_seed(seed_path)
    plain = flatten_image(seed)  # over white, as the provider was given it
    canvas, notes = _align_result(_open_result(raw_path, plan), plain, plan)
    hide_seam(canvas, plain, plan.delivered)
    if opaque:
        seed = plain
    elif seed.mode == "RGBA":
        canvas = canvas.convert("RGBA")
    # no mask: the seed replaces pixels and alpha instead of being blended
    canvas.paste(seed, (plan.delivered.left, plan.delivered.top))
    return canvas, notes


def _open_result(raw_path: Path, plan: Plan) -> Image.Image:
    """Open the provider's file as a browser shows it, in RGB; its size is checked first."""
    planned = plan.rendered_canvas
    try:
        picture = open_picture(raw_path.read_bytes())
        if not _has_usable_size(picture.size, planned):
            raise ResultUnusable("wrong_size", f"got {picture.size}, planned {planned}")
        return picture.decode_as_shown().convert("RGB")
    except UNREADABLE as error:
        raise ResultUnusable("not_an_image", str(error)) from error


def _has_usable_size(size: Size, planned: Size) -> bool:
    is_small = max(planned.width / size.width, planned.height / size.height) > _LARGEST_SHRINK
    return not is_small and size.pixel_count <= _LARGEST_GROWTH * planned.pixel_count


def _align_result(
    result: Image.Image, seed: Image.Image, plan: Plan
) -> tuple[Image.Image, list[Note]]:
    """Find the seed image in the result, and draw the delivered canvas by that."""
    found = register_seed(_reduce_seed(seed, plan), result, plan)
    if found is None:
        raise ResultUnusable("seed_not_found", f"a result of {result.width}x{result.height}")
    place = found.placement
    drawn = draw_canvas(result, place, plan)
    if drawn.rendered_share < _LEAST_RENDERED:
        raise ResultUnusable("no_margins", f"only {drawn.rendered_share:.0%} of the new area")
    notes = []
    canvas = plan.rendered_canvas
    lost = max(canvas.width * (1 - place.across), canvas.height * (1 - place.down))
    if lost >= _NOTED_PIXELS:
        notes.append(Note.RESCALED)
    if drawn.rendered_share < 1:
        notes.append(Note.EDGES_FILLED)
    if not found.is_located:
        notes.append(Note.NOT_LOCATED)
    return drawn.image, notes


def _reduce_seed(seed: Image.Image, plan: Plan) -> Image.Image:
    """Return the seed image at the size at which it was sent."""
    size = (plan.sent_seed.width, plan.sent_seed.height)
    if seed.size == size:
        return seed
    return seed.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
