"""Search and vote in turn, from the coarsest level to the finest, until picture and places agree.

The scheme is the expectation-maximisation of Y. Wexler et al. (PAMI 2007) with the search of
PatchMatch; see also A. Newson et al., "Video Inpainting of Complex Scenes", SIAM 2014.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from sandbox.runware.engine.completion.arrays import Floats, Places
from sandbox.runware.engine.completion.grid import Grid
from sandbox.runware.engine.completion.layout import CONTRAST_GAIN
from sandbox.runware.engine.completion.levels import Level, Study, build_level
from sandbox.runware.engine.completion.patchmatch import (
    RADIUS,
    Field,
    Offer,
    Pass,
    Weights,
    improve_fields,
)
from sandbox.runware.engine.completion.voting import vote_colours

Progress = Callable[[float], None]
"""Called with the share of the work that is done, 0..1."""

LAYOUT: Final = 4000.0
"""Cost of a whole side's displacement at the coarsest level, in squared levels; half that below."""
PLAN: Final = (2.0, 0.15)
"""Weight of the plan at the coarsest level, and its factor from each level to the next."""
SHIFT: Final = 10.0
"""Largest shift of a patch's colour towards the plan, in levels."""
ROUNDS: Final = 16
LEAST_ROUNDS: Final = 4
"""Rounds at the coarsest level, and their minimum where that level is large (small source)."""
FOLLOW_BLUR: Final = 1.5
"""Sigma in pixels of the blur of a level's colours before they enter the next plan."""
USE: Final = 200.0
"""Bias per use of a textured place, relative to an even use of all, in squared levels: against a
weave of one place copied again and again (the uniformity term of A. Kaspar et al., "Self Tuning
Texture Optimization", Eurographics 2015). At 3 the weave was seen on rocks and water."""
MOST_USE: Final = 30.0
BUSY: Final = 2.0 * CONTRAST_GAIN
LEAST_BUSY: Final = 0.02
"""Gained contrast from which on a place is textured, and the weight of a plain one: in a plain sky
a repetition is not seen, but what would take its place is."""
FIRST_ROUNDS: Final = 3
FIRST_TRIES: Final = 24
TRIES: Final = 5
"""Random tries per pass. Many at first: where an object touches the frame, few plain places are
found beside it, and later rounds only confirm what was found."""
STRAY: Final = 0.1
"""First places: the mirror's, displaced by a smooth random field of this share of each side."""
CHEAP: Final = 120_000
"""Pixels above which a level gets one pass: by then only borders still move."""
DENSE: Final = 20_000
"""Pixels below which every pixel of a patch is compared, above it every second."""
_FAR_JUMPS: Final = np.array([4, 1], np.int32)
_NEAR_JUMPS: Final = np.array([2, 1], np.int32)
_ONE_PASS_JUMPS: Final = np.array([1, 2], np.int32)


@dataclass(frozen=True, slots=True)
class Solution:
    """The finest level with its field; `painted` is the pure copy, shifts included."""

    level: Level
    field: Field
    painted: Floats


def solve_completion(known: Study, *, noise_seed: int, progress: Progress) -> Solution:
    """Return the completion of a studied source for one noise seed."""
    rng = np.random.default_rng(noise_seed)
    noise = rng.random((5, 5)).astype(np.float32)
    last = len(known.pyramid) - 1
    salt = noise_seed & 0x7FFFFFFF
    current = build_level(known, last, noise=noise)
    field = _first_places(current.grid, rng)
    solution = _Descent(current, salt, number=last, depth=0).run(field)
    for number in range(last - 1, -1, -1):
        progress(1 - (number + 1) / (last + 1))
        finer = build_level(known, number, noise=noise, found=_planned(solution))
        field = _upsampled(solution.field, solution.level.grid, finer.grid)
        solution = _Descent(finer, salt, number=number, depth=last - number).run(field)
    return solution


def _planned(solution: Solution) -> Floats:
    """Return the colours found at a level, blurred, as the plan of the next."""
    found = solution.painted[..., :3].copy()
    found[solution.level.grid.inside] = solution.level.offer.pixels
    return cv2.GaussianBlur(found, (0, 0), FOLLOW_BLUR).astype(np.float32)


def _used(field: Field, level: Level) -> Floats:
    """Return how often each place of the source is used, relative to an even use, blurred."""
    grid, searched = level.grid, level.target.searched
    places = field.rows[searched].astype(np.int64) * grid.width + field.columns[searched]
    counts = np.bincount(places, minlength=grid.height * grid.width).astype(np.float32)
    even = len(places) / (grid.height * grid.width)
    blurred = cv2.blur(counts.reshape(grid.height, grid.width), (5, 5))
    return np.asarray(blurred / np.float32(even), np.float32)


def _first_places(grid: Grid, rng: np.random.Generator) -> Field:
    rows, columns = grid.shape
    stray = rng.standard_normal((2, 4, 4)).astype(np.float32)
    down, across = (
        cv2.resize(each, (columns, rows), interpolation=cv2.INTER_CUBIC) for each in stray
    )
    mirrored_rows = _mirrored(grid.height, grid.top, grid.bottom)[:, None]
    mirrored_columns = _mirrored(grid.width, grid.left, grid.right)[None]
    return _field(
        mirrored_rows + np.rint(down * (STRAY * grid.height)),
        mirrored_columns + np.rint(across * (STRAY * grid.width)),
        grid,
    )


