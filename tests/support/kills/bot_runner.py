"""Kill the real bot between both local services again and again, and check what remains."""

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

from bot.domain.job import OPEN_STATES
from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware
from tests.support.kills.config import KillRun
from tests.support.kills.provider import open_provider

_ROOT: Final = Path(__file__).parents[3]
_AT_ONCE: Final = 8
"""Maximum number of open commands."""
_RECOVERY: Final = 60.0
"""Seconds within which everything must end after the last start (issue of this proof, item 4)."""
_OPEN: Final = ", ".join(f"'{state}'" for state in sorted(OPEN_STATES))
_LIMITS: Final = (
    *("RESULTS_PER_USER_DAY", "MOST_RESULTS_PER_USER_DAY", "RUNNING_PER_USER"),
    *("USD_PER_USER_MONTH", "USD_PER_GUILD_MONTH", "USD_PER_DAY", "USD_PER_TEN_MINUTES"),
)
_RATE: Final = 0.1
"""Chance of a provider fault; low, as waiting for one takes longer than most children run."""
_MEMBERS: Final = ("ana", "ben", "mia", "olu")
_MODERATED: Final = 9
"""Every ninth command is refused by moderation, as a member with many of them must wait."""
_FILE: Final = re.compile(r"expanded-([a-z0-9]+)-(\d+)\.")


@dataclass(frozen=True, slots=True)
class BotOutcome:
    """Counts from the journals of both services; `lost` to `open` must be 0.

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


async def run_bot_kills(*, kills: int, seed: int) -> BotOutcome:
    """Kill the bot `kills` times while members send commands; then let all jobs end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            LocalDiscord.open() as discord,
            open_provider("idempotent", seed, _RATE) as runware,
        ):
            run = KillRun(folder, "", runware.base_url, runware.api_key, seed, kills, pause=1.2)
            bot_run = _BotRun(discord, runware, run)
            report = await bot_run.run_children()
            return bot_run.compare_journals(report["kills"])


@dataclass(slots=True)
class _BotRun:
    discord: LocalDiscord
    runware: LocalRunware
    kill_run: KillRun
    commands: int = 0

    async def run_children(self) -> dict[str, Any]:
        error_file = self.kill_run.folder / "words"
        with error_file.open("w") as file:
            process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "tests.support.kills.bot_parent_process",
                    self.kill_run.to_json(),
                ),
                cwd=_ROOT,
                env=self._build_environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        ordering = asyncio.create_task(self._send_commands())
        try:
            assert process.stdout is not None
            line = await process.stdout.readline()
            if not line:
                raise RuntimeError(f"seed {self.kill_run.seed}: {error_file.read_text()[-4000:]}")
            report: dict[str, Any] = json.loads(line)
            ordering.cancel()
            async with asyncio.timeout(_RECOVERY):
                while self._count_open_jobs():  # noqa: ASYNC110 - the database tells nobody
                    await asyncio.sleep(0.05)
            assert process.stdin is not None
            process.stdin.close()
            await asyncio.wait_for(process.wait(), _RECOVERY)
        finally:
            ordering.cancel()
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise RuntimeError(f"seed {self.kill_run.seed}: the last life ended badly")
        return report

    async def _send_commands(self) -> None:
        """Send commands as members would, whenever a bot is connected."""
        out = io.BytesIO()
        Image.linear_gradient("L").resize((96, 64)).save(out, "PNG")
        was_there = False
        while True:
            there = self.discord.state.is_bot_online and self.discord.state.commands.all()
            if there and not was_there:
                self.kill_run.online_file.touch()
            was_there = bool(there)
            if there and self._count_open_jobs() < _AT_ONCE:
                self.commands += 1
                image = Upload("picture.png", out.getvalue())
                options: dict[str, Any] = {"image": image, "direction": "right", "pixels": 64}
                if self.commands % _MODERATED == 0:
                    options["prompt"] = "unsafe-prompt-6"
                name = _MEMBERS[self.commands % len(_MEMBERS)]
                await self.discord.guild.member(name).slash("expand", **options)
            await asyncio.sleep(0.05)

    def compare_journals(self, kills: int) -> BotOutcome:
        tasks = dict(self._read_rows("SELECT task_uuid, id FROM job"))
        bills = Counter(str(bill.task_uuid) for bill in self.runware.journal.bills)
        shown = Counter(job for job, _ in self._list_shown_jobs())
        spent = self._read_rows("SELECT TOTAL(spent) FROM account WHERE scope LIKE 'global:d:%'")
        crash_points = (
            self.kill_run.crash_points_file.read_text().split()
            if self.kill_run.crash_points_file.exists()
            else []
        )
        return BotOutcome(
            kills=kills,
            commands=self.commands,
            jobs=len(tasks),
            billed=bills.total(),
            lost=sum(tasks.get(task) not in shown for task in bills),
            twice=sum(count - 1 for count in bills.values()),
            shown_twice=sum(count > 1 for count in shown.values()),
            strange=len(bills.keys() - tasks.keys()),
            misbooked=abs(sum(bill.cost for bill in self.runware.journal.bills) - spent[0][0]),
            open=self._count_open_jobs(),
            struck=frozenset(crash_points),
        )

    def _list_shown_jobs(self) -> set[tuple[str, str]]:
        """Return pairs of a job and a message that shows its pictures."""
        return {
            (job, message["id"])
            for message in self.discord.guild.messages()
            for job, _ in _FILE.findall(json.dumps(message["components"]))
        }

    def _count_open_jobs(self) -> int:
        found = self._read_rows(f"SELECT COUNT(*) FROM job WHERE state IN ({_OPEN})")  # noqa: S608 - our own
        return int(found[0][0]) if found else 0

    def _read_rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the bot's database from outside; it is empty before the bot has created it."""
        path = self.kill_run.folder / "expanse.db"
        if not path.exists():
            return []
        with contextlib.closing(sqlite3.connect(path, timeout=10)) as connection:
            try:
                return connection.execute(sql).fetchall()
            except sqlite3.OperationalError:
                return []

    def _build_environment(self) -> dict[str, str]:
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
            "EXPANSE_STORAGE__DATA_DIR": str(self.kill_run.folder),
            "EXPANSE_IMAGES__WORKERS": "1",
        }
