"""Measure the local engine against a mirror and Telea's inpainting, in the same run.

    python -m bench engine [--photographs DIR] [--margin 96] [--limit N] [--json FILE]
                           [--no-quality] [--no-timing]
    python -m bench engine --sheet FILE [--photographs DIR]   the contact sheet of the docs
    python -m bench engine --judge FILE [--photographs DIR]   every photograph, to be looked at

The centre of each photograph is kept, a margin is cut from every side, and each method paints it
back. No method is ranked by one column alone; all bars together, and a look, decide.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from bench.engine import contact_sheet, quality_table, timing_table
from bench.engine.photographs import HINT, Pixels, load_photographs, missing


def main(arguments: list[str]) -> None:
    options = _parse_options(arguments)
    photographs = load_photographs(options.photographs, limit=options.limit)
    if options.sheet or options.judge:
        draw = contact_sheet.write_sheet if options.sheet else contact_sheet.write_review_sheet
        path: Path = options.sheet or options.judge
        draw(path, photographs)
        print(f"{path}: {path.stat().st_size // 1000} kB")
        return
    found: dict[str, Any] = {}
    if options.quality:
        found["photographs"] = list(photographs)
        found["quality"] = quality_table.measure_quality(photographs, margin=options.margin)
        print(quality_table.format_table(found["quality"]))
        _tell(photographs)
    if options.timing:
        found["timing"] = timing_table.measure_timing()
        print(timing_table.format_table(found["timing"]))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


def _tell(photographs: dict[str, Pixels]) -> None:
    absent = missing(photographs)
    print(f"\n{len(photographs)} pictures: {', '.join(photographs)}")
    if absent:
        print(f"The bars are for ten photographs; not found: {', '.join(absent)}.\n{HINT}")


def _parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench engine",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photographs", type=Path, help="a folder of JPEG or PNG files")
    parser.add_argument("--margin", type=int, default=96, help="pixels cut from every side")
    parser.add_argument("--limit", type=int, help="take only so many photographs")
    parser.add_argument("--json", type=Path, help="also write everything here")
    parser.add_argument("--no-quality", dest="quality", action="store_false")
    parser.add_argument("--no-timing", dest="timing", action="store_false")
    parser.add_argument("--sheet", type=Path, help="only draw the contact sheet of the docs here")
    parser.add_argument("--judge", type=Path, help="only draw every photograph, extended, here")
    return parser.parse_args(arguments)
