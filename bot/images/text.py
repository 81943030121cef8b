"""Text on drawn pictures, in the font that ships with Pillow, and that font's limits."""

from __future__ import annotations

import functools
import unicodedata
from typing import Final, TypeAlias

from PIL import Image, ImageDraw, ImageFont

TEXT_COLOUR: Final = "#f2f3f5"
FAINT_TEXT_COLOUR: Final = "#a9acb3"
BACKGROUND_COLOUR: Final = "#1b1c20"
"""Discord's light text on a background darker than its dark theme: legible in both themes."""
_OVERSAMPLING: Final = 3
"""Shapes are drawn at this scale and reduced, since Pillow draws them without anti-aliasing."""
_UNKNOWN: Final = "\uffff"
_LATIN_SPELLINGS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "×": "x"}
    | {"Æ": "AE", "Ø": "O", "Œ": "OE", "Ł": "L", "Đ": "D"}
)

Font: TypeAlias = ImageFont.FreeTypeFont | ImageFont.ImageFont


@functools.cache
def load_font(size: int) -> Font:
    """Return Pillow's built-in font at a size in pixels."""
    return ImageFont.load_default(size)


def make_legible(text: str, fallback: str) -> str:
    """Return the letters the font can draw, without accents; `fallback` if half or fewer remain.

    The font has only basic Latin letters, so callers also show names as text beside the picture.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_LATIN_SPELLINGS))
    letters = [letter for letter in plain if not unicodedata.combining(letter)]
    shown = [letter for letter in letters if letter.isprintable() and _has_glyph(letter)]
    return "".join(shown).strip() if len(shown) * 2 > len(letters) else fallback


def shorten_label(text: str, size: int, width: int) -> str:
    """Truncate a text to `width` pixels, ending in dots."""
    if load_font(size).getlength(text) <= width:
        return text
    while text and load_font(size).getlength(f"{text}...") > width:
        text = text[:-1]
    return f"{text.rstrip()}..."


def draw_label_pill(
    text: str, size: int, fill: str = BACKGROUND_COLOUR, ink: str = TEXT_COLOUR
) -> Image.Image:
    """Draw a text on a rounded background, as an RGBA picture."""
    font = load_font(size)
    width = round(font.getlength(text)) + size
    height = round(size * 1.6)
    mask = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING), 0)
    box = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=mask.height // 2, fill=225)
    image = Image.new("RGBA", (width, height), fill)
    image.putalpha(mask.resize((width, height), Image.Resampling.BOX))
    draw = ImageDraw.Draw(image)
    draw.text((width / 2, height / 2), text, font=font, fill=ink, anchor="mm")
    return image


@functools.lru_cache(maxsize=1024)
def _has_glyph(letter: str) -> bool:
    # a missing letter is drawn as the font's placeholder box
    return letter == " " or _render_glyph(letter) != _render_glyph(_UNKNOWN)


@functools.lru_cache(maxsize=1024)
def _render_glyph(letter: str) -> bytes:
    image = Image.new("L", (24, 24))
    ImageDraw.Draw(image).text((2, 2), letter, font=load_font(16), fill=255)
    return image.tobytes()
