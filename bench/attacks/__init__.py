"""Random walks of members and moderators over the real bot, each message judged for leaks.

What may be shown is decided by rules of `tests/support/walks`, which share no code with the bot.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from bench._markdown import format_rows
from bot.images.worker_pool import ImageWorkerPool
from tests.support.app_fixture import AppFixture
from tests.support.authority.matrix import find_differences
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.walks.runner import build_report, silence_logs, walk_in_processes


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench attacks", description=__doc__)
    parser.add_argument("--walks", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="the first of them")
    parser.add_argument("--matrix", action="store_true", help="also every act by every right")
    given = parser.parse_args(arguments)
    report = build_report(walk_in_processes(given.seed, given.walks))
    silence_logs()
    report["matrix"] = asyncio.run(compare_matrix()) if given.matrix else None
    print(json.dumps(report))
    for title in ("acts_by_kind", "refusals_by_reason", "leaks_by_kind"):
        rows = [{title: name, "count": count} for name, count in report[title].items()]
        print(f"\n{format_rows(rows or [{title: 'none', 'count': 0}])}")
    wrong = (*report["shortest_walks"], *report["ended_early"], *(report["matrix"] or ()))
    for each in wrong:
        print(f"\n{each}")
    raise SystemExit(bool(wrong))


async def compare_matrix() -> list[str]:
    """Return where the rights of the running bot differ from the table of who may do what."""
    async with ImageWorkerPool.open(2, memory_mib=2048, seconds=20.0) as workers:
        with tempfile.TemporaryDirectory() as name:
            async with AppFixture.open(Path(name) / "data", workers, FlatRenderer()) as app:
                await app.start()
                return await find_differences(app)
