"""The table of time and memory: each case in its own process, after a short warm-up."""

from __future__ import annotations

import multiprocessing
import threading
import time
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from PIL import Image

from bench.engine.extension_methods import METHODS, Pixels
from bot.domain.geometry import Margins

CASES: Final = (
    (512, 384, 256),
    (1024, 768, 256),
    (1024, 768, 512),
    (2048, 1536, 256),
    (2048, 2048, 2048),
)
BARS: Final = {(1024, 768, 256): 2.0, (1024, 768, 512): 4.0, (2048, 2048, 2048): 8.0}
MAX_MIB: Final = 450
DEADLINE: Final = 60.0
RUNS: Final = 3
ENOUGH: Final = 8.0
"""Maximum runs, and seconds after which no further run starts; the fastest counts, as other
processes use the machine too."""
_STATUS: Final = Path("/proc/self/statm")


def measure_timing() -> dict[str, dict[str, Any]]:
    """Return case -> method -> seconds and MiB above idle, or None above the deadline."""
    return {
        f"{width}x{height}+{margin}": {
            method: _measure_in_process(method, (width, height, margin)) for method in METHODS
        }
        for width, height, margin in CASES
    }


def format_table(found: dict[str, dict[str, Any]]) -> str:
    lines = ["", f"{'case':16s}{'method':10s}{'wall s':>8s}{'CPU s':>8s}{'MiB':>8s}   bar"]
    for (width, height, margin), (case, methods) in zip(CASES, found.items(), strict=True):
        bar = BARS.get((width, height, margin))
        for method, one in methods.items():
            line = f"{case:16s}{method:10s}"
            if one is None:
                lines.append(line + f"   over {DEADLINE:g} s")
                continue
            line += f"{one['wall']:8.2f}{one['cpu']:8.2f}{one['mib']:8.0f}"
            if method == "ours" and bar:
                holds = one["wall"] <= bar and one["mib"] <= MAX_MIB
                line += f"   {bar:g} s, {MAX_MIB} MiB: {'holds' if holds else 'MISSED'}"
            lines.append(line)
    return "\n".join(lines)


def _measure_in_process(method: str, case: tuple[int, int, int]) -> dict[str, float] | None:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure_case, args=(theirs, method, case))
    process.start()
    # Closed here, so that `recv` fails when the process dies.
    theirs.close()
    try:
        return ours.recv() if ours.poll(DEADLINE) else None
    except EOFError:
        return None
    finally:
        process.kill()
        process.join()


def _measure_case(answer: Any, method: str, case: tuple[int, int, int]) -> None:
    width, height, margin = case
    paint = METHODS[method]
    paint(_draw_picture(128, 96), Margins.from_pixels(64), 1)
    picture = _draw_picture(width, height)
    runs: list[tuple[float, float]] = []
    with _Peak() as peak:
        while len(runs) < RUNS and sum(wall for wall, _ in runs) < ENOUGH:
            wall, cpu = time.perf_counter(), time.process_time()
            paint(picture, Margins.from_pixels(margin), 1)
            runs.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = min(runs)
    answer.send({"wall": wall, "cpu": cpu, "mib": peak.mib})


class _Peak:
    """Resident memory above its initial value, in MiB; 0 where /proc is missing."""

    def __enter__(self) -> Self:
        self._idle = self._maximum = _read_resident()
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._sample, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()

    @property
    def mib(self) -> float:
        return self._maximum - self._idle

    def _sample(self) -> None:
        while not self._done.wait(0.004):
            self._maximum = max(self._maximum, _read_resident())


def _read_resident() -> float:
    if not _STATUS.exists():
        return 0.0
    return int(_STATUS.read_text().split()[1]) * 4096 / 2**20


def _draw_picture(width: int, height: int) -> Pixels:
    """Return the project's drawn sample at a size; it has sky, structure and grain."""
    sample = Path(__file__).parents[2] / "sandbox/web/samples/mountain-lake.jpg"
    with Image.open(sample) as image:
        return np.asarray(image.convert("RGB").resize((width, height), Image.Resampling.BICUBIC))
