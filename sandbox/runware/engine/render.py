"""What one worker process does: bytes in, an extended picture's bytes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.runware.engine.margin import outpaint
from sandbox.runware.engine.pixels import decode, encode

if TYPE_CHECKING:
    from bot.domain.geometry import Margins

NAME: Final = "mirror"
"""The engine's name in health answers."""


@dataclass(frozen=True, slots=True)
class Order:
    """One picture to make; `seed` is a file that passed the gate, `quality` is 20..99."""

    seed: bytes
    margins: Margins
    noise_seed: int
    file_format: str
    quality: int


def render(order: Order) -> bytes:
    """Return the finished file, or raise `SeedUnusableError`."""
    painted = outpaint(decode(order.seed), order.margins, noise_seed=order.noise_seed)
    return encode(painted, file_format=order.file_format, quality=order.quality)
