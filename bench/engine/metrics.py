"""Metrics of an extended picture; no single one shows that it looks right.

seam    gradient across the frame over the gradients of the same direction beside it: 1 is right
mirror  correlation of the painted strip with the mirrored inside: 1 is a kaleidoscope
coh     distance of painted 7x7 patches to the nearest patch of the source, in levels
dup     share of painted patches whose nearest is among the source's most distinctive 15 %
grad    distance of the histograms of gradients (three scales) to those of the truth
sharp   fine detail of what was painted over that of the source
layout  colour error after a strong blur (sigma 16 pixels): whether objects are in the right places
psnr    against the truth: only to notice a change; a blur often has the best
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.engine.patch_metrics import measure_coherence
from bot.domain.geometry import Margins

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

COLUMNS: Final = ("psnr", "grad", "coh", "mirror", "dup", "sharp", "seam", "layout")
_STRIP: Final = 64
_BLENDED: Final = 4


@dataclass(frozen=True, slots=True)
class Case:
    """A photograph, what was left of it, and the margins that were cut."""

    truth: Pixels
    source: Pixels
    margins: Margins

    @property
    def inside(self) -> tuple[slice, slice]:
        height, width = self.source.shape[:2]
        top, left = self.margins.top, self.margins.left
        return slice(top, top + height), slice(left, left + width)

    @property
    def hole(self) -> Mask:
        mask = np.ones(self.truth.shape[:2], np.bool_)
        mask[self.inside] = False
        return mask


def cut_margin(truth: Pixels, margin: int) -> Case:
    """Cut `margin` from every side, or less where less than 96 pixels would be left."""
    taken = min(margin, (min(truth.shape[:2]) - 96) // 2)
    source = np.ascontiguousarray(truth[taken:-taken, taken:-taken])
    return Case(truth, source, Margins.from_pixels(taken))


def evaluate_picture(made: Pixels, case: Case) -> dict[str, float]:
    hole = case.hole
    error = (made.astype(np.float32) - case.truth)[hole]
    coh, dup = measure_coherence(made, case.source, hole)
    detail = np.abs(_take_fine_detail(made, 1.2))
    return {
        "psnr": float(10 * np.log10(255**2 / max(float((error**2).mean()), 1e-6))),
        "grad": float(
            np.abs(_measure_gradients(made, hole) - _measure_gradients(case.truth, hole)).sum() / 6
        ),
        "coh": coh,
        "mirror": _measure_mirroring(made, case),
        "dup": dup,
        "sharp": float(detail[hole].mean() / max(float(detail[~hole].mean()), 1e-3)),
        "seam": _measure_seam(made, case),
        "layout": _measure_layout(made, case.truth, hole),
    }


def share_changed(one: Pixels, other: Pixels, hole: Mask) -> float:
    """Return the share of the hole in which two pictures differ by more than 8 levels."""
    return float((np.abs(one.astype(np.int16) - other).max(axis=2) > 8)[hole].mean())


def _to_grey(picture: Pixels) -> Floats:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.float32)


def _take_fine_detail(picture: Pixels, sigma: float) -> Floats:
    grey = _to_grey(picture)
    return grey - cv2.GaussianBlur(grey, (0, 0), sigma)


def _measure_layout(made: Pixels, truth: Pixels, hole: Mask) -> float:
    blurred = cv2.GaussianBlur(made.astype(np.float32) - truth, (0, 0), 16)
    return float(np.sqrt((blurred[hole] ** 2).mean()))


def _measure_gradients(picture: Pixels, hole: Mask) -> NDArray[np.float64]:
    """Return histograms of size (12 bins of its logarithm) and direction (8) at three scales."""
    parts: list[NDArray[np.float64]] = []
    mask = hole.astype(np.uint8)
    for scale in range(3):
        if scale:
            half = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            picture, size = np.asarray(half, np.uint8), (half.shape[1], half.shape[0])
            mask = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST), np.uint8)
        grey = _to_grey(picture)
        across = cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 8
        down = cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 8
        where = cv2.erode(mask, np.ones((3, 3), np.uint8)) > 0
        size_of = np.hypot(across, down)[where]
        turn = (np.arctan2(down, across) % np.pi)[where]
        sizes = np.histogram(np.log2(size_of + 0.25), bins=12, range=(-2, 7))[0]
        turns = np.histogram(turn, bins=8, range=(0, np.pi), weights=size_of)[0]
        parts += [sizes / max(int(sizes.sum()), 1), turns / max(float(turns.sum()), 1e-6)]
    return np.concatenate(parts)


def _list_sides(picture: Floats, case: Case) -> list[tuple[Floats, int]]:
    """Return, for each side, the band beside the source with the frame turned up, and its row."""
    rows, columns = case.inside
    bands = [
        (case.margins.top, picture[:, columns]),
        (case.margins.bottom, picture[::-1, columns]),
        (case.margins.left, picture[rows].T),
        (case.margins.right, picture[rows, ::-1].T),
    ]
    return [(band, margin) for margin, band in bands if margin]


def _measure_mirroring(made: Pixels, case: Case) -> float:
    found = []
    for band, frame in _list_sides(_take_fine_detail(made, 4.0), case):
        outside = band[:frame][::-1][_BLENDED:_STRIP]
        inside = band[frame + 1 :][_BLENDED:_STRIP]
        length = min(len(outside), len(inside))
        one, other = outside[:length] - outside[:length].mean(), inside[:length]
        other = other - other.mean()
        scale = float(np.sqrt((one**2).mean() * (other**2).mean()))
        found.append(abs(float((one * other).mean()) / scale) if scale > 1e-3 else 0.0)
    return float(np.mean(found))


def _measure_seam(made: Pixels, case: Case) -> float:
    across, beside = 0.0, 0.0
    for band, frame in _list_sides(made.astype(np.float32).mean(axis=2), case):
        steps = np.abs(np.diff(band, axis=0))
        near = [
            row
            for row in range(frame - 10, frame + 9)
            if 0 <= row < len(steps) and abs(row - (frame - 1)) > 1
        ]
        across += float(steps[frame - 1].mean())
        beside += float(steps[near].mean())
    return across / max(beside, 1e-3)
