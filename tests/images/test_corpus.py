from __future__ import annotations

import contextlib
import io
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image

from bot.errors import ImageRefused
from bot.images.preview import make_thumbnail
from bot.images.validation import normalise_seed_image
from bot.images.worker_pool import ImageWorkerPool
from tests.support.images.corpus import CANARY, FAMILIES, LIMITS, Case, build_cases

SLOWEST_S = 2.0
BY_HEADER_S = 0.05
MEMORY_MIB = 512
PIXEL_TAGS = {256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 317, 338}


@dataclass(frozen=True, slots=True)
class CaseResult:
    name: str
    outcome: str
    seconds: float
    peak_mib: int


def check_case(case: Case) -> CaseResult:
    """Normalise one file in the worker and look at all that comes out."""
    start = time.process_time()
    try:
        seed = normalise_seed_image(case.data, LIMITS)
        outcome = "clean"
    except ImageRefused:
        outcome = "refused"
    seconds = time.process_time() - start
    with contextlib.suppress(ImageRefused):
        # the preview opens the same bytes at a reduced size
        make_thumbnail(case.data, LIMITS)
    if outcome == "clean":
        with Image.open(io.BytesIO(seed.data)) as image:
            tags = set(image.getexif())
            shape = (image.mode in {"RGB", "RGBA"}, image.size)
            leaks = CANARY in seed.data or CANARY in image.tobytes() or not tags <= PIXEL_TAGS
        if leaks or shape != (True, (seed.size.width, seed.size.height)):
            outcome = f"leaks {tags} {shape}"
    return CaseResult(case.name, outcome, seconds, _read_peak_mib())


def _read_peak_mib() -> int:
    """Return the most memory this process had; `ru_maxrss` would begin with what started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers() -> AsyncIterator[ImageWorkerPool]:
    async with ImageWorkerPool.open(1, memory_mib=1024, seconds=10) as opened:
        yield opened


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("family", FAMILIES)
async def test_every_file_is_refused_or_cleaned_in_time_and_memory(
    family: str, workers: ImageWorkerPool
) -> None:
    for case in build_cases(family):
        verdict = await workers.run(check_case, case)
        assert verdict.outcome in case.allowed_outcomes, verdict
        assert verdict.seconds < (BY_HEADER_S if "claims" in case.name else SLOWEST_S), verdict
        assert verdict.peak_mib < MEMORY_MIB, verdict


def test_the_corpus_is_large_and_the_same_at_each_run() -> None:
    # the large pictures take most of the time, and are few
    names = [case.name for family in FAMILIES if family != "sizes" for case in build_cases(family)]
    assert len(names) == len(set(names)) >= 500
    again = {case.name: case.data for case in build_cases("damaged")}
    assert all(again[case.name] == case.data for case in build_cases("damaged"))
