"""Random walks of members and moderators over the real bot, each message judged for leaks.

Nothing of the bot is asked what may be shown: `tests/support/walks` knows that by its own rules.
"""

from __future__ import annotations

import argparse
import json

from bench._markdown import format_rows
from tests.support.walks.runner import build_report, walk_in_processes


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench attacks", description=__doc__)
    parser.add_argument("--walks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    given = parser.parse_args(arguments)
    report = build_report(walk_in_processes(given.seed, given.walks))
    print(json.dumps(report))
    for title in ("acts_by_kind", "refusals_by_reason", "leaks_by_kind"):
        rows = [{title: name, "count": count} for name, count in report[title].items()]
        print(f"\n{format_rows(rows or [{title: 'none', 'count': 0}])}")
    for walk in (*report["shortest_walks"], *report["ended_early"]):
        print(f"\n{walk}")
    raise SystemExit(bool(report["leaks"] or report["ended_early"]))
