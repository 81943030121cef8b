"""The quality table: each method on each photograph, and the bars."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from bench.engine.extension_methods import METHODS, Pixels
from bench.engine.metrics import COLUMNS, Case, cut_margin, evaluate_picture, share_changed

Rows = dict[str, dict[str, dict[str, float]]]
TRUTH: Final = "truth"


def measure_quality(photographs: dict[str, Pixels], *, margin: int) -> dict[str, Any]:
    """Return method -> photograph -> metrics, and what must always hold for our engine."""
    rows: Rows = {name: {} for name in (TRUTH, *METHODS)}
    exact, same, seeds = [], [], {}
    for name, photograph in photographs.items():
        case = cut_margin(photograph, margin)
        rows[TRUTH][name] = evaluate_picture(photograph, case)
        for method, paint in METHODS.items():
            made = paint(case.source, case.margins, 1)
            rows[method][name] = evaluate_picture(made, case)
            if method == "ours":
                again, other = (paint(case.source, case.margins, seed) for seed in (1, 2))
                exact.append(_is_exact(made, case))
                same.append(bool(np.array_equal(made, again)))
                seeds[name] = share_changed(made, other, case.hole)
        print(f"measured {name}", flush=True)
    return {"rows": rows, "exact": all(exact), "same": all(same), "seeds": seeds}


def format_table(found: dict[str, Any]) -> str:
    """Return the means over all photographs, and whether each bar holds."""
    means = {
        method: {column: _average_column(found["rows"][method], column) for column in COLUMNS}
        for method in found["rows"]
    }
    lines = ["", f"{'method':10s}" + "".join(f"{column:>9s}" for column in COLUMNS)]
    for method, mean in means.items():
        lines.append(f"{method:10s}" + "".join(f"{mean[column]:9.3f}" for column in COLUMNS))
    lines += ["", *(_check_bar(*bar) for bar in _check_bars(means, found))]
    return "\n".join(lines)


def _check_bars(
    means: dict[str, dict[str, float]], found: dict[str, Any]
) -> list[tuple[str, float, float, float]]:
    """Return name, value, minimum and maximum of each bar, as in the engine's report."""
    ours, reflect, telea = means["ours"], means["reflect"], means["telea"]
    return [
        ("seam", ours["seam"], 0.8, 1.2),
        ("mirror", ours["mirror"], 0, 0.15),
        ("coh / reflect", ours["coh"] / reflect["coh"], 0, 0.70),
        ("dup / reflect", ours["dup"] / max(reflect["dup"], 1e-6), 0, 0.60),
        ("grad / reflect", ours["grad"] / reflect["grad"], 0, 1.25),
        ("grad / telea", ours["grad"] / telea["grad"], 0, 0.50),
        ("sharp", ours["sharp"], 0.70, 1.3),
        ("layout / reflect", ours["layout"] / reflect["layout"], 0, 1.0),
        ("layout / telea", ours["layout"] / telea["layout"], 0, 1.0),
        ("interior exact", float(found["exact"]), 1, 1),
        ("same seed, same bytes", float(found["same"]), 1, 1),
        ("hole that another seed changes", float(np.mean(list(found["seeds"].values()))), 0.40, 1),
    ]


def _check_bar(name: str, value: float, minimum: float, maximum: float) -> str:
    holds = "holds" if minimum <= value <= maximum else "MISSED"
    return f"{name:32s}{value:7.3f}   {minimum:g} .. {maximum:g}   {holds}"


def _average_column(rows: dict[str, dict[str, float]], column: str) -> float:
    return float(np.mean([row[column] for row in rows.values()]))


def _is_exact(made: Pixels, case: Case) -> bool:
    return bool(np.array_equal(made[case.inside], case.source))