def _mirrored(length: int, before: int, after: int) -> Places:
    period = 2 * (length - 1)
    folded = np.abs(np.arange(-before, length + after)) % period
    return np.where(folded >= length, period - folded, folded).astype(np.int32)


def _field(rows: Floats | Places, columns: Floats | Places, grid: Grid) -> Field:
    shape = grid.shape
    down = np.broadcast_to(np.clip(rows, RADIUS, grid.height - RADIUS - 1), shape)
    across = np.broadcast_to(np.clip(columns, RADIUS, grid.width - RADIUS - 1), shape)
    return Field(
        np.ascontiguousarray(down, np.int32),
        np.ascontiguousarray(across, np.int32),
        np.zeros(shape, np.float32),
    )


def _upsampled(field: Field, coarse: Grid, fine: Grid) -> Field:
    """Scale offsets, not places, to a finer level, so that neighbours remain neighbours."""
    rows, columns = fine.shape
    down = np.minimum(np.arange(rows) * coarse.shape[0] // rows, coarse.shape[0] - 1)
    across = np.minimum(np.arange(columns) * coarse.shape[1] // columns, coarse.shape[1] - 1)
    picked = np.ix_(down, across)
    offset_rows = field.rows[picked] - (down - coarse.top)[:, None]
    offset_columns = field.columns[picked] - (across - coarse.left)[None]
    return _field(
        np.rint(offset_rows * (fine.height / coarse.height))
        + (np.arange(rows) - fine.top)[:, None],
        np.rint(offset_columns * (fine.width / coarse.width))
        + (np.arange(columns) - fine.left)[None],
        fine,
    )


@dataclass(slots=True)
class _Descent:
    """The rounds of one level: `number` counts from the finest, `depth` from the coarsest."""

    level: Level
    salt: int
    number: int
    depth: int
    area: int = 0

    def __post_init__(self) -> None:
        self.area = int(self.level.target.searched.sum())

    @property
    def coarsest(self) -> bool:
        return self.depth == 0

    def run(self, field: Field) -> Solution:
        target, rounds = self.level.target, self._rounds()
        fields = (field, Field(field.rows.copy(), field.columns.copy(), field.cost.copy()))
        painted = np.zeros_like(target.plan)
        if not self.coarsest:
            self._paint(fields[0], painted, RADIUS)
        for turn in range(rounds):
            fields = self._search(fields, turn, offer=self._offer(fields[0], turn))
            final = turn == rounds - 1
            if not final or self.number:
                self._paint(fields[0], painted, 2 if final else RADIUS)
        if not self.number:
            self._paint(fields[0], painted, 0)
        return Solution(self.level, fields[0], painted)

    def _rounds(self) -> int:
        if self.coarsest:
            return max(LEAST_ROUNDS, min(ROUNDS, ROUNDS * DENSE // self.area))
        return 1 if self.area > CHEAP else max(2, 8 - 2 * self.depth)

    def _tries(self, turn: int) -> int:
        if self.area > CHEAP:
            return 1
        return FIRST_TRIES if self.coarsest and turn < FIRST_ROUNDS else TRIES

    def _offer(self, field: Field, turn: int) -> Offer:
        """Return the offer with a bias against places that the field uses often."""
        offer = self.level.offer
        if self.coarsest and not turn:
            return offer
        used = np.minimum(_used(field, self.level), np.float32(MOST_USE))
        used *= np.clip(offer.features[..., 3] / np.float32(BUSY), LEAST_BUSY, 1)
        return offer._replace(bias=np.asarray(offer.bias + USE * used, np.float32))

    def _search(
        self, fields: tuple[Field, Field], turn: int, *, offer: Offer
    ) -> tuple[Field, Field]:
        cheap = self.area > CHEAP
        passes = (_ONE_PASS_JUMPS,) if cheap else (_FAR_JUMPS, _NEAR_JUMPS)
        long_side = max(self.level.grid.height, self.level.grid.width)
        weights = self._weights()
        for index, jumps in enumerate(passes):
            fields = improve_fields(
                self.level.target,
                offer,
                weights=weights,
                turn=Pass(
                    seed=self.salt,
                    number=(self.number * 64 + turn) * 4 + index,
                    step=1 if self.area < DENSE else 2,
                    jumps=jumps,
                    tries=self._tries(turn),
                    reach=2 if cheap else max(1, long_side // (1 if self.coarsest else 4)),
                ),
                fields=fields,
            )
        return fields

    def _weights(self) -> Weights:
        return Weights(
            np.float32(LAYOUT if self.coarsest else LAYOUT / 2),
            np.float32(PLAN[0] * PLAN[1] ** self.depth),
            np.float32(SHIFT),
        )

    def _paint(self, field: Field, painted: Floats, radius: int) -> None:
        target = self.level.target
        vote_colours(
            target,
            self.level.offer,
            field,
            confidence=self.level.confidence,
            limit=np.float32(SHIFT),
            radius=radius,
            into=painted,
        )
        hole = self.level.grid.hole()
        colours = np.clip(painted[..., :3] + np.float32(0.5), 0, 255).astype(np.uint8)
        np.copyto(target.canvas, colours, where=hole[..., None])
