"""Three attackers: each sends many requests at once, waits for the answers, and repeats."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from bench.abuse.hostile_input import (
    PATTERNS,
    SLOW_PROMPT,
    build_cut_off_file,
    build_large_file,
    build_photograph,
    list_bombs,
)
from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from sandbox.discord.server import LocalDiscord

Json = dict[str, Any]
PRESSES: Final = 60
"""Presses of Details at once."""
_PREVIEWS: Final = 8
"""Previews at once; more would measure how fast the local Discord copies files."""
_ORDERS: Final = 4
"""Orders at once: one that runs and three that wait."""
_ANSWER_SECONDS: Final = 200.0
"""Longer than the bot's own deadlines of free work."""
_PAUSE_SECONDS: Final = 0.5
_REFUSED: Final = ("Try again", "try again", "is damaged", "not a picture", "could not be read")
_REFUSED_ORDERS: Final = "refused orders"
_TOO_LATE: Final = "no answer"


@dataclass(slots=True)
class Attackers:
    """Attack until stopped; `answers` counts the outcomes of requests by kind of attack."""

    discord: LocalDiscord
    elsewhere: GuildActor
    picture: Json
    has_refused_orders: bool
    answers: dict[str, Counter[str]] = field(default_factory=dict)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _stopping: bool = False

    @classmethod
    async def prepare(cls, discord: LocalDiscord, *, has_refused_orders: bool) -> Attackers:
        """Order the picture whose details are requested, and create the guild of the third."""
        member = discord.guild.welcome("attacker1")
        discord.guild.welcome("attacker2")
        elsewhere = discord.add_guild("Elsewhere", discord.guild.welcome("attacker3").name)
        photograph = build_photograph(2400, 1800)
        call = await member.slash("expand", image=photograph, direction="right", pixels=64)
        picture = await call.message(is_result, timeout=_ANSWER_SECONDS)
        return cls(discord, elsewhere, picture, has_refused_orders)

    def start(self) -> None:
        self._stopping = False
        first, second = map(self.discord.guild.member, ("attacker1", "attacker2"))
        third = self.elsewhere.member("attacker3")
        bombs, large = itertools.cycle([*list_bombs()]), build_large_file()
        attacks: dict[str, Callable[[], Iterable[TrackedInvocation]]] = {
            "decoder bombs": lambda: (ask_preview(first, next(bombs)) for _ in range(_PREVIEWS)),
            "previews of 9.9 MB": lambda: (ask_preview(second, large) for _ in range(_PREVIEWS)),
            "details": lambda: (second.press(self.picture, "Details") for _ in range(PRESSES)),
        }
        if self.has_refused_orders:
            cut_off, members = build_cut_off_file(), (first, second, third)
            attacks[_REFUSED_ORDERS] = lambda: (
                ask_order(member, cut_off) for member in members for _ in range(_ORDERS)
            )
        self._tasks = [
            asyncio.create_task(self._repeat(name, attack)) for name, attack in attacks.items()
        ]
        self._tasks.append(asyncio.create_task(self._test_patterns(third)))

    async def stop(self) -> None:
        """Stop attacking, and wait until all requests are answered."""
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def _repeat(self, name: str, attack: Callable[[], Iterable[TrackedInvocation]]) -> None:
        while not self._stopping:
            await asyncio.gather(*(self._count_answer(name, call) for call in attack()))
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _test_patterns(self, member: MemberActor) -> None:
        """Ban patterns in another guild, and test prompts against all of them."""
        for pattern in PATTERNS:
            call = member.invoke("moderate words add-pattern", {"pattern": pattern})
            await self._count_answer("patterns banned", call)
        test: Callable[[], Iterable[TrackedInvocation]] = lambda: (  # noqa: E731 - given on
            member.invoke("moderate words test", {"prompt": SLOW_PROMPT}) for _ in range(4)
        )
        await self._repeat("prompts tested", test)

    async def _count_answer(self, name: str, call: TrackedInvocation) -> None:
        counts = self.answers.setdefault(name, Counter())
        try:
            await call.acknowledged(_ANSWER_SECONDS)
            is_answered = _is_order_over if name == _REFUSED_ORDERS else _is_answered
            message = await call.message(is_answered, timeout=_ANSWER_SECONDS)
        except TimeoutError:
            counts[_TOO_LATE] += 1
            return
        text = json.dumps(message["components"])
        counts["refused" if any(words in text for words in _REFUSED) else "served"] += 1

    def build_rows(self) -> list[dict[str, Any]]:
        """Return a row of the table for each kind of attack."""
        names = ("served", "refused", _TOO_LATE)
        return [
            {"attack": attack, "asked": counts.total(), **{name: counts[name] for name in names}}
            for attack, counts in self.answers.items()
        ]


def ask_preview(member: MemberActor, image: Any) -> TrackedInvocation:
    options = {"image": image, "direction": "right", "pixels": 64, "preview": True}
    return member.invoke("expand", options)


def ask_order(member: MemberActor, image: Any) -> TrackedInvocation:
    return member.invoke("expand", {"image": image, "direction": "right", "pixels": 64})


def is_result(message: Json) -> bool:
    return "expanded-" in json.dumps(message["components"])


def _is_answered(message: Json) -> bool:
    return bool(message["components"])


def _is_order_over(message: Json) -> bool:
    return is_result(message) or any(words in str(message["components"]) for words in _REFUSED)
