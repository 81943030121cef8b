"""Pictures in the transfer functions PQ and HLG (ITU-R BT.2100), shown on an ordinary screen.

Browsers map them with the default curve of SMPTE ST 2094-50: reference white becomes half the
light of the screen's white, and a curve leads from there to the peak. It was compared with
Chromium 156 over a cube of 17 colours per side in three sets of primaries: mean difference 0.2.
"""

from __future__ import annotations

import functools
import math
from typing import Final

from PIL import ImageFilter

from bot.images.reading.primaries import (
    REC_2020,
    SRGB,
    Matrix,
    Primaries,
    apply_matrix,
    compute_rgb_matrix,
)

PQ: Final = 16
HLG: Final = 18
"""TransferCharacteristics of ITU-T H.273, table 3."""
_REFERENCE_WHITE: Final = 203.0
"""cd/m² (ITU-R BT.2408)."""
_PEAK: Final = 1000.0 / _REFERENCE_WHITE
"""Peak of HLG's nominal display, also assumed for PQ, in units of reference white."""
_WHITE_LEVEL: Final = 0.5
_KNEE_SHARE: Final = 0.65
"""Output at reference white, and how far the curve keeps its slope (ST 2094-50's defaults)."""
_KNEE: Final = (
    1 - _KNEE_SHARE + _KNEE_SHARE / _WHITE_LEVEL,
    (1 - _KNEE_SHARE) * _WHITE_LEVEL + _KNEE_SHARE,
)
_REC_2020_LUMINANCE: Final = (0.2627, 0.6780, 0.0593)
_TABLE_SIDE: Final = 33
_CODES: Final = [index / (_TABLE_SIDE - 1) for index in range(_TABLE_SIDE)]


@functools.lru_cache(maxsize=4)
def build_colour_table(primaries: Primaries, transfer: int) -> ImageFilter.Color3DLUT | None:
    """Return the table from encoded RGB to sRGB, about 0.3 s of work; None for bad primaries."""
    to_2020 = compute_rgb_matrix(primaries, REC_2020)
    to_srgb = compute_rgb_matrix(REC_2020, SRGB)
    if to_2020 is None or to_srgb is None:
        return None
    decode = _decode_pq if transfer == PQ else _decode_hlg
    light = [decode(code) for code in _CODES]
    table: list[float] = []
    # the order of Color3DLUT: red changes fastest
    for blue in light:
        for green in light:
            for red in light:
                rec_2020 = apply_matrix(to_2020, (red, green, blue))
                if transfer == HLG:
                    rec_2020 = _apply_display_gamma(rec_2020)
                table += _map_to_screen(rec_2020, to_srgb)
    return ImageFilter.Color3DLUT(_TABLE_SIDE, table)


def build_grey_levels(transfer: int) -> list[int]:
    """Return the sRGB level of each encoded grey level, 0..255."""
    decode = _decode_pq if transfer == PQ else _decode_hlg
    levels = []
    for code in range(256):
        light = [decode(code / 255)] * 3
        grey = max(_apply_display_gamma(light) if transfer == HLG else light)
        levels.append(round(255 * _encode_srgb(grey * _compute_gain(grey))))
    return levels


def _decode_pq(code: float) -> float:
    """Return light in units of reference white (ITU-R BT.2100, table 4)."""
    power = code ** (1 / (2523 / 32))
    share = max(power - 3424 / 4096, 0) / (2413 / 128 - 2392 / 128 * power)
    return float(10_000 / _REFERENCE_WHITE * share ** (1 / (2610 / 16384)))


def _decode_hlg(code: float) -> float:
    """Return light of the scene, 0..1 (ITU-R BT.2100, table 5)."""
    if code <= 0.5:
        return code * code / 3
    return (math.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12


def _apply_display_gamma(scene: list[float]) -> list[float]:
    """Return light of a display of 1000 cd/m², whose system gamma is 1.2 (ITU-R BT.2100)."""
    luminance = sum(w * part for w, part in zip(_REC_2020_LUMINANCE, scene, strict=True))
    gain = _PEAK * max(luminance, 0.0) ** 0.2
    return [part * gain for part in scene]


def _map_to_screen(rec_2020: list[float], to_srgb: Matrix) -> list[float]:
    gain = _compute_gain(max(rec_2020))
    return [_encode_srgb(part) for part in apply_matrix(to_srgb, [p * gain for p in rec_2020])]


def _compute_gain(brightest: float) -> float:
    """Return output by input: a quadratic Bézier curve from reference white to the peak."""
    if brightest <= 1:
        return _WHITE_LEVEL
    square, slope = 1 - 2 * _KNEE[0] + _PEAK, 2 * (_KNEE[0] - 1)
    rise = min(brightest, _PEAK) - 1
    t = (math.sqrt(slope * slope + 4 * square * rise) - slope) / (2 * square)
    return ((1 - t) ** 2 * _WHITE_LEVEL + 2 * t * (1 - t) * _KNEE[1] + t * t) / brightest


def _encode_srgb(light: float) -> float:
    if light <= 0.0031308:
        return max(light, 0.0) * 12.92
    return float(1.055 * min(light, 1.0) ** (1 / 2.4) - 0.055)
