"""How long members wait for their pictures while attackers ask for free work without a break.

The real bot runs in its own process with both local services. Quiet and attacked rounds alternate,
so that both meet the same load. Bars: everybody is served, and p99 of the wait with attackers is at
most 3 times that without (aim 1.5).
"""

from __future__ import annotations

import argparse
import asyncio
import json

from bench import _markdown
from bench.abuse.rounds import Plan, measure_abuse
from bench.abuse.words import measure_words


def main(arguments: list[str]) -> None:
    """Measure and print one JSON object, or with `--table` the tables of docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="python -m bench abuse")
    parser.add_argument("--members", type=int, default=20, help="who order in turn, per round")
    parser.add_argument("--rounds", type=int, default=4, help="quiet and attacked rounds each")
    parser.add_argument("--quick", action="store_true", help="one round each with ten members")
    parser.add_argument("--refused-orders", action="store_true", help="attack with these too")
    parser.add_argument("--table", action="store_true", help="print tables instead of JSON")
    parser.add_argument("--words", action="store_true", help="only the table of banned words")
    options = parser.parse_args(arguments)
    if options.words:
        print(_markdown.format_rows(measure_words()))
        return
    members, rounds = (10, 1) if options.quick else (options.members, options.rounds)
    plan = Plan(members, rounds, options.refused_orders)
    found = asyncio.run(measure_abuse(plan))
    if options.table:
        rows = [{"round": name, **found[name]} for name in ("quiet", "attacked")]
        print(_markdown.format_rows(rows), _markdown.format_rows(found["attacks"]), sep="\n\n")
        print("\np99 with attackers / p99 without:", found["ratio"])
    else:
        print(json.dumps(found))
