"""Wiring of the process that matches patterns in prompts."""

from __future__ import annotations

from bot.images.worker_pool import ImageWorkerPool
from bot.services.prompts.pattern_matcher import (
    WORKER_MEMORY_MIB,
    WORKER_SECONDS,
    PatternMatcher,
)


def build_pattern_matcher() -> PatternMatcher:
    """Return a matcher whose process starts when a pattern is first matched."""
    workers = ImageWorkerPool(1, memory_mib=WORKER_MEMORY_MIB, seconds=WORKER_SECONDS)
    return PatternMatcher(workers)
