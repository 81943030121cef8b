"""The real bot between both local services, killed again and again, and what it left behind."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bench.kills.config import Lane
from bench.kills.provider import open_provider
from bot.domain.job import OPEN
from sandbox.discord.models import Upload
from sandbox.discord.server import LocalDiscord
from sandbox.runware.server import LocalRunware

_ROOT: Final = Path(__file__).parents[2]
_AT_ONCE: Final = 8
"""Commands that are open at a time."""
_RECOVERY: Final = 60.0
"""Seconds within which everything has to end after the last start (issue of this proof, item 4)."""
_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN))
_LIMITS: Final = (
    *("RESULTS_PER_USER_DAY", "MOST_RESULTS_PER_USER_DAY", "RUNNING_PER_USER"),
    *("USD_PER_USER_MONTH", "USD_PER_GUILD_MONTH", "USD_PER_DAY", "USD_PER_TEN_MINUTES"),
)
_RATE: Final = 0.1
"""Chance of a fault of the provider: its waits take longer than most lives."""
_MEMBERS: Final = ("ana", "ben", "mia", "olu")
_MODERATED: Final = 9
"""Every ninth command is refused by moderation: a member with many of them has to wait."""
_FILE: Final = re.compile(r"expanded-([a-z0-9]+)-(\d+)\.")


@dataclass(frozen=True, slots=True)
class BotOutcome:
    """Counts by the journals of both services; `lost` to `open` have to be 0.

    `lost`: billed pictures in no message. `twice`: bills beyond what was ordered. `shown_twice`:
    jobs whose pictures are in two messages.
    """

    kills: int
    commands: int
    jobs: int
    billed: int
    lost: int
    twice: int
    shown_twice: int
    strange: int
    misbooked: int
    open: int
    struck: frozenset[str]

    @property
    def faults(self) -> dict[str, int]:
        names = ("lost", "twice", "shown_twice", "strange", "misbooked", "open")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


async def run_bot(*, kills: int, seed: int) -> BotOutcome:
    """Kill the bot so often while members send commands; then let it end what is open."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            LocalDiscord.open() as discord,
            open_provider("idempotent", seed, _RATE) as runware,
        ):
            lane = Lane(folder, "", runware.base_url, runware.api_key, seed, kills, pause=1.2)
            house = _House(discord, runware, lane)
            said = await house.lives()
            return house.judge(said["kills"])


@dataclass(slots=True)
class _House:
    discord: LocalDiscord
    runware: LocalRunware
    lane: Lane
    commands: int = 0

    async def lives(self) -> dict[str, Any]:
        words = self.lane.folder / "words"
        with words.open("w") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bench.kills.bot_lane", self.lane.to_json()),
                cwd=_ROOT,
                env=self._environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        ordering = asyncio.create_task(self._order())
        try:
            assert process.stdout is not None  # noqa: S101 - asked for above
            line = await process.stdout.readline()
            if not line:
                raise RuntimeError(f"seed {self.lane.seed}: {words.read_text()[-4000:]}")
            said: dict[str, Any] = json.loads(line)
            ordering.cancel()
            async with asyncio.timeout(_RECOVERY):
                while self._open_jobs():  # noqa: ASYNC110 - the database tells nobody
                    await asyncio.sleep(0.05)
            assert process.stdin is not None  # noqa: S101
            process.stdin.close()
            await asyncio.wait_for(process.wait(), _RECOVERY)
        finally:
            ordering.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise RuntimeError(f"seed {self.lane.seed}: the last life ended badly")
        return said

    async def _order(self) -> None:
        """Send commands as members would, whenever a bot is there to take them."""
        out = io.BytesIO()
        Image.linear_gradient("L").resize((96, 64)).save(out, "PNG")
        was_there = False
        while True:
            there = self.discord.state.bot_online and self.discord.state.commands.all()
            if there and not was_there:
                self.lane.online.touch()
            was_there = bool(there)
            if there and self._open_jobs() < _AT_ONCE:
                self.commands += 1
                image = Upload("picture.png", out.getvalue())
                options: dict[str, Any] = {"image": image, "direction": "right", "pixels": 64}
                if self.commands % _MODERATED == 0:
                    options["prompt"] = "unsafe-prompt-6"
                name = _MEMBERS[self.commands % len(_MEMBERS)]
                await self.discord.guild.member(name).slash("expand", **options)
            await asyncio.sleep(0.05)

    def judge(self, kills: int) -> BotOutcome:
        tasks = dict(self._rows("SELECT task_uuid, id FROM job"))
        bills = Counter(str(bill.task_uuid) for bill in self.runware.journal.billed)
        shown = Counter(job for job, _ in self._shown())
        spent = self._rows("SELECT TOTAL(spent) FROM account WHERE scope LIKE 'global:d:%'")
        struck = self.lane.struck.read_text().split() if self.lane.struck.exists() else []
        return BotOutcome(
            kills=kills,
            commands=self.commands,
            jobs=len(tasks),
            billed=bills.total(),
            lost=sum(tasks.get(task) not in shown for task in bills),
            twice=sum(count - 1 for count in bills.values()),
            shown_twice=sum(count > 1 for count in shown.values()),
            strange=len(bills.keys() - tasks.keys()),
            misbooked=abs(sum(bill.cost for bill in self.runware.journal.billed) - spent[0][0]),
            open=self._open_jobs(),
            struck=frozenset(struck),
        )

    def _shown(self) -> set[tuple[str, str]]:
        """Return each job with each message that shows its pictures."""
        return {
            (job, message["id"])
            for message in self.discord.guild.messages()
            for job, _ in _FILE.findall(json.dumps(message["components"]))
        }

    def _open_jobs(self) -> int:
        found = self._rows(f"SELECT COUNT(*) FROM job WHERE state IN ({_OPEN})")  # noqa: S608 - our own
        return int(found[0][0]) if found else 0

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the bot's database from outside; before it is made there is nothing."""
        path = self.lane.folder / "expanse.db"
        if not path.exists():
            return []
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
            try:
                return connection.execute(sql).fetchall()
            except sqlite3.OperationalError:
                return []

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "EXPANSE_DISCORD__TOKEN": self.discord.token,
            "EXPANSE_DISCORD__API_BASE": self.discord.api_base,
            "EXPANSE_DISCORD__GATEWAY_URL": self.discord.gateway_url,
            "EXPANSE_DISCORD__CDN_BASE": self.discord.cdn_base,
            "EXPANSE_RUNWARE__API_KEY": self.runware.api_key,
            "EXPANSE_RUNWARE__BASE_URL": self.runware.base_url,
            "EXPANSE_RUNWARE__GRACE_SECONDS": "2.5",
            "EXPANSE_RUNWARE__REQUEST_SECONDS": "2",
            "EXPANSE_RUNWARE__POLL_SECONDS": "0.05",
            "EXPANSE_RUNWARE__TASK_MINUTES": "0.2",
            **{f"EXPANSE_LIMITS__{name}": "100000" for name in _LIMITS},
            "EXPANSE_STORAGE__DATA_DIR": str(self.lane.folder),
            "EXPANSE_IMAGES__WORKERS": "1",
        }
