"""Fork child processes and kill them: `python -m tests.support.kills.parent_process JSON`.

The imports, which are slow, are done once: a child is a fork of this process, which has no threads.
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
"""Orders of a child that is not killed from outside: every kind twice."""
_KILLED_AT_START: Final = 0.15
"""Share of children killed during their start; the others are killed when already working."""
_UNDISTURBED_EVERY: Final = 20
"""One in this many children lives `_UNDISTURBED_SECONDS` longer than the grace period: only then
can doubt about a task that never arrived end, and with time doubts occupy all slots."""
_UNDISTURBED_SECONDS: Final = 0.8
_SHORT_SECONDS: Final = 0.3
"""Seconds after which a short-lived child stops normally, with its jobs still open."""
RunChild = Callable[[int, ChildPlan], Any]
"""Run child number N in a forked process."""


@dataclass(slots=True)
class ChildKiller:
    """Fork children, one at a time; `children` counts them, `kills` those killed."""

    kill_run: KillRun
    run_child: RunChild
    children: int = 0
    kills: int = 0

    def kill_at_every_point(self) -> None:
        """Let each child die at the first point where none has died; end when none dies.

        Short-lived children reach most points soonest. They run again after long-lived ones have
        ended all doubt that blocks new jobs, so that they stop during steps. The last child ends
        all jobs.
        """
        short, long = ChildPlan(_ORDERS, seconds=_SHORT_SECONDS), ChildPlan(_ORDERS)
        for plan in (short, long, short, ChildPlan(0)):
            status = -signal.SIGKILL
            while status == -signal.SIGKILL:
                status = self.wait_or_kill(self.fork_child(plan), self.kill_run.patience)
                self.kills += status == -signal.SIGKILL
            self.check_status(status)

    def kill_at_random(self) -> None:
        """Kill children at random moments; the last one then ends all open jobs."""
        rng = random.Random(self.kill_run.seed)  # noqa: S311 - the same pauses at each run
        while self.kills < self.kill_run.kills:
            is_long = self.kills % _UNDISTURBED_EVERY == _UNDISTURBED_EVERY - 1
            alone = self.kill_run.grace + _UNDISTURBED_SECONDS if is_long else 0.0
            self.kill_one(ChildPlan(sys.maxsize), rng, alone)
        self.check_status(self.wait_or_kill(self.fork_child(ChildPlan(0)), self.kill_run.patience))

    def kill_one(self, plan: ChildPlan, chance: random.Random, undisturbed: float = 0.0) -> None:
        """Kill a child at a random moment after it started working, sometimes before.

        It runs undisturbed for `undisturbed` seconds first.
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
                # A fork must not run the parent's exit handlers.
                os._exit(code)
        self.children += 1
        return child

    def wait_or_kill(self, child: int, seconds: float, *, kill: bool = False) -> int:
        """Return the exit status; past the time kill the child, an error unless `kill`."""
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
        """Return the exit status, or None if the time is over or `until` is true first."""
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
    """Kill this process at the first crash point that is not in the run's file yet."""
    known_points = (
        set(kill_run.crash_points_file.read_text().split())
        if kill_run.crash_points_file.exists()
        else set()
    )
    file = os.open(kill_run.crash_points_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def hit(name: str) -> None:
        if name not in known_points:
            # Appended in one write, so that the point is recorded before the process dies.
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
    killer = ChildKiller(kill_run, live)
    # Forks share memory until it is written: the collector must not touch old objects.
    gc.freeze()
    if kill_run.kills:
        killer.kill_at_random()
    else:
        killer.kill_at_every_point()
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"lives": killer.children, "kills": killer.kills, "seconds": seconds}))


if __name__ == "__main__":
    main(KillRun.from_json(sys.argv[1]))
