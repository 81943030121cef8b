"""Checks of a prompt by a guild's banned words and patterns."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot.domain.guild import GuildSettings
from bot.errors import PatternsUndecided, WordRefused
from bot.services.prompts.banned_patterns import PatternVerdict
from bot.services.prompts.banned_words import find_listed_word
from bot.services.prompts.letters import fold_text
from bot.services.prompts.pattern_matcher import PatternMatcher


@dataclass(frozen=True, slots=True)
class PromptFinding:
    """The banned word in a prompt, or the patterns' verdict; both are empty if it passes."""

    word: str | None
    patterns: PatternVerdict


@dataclass(frozen=True, slots=True)
class PromptChecks:
    """Check prompts outside the event loop."""

    patterns: PatternMatcher

    async def check_prompt(self, settings: GuildSettings, prompt: str) -> None:
        """Raise `WordRefused` for a word or a match, `PatternsUndecided` if that is unknown."""
        found = await self.inspect_prompt(settings, prompt)
        if found.word is not None:
            raise WordRefused(found.word)
        if found.patterns.matched is not None:
            raise WordRefused("")
        if found.patterns.undecided:
            raise PatternsUndecided(len(found.patterns.undecided))

    async def inspect_prompt(self, settings: GuildSettings, prompt: str) -> PromptFinding:
        """Return the first listed word in a prompt, else the verdict of the patterns.

        Patterns are matched with the prompt as it is and without its disguises.
        """
        words, patterns = settings.banned_words, settings.banned_patterns
        word = (
            await asyncio.to_thread(find_listed_word, words, prompt) if words and prompt else None
        )
        if word is not None or not patterns or not prompt:
            return PromptFinding(word, PatternVerdict())
        texts = dict.fromkeys((prompt, *await asyncio.to_thread(fold_text, prompt)))
        return PromptFinding(None, await self.patterns.find_match(patterns, tuple(texts)))
