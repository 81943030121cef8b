"""CPU time of image operations, and how visible the paste-back's seam is.

`compose_result`, the work between "result ready" and "posted", is divided by plain decoding and
encoding of the same 1 MP JPEG: bar 3, target 1.5. All times are CPU, so that other processes do not
count.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from bot.domain.geometry import Margins, Size
from bot.domain.order import OutputFormat
from bot.domain.plan import Plan, plan_expansion
from bot.images.compose import build_master, compose_result, encode_provider_image
from bot.images.encode import encode_image
from bot.images.film.animation import MovieFormat
from bot.images.film.before_after import animate_wipe, draw_pair
from bot.images.film.film import place_pictures, render_film
from bot.images.preview import draw_preview, make_thumbnail
from bot.images.seed_format import encode_seed
from bot.images.validation import ImageLimits, normalise_seed_image

SAMPLES = Path(__file__).parents[2] / "sandbox" / "web" / "samples"
LIMITS = ImageLimits(25 * 2**20, 4096 * 4096, 64, 8192)
LARGE = 25 * 2**20
RUNS = 15
DRIFTS = ((14, 9, -6), (-18, -4, 11), (6, 6, 6))
"""Shifts of red, green and blue that a provider may cause in the given part."""


def measure_images(folder: Path) -> dict[str, float]:
    """Measure everything once, with working files in `folder`."""
    return {**_measure_paste_back(folder), **_measure_drawing(folder), **_measure_seams(folder)}


def _measure_paste_back(folder: Path) -> dict[str, float]:
    plan, seed, raw = _measure_job(folder)
    floor = _median_ms(lambda: _decode_and_encode(raw))
    ours = _median_ms(lambda: compose_result(seed, raw, plan, OutputFormat.JPG, max_bytes=LARGE))
    as_png = folder / "seed.png"
    with Image.open(seed, formats=("TIFF",)) as image:
        image.save(as_png, "PNG", compress_level=1)
    png = _median_ms(lambda: compose_result(as_png, raw, plan, OutputFormat.JPG, max_bytes=LARGE))
    sent = raw.read_bytes()
    return {
        "decode_encode_ms": floor,
        "compose_ms": ours,
        "compose_ratio": round(ours / floor, 2),
        "compose_with_a_png_seed_ratio": round(png / floor, 2),
        "master_ms": _median_ms(lambda: build_master(seed, raw, plan)),
        "normalise_ms": _median_ms(lambda: normalise_seed_image(sent, LIMITS)),
        "provider_image_ms": _median_ms(lambda: encode_provider_image(seed, LARGE)),
        "seed_kib": seed.stat().st_size // 1024,
        "seed_as_png_kib": as_png.stat().st_size // 1024,
    }


def _measure_drawing(folder: Path) -> dict[str, float]:
    found: dict[str, float] = {}
    large = _draw_photograph(0).resize((4000, 3000))
    for fmt in ("JPEG", "PNG", "WEBP"):
        data = _encode_image(large, fmt)
        found[f"preview_12mp_{fmt.lower()}_ms"] = _median_ms(partial(_draw_preview, data), 5)
    plan, seed, raw = _measure_job(folder)
    found["pair_ms"] = _median_ms(lambda: draw_pair(seed, raw, plan.delivered, LARGE), 5)
    found["wipe_ms"] = _median_ms(lambda: animate_wipe(seed, raw, plan.delivered, LARGE), 3)
    steps = [Margins(right=256, top=128), Margins(64, 320, 256, 384)]
    shots = place_pictures([folder / f"step{i}" for i in range(3)], Size(512, 384), steps)
    box = shots[-1].box
    whole = _draw_photograph(0).resize((round(box.width), round(box.height)))
    for shot in shots:
        at = shot.box
        whole.crop((int(at.left), int(at.top), int(at.right), int(at.bottom))).save(
            shot.path, "PNG"
        )
    for kind in (MovieFormat.WEBP, MovieFormat.GIF):
        found[f"film_{kind}_ms"] = _median_ms(partial(render_film, shots, kind, LARGE), 1)
        found[f"film_{kind}_kib"] = len(render_film(shots, kind, LARGE).data) // 1024
    return found


def _measure_seams(folder: Path) -> dict[str, float]:
    """Measure seams where a provider shifts colours: after plain pasting, and as delivered."""
    pasted, delivered = [], []
    for number, drift in product(range(2), DRIFTS):
        truth = _draw_photograph(number)
        width, height = truth.size
        frame = (128, 64, width - 128, height - 64)
        size, margins = Size(width - 256, height - 128), Margins(64, 128, 64, 128)
        plan = plan_expansion(size, margins, max_canvas_pixels=10**8)
        seed, raw = truth.crop(frame), _shift_brightness(truth, drift)
        seed_path, raw_path = folder / "seam-seed", folder / "seam-raw"
        seed_path.write_bytes(encode_seed(seed))
        raw.save(raw_path, "PNG")
        done = compose_result(seed_path, raw_path, plan, OutputFormat.PNG, max_bytes=LARGE)
        delivered.append(_measure_seam(Image.open(io.BytesIO(done.data)), frame))
        raw.paste(seed, frame[:2])
        pasted.append(_measure_seam(raw, frame))
    return {
        "seam_pasted_alone": round(statistics.mean(pasted), 2),
        "seam_delivered": round(statistics.mean(delivered), 2),
    }


def _measure_seam(image: Image.Image, frame: tuple[int, int, int, int]) -> float:
    """Return the gradient across the frame over parallel gradients beside it."""
    grey = np.asarray(image.convert("L"), np.float32)
    left, top, right, bottom = frame
    upright = grey[:, left:right]
    lying = grey[top:bottom].T
    across, beside = 0.0, 0.0
    for pixels, line in ((upright, top), (upright, bottom), (lying, left), (lying, right)):
        steps = np.abs(np.diff(pixels, axis=0)).mean(axis=1)
        across += float(steps[line - 1])
        beside += float(np.r_[steps[line - 10 : line - 2], steps[line + 1 : line + 9]].mean())
    return across / beside


def _shift_brightness(image: Image.Image, drift: tuple[int, int, int]) -> Image.Image:
    bands = [
        band.point([max(0, min(255, level + shift)) for level in range(256)])
        for band, shift in zip(image.split(), drift, strict=True)
    ]
    return Image.merge("RGB", bands)


def _measure_job(folder: Path) -> tuple[Plan, Path, Path]:
    """Write the files of a job whose result is a JPEG of one megapixel."""
    plan = plan_expansion(Size(768, 1024), Margins(right=256), max_canvas_pixels=10**8)
    picture = _draw_picture(plan.rendered_canvas)
    (folder / "seed").write_bytes(encode_seed(picture.crop((0, 0, 768, 1024))))
    picture.save(folder / "raw", "JPEG", quality=95)
    return plan, folder / "seed", folder / "raw"


def _draw_preview(data: bytes) -> None:
    thumb = make_thumbnail(data, LIMITS)
    draw_preview(thumb, plan_expansion(thumb.size, Margins(right=512), max_canvas_pixels=10**8))


def _decode_and_encode(path: Path) -> None:
    with Image.open(path) as image:
        encode_image(image.convert("RGB"), OutputFormat.JPG)


def _encode_image(image: Image.Image, fmt: str) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt)
    return out.getvalue()


def _draw_photograph(number: int) -> Image.Image:
    with Image.open(sorted(SAMPLES.glob("*.jpg"))[number]) as image:
        return image.convert("RGB")


def _median_ms(work: Callable[[], object], runs: int = RUNS) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return round(statistics.median(times), 2)


def _draw_picture(size: Size) -> Image.Image:
    """Draw a picture with as much detail as a photograph, the same at each run."""
    across = Image.linear_gradient("L").rotate(90).resize((size.width, size.height))
    down = Image.radial_gradient("L").resize((size.width, size.height))
    noise = Image.effect_noise((size.width, size.height), 24)
    out = io.BytesIO()
    Image.merge("RGB", (across, down, noise)).save(out, "JPEG", quality=90)
    return Image.open(out).convert("RGB")
