"""Fork child processes with the real bot and kill each: `… bot_parent_process JSON`.

A child dies at the first crash point of `CRASH_MODULES` where none has died yet, or at a random
moment. The last child runs until this process's input is closed.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import sys
from typing import Final

from tests.support.kills import crash_points
from tests.support.kills.config import ChildPlan, KillRun
from tests.support.kills.parent_process import ChildKiller, die_at_new_points

CRASH_MODULES: Final = (
    "bot.ui.interactions.order_flow",
    "bot.ui.channels.publisher",
    "bot.ui.interactions.responses",
)
"""Modules that only a process with Discord runs."""


def run_bot_child(kill_run: KillRun, plan: ChildPlan) -> None:
    """Run the bot as `expanse run` does, with the environment as settings."""
    if plan.orders:
        die_at_new_points(kill_run)
    sys.argv = ["expanse", "run"]
    try:
        importlib.import_module("bot.cli.main").main()
    except SystemExit as end:
        if end.code:
            raise


def main(kill_run: KillRun) -> None:
    crash_points.install_rewriter(CRASH_MODULES)
    for name in ("bot.composition.app", "bot.cli.main", "cogs.expand"):
        importlib.import_module(name)
    importlib.import_module("bot.runware.transport").get_tls_context()
    os.chdir(kill_run.folder)
    killer = ChildKiller(kill_run, lambda _life, plan: run_bot_child(kill_run, plan))
    rng = random.Random(kill_run.seed)  # noqa: S311 - the same pauses at each run
    while killer.kills < kill_run.kills:
        killer.kill_one(ChildPlan(1), rng)
    last = killer.fork_child(ChildPlan(0))
    print(json.dumps({"lives": killer.children, "kills": killer.kills}), flush=True)
    sys.stdin.read()
    os.kill(last, signal.SIGTERM)
    killer.check_status(killer.wait_or_kill(last, kill_run.patience))


if __name__ == "__main__":
    main(KillRun.from_json(sys.argv[1]))
