"""Colours to sRGB: by ICC profile, by code points, or by gamma and chromaticities."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageCms

from bot.images.reading import hdr
from bot.images.reading.icc import (
    SRGB_CURVE,
    Curve,
    adapt_to_browsers,
    build_profile,
    find_profile_mode,
)
from bot.images.reading.primaries import BY_CODE, SRGB, Primaries

_VIDEO: Final = Curve(2.4)
"""What browsers use for all of video's curves, as the screen for it would (ITU-R BT.1886)."""
_CURVES: Final = {
    1: _VIDEO,
    4: Curve(2.2),
    5: Curve(2.8),
    6: _VIDEO,
    7: Curve(1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913),
    8: Curve(1.0),
    11: _VIDEO,
    13: SRGB_CURVE,
    14: _VIDEO,
    15: _VIDEO,
    17: Curve(2.6, (52.37 / 48) ** (1 / 2.6)),
}
"""TransferCharacteristics of ITU-T H.273, table 3; those for HDR are in `hdr`."""
_CLOSE_TO_SRGB: Final = 0.05
"""A gamma this close to 2.2, without chromaticities, means sRGB (PNG, section 11.3.2.2)."""
_STEEPEST: Final = 1000.0
"""Exponent beyond which all but white is black, within an ICC profile's range of numbers."""


@dataclass(frozen=True, slots=True)
class IccProfile:
    """An embedded profile."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CodePoints:
    """Numbers of primaries and transfer characteristics (ITU-T H.273)."""

    primaries: int
    transfer: int

    @property
    def is_known(self) -> bool:
        """Whether both numbers stand for something that a browser can show."""
        return self.primaries in BY_CODE and (
            self.transfer in _CURVES or self.transfer in {hdr.PQ, hdr.HLG}
        )


@dataclass(frozen=True, slots=True)
class Gamma:
    """Exponent of the encoding (1/2.2 for most), and primaries if they are declared."""

    exponent: float
    primaries: Primaries | None


ColourSpace = IccProfile | CodePoints | Gamma
"""How a picture's colours are declared; None stands for sRGB."""


def convert_to_srgb(image: Image.Image, space: ColourSpace | None) -> Image.Image:
    """Convert an 8-bit picture to RGB in sRGB, or to RGBA if any pixel is not opaque.

    A declaration that can't be used, or is for another kind of picture, is ignored.
    """
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    if space is None:
        return image.convert("RGB" if alpha is None else "RGBA")
    # a colour space describes colours only: alpha is set aside and put back unconverted
    plain = {"LA": "L", "RGBA": "RGB"}.get(image.mode)
    colours = _convert_colours(image.convert(plain) if plain else image, space)
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _convert_colours(image: Image.Image, space: ColourSpace) -> Image.Image:
    match space:
        case IccProfile(data):
            return _convert_by_profile(image, data)
        case CodePoints(primaries, transfer) if transfer in {hdr.PQ, hdr.HLG}:
            return _convert_hdr(image, primaries, transfer)
        case CodePoints(primaries, transfer):
            profile = build_profile(BY_CODE[primaries], _CURVES[transfer])
        case Gamma():
            profile = _build_gamma_profile(space)
    rgb = image.convert("RGB")
    return rgb if profile is None else _convert_by_profile(rgb, profile)


def _convert_hdr(image: Image.Image, primaries: int, transfer: int) -> Image.Image:
    if image.mode == "L":
        return image.point(hdr.build_grey_levels(transfer)).convert("RGB")
    table = hdr.build_colour_table(BY_CODE[primaries], transfer)
    rgb = image.convert("RGB")
    return rgb.filter(table) if table else rgb


def _build_gamma_profile(gamma: Gamma) -> bytes | None:
    if gamma.primaries is None and abs(gamma.exponent * 2.2 - 1) < _CLOSE_TO_SRGB:
        return None
    curve = Curve(min(1 / gamma.exponent, _STEEPEST))
    return build_profile(gamma.primaries or SRGB, curve)


def _convert_by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert with LittleCMS; a profile for RGB also counts for grey, others for their own mode."""
    mode = find_profile_mode(profile)
    if mode == "RGB" and image.mode == "L":
        image = image.convert("RGB")
    if mode != image.mode:
        return image.convert("RGB")
    srgb = ImageCms.createProfile("sRGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(adapt_to_browsers(profile)))
        converted = ImageCms.profileToProfile(image, source, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image.convert("RGB")
    return converted if converted is not None else image.convert("RGB")
