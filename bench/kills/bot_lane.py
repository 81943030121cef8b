"""`python -m bench.kills.bot_lane JSON`: forks lives of the real bot and kills each of them.

A life dies at the first crash point of `PARTS` that none has died at, or at a random moment. The
last one lives until this process's input is closed.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import signal
import sys
from typing import Final

from bench.kills import points
from bench.kills.config import Lane, Plan
from bench.kills.lane import Deaths, die_once_at_each

PARTS: Final = ("bot.ui.order_flow", "bot.ui.publisher", "bot.ui.replies")
"""The modules that only a process with Discord runs."""


def live(lane: Lane, plan: Plan) -> None:
    """Be the bot: what `expanse run` does, with the environment as settings."""
    if plan.orders:
        die_once_at_each(lane)
    sys.argv = ["expanse", "run"]
    try:
        importlib.import_module("bot.cli").main()
    except SystemExit as end:
        if end.code:
            raise


def main(lane: Lane) -> None:
    points.install(PARTS)
    for name in ("bot.app", "bot.cli", "cogs.expand"):
        importlib.import_module(name)
    importlib.import_module("bot.runware.transport").tls_context()
    os.chdir(lane.folder)
    deaths = Deaths(lane, lambda _life, plan: live(lane, plan))
    chance = random.Random(lane.seed)  # noqa: S311 - the same pauses at each run
    while deaths.kills < lane.kills:
        deaths.kill_one(Plan(1), chance)
    last = deaths.fork(Plan(0))
    print(json.dumps({"lives": deaths.lives, "kills": deaths.kills}), flush=True)
    sys.stdin.read()
    os.kill(last, signal.SIGTERM)
    deaths.expect_good(deaths.wait(last, lane.patience))


if __name__ == "__main__":
    main(Lane.from_json(sys.argv[1]))
