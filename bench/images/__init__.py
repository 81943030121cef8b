"""Measure the work on pictures: its CPU time, and delivered margins against a known truth.

python -m bench images           the tables of docs/benchmarks.md
python -m bench images --json    the same numbers as one JSON object
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench._markdown import format_rows
from bench.images.manners import measure_manners
from bench.images.timing import measure_images


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        timing = measure_images(Path(folder))
        manners = measure_manners(Path(folder))
    if "--json" in arguments:
        print(json.dumps({**timing, "manners": manners}))
        return
    values = [{"what": name.replace("_", " "), "value": value} for name, value in timing.items()]
    print(format_rows(values), "", format_rows(manners), sep="\n")
