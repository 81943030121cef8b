"""kill -9 of the real bot process: after a restart the picture arrives once and was paid once."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.discord.calls import Call
from sandbox.discord.server import LocalDiscord
from sandbox.runware.engine.workers import Workers
from sandbox.runware.server import LocalRunware
from tests.house import Json, media, photograph, until, upload


@dataclass(slots=True)
class Bed:
    """Both local services, and the bot as a process of its own."""

    discord: LocalDiscord
    runware: LocalRunware
    data_dir: Path
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = {
            **os.environ,
            "EXPANSE_DISCORD__TOKEN": self.discord.token,
            "EXPANSE_DISCORD__API_BASE": self.discord.api_base,
            "EXPANSE_DISCORD__GATEWAY_URL": self.discord.gateway_url,
            "EXPANSE_DISCORD__CDN_BASE": self.discord.cdn_base,
            "EXPANSE_RUNWARE__API_KEY": self.runware.api_key,
            "EXPANSE_RUNWARE__BASE_URL": self.runware.base_url,
            "EXPANSE_RUNWARE__GRACE_SECONDS": "0.5",
            "EXPANSE_RUNWARE__POLL_SECONDS": "0.05",
            "EXPANSE_STORAGE__DATA_DIR": str(self.data_dir),
            "EXPANSE_IMAGES__WORKERS": "1",
        }
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "run"),
            env=environment,
            cwd=self.data_dir,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await until(self.is_up)

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, "the bot did not start"
        return self.discord.state.bot_online and bool(self.discord.state.commands.all())

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await until(lambda: not self.discord.state.bot_online)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.data_dir / "expanse.db", timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def rewrite(self, sql: str) -> None:
        """Put the books into a state that a crash could have left."""
        connection = sqlite3.connect(self.data_dir / "expanse.db")
        with connection:
            connection.execute(sql)
        connection.close()

    async def state(self, *wanted: str) -> None:
        """Wait until the only job is in one of the states."""
        await until(lambda: any(row[0] in wanted for row in self.rows("SELECT state FROM job")))

    def pictures(self) -> list[Json]:
        return [message for message in self.discord.guild.messages() if media(message)]

    async def command(self, name: str = "ana") -> Call:
        member = self.discord.guild.member(name)
        return await member.slash(
            "expand", image=upload(photograph()), direction="right", pixels=100
        )

    async def assert_settled_once(self) -> None:
        await self.state("settled")
        assert len(self.pictures()) == 1
        assert len(self.runware.journal.billed) == 1
        assert self.rows("SELECT kind, amount FROM entry WHERE scope LIKE 'global:d:%'") == [
            ("hold", 50_000),
            ("settle", 50_000),
        ]
        money = "SELECT DISTINCT held, spent FROM account WHERE unit = 'micro_usd'"
        assert self.rows(money) == [(0, 50_000)]


@asynccontextmanager
async def opened(data_dir: Path, engine: Workers) -> AsyncIterator[Bed]:
    data_dir.mkdir()
    async with LocalDiscord.open() as discord, LocalRunware.open(workers=engine) as runware:
        bed = Bed(discord, runware, data_dir)
        try:
            yield bed
        finally:
            if bed.process is not None and bed.process.returncode is None:
                bed.process.kill()
                await bed.process.wait()


@pytest_asyncio.fixture
async def bed(tmp_path: Path, engine_workers: Workers) -> AsyncIterator[Bed]:
    async with opened(tmp_path / "data", engine_workers) as made:
        await made.start()
        yield made


async def test_a_kill_after_submit_delivers_once_and_pays_once(bed: Bed) -> None:
    bed.runware.hold()
    await bed.command()
    await bed.state("submitted")
    await bed.kill()
    bed.runware.release()
    await bed.start()
    await bed.assert_settled_once()
    assert len(bed.runware.journal.asked("imageInference")) == 1


async def test_a_kill_before_the_request_left_sends_it_with_the_same_uuid(bed: Bed) -> None:
    bed.runware.hold()
    await bed.command()
    await bed.state("submitted")
    await bed.kill()
    # as if the process had died between the commit and the first byte
    await bed.runware.reset()
    bed.rewrite("UPDATE job SET state = 'submitting'")
    bed.runware.release()
    await bed.start()
    await bed.assert_settled_once()
    asked = bed.runware.journal.asked("imageInference")
    assert list(asked) == [row[0] for row in bed.rows("SELECT task_uuid FROM job")]


async def test_a_kill_before_the_answer_came_asks_and_does_not_send_again(bed: Bed) -> None:
    bed.runware.hold()
    await bed.command()
    await bed.state("submitted")
    await bed.kill()
    # as if the answer to the submit had never arrived
    bed.rewrite("UPDATE job SET state = 'submitting'")
    bed.runware.release()
    await bed.start()
    await bed.assert_settled_once()
    assert len(bed.runware.journal.asked("imageInference")) == 1


@pytest.mark.parametrize("delay_ms", [0, 20, 60, 120])
async def test_a_kill_at_any_moment_loses_nothing(bed: Bed, delay_ms: int) -> None:
    await bed.command()
    await bed.state("reserved", "prepared", "submitting", "submitted", "rendered", "settled")
    await asyncio.sleep(delay_ms / 1000)
    await bed.kill()
    await bed.start()
    await bed.assert_settled_once()


async def test_a_stop_at_any_moment_is_in_good_order_within_ten_seconds(bed: Bed) -> None:
    for name, delay in (("ana", 0.05), ("ben", 0.2)):
        await bed.command(name)
        await asyncio.sleep(delay)
        assert bed.process is not None
        bed.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(bed.process.wait(), 10) == 0
        await until(lambda: not bed.discord.state.bot_online)
        await bed.start()
    taken = len(bed.rows("SELECT 1 FROM job"))
    assert taken
    await until(lambda: bed.rows("SELECT DISTINCT state FROM job") == [("settled",)])
    assert len(bed.runware.journal.billed) == len(bed.pictures()) == taken
