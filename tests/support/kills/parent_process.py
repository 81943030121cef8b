"""Fork lives and see them killed: `python -m tests.support.kills.parent_process JSON`.

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

from tests.support.kills import crash_points
from tests.support.kills.config import CRASH_MODULES, ChildPlan, KillRun

_ORDERS: Final = 20
"""Orders of a life that nobody kills from outside: every sort twice."""
_KILLED_AT_START: Final = 0.15
"""Share of the lives that are killed while they start; the others are seen at work before."""
_UNDISTURBED_EVERY: Final = 20
"""Of so many lives one is left alone for `_LONGER` seconds more than a doubt lasts: a doubt about a
task that never arrived is over in no other, and the doubts take up all places in time."""
_UNDISTURBED_SECONDS: Final = 0.8
_SHORT_SECONDS: Final = 0.3
"""Seconds after which a short life stops in good order, its jobs still open."""
RunChild = Callable[[int, ChildPlan], Any]
"""Run life number so in a forked process."""


@dataclass(slots=True)
class ChildKiller:
    """Fork lives, one at a time; `lives` counts them, `kills` those that were killed."""

    kill_run: KillRun
    run_child: RunChild
    children: int = 0
    kills: int = 0

    def kill_at_every_point(self) -> None:
        """Let each life die at the first crash point that none has died at; end when none does.

        Short lives reach most points soonest. They come again when the long ones have left no
        doubt that holds up new jobs: then they end with steps under way. The last end all.
        """
        short, long = ChildPlan(_ORDERS, seconds=_SHORT_SECONDS), ChildPlan(_ORDERS)
        for plan in (short, long, short, ChildPlan(0)):
            status = -signal.SIGKILL
            while status == -signal.SIGKILL:
                status = self.wait_or_kill(self.fork_child(plan), self.kill_run.patience)
                self.kills += status == -signal.SIGKILL
            self.check_status(status)

    def kill_at_random(self) -> None:
        """Kill so many lives at random moments; the last one then ends all that is open."""
        chance = random.Random(self.kill_run.seed)  # noqa: S311 - the same pauses at each run
        while self.kills < self.kill_run.kills:
            is_long = self.kills % _UNDISTURBED_EVERY == _UNDISTURBED_EVERY - 1
            alone = self.kill_run.grace + _UNDISTURBED_SECONDS if is_long else 0.0
            self.kill_one(ChildPlan(sys.maxsize), chance, alone)
        self.check_status(self.wait_or_kill(self.fork_child(ChildPlan(0)), self.kill_run.patience))

    def kill_one(self, plan: ChildPlan, chance: random.Random, undisturbed: float = 0.0) -> None:
        """Kill a life at a random moment after it was there, or now and then before.

        It is left alone for so many seconds first.
        """
        self.kill_run.online_file.unlink(missing_ok=True)
        child = self.fork_child(plan)
        status: int | None = None
        if chance.random() >= _KILLED_AT_START:
            status = self.wait_for_exit(
                child, self.kill_run.patience, self.kill_run.online_file.exists
            )
        if status is None:
            pause = undisturbed + chance.expovariate(1 / self.kill_run.pause)
            status = self.wait_or_kill(child, pause, kill=True)
        if status != -signal.SIGKILL:
            self.check_status(status or 1)
        self.kills += 1

    def fork_child(self, plan: ChildPlan) -> int:
        child = os.fork()
        if not child:
            code = 1
            try:
                self.run_child(self.children, plan)
                code = 0
            except BaseException:  # noqa: BLE001 - the root of a process
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        self.children += 1
        return child

    def wait_or_kill(self, child: int, seconds: float, *, kill: bool = False) -> int:
        """Return how the child ended; past the time it is killed, or that is an error."""
        ended = self.wait_for_exit(child, seconds)
        if ended is not None:
            return ended
        os.kill(child, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if not kill:
            raise RuntimeError(f"life {self.children} did not end within {seconds:g} s")
        return status

    def wait_for_exit(
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

    def check_status(self, status: int) -> None:
        if status:
            raise RuntimeError(f"life {self.children} ended with {status}")


def die_at_new_points(kill_run: KillRun) -> None:
    """Kill this process at the first crash point that is not in the lane's file yet."""
    struck = (
        set(kill_run.crash_points_file.read_text().split())
        if kill_run.crash_points_file.exists()
        else set()
    )
    file = os.open(kill_run.crash_points_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def hit(name: str) -> None:
        if name not in struck:
            os.write(file, f"{name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    crash_points.CrossingHook.hit = staticmethod(hit)


def main(kill_run: KillRun) -> None:
    if not kill_run.kills:
        crash_points.install_rewriter(CRASH_MODULES)
    child = importlib.import_module("tests.support.kills.child_process")
    child.warm_up()

    def live(life: int, plan: ChildPlan) -> None:
        if not kill_run.kills:
            die_at_new_points(kill_run)
        asyncio.run(child.run_life(kill_run, life, plan))

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
    )
    started = time.monotonic()
    deaths = ChildKiller(kill_run, live)
    gc.freeze()
    if kill_run.kills:
        deaths.kill_at_random()
    else:
        deaths.kill_at_every_point()
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"lives": deaths.children, "kills": deaths.kills, "seconds": seconds}))


if __name__ == "__main__":
    main(KillRun.from_json(sys.argv[1]))
