"""Matching and measuring of patterns in a worker process of their own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final
from weakref import WeakValueDictionary

from bot.errors import WorkerDied
from bot.images.worker_pool import ImageWorkerPool
from bot.services.prompts.banned_patterns import (
    PatternSize,
    PatternVerdict,
    find_match,
    measure_patterns,
)

log = logging.getLogger(__name__)

WORKER_MEMORY_MIB: Final = 1024
WORKER_SECONDS: Final = 5.0
"""Limits of the worker, far above its own in `banned_patterns`, in case RE2 exceeds those."""
_WAIT_SECONDS: Final = 15.0
"""Longest wait for a verdict, including other guilds' turns and the worker's start."""


class PatternMatcher:
    """Match texts with patterns, at most one text at a time per list, so that guilds take turns.

    `workers` has one process, which starts when it is first needed.
    """

    def __init__(self, workers: ImageWorkerPool) -> None:
        self._workers = workers
        self._turns: WeakValueDictionary[tuple[str, ...], asyncio.Lock] = WeakValueDictionary()

    def close(self) -> None:
        """End the worker process."""
        self._workers.close()

    async def find_match(self, patterns: tuple[str, ...], texts: Sequence[str]) -> PatternVerdict:
        """Return the first pattern that matches one of the texts, or what stays undecided."""
        if not patterns:
            return PatternVerdict()
        turn = self._turns.setdefault(patterns, asyncio.Lock())
        try:
            async with asyncio.timeout(_WAIT_SECONDS), turn:
                return await self._workers.run(find_match, patterns, texts)
        except (TimeoutError, WorkerDied) as error:
            log.warning("patterns not matched in time", extra={"error": type(error).__name__})
            return PatternVerdict(undecided=patterns)

    async def measure_patterns(self, patterns: Sequence[str]) -> dict[str, PatternSize]:
        """Return the sizes of patterns; each is a call of its own, as it may kill the worker."""
        sizes = dict[str, PatternSize]()
        for pattern in patterns:
            try:
                async with asyncio.timeout(_WAIT_SECONDS):
                    (sizes[pattern],) = await self._workers.run(measure_patterns, [pattern])
            except (TimeoutError, WorkerDied):
                sizes[pattern] = PatternSize(0, "one with fewer repetitions")
        return sizes
