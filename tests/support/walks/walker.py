"""Walks one after the other and several at a time over one running bot, and their shrinking."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from bot.images.worker_pool import ImageWorkerPool
from sandbox.discord.model.errors import DiscordError
from tests.support.app_fixture import AppFixture
from tests.support.generous_limits import GENEROUS
from tests.support.walks.member_acts import MEMBER_ACTS
from tests.support.walks.message_log import MessageLog
from tests.support.walks.moderator_acts import MODERATOR_ACTS
from tests.support.walks.oracle import Leak, LeakKind
from tests.support.walks.order_acts import ORDER_ACTS
from tests.support.walks.picture_codes import CodeBook, CodedRenderer
from tests.support.walks.walk import Walk
from tests.support.walks.world import WorldOptions, build_world

ACTS: Final = {**ORDER_ACTS, **MEMBER_ACTS, **MODERATOR_ACTS}
LENGTH: Final = 10
_DRAWS: Final = 200
"""Draws of a walk at most: what cannot be done at the moment is no act."""
PlannedAct = tuple[str, int]
"""An act and the seed of what it chooses."""


@dataclass(frozen=True, slots=True)
class WalkReport:
    """What a walk did and what leaked; `acts` can be walked again."""

    seed: int
    options: WorldOptions
    acts: tuple[PlannedAct, ...]
    leaks: tuple[Leak, ...]
    refusals: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    results: int = 0
    judged: int = 0
    """Pictures in messages of the bot's, each counted once per message."""
    trouble: str = ""
    """Why the walk ended early, for another reason than a leak."""


@dataclass(slots=True)
class Walker:
    """Walk in guilds of their own, all with one running bot."""

    app: AppFixture
    renderer: CodedRenderer

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, workers: ImageWorkerPool) -> AsyncIterator[Walker]:
        renderer = CodedRenderer(CodeBook())
        async with AppFixture.open(folder, workers, renderer) as app:
            app.limits = GENEROUS
            await app.start()
            yield cls(app, renderer)

    async def walk_seed(self, seed: int) -> WalkReport:
        """Walk ten acts that a seed draws."""
        rng = Random(seed)  # noqa: S311 - a walk that can be repeated
        options = WorldOptions.draw(rng)
        names, weights = list(ACTS), [weight for weight, _ in ACTS.values()]
        drawn = [(rng.choices(names, weights)[0], rng.getrandbits(32)) for _ in range(_DRAWS)]
        return await self._walk(seed, options, drawn)

    async def walk_again(self, report: WalkReport, acts: Sequence[PlannedAct]) -> WalkReport:
        """Walk some of a walk's acts in a new guild."""
        return await self._walk(report.seed, report.options, acts)

    async def shrink(self, report: WalkReport) -> WalkReport:
        """Return the shortest walk found by leaving out acts that still has the first leak."""
        kind, best, at = report.leaks[0].kind, report, 0
        while at < len(best.acts):
            tried = await self.walk_again(best, (*best.acts[:at], *best.acts[at + 1 :]))
            if any(leak.kind is kind for leak in tried.leaks):
                best = tried
            else:
                at += 1
        return best

    async def _walk(
        self, seed: int, options: WorldOptions, acts: Sequence[PlannedAct]
    ) -> WalkReport:
        world = await build_world(self.app.discord, options)
        log = MessageLog(self.app.discord, world.guild.id)
        log.open()
        walk = Walk(world, log, self.renderer, options.approve_first)
        done: list[PlannedAct] = []
        trouble = ""
        try:
            for name, choice in acts:
                if len(done) == LENGTH or walk.leaks:
                    break
                if await _do_act(walk, name, choice):
                    done.append((name, choice))
        except (TimeoutError, LookupError) as error:
            trouble = f"{name}: {error!r}"
        finally:
            walk.release()
        return WalkReport(
            seed,
            options,
            tuple(done),
            tuple(walk.leaks),
            walk.refusals,
            properties=walk.oracle.count_properties(),
            results=walk.count_results(),
            judged=len(walk.oracle.first_seen),
            trouble=trouble,
        )


async def _do_act(walk: Walk, name: str, choice: int) -> bool:
    """Do an act and judge what is shown then; return whether there was something to do."""
    walk.oracle.step += 1
    walk.sharer = None
    try:
        done = await ACTS[name][1](walk, Random(choice))  # noqa: S311 - as above
    except DiscordError:
        done = False  # Discord's own client would not let them
    await walk.judge()
    return done


@dataclass(slots=True)
class WalkSummary:
    """Counts over walks: acts by kind, refusals by reason, leaks by kind."""

    walks: int = 0
    seconds: float = 0.0
    results: int = 0
    judged: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    properties: Counter[str] = field(default_factory=Counter)
    """How many results had what the rules are about."""
    leaks: Counter[LeakKind] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    examples: dict[LeakKind, WalkReport] = field(default_factory=dict)

    def add_report(self, report: WalkReport) -> None:
        self.walks += 1
        self.properties += report.properties
        self.results += report.results
        self.judged += report.judged
        self.acts += Counter(name for name, _ in report.acts)
        self.refusals += report.refusals
        if report.trouble:
            self.troubles.append(f"walk {report.seed}: {report.trouble}")
        for kind in {leak.kind for leak in report.leaks}:
            self.leaks[kind] += 1
            self.examples.setdefault(kind, report)

    def add_summary(self, other: WalkSummary) -> None:
        """Add another process's counts, and its examples of kinds that have none."""
        self.walks += other.walks
        self.properties += other.properties
        self.results += other.results
        self.judged += other.judged
        self.acts += other.acts
        self.refusals += other.refusals
        self.leaks += other.leaks
        self.troubles += other.troubles
        self.examples = other.examples | self.examples


async def walk_many(walker: Walker, seeds: Sequence[int], *, at_once: int = 4) -> WalkSummary:
    """Walk from each seed, several at a time; shrink the first walk of each kind of leak."""
    summary, pending = WalkSummary(), iter(seeds)
    start = time.monotonic()

    async def walk_on() -> None:
        for seed in pending:
            summary.add_report(await walker.walk_seed(seed))

    await asyncio.gather(*(walk_on() for _ in range(at_once)))
    summary.seconds = time.monotonic() - start
    for kind, report in summary.examples.items():
        summary.examples[kind] = await walker.shrink(report)
    return summary


def describe_walk(report: WalkReport) -> str:
    """Return a walk as text: its seed, its world, its acts and what leaked."""
    lines = [f"seed {report.seed}, {report.options}"]
    lines += [f"  {at}. {name} ({choice})" for at, (name, choice) in enumerate(report.acts, 1)]
    lines += [f"  leak: {leak.kind}: {leak.detail}" for leak in report.leaks]
    return "\n".join(lines)
