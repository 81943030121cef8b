"""Delivered margins against the truth, for each manner in which a result may come back.

Six sizes of seed images, four directions; one table row for each manner and for each size.
"""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

from bot.errors import ResultUnusable
from tests.support.images.manner_cases import MannerCase, Measured, list_cases, measure_case


def measure_manners(folder: Path) -> list[dict[str, Any]]:
    """Measure all cases with working files in `folder`, and return the rows."""
    found = {case: _measure_if_delivered(case, folder) for case in list_cases()}
    manners = dict.fromkeys(case.manner for case in found)
    sizes = dict.fromkeys(case.size for case in found)
    groups = [
        *((name, [found[case] for case in found if case.manner == name]) for name in manners),
        *((str(size), [found[case] for case in found if case.size == size]) for size in sizes),
        ("all", list(found.values())),
    ]
    return [_build_row(name, measured) for name, measured in groups]


def _measure_if_delivered(case: MannerCase, folder: Path) -> Measured | None:
    try:
        return measure_case(case, folder)
    except ResultUnusable:
        return None


def _build_row(name: str, cases: list[Measured | None]) -> dict[str, Any]:
    measured = [case for case in cases if case is not None]
    times = [case.cpu_ms for case in measured]
    return {
        "result": name,
        "delivered": f"{len(measured)} of {len(cases)}",
        "original untouched": sum(case.is_untouched for case in measured),
        "error in levels: mean": round(statistics.mean(case.mean for case in measured), 2),
        "worst mean": round(max(case.mean for case in measured), 2),
        "95 %": round(statistics.mean(case.percentile_95 for case in measured), 1),
        "registration: worst px": round(max(case.registration_error for case in measured), 2),
        "median ms": round(statistics.median(times)),
        "worst ms": round(max(times)),
    }
