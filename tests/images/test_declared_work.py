"""What a file declares is counted before it is decoded: at each limit it is read, beyond it not."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable

import pytest
from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import Note
from bot.errors import ImageReason, ImageRefused
from bot.images.preview import make_thumbnail
from bot.images.validation import normalise_seed_image
from tests.support.images.corpus import LIMITS
from tests.support.images.hostile_files import (
    LARGEST,
    build_animated_webp,
    build_apng,
    build_element_profile,
    build_extended_webp,
    build_gif,
    build_hard_files,
    build_lossless_webp,
    build_progressive,
    build_refused_files,
    build_riff_chunk,
    encode,
    insert_behind_start,
)
from tests.support.images.raw_png import build_chunk, build_png

PARTS = 24_000
GIF_BLOCKS = 2**18
SCANS = 99
BLOCKS = 2**24
BY_HEADER_S = 0.05
SLOWEST_S = 2.0
SLOWEST_WEBP_S = 4.0
"""A fifth of a worker's time, for what a WebP's header does not tell: its groups of codes."""
MOST_GROUPS = 2**16
"""Two bytes of a pixel of the entropy image name a group (RFC 9649, section 6.2.2)."""
ENCODER_OPTIONS: list[dict[str, object]] = [
    {"progressive": True, "subsampling": 0},
    {"restart_marker_blocks": 1},
]
SMALL = Image.new("RGB", (96, 80), "teal")
REFUSED_FILES = dict(build_refused_files())
HARD_FILES = dict(build_hard_files())


def read_size(data: bytes) -> Size:
    return normalise_seed_image(data, LIMITS).size


def is_too_hard(data: bytes) -> bool:
    try:
        normalise_seed_image(data, LIMITS)
    except ImageRefused as refused:
        return refused.reason is ImageReason.TOO_HARD
    return False


def read_file(read: Callable[..., object], data: bytes) -> None:
    with contextlib.suppress(ImageRefused):
        read(data, LIMITS)


def is_read_within(seconds: float, read: Callable[..., object], data: bytes) -> bool:
    """Return whether reading takes less CPU, at one of five times: other processes slow it too."""
    for _ in range(5):
        start = time.process_time()
        read_file(read, data)
        if time.process_time() - start < seconds:
            return True
    return False


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_file_that_declares_work_without_end_is_refused_by_its_header(name: str) -> None:
    data = REFUSED_FILES[name]()
    assert len(data) <= LIMITS.max_bytes
    assert is_too_hard(data)
    assert is_read_within(BY_HEADER_S, normalise_seed_image, data)
    assert is_read_within(BY_HEADER_S, make_thumbnail, data)


@pytest.mark.parametrize("name", HARD_FILES)
def test_the_hardest_file_within_the_limits_is_read_in_time(name: str) -> None:
    data = HARD_FILES[name]()
    assert len(data) <= LIMITS.max_bytes
    assert is_read_within(SLOWEST_S, normalise_seed_image, data)
    assert not is_too_hard(data)


@pytest.mark.parametrize("scans", [2, 10, 64, SCANS])
def test_a_progressive_jpeg_of_a_legal_script_is_read(scans: int) -> None:
    seed = normalise_seed_image(build_progressive((64, 64), scans), LIMITS)
    with Image.open(io.BytesIO(seed.data)) as image:
        assert image.getextrema() == ((128, 128),) * 3


def test_the_scan_at_which_browsers_give_up_is_refused() -> None:
    assert is_too_hard(build_progressive((64, 64), SCANS + 1))


def test_scans_count_by_the_blocks_that_they_pass_over() -> None:
    most = BLOCKS // (LARGEST[0] * LARGEST[1] // 64)
    assert read_size(build_progressive(LARGEST, most)) == Size(*LARGEST)
    assert is_too_hard(build_progressive(LARGEST, most + 1))


def test_a_file_without_its_end_counts_three_times_as_it_is_decoded_so_often() -> None:
    most = BLOCKS // (LARGEST[0] * LARGEST[1] // 64) // 3
    assert read_size(build_progressive(LARGEST, most, is_ended=False)) == Size(*LARGEST)
    assert is_too_hard(build_progressive(LARGEST, most + 1, is_ended=False))


@pytest.mark.parametrize(
    "options",
    ENCODER_OPTIONS,
)
def test_what_encoders_write_by_default_is_read_at_the_largest_size(
    options: dict[str, object],
) -> None:
    grain = Image.effect_noise((512, 512), 80).resize(LARGEST).convert("RGB")
    assert read_size(encode(grain, "JPEG", quality=40, **options)) == Size(*LARGEST)


def test_segments_of_a_jpeg_count_with_its_own() -> None:
    jpeg = encode(SMALL, "JPEG")
    own = 10  # APP0, two DQT, SOF0, four DHT, SOS, EOI
    assert read_size(insert_behind_start(jpeg, b"\xff\xfe\0\x02" * (PARTS - own))) == Size(96, 80)
    assert is_too_hard(insert_behind_start(jpeg, b"\xff\xfe\0\x02" * (PARTS - own + 1)))


def test_chunks_of_a_png_count_with_its_own() -> None:
    text, own = build_chunk(b"tEXt", b"a\0b"), 3  # IHDR, IDAT, IEND
    assert read_size(build_png(before=[text * (PARTS - own)])) == Size(96, 80)
    assert is_too_hard(build_png(before=[text * (PARTS - own + 1)]))


def test_parts_of_an_apngs_hidden_frame_are_chunks() -> None:
    own = 7  # IHDR, acTL, IDAT, fcTL, fdAT, fcTL
    assert read_size(build_apng(2, PARTS - own + 1)) == Size(96, 80)
    assert is_too_hard(build_apng(2, PARTS - own + 2))


def test_extensions_of_a_gif_count_up_to_its_second_frame() -> None:
    assert read_size(build_gif(b"\x21\xfe\0" * (PARTS - 1))) == Size(96, 80)
    assert is_too_hard(build_gif(b"\x21\xfe\0" * (PARTS + 1)))


def test_blocks_of_a_gif_count_in_one_chain() -> None:
    assert read_size(build_gif(b"\x21\xfe" + b"\x01a" * GIF_BLOCKS + b"\0")) == Size(96, 80)
    assert is_too_hard(build_gif(b"\x21\xfe" + b"\x01a" * (GIF_BLOCKS + 1) + b"\0"))


def test_chunks_of_a_webp_count_with_its_own() -> None:
    unknown, own = build_riff_chunk(b"ABCD"), 2  # VP8X, VP8
    assert read_size(build_extended_webp([unknown * (PARTS - own)])) == Size(96, 80)
    assert is_too_hard(build_extended_webp([unknown * (PARTS - own + 1)]))


def test_frames_of_a_webp_are_chunks() -> None:
    own = 2  # VP8X, ANIM
    seed = normalise_seed_image(build_animated_webp(PARTS - own), LIMITS)
    assert (seed.size, seed.notes[0]) == (Size(*LARGEST), Note.FIRST_FRAME)
    assert is_too_hard(build_animated_webp(PARTS - own + 1))


def test_a_webp_without_loss_of_all_groups_of_codes_is_read_in_a_fifth_of_a_workers_time() -> None:
    data = build_lossless_webp(MOST_GROUPS)
    assert len(data) < LIMITS.max_bytes / 10
    assert is_read_within(SLOWEST_WEBP_S, normalise_seed_image, data)
    assert read_size(data) == Size(*LARGEST)


@pytest.mark.parametrize("fmt", ["GIF", "WEBP", "PNG"])
def test_an_animation_of_hundreds_of_frames_is_read(fmt: str) -> None:
    frames = [Image.new("RGB", (96, 80), (number % 256, number // 2, 0)) for number in range(500)]
    seed = normalise_seed_image(
        encode(frames[0], fmt, save_all=True, append_images=frames[1:], lossless=True), LIMITS
    )
    assert (seed.size, seed.notes[0]) == (Size(96, 80), Note.FIRST_FRAME)


def test_elements_of_a_profile_that_browsers_have_not_are_not_applied() -> None:
    for count in (1, 100_000):
        data = encode(SMALL, "PNG", icc_profile=build_element_profile(count))
        seed = normalise_seed_image(data, LIMITS)
        with Image.open(io.BytesIO(seed.data)) as image:
            assert image.getpixel((5, 5)) == (0, 128, 128)
