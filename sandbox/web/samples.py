"""Draw the page's two sample pictures; `python -m sandbox.web.samples` writes them again.

They are the project's own and always the same: every random number comes from a fixed seed. Arrays
are float64, height x width x 3, values 0..1, until the last step.
"""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

WIDTH, HEIGHT = 768, 512
LARGEST = 60_000  # bytes per picture, so that the page loads fast
FOLDER = Path(__file__).parent / "samples"

Array = NDArray[np.float64]


def draw_mountain_lake() -> Image.Image:
    """Draw layered mountains in evening mist, mirrored in a lake."""
    rng = np.random.default_rng(11)
    horizon = 318
    picture = _fill_gradient(
        [(0, "#27335f"), (0.3, "#6d5b8f"), (0.52, "#d98f86"), (0.62, "#f6c79a")]
    )
    _add_glow(picture, (500, 296), radius=190, colour="#ffd9a0", strength=0.55)
    _add_glow(picture, (500, 296), radius=24, colour="#fff3d6", strength=0.95)
    picture += _make_clouds(rng, top=30, bottom=250)[..., None] * _parse_colour("#ffd0b0") * 0.16
    for depth in range(6):
        nearness = depth / 5
        base = 205 + 112 * nearness**0.8
        ridge = _make_ridge(rng, base=base, height=62 - 16 * nearness, rough=0.50 + 0.05 * nearness)
        haze = _mix_colours("#b98699", "#191f3d", nearness**0.75)
        _lay_mountain(
            picture,
            ridge,
            haze,
            mist=_parse_colour("#f3bf9d"),
            reach=90 - 45 * nearness,
            until=horizon,
        )
    _mirror_scene(picture, rng, horizon)
    _draw_pines(picture, rng, colour=_parse_colour("#0c1126"))
    return _develop_picture(picture, rng, grain=0.017, softness=0.45)


def draw_dunes_at_night() -> Image.Image:
    """Draw dunes under a rising moon, with stars and a lit ridge on each dune."""
    rng = np.random.default_rng(29)
    picture = _fill_gradient(
        [(0, "#0a1030"), (0.4, "#1d2c63"), (0.62, "#4d5f97"), (0.7, "#8d8fb4")]
    )
    _add_glow(picture, (214, 150), radius=210, colour="#9fb4ff", strength=0.34)
    _add_glow(picture, (214, 150), radius=52, colour="#e8ecff", strength=0.45)
    _draw_moon(picture, rng, centre=(214, 150), radius=31)
    _draw_stars(picture, rng, below=330)
    ridge = _make_ridge(rng, base=352, height=30, rough=0.52)
    _lay_mountain(
        picture,
        ridge,
        _parse_colour("#39477c"),
        mist=_parse_colour("#7c86b4"),
        reach=60,
        until=HEIGHT,
    )
    _draw_dune(picture, rng, crest=(300, 366, 44), colours=("#51598a", "#262f5c"))
    _draw_dune(picture, rng, crest=(560, 402, 58), colours=("#7a7799", "#242a52"))
    _draw_dune(picture, rng, crest=(170, 442, 60), colours=("#8f8aa4", "#1d2144"))
    _draw_dune(picture, rng, crest=(640, 486, 46), colours=("#6d6b8c", "#14183a"))
    return _develop_picture(picture, rng, grain=0.02, softness=0.5)


SCENES: dict[str, Callable[[], Image.Image]] = {
    "mountain-lake.jpg": draw_mountain_lake,
    "dunes-at-night.jpg": draw_dunes_at_night,
}


def encode_jpeg(picture: Image.Image) -> bytes:
    """Encode as JPEG at the best quality that stays within `LARGEST` bytes."""
    for quality in range(90, 40, -4):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= LARGEST:
            return buffer.getvalue()
    raise ValueError(f"no JPEG quality fits {LARGEST} bytes")


