"""The door: recognise a picture's container by its first bytes, and read its header."""

from __future__ import annotations

from bot.images.reading.container import NotAPicture, Picture
from bot.images.reading.gif import open_gif
from bot.images.reading.jpeg import open_jpeg
from bot.images.reading.png import open_png
from bot.images.reading.png_chunks import SIGNATURE
from bot.images.reading.webp import open_webp


def open_picture(data: bytes) -> Picture:
    """Read the header of a JPEG, PNG, WebP or GIF file; raise `NotAPicture` for any other.

    A header that can't be read raises `DamagedPicture`, or what Pillow raises for it.
    """
    if data.startswith(SIGNATURE):
        return open_png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return open_jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return open_webp(data)
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return open_gif(data)
    raise NotAPicture
