"""`python -m bench.kills.lane JSON`: a process that forks lives and sees them killed.

What takes long, the imports, is done once: a life is a fork of this process, which runs no thread.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import logging
import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog

from bench.kills import points
from bench.kills.config import PARTS, Lane, Plan

_ORDERS: Final = 20
"""Orders of a life that nobody kills from outside: every sort twice."""
_UNBORN: Final = 0.15
"""Share of the lives that are killed while they start; the others are seen at work before."""
_EVERY: Final = 20
"""Of so many lives one is left alone for `_LONGER` seconds more than a doubt lasts: a doubt about a
task that never arrived is over in no other, and the doubts take up all places in time."""
_LONGER: Final = 0.8
_SHORT: Final = 0.3
"""Seconds after which a short life stops in good order, its jobs still open."""
Live = Callable[[int, Plan], Any]
"""Run life number so in a forked process."""


@dataclass(slots=True)
class Deaths:
    """Fork lives, one at a time; `lives` counts them, `kills` those that were killed."""

    lane: Lane
    live: Live
    lives: int = 0
    kills: int = 0

    def at_every_point(self) -> None:
        """Let each life die at the first crash point that none has died at; end when none does.

        Short lives reach most points soonest. They come again when the long ones have left no
        doubt that holds up new jobs: then they end with steps under way. The last end all.
        """
        short, long = Plan(_ORDERS, seconds=_SHORT), Plan(_ORDERS)
        for plan in (short, long, short, Plan(0)):
            status = -signal.SIGKILL
            while status == -signal.SIGKILL:
                status = self.wait(self.fork(plan), self.lane.patience)
                self.kills += status == -signal.SIGKILL
            self.expect_good(status)

    def at_random(self) -> None:
        """Kill so many lives at random moments; the last one then ends all that is open."""
        chance = random.Random(self.lane.seed)  # noqa: S311 - the same pauses at each run
        while self.kills < self.lane.kills:
            is_long = self.kills % _EVERY == _EVERY - 1
            alone = self.lane.grace + _LONGER if is_long else 0.0
            self.kill_one(Plan(sys.maxsize), chance, alone)
        self.expect_good(self.wait(self.fork(Plan(0)), self.lane.patience))

    def kill_one(self, plan: Plan, chance: random.Random, alone: float = 0.0) -> None:
        """Kill a life at a random moment after it was there, or now and then before.

        It is left alone for so many seconds first.
        """
        self.lane.online.unlink(missing_ok=True)
        child = self.fork(plan)
        status: int | None = None
        if chance.random() >= _UNBORN:
            status = self.ended(child, self.lane.patience, self.lane.online.exists)
        if status is None:
            pause = alone + chance.expovariate(1 / self.lane.pause)
            status = self.wait(child, pause, kill=True)
        if status != -signal.SIGKILL:
            self.expect_good(status or 1)
        self.kills += 1

    def fork(self, plan: Plan) -> int:
        child = os.fork()
        if not child:
            code = 1
            try:
                self.live(self.lives, plan)
                code = 0
            except BaseException:  # noqa: BLE001 - the root of a process
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        self.lives += 1
        return child

    def wait(self, child: int, seconds: float, *, kill: bool = False) -> int:
        """Return how the child ended; past the time it is killed, or that is an error."""
        ended = self.ended(child, seconds)
        if ended is not None:
            return ended
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if not kill:
            raise RuntimeError(f"life {self.lives} did not end within {seconds:g} s")
        return status

    def ended(
        self, child: int, seconds: float, until: Callable[[], bool] = lambda: False
    ) -> int | None:
        """Return how the child ended, or None if it lives past the time or something holds."""
        limit = time.monotonic() + seconds
        while time.monotonic() < limit and not until():
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.001)
        return None

    def expect_good(self, status: int) -> None:
        if status:
            raise RuntimeError(f"life {self.lives} ended with {status}")


def die_once_at_each(lane: Lane) -> None:
    """Kill this process at the first crash point that is not in the lane's file yet."""
    struck = set(lane.struck.read_text().split()) if lane.struck.exists() else set()
    file = os.open(lane.struck, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def hit(name: str) -> None:
        if name not in struck:
            os.write(file, f"{name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    points.Route.hit = staticmethod(hit)


def main(lane: Lane) -> None:
    if not lane.kills:
        points.install(PARTS)
    victim = importlib.import_module("bench.kills.victim")
    victim.warm()

    def live(life: int, plan: Plan) -> None:
        if not lane.kills:
            die_once_at_each(lane)
        asyncio.run(victim.run(lane, life, plan))

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
    )
    started = time.monotonic()
    deaths = Deaths(lane, live)
    gc.freeze()
    if lane.kills:
        deaths.at_random()
    else:
        deaths.at_every_point()
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"lives": deaths.lives, "kills": deaths.kills, "seconds": seconds}))


if __name__ == "__main__":
    main(Lane.from_json(sys.argv[1]))
