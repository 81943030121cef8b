"""What attackers send: files that are heavy to decode, large ones, and patterns slow to match."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Final

from PIL import Image

from sandbox.discord.model.records import Upload

_SIDE: Final = 4096
"""The largest seed image, squared."""
_SCANS: Final = (12_000, 150)
"""More than any reader should accept, and fewer than an earlier limit on scans only."""
PATTERNS: Final = tuple(
    f"(?:[a-z]{{0,{30 - number % 5}}}[^x]{{0,30}}){{0,{15 - number % 3}}}q{number}"
    for number in range(25)
)
"""As many patterns as a list may hold, of some thousand states each."""
SLOW_PROMPT: Final = "ab c" * 700


def list_bombs() -> Iterator[Upload]:
    """Yield pictures that are small to send and heavy to decode."""
    flat, out = Image.new("L", (_SIDE, _SIDE), 120), io.BytesIO()
    flat.save(out, "JPEG", progressive=True)
    start, end = out.getvalue()[:-2], out.getvalue()[-2:]
    scan = start[start.rindex(b"\xff\xda") :]
    for scans in _SCANS:
        yield Upload("scans.jpg", start + scan * scans + end)
    out = io.BytesIO()
    flat.convert("RGBA").save(out, "PNG")
    yield Upload("flat.png", out.getvalue())


def build_large_file() -> Upload:
    """Return a picture of 9.9 MB, just below what Discord lets everybody upload."""
    out = io.BytesIO()
    Image.effect_noise((1815, 1815), 120).convert("RGB").save(out, "PNG", compress_level=0)
    return Upload("large.png", out.getvalue())


def build_cut_off_file() -> Upload:
    """Return a picture of 16 megapixels that is decoded almost to its end before it is refused."""
    out = io.BytesIO()
    image = Image.effect_noise((_SIDE, _SIDE), 40).convert("RGB")
    image.save(out, "JPEG", progressive=True, quality=40)
    data = out.getvalue()
    return Upload("cut-off.jpg", data[: len(data) * 9 // 10])


def build_photograph(width: int, height: int) -> Upload:
    out = io.BytesIO()
    Image.effect_noise((width, height), 40).convert("RGB").save(out, "JPEG", quality=60)
    return Upload("photograph.jpg", out.getvalue())
