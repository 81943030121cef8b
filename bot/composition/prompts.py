"""The checks of prompts, with the worker process that matches patterns."""

from __future__ import annotations

from bot.images.worker_pool import ImageWorkerPool
from bot.services.prompts.pattern_matcher import (
    WORKER_MEMORY_MIB,
    WORKER_SECONDS,
    PatternMatcher,
)
from bot.services.prompts.prompt_checks import PromptChecks


def build_prompt_checks() -> PromptChecks:
    """Return checks whose process starts when a pattern is first matched."""
    workers = ImageWorkerPool(1, memory_mib=WORKER_MEMORY_MIB, seconds=WORKER_SECONDS)
    return PromptChecks(PatternMatcher(workers))
