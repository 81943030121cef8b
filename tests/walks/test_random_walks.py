"""Members and a moderator walk at random over the real bot, and nobody sees what they must not.

`python -m bench attacks --walks 5000` is the long form; a walk that fails is named by its seed.
"""

from __future__ import annotations

from pathlib import Path

from bot.images.worker_pool import ImageWorkerPool
from tests.support.walks.walker import Walker, describe_walk, walk_many

SEEDS = range(40)


async def test_random_walks_leak_nothing(tmp_path: Path, image_workers: ImageWorkerPool) -> None:
    async with Walker.open(tmp_path / "data", image_workers) as walker:
        summary = await walk_many(walker, SEEDS)
    assert not summary.leaks, "\n".join(map(describe_walk, summary.examples.values()))
    assert not summary.troubles
    assert summary.acts.total() == 10 * len(SEEDS)
