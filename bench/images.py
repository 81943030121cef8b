"""The work between "result ready" and "posted": paste-back, crop and encode, over decode + encode.

Bar: at most 3 times plain decode and encode of the same 1 MP JPEG; aim 1.5 (design, quality table).
"""

from __future__ import annotations

import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from bot.domain.geometry import Margins, Size, plan
from bot.domain.order import OutputFormat
from bot.images.compose import compose
from bot.images.encode import encode
from bot.images.stored import dump

RUNS = 15


def main(_: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        seed_path, raw_path = Path(folder, "seed"), Path(folder, "raw")
        made = plan(Size(768, 1024), Margins(right=256), max_canvas_pixels=10**8)
        picture = _picture(made.rendered_canvas)
        seed_path.write_bytes(dump(picture.crop((0, 0, 768, 1024))))
        picture.save(raw_path, "JPEG", quality=95)
        ours = _median_ms(
            lambda: compose(seed_path, raw_path, made, OutputFormat.JPG, max_bytes=10**7)
        )
        floor = _median_ms(lambda: _decode_and_encode(raw_path))
    print(json.dumps({"compose_ms": ours, "decode_encode_ms": floor, "ratio": ours / floor}))


def _decode_and_encode(path: Path) -> None:
    with Image.open(path) as image:
        encode(image.convert("RGB"), OutputFormat.JPG)


def _median_ms(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return round(statistics.median(times), 2)


def _picture(size: Size) -> Image.Image:
    """Draw a picture with the detail of a photograph, the same at each run."""
    across = Image.linear_gradient("L").rotate(90).resize((size.width, size.height))
    down = Image.radial_gradient("L").resize((size.width, size.height))
    noise = Image.effect_noise((size.width, size.height), 24)
    out = io.BytesIO()
    Image.merge("RGB", (across, down, noise)).save(out, "JPEG", quality=90)
    return Image.open(out).convert("RGB")
