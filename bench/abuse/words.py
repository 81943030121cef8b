"""CPU time of the longest prompts against the longest list of banned words."""

from __future__ import annotations

import time
from typing import Any, Final

from bot.services.prompts.banned_words import find_listed_word
from tests.support.hostile_prompts import LISTS, PROMPTS

_REPEATS: Final = 7
_PLAIN: Final = "a lake in the hills with a red boat and an old tree " * 58


def measure_words() -> list[dict[str, Any]]:
    """Return a row for each kind of prompt: its CPU time with the list that takes it longest."""
    prompts = {"an ordinary text": _PLAIN[:3000], **PROMPTS}
    return [
        {
            "prompt": name,
            "characters": len(text),
            "cpu_ms": round(max(_time_search(words, text) for words in LISTS.values()), 1),
        }
        for name, text in prompts.items()
    ]


def _time_search(words: tuple[str, ...], text: str) -> float:
    """Return the shortest of some times in milliseconds, after the list was compiled."""
    find_listed_word(words, text)
    spent = []
    for _ in range(_REPEATS):
        began = time.thread_time()
        find_listed_word(words, text)
        spent.append(time.thread_time() - began)
    return min(spent) * 1000
