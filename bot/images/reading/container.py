"""What every container declares before its pixels are decoded."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PIL import Image

from bot.domain.geometry import Size
from bot.domain.order import OutputFormat
from bot.images.reading.colour import ColourSpace, convert_to_srgb
from bot.images.reading.exif import UPRIGHT

_TRANSPOSITIONS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""The orientations of the Exif standard, and the turn that undoes each."""


class NotAPicture(Exception):
    """The file is none of the formats that can be read, judged by its first bytes."""


class DamagedPicture(Exception):
    """The file is no complete picture: what is missing or wrong is the message."""


class TooMuchWork(Exception):
    """The file declares more parts or passes than any encoder writes; the message names them.

    Decoding it would take far longer than its size suggests.
    """


MAX_PARTS: Final = 24_000
"""Segments, chunks or extensions of a file that are walked over, in less than 50 ms.

No format limits them. Libpng writes its data in chunks of 8 KiB, so that 25 MiB are 3,200 of them;
a JPEG file of this size made of full segments has 400; animations have a chunk for each frame.
"""


UNREADABLE: Final = (
    NotAPicture,
    DamagedPicture,
    TooMuchWork,
    OSError,
    SyntaxError,
    ValueError,
    LookupError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)
"""What reading a damaged file raises."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An opened picture: its header has been read, its pixels have not.

    `stored_size` is the size before it is turned; `decode` returns 8-bit pixels in the declared
    colour space, and may reduce them to a given longest side if that is less work.
    """

    format: OutputFormat
    stored_size: Size
    decode: Callable[[int | None], Image.Image]
    space: ColourSpace | None = None
    orientation: int = UPRIGHT
    is_moving: bool = False

    @property
    def size(self) -> Size:
        """The size of the picture when it is upright."""
        size = self.stored_size
        return Size(size.height, size.width) if self.orientation >= 5 else size

    def turn_upright(self, image: Image.Image) -> Image.Image:
        """Turn decoded pixels as the orientation says."""
        turn = _TRANSPOSITIONS.get(self.orientation)
        return image if turn is None else image.transpose(turn)

    def decode_as_shown(self) -> Image.Image:
        """Decode to upright pixels in sRGB: RGB, or RGBA if any pixel is not opaque."""
        return convert_to_srgb(self.turn_upright(self.decode(None)), self.space)
