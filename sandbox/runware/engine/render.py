"""A worker process's job: bytes in, the extended picture's bytes out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from sandbox.runware.engine import margin
from sandbox.runware.engine.pixels import decode_seed, encode_pixels

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from bot.domain.geometry import Margins

PATCHES: Final = "patches"
MIRROR: Final = "mirror"
"""The engines' names on results and in health answers; the second is the simple margin."""
PATCHES_MODULE: Final = "sandbox.runware.engine.patches"
_NO_PROGRESS: Final = lambda _done: None  # noqa: E731


def _keep_canvas(painted: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return painted


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """One picture to make; `seed` is a file that passed the gate, `quality` is 20..99.

    `finish` changes the rendered canvas before it is encoded.
    """

    seed: bytes
    margins: Margins
    noise_seed: int
    file_format: str
    quality: int
    finish: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] = _keep_canvas


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished file, and the name of the engine that made it."""

    data: bytes
    engine: str


def choose_engine(wanted: str = PATCHES) -> str:
    """Return the engine that this machine can run when `wanted` is requested."""
    return PATCHES if wanted == PATCHES and _patches() else MIRROR


def render_order(
    order: RenderOrder, progress: Callable[[float], None] = _NO_PROGRESS, *, wanted: str = PATCHES
) -> Rendered:
    """Return the finished file; raise `SeedUnusableError`. `progress` gets a share, 0..1."""
    patches = _patches() if wanted == PATCHES else None
    work = _begun(order.seed, order.margins) if patches else None
    if patches and work:
        name = PATCHES
        painted = patches.finish_picture(work, noise_seed=order.noise_seed, progress=progress)
    else:
        name = MIRROR
        painted = margin.outpaint(
            decode_seed(order.seed), order.margins, noise_seed=order.noise_seed
        )
    pixels = order.finish(painted)
    return Rendered(
        encode_pixels(pixels, file_format=order.file_format, quality=order.quality), name
    )


@lru_cache(maxsize=1)
def _begun(seed: bytes, margins: Margins) -> Any:
    """Study a seed image once for all results of its task in this process."""
    patches = _patches()
    return patches.study_seed(decode_seed(seed), margins) if patches else None


@cache
def _patches() -> Any:
    """Return the engine's module, or None if one of its libraries cannot be loaded."""
    try:
        return import_module(PATCHES_MODULE)
    except ImportError:
        return None
