"""Primaries of colour spaces, and the matrices between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

D50: Final = (0.9642, 1.0, 0.8249)
"""White of an ICC profile's connection space (ICC.1:2022, section 7.2.16)."""
_BRADFORD: Final = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
"""From XYZ to the cone responses of the Bradford adaptation (ICC.1:2022, annex E)."""
_SMALLEST: Final = 1e-9

Vector = Sequence[float]
Matrix = Sequence[Vector]


@dataclass(frozen=True, slots=True)
class Primaries:
    """CIE xy chromaticities of white, red, green and blue."""

    white: tuple[float, float]
    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]


_D65: Final = (0.3127, 0.3290)
_C: Final = (0.310, 0.316)
SRGB: Final = Primaries(_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
REC_2020: Final = Primaries(_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
_SMPTE_170M: Final = Primaries(_D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070))
BY_CODE: Final = {
    1: SRGB,
    4: Primaries(_C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: Primaries(_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: _SMPTE_170M,
    7: _SMPTE_170M,
    8: Primaries(_C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: REC_2020,
    10: Primaries((1 / 3, 1 / 3), (1, 0), (0, 1), (0, 0)),
    11: Primaries((0.314, 0.351), (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
    12: Primaries(_D65, (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
    22: Primaries(_D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}
"""ColourPrimaries of ITU-T H.273, table 2."""


def compute_xyz_matrix(primaries: Primaries) -> Matrix | None:
    """Return the matrix from linear RGB to XYZ under D50; None if no colours lie between them."""
    corners = (primaries.white, primaries.red, primaries.green, primaries.blue)
    white_x, white_y = primaries.white
    if any(not 0 <= part <= 1 for corner in corners for part in corner) or white_y < _SMALLEST:
        return None
    white = (white_x / white_y, 1.0, (1 - white_x - white_y) / white_y)
    columns = _transpose([(x, y, 1 - x - y) for x, y in corners[1:]])
    inverse, adaptation = _invert(columns), _adapt_to_d50(white)
    if inverse is None or adaptation is None:
        return None
    scale = apply_matrix(inverse, white)
    scaled = [[part * factor for part, factor in zip(row, scale, strict=True)] for row in columns]
    return _multiply(adaptation, scaled)


def compute_rgb_matrix(source: Primaries, target: Primaries) -> Matrix | None:
    """Return the matrix from linear RGB of one set of primaries to linear RGB of another."""
    to_xyz, target_to_xyz = compute_xyz_matrix(source), compute_xyz_matrix(target)
    from_xyz = _invert(target_to_xyz) if target_to_xyz else None
    return _multiply(from_xyz, to_xyz) if from_xyz and to_xyz else None


def apply_matrix(matrix: Matrix, vector: Vector) -> list[float]:
    """Return matrix times vector, of three numbers each way."""
    x, y, z = vector
    return [row[0] * x + row[1] * y + row[2] * z for row in matrix]


def _adapt_to_d50(white: Vector) -> Matrix | None:
    ours, theirs = apply_matrix(_BRADFORD, white), apply_matrix(_BRADFORD, D50)
    back = _invert(_BRADFORD)
    if back is None or min(map(abs, ours)) < _SMALLEST:
        return None
    gains = [there / here for here, there in zip(ours, theirs, strict=True)]
    scaled = [[part * gain for part in row] for row, gain in zip(_BRADFORD, gains, strict=True)]
    return _multiply(back, scaled)


def _multiply(left: Matrix, right: Matrix) -> Matrix:
    return _transpose([apply_matrix(left, column) for column in _transpose(right)])


def _transpose(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]


def _invert(matrix: Matrix) -> Matrix | None:
    """Return the inverse by cofactors, or None for a singular matrix."""
    (a, b, c), (d, e, f), (g, h, i) = matrix
    cofactors = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    size = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0]
    if abs(size) < _SMALLEST:
        return None
    return [[part / size for part in row] for row in cofactors]
