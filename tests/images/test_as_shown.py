"""Pictures from real trouble: what is kept is what a browser shows, or the refusal is clear."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.domain.geometry import Margins, Size
from bot.domain.order import OutputFormat
from bot.domain.plan import Plan
from bot.errors import ImageReason, ImageRefused
from bot.images.compose import compose_result
from bot.images.preview import THUMBNAIL_SIDE, make_thumbnail
from bot.images.seed_format import encode_seed, flatten_image
from bot.images.validation import normalise_seed_image
from tests.support.images.comparison import describe_difference
from tests.support.images.corpus import LIMITS

FOLDER = Path(__file__).parents[1] / "data" / "pictures"
MARGIN = 64
EXPECTED: dict[str, str] = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
SHOWN = sorted(name for name, expected in EXPECTED.items() if expected == "shown")
REFUSED = sorted(set(EXPECTED) - set(SHOWN))


def read_shown(name: str) -> Image.Image:
    """Return what a browser showed when the file was recorded."""
    with Image.open(FOLDER / f"{name}.shown.png", formats=("PNG",)) as image:
        return image.convert("RGBA")


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_kept_is_what_a_browser_shows(name: str) -> None:
    seed = normalise_seed_image((FOLDER / name).read_bytes(), LIMITS)
    with Image.open(io.BytesIO(seed.data)) as kept:
        assert describe_difference(kept, np.asarray(read_shown(name))) is None


@pytest.mark.parametrize("name", SHOWN)
def test_a_thumbnail_is_of_what_a_browser_shows(name: str) -> None:
    thumbnail = make_thumbnail((FOLDER / name).read_bytes(), LIMITS)
    shown = read_shown(name)
    assert (thumbnail.size.width, thumbnail.size.height) == shown.size
    assert max(shown.size) <= THUMBNAIL_SIDE
    with Image.open(io.BytesIO(thumbnail.data)) as drawn:
        assert describe_difference(drawn, np.asarray(flatten_image(shown).convert("RGBA"))) is None


@pytest.mark.parametrize("name", REFUSED)
def test_a_picture_whose_rows_are_missing_is_refused(name: str) -> None:
    with pytest.raises(ImageRefused) as caught:
        normalise_seed_image((FOLDER / name).read_bytes(), LIMITS)
    assert caught.value.reason is ImageReason.BROKEN


@pytest.mark.parametrize("name", ["icc_p3.jpg", "gama_100000_chrm.png", "exif_ok_6.jpg"])
def test_a_result_is_read_as_a_browser_shows_it_too(name: str, tmp_path: Path) -> None:
    shown = read_shown(name).convert("RGB")
    original = shown.crop((0, 0, shown.width - MARGIN, shown.height))
    seed, raw = tmp_path / "seed", tmp_path / "raw"
    seed.write_bytes(encode_seed(original.copy()))
    raw.write_bytes((FOLDER / name).read_bytes())
    margins = Margins(right=MARGIN)
    plan = Plan(Size(*original.size), margins, margins, margins)
    result = compose_result(seed, raw, plan, OutputFormat.PNG, max_bytes=10**7)
    with Image.open(io.BytesIO(result.data)) as composed:
        assert describe_difference(composed, np.asarray(shown.convert("RGBA"))) is None