def write_samples(folder: Path = FOLDER) -> None:
    """Write both pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in SCENES.items():
        (folder / name).write_bytes(encode_jpeg(draw()))


def _parse_colour(colour: str) -> Array:
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255


def _mix_colours(one: str, other: str, share: float) -> Array:
    return _parse_colour(one) * (1 - share) + _parse_colour(other) * share


def _build_grid() -> tuple[Array, Array]:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    return x, y


def _fill_gradient(stops: list[tuple[float, str]]) -> Array:
    """Fill from top to bottom; a stop is (share of the height, colour)."""
    places = [place for place, _ in stops]
    colours = np.array([_parse_colour(colour) for _, colour in stops])
    rows = np.linspace(0, 1, HEIGHT)
    column = np.stack([np.interp(rows, places, colours[:, band]) for band in range(3)], axis=1)
    return np.repeat(column[:, None, :], WIDTH, axis=1)


def _add_glow(
    picture: Array, centre: tuple[int, int], *, radius: float, colour: str, strength: float
) -> None:
    x, y = _build_grid()
    light = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * (radius / 2) ** 2))
    share = (light * strength)[..., None]
    picture *= 1 - share
    picture += share * _parse_colour(colour)


def _make_noise(rng: np.random.Generator, count: int, *, rough: float, first: int = 3) -> Array:
    """Return `count` values around 0: octaves of smoothed noise, each weaker by `rough`."""
    line = np.zeros(count)
    strength, knots = 1.0, first
    while knots < count:
        values = rng.uniform(-1, 1, knots + 3)
        at = np.linspace(0, knots, count)
        left = at.astype(int)
        share = (1 - np.cos((at - left) * np.pi)) / 2
        line += strength * (values[left] * (1 - share) + values[left + 1] * share)
        strength *= rough
        knots *= 2
    line /= np.abs(line).max()
    return line


def _make_ridge(rng: np.random.Generator, *, base: float, height: float, rough: float) -> Array:
    return base - height * _make_noise(rng, WIDTH, rough=rough)


def _make_clouds(rng: np.random.Generator, *, top: int, bottom: int) -> Array:
    """Return long soft streaks between two rows, 0..1."""
    small = np.zeros((64, 24))
    for row in range(64):
        small[row] = _make_noise(rng, 24, rough=0.5)
    field = Image.fromarray(((small + 1) * 127).astype(np.uint8))
    wide = np.asarray(field.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), dtype=float) / 255
    _, y = _build_grid()
    window = np.clip((y - top) / 60, 0, 1) * np.clip((bottom - y) / 90, 0, 1)
    shaped: Array = np.clip(wide - 0.45, 0, 1) * 2 * window
    return shaped


def _lay_mountain(
    picture: Array, ridge: Array, colour: Array, *, mist: Array, reach: float, until: int
) -> None:
    """Draw a mountain below its ridge, with mist `reach` pixels deep at its foot."""
    _, y = _build_grid()
    inside = np.clip(y - ridge[None, :] + 0.5, 0, 1) * (y < until)
    depth = np.clip((y - ridge[None, :]) / reach, 0, 1) ** 1.6
    shade = colour[None, None, :] * (1 - 0.42 * depth[..., None])
    shade = shade + mist[None, None, :] * 0.42 * depth[..., None]
    picture *= 1 - inside[..., None]
    picture += inside[..., None] * shade


def _mirror_scene(picture: Array, rng: np.random.Generator, horizon: int) -> None:
    """Fill the rows below the horizon with the mirrored scene; nearer ripples are wider."""
    for row in range(horizon, HEIGHT):
        depth = (row - horizon) / (HEIGHT - horizon)
        wave = np.sin((row - horizon) ** 0.82 * 2.1) * 5 * depth
        source = int(np.clip(horizon - (row - horizon) * 1.5 + wave - 1, 0, horizon - 1))
        shift = int(_get_ripple_shift(row, depth) + rng.normal(0, 1.2 * depth))
        line = np.roll(picture[source], shift, axis=0)
        tint = 0.16 + 0.3 * depth
        picture[row] = line * (1 - tint) + _parse_colour("#222a52") * tint
    shore = np.exp(-(np.abs(np.arange(HEIGHT) - horizon) / 3.0))[:, None, None]
    picture += shore * _parse_colour("#f3c7a8") * 0.16


def _get_ripple_shift(row: int, depth: float) -> float:
    return float(np.sin(row * 0.71) * 5 * depth + np.sin(row * 0.23) * 3 * depth)


def _draw_pines(picture: Array, rng: np.random.Generator, *, colour: Array) -> None:
    """Draw a few dark pines in both lower corners, as a foreground."""
    x, y = _build_grid()
    places = [*rng.uniform(-10, 150, 9), *rng.uniform(655, 778, 6)]
    for place in places:
        edge = min(place, WIDTH - place) / 150
        top = rng.uniform(300, 350) + 95 * max(edge, 0)
        along = np.clip((y - top) / (HEIGHT - top), 0, 1)
        tiers = 0.62 + 0.38 * np.abs(((y - top) / 15) % 1 - 0.15)
        ragged = 1 + 0.22 * np.sin(y * 1.9 + place) * np.sin(x * 0.8)
        half = (1.2 + 31 * along) * tiers * ragged
        inside = (np.clip(half - np.abs(x - place) + 0.5, 0, 1) * (y > top))[..., None]
        picture *= 1 - inside
        picture += inside * colour * (0.8 + 0.3 * along[..., None])
    ground = _make_ridge(rng, base=HEIGHT - 16, height=7, rough=0.6)
    lift = 34 * np.exp(-np.minimum(x[0], WIDTH - x[0]) / 70)
    inside = np.clip(y - (ground - lift)[None, :], 0, 1)[..., None]
    picture *= 1 - inside
    picture += inside * colour * 0.8


def _draw_moon(
    picture: Array, rng: np.random.Generator, *, centre: tuple[int, int], radius: int
) -> None:
    x, y = _build_grid()
    distance = np.hypot(x - centre[0], y - centre[1])
    inside = np.clip(radius - distance + 0.5, 0, 1)[..., None]
    face = np.ones((HEIGHT, WIDTH))
    for _ in range(14):
        at = np.array(centre) + rng.normal(0, radius * 0.42, 2)
        size = rng.uniform(2.5, 10)
        face -= 0.1 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * size**2))
    limb = np.sqrt(np.clip(1 - (distance / radius) ** 2, 0, 1)) * 0.18 + 0.82
    picture *= 1 - inside
    picture += inside * (face * limb)[..., None] * _parse_colour("#fbf6e6")


def _draw_stars(picture: Array, rng: np.random.Generator, *, below: int) -> None:
    """Draw stars above a row, fainter towards it; a few are bright and round."""
    x, y = _build_grid()
    for number in range(260):
        at = (rng.uniform(0, WIDTH), rng.uniform(0, below) ** 1.02)
        fade = 1 - at[1] / (below + 40)
        bright = (rng.pareto(2.2) * 0.18 + 0.2) * fade
        size = 0.55 if number % 13 else 0.95
        left, top = max(int(at[0]) - 4, 0), max(int(at[1]) - 4, 0)
        window = (slice(top, top + 9), slice(left, left + 9))
        spot = np.exp(-((x[window] - at[0]) ** 2 + (y[window] - at[1]) ** 2) / (2 * size**2))
        picture[window] += min(bright, 0.9) * spot[..., None] * _parse_colour("#dfe6ff")


def _draw_dune(
    picture: Array,
    rng: np.random.Generator,
    *,
    crest: tuple[int, int, int],
    colours: tuple[str, str],
) -> None:
    """Draw a dune with a lit side left of its winding crest and a dark one right of it."""
    x, y = _build_grid()
    peak, top, height = crest
    left = np.exp(-np.clip(peak - x[0], 0, None) / (3.6 * height))
    right = np.exp(-((np.clip(x[0] - peak, 0, None) / (4.2 * height)) ** 1.4))
    line = (
        top + height - height * np.minimum(left, right) + 2.5 * _make_noise(rng, WIDTH, rough=0.4)
    )
    depth = y - line[None, :]
    winding = peak + 16 * np.sin(depth / 27) + depth * 0.55
    lit = 1 / (1 + np.exp((x - winding) / 2.4))
    ripples = 0.045 * np.sin(depth * 0.55 + x * 0.12 + 3 * np.sin(x * 0.02 + depth * 0.03))
    fall = np.clip(1 - depth / 190, 0.35, 1)
    light = np.clip((0.3 + 0.7 * fall) * lit + ripples * lit * fall, 0, 1)[..., None]
    shade = _parse_colour(colours[1]) * (1 - light) + _parse_colour(colours[0]) * light
    rim = (np.exp(-np.clip(depth, 0, None) / 2.2) * 0.13 * lit)[..., None]
    inside = np.clip(depth + 0.5, 0, 1)[..., None]
    picture *= 1 - inside
    picture += inside * (shade + rim * _parse_colour("#e9e6ff"))


def _develop_picture(
    picture: Array, rng: np.random.Generator, *, grain: float, softness: float
) -> Image.Image:
    """Finish as a camera does: slight blur, vignette, grain that is stronger in mid-tones."""
    x, y = _build_grid()
    away = np.hypot((x - WIDTH / 2) / WIDTH, (y - HEIGHT / 2) / HEIGHT)
    picture = np.clip(picture, 0, 1) * (1 - 0.42 * away**2.2)[..., None]
    image = Image.fromarray((picture * 255).round().astype(np.uint8))
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(softness)), dtype=float) / 255
    noise = rng.normal(0, grain, (HEIGHT, WIDTH, 1)) + rng.normal(0, grain / 3, (HEIGHT, WIDTH, 3))
    tone = blurred.mean(axis=2, keepdims=True)
    blurred = blurred + noise * (0.45 + 2.2 * tone * (1 - tone))
    return Image.fromarray((np.clip(blurred, 0, 1) * 255).round().astype(np.uint8))


if __name__ == "__main__":
    write_samples()
