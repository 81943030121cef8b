"""kill -9 of the real bot process: after a restart the picture arrives once and was paid once."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.faults import DiscordFault
from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.engine.workers import Workers
from tests.support.app.card_controls import press_button
from tests.support.app_fixture import Json, draw_photograph, encode_upload, list_media, wait_until


@dataclass(slots=True)
class BotProcess:
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
        await wait_until(self.is_up)

    def is_up(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, "the bot did not start"
        return self.discord.state.is_bot_online and bool(self.discord.state.commands.all())

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        await wait_until(lambda: not self.discord.state.is_bot_online)

    def read_rows(self, sql: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.data_dir / "expanse.db", timeout=10)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def rewrite_database(self, sql: str) -> None:
        """Put the books into a state that a crash could have left."""
        connection = sqlite3.connect(self.data_dir / "expanse.db")
        with connection:
            connection.execute(sql)
        connection.close()

    async def wait_for_state(self, *wanted: str) -> None:
        """Wait until the only job is in one of the states."""
        await wait_until(
            lambda: any(row[0] in wanted for row in self.read_rows("SELECT state FROM job"))
        )

    def list_pictures(self) -> list[Json]:
        return [message for message in self.discord.guild.messages() if list_media(message)]

    async def send_command(self, name: str = "ana") -> TrackedInvocation:
        member = self.discord.guild.member(name)
        return await member.slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=100
        )

    async def assert_settled_once(self) -> None:
        await self.wait_for_state("settled")
        assert len(self.list_pictures()) == 1
        assert len(self.runware.journal.bills) == 1
        assert self.read_rows("SELECT kind, amount FROM entry WHERE scope LIKE 'global:d:%'") == [
            ("hold", 50_000),
            ("settle", 50_000),
        ]
        money = "SELECT DISTINCT held, spent FROM account WHERE unit = 'micro_usd'"
        assert self.read_rows(money) == [(0, 50_000)]


@asynccontextmanager
async def open_bot_process(data_dir: Path, engine: Workers) -> AsyncIterator[BotProcess]:
    data_dir.mkdir()
    async with LocalDiscord.open() as discord, LocalRunware.open(workers=engine) as runware:
        bed = BotProcess(discord, runware, data_dir)
        try:
            yield bed
        finally:
            if bed.process is not None and bed.process.returncode is None:
                bed.process.kill()
                await bed.process.wait()


@pytest_asyncio.fixture
async def bot_process(tmp_path: Path, engine_workers: Workers) -> AsyncIterator[BotProcess]:
    async with open_bot_process(tmp_path / "data", engine_workers) as made:
        await made.start()
        yield made


async def test_a_kill_after_submit_delivers_once_and_pays_once(bot_process: BotProcess) -> None:
    bot_process.runware.pause_tasks()
    await bot_process.send_command()
    await bot_process.wait_for_state("submitted")
    await bot_process.kill()
    bot_process.runware.resume_tasks()
    await bot_process.start()
    await bot_process.assert_settled_once()
    assert len(bot_process.runware.journal.list_task_uuids("imageInference")) == 1


async def test_a_kill_before_the_request_left_sends_it_with_the_same_uuid(
    bot_process: BotProcess,
) -> None:
    bot_process.runware.pause_tasks()
    await bot_process.send_command()
    await bot_process.wait_for_state("submitted")
    await bot_process.kill()
    # as if the process had died between the commit and the first byte
    await bot_process.runware.reset()
    bot_process.rewrite_database("UPDATE job SET state = 'submitting'")
    bot_process.runware.resume_tasks()
    await bot_process.start()
    await bot_process.assert_settled_once()
    asked = bot_process.runware.journal.list_task_uuids("imageInference")
    assert list(asked) == [row[0] for row in bot_process.read_rows("SELECT task_uuid FROM job")]


async def test_a_kill_before_the_answer_came_asks_and_does_not_send_again(
    bot_process: BotProcess,
) -> None:
    bot_process.runware.pause_tasks()
    await bot_process.send_command()
    await bot_process.wait_for_state("submitted")
    await bot_process.kill()
    # as if the answer to the submit had never arrived
    bot_process.rewrite_database("UPDATE job SET state = 'submitting'")
    bot_process.runware.resume_tasks()
    await bot_process.start()
    await bot_process.assert_settled_once()
    assert len(bot_process.runware.journal.list_task_uuids("imageInference")) == 1


@pytest.mark.parametrize("delay_ms", [0, 20, 60, 120])
async def test_a_kill_at_any_moment_loses_nothing(bot_process: BotProcess, delay_ms: int) -> None:
    await bot_process.send_command()
    await bot_process.wait_for_state(
        "reserved", "prepared", "submitting", "submitted", "rendered", "settled"
    )
    await asyncio.sleep(delay_ms / 1000)
    await bot_process.kill()
    await bot_process.start()
    await bot_process.assert_settled_once()


async def send_four_pictures(bot_process: BotProcess) -> None:
    ana = bot_process.discord.guild.member("ana")
    card = await (await ana.slash("help")).message()
    form = await press_button(ana, card, "Expand a picture").modal()
    pictures = [encode_upload(draw_photograph(160 + 16 * at, 120)) for at in range(4)]
    await ana.submit(form, {"pictures": pictures, "direction": "right", "pixels": "64"})


async def assert_four_settled_once(bot_process: BotProcess) -> None:
    """Check that each of four jobs was billed, settled and shown once, in its own message."""
    await wait_until(lambda: bot_process.read_rows("SELECT state FROM job") == [("settled",)] * 4)
    jobs = {str(row[0]) for row in bot_process.read_rows("SELECT id FROM job")}
    shown = Counter(
        name
        for message in bot_process.list_pictures()
        for name in re.findall(r"expanded-(\w+)-1\.", str(list_media(message)[0]["url"]))
    )
    assert shown == dict.fromkeys(jobs, 1)
    assert len({bill.task_uuid for bill in bot_process.runware.journal.bills}) == 4
    assert len(bot_process.runware.journal.bills) == 4
    money = "SELECT DISTINCT held, spent FROM account WHERE unit = 'micro_usd'"
    assert bot_process.read_rows(money) == [(0, 200_000)]


@pytest.mark.parametrize("posted", [0, 1, 3])
async def test_a_kill_between_the_cards_of_four_pictures_delivers_each_once(
    bot_process: BotProcess, posted: int
) -> None:
    slow = DiscordFault("slow", match="POST /webhooks/*", skip=posted, times=0, value=30.0)
    bot_process.discord.faults.add(slow)
    bot_process.runware.pause_tasks()
    await send_four_pictures(bot_process)
    await wait_until(lambda: bool(bot_process.discord.journal.fault_entries))
    parts = bot_process.read_rows("SELECT part FROM job ORDER BY part")
    assert parts == [(1,), (2,), (3,), (4,)], "all were accepted in one transaction"
    await bot_process.kill()
    bot_process.discord.faults.clear()
    bot_process.runware.resume_tasks()
    await bot_process.start()
    await assert_four_settled_once(bot_process)


@pytest.mark.parametrize("delay_ms", [0, 30, 90, 200])
async def test_a_kill_at_any_moment_of_four_pictures_loses_and_doubles_none(
    bot_process: BotProcess, delay_ms: int
) -> None:
    await send_four_pictures(bot_process)
    await bot_process.wait_for_state("reserved", "prepared", "submitted", "rendered", "settled")
    await asyncio.sleep(delay_ms / 1000)
    await bot_process.kill()
    await bot_process.start()
    await assert_four_settled_once(bot_process)


async def test_a_stop_at_any_moment_is_in_good_order_within_ten_seconds(
    bot_process: BotProcess,
) -> None:
    for name, delay in (("ana", 0.05), ("ben", 0.2)):
        await bot_process.send_command(name)
        await asyncio.sleep(delay)
        assert bot_process.process is not None
        bot_process.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(bot_process.process.wait(), 10) == 0
        await wait_until(lambda: not bot_process.discord.state.is_bot_online)
        await bot_process.start()
    taken = len(bot_process.read_rows("SELECT 1 FROM job"))
    assert taken
    await wait_until(
        lambda: bot_process.read_rows("SELECT DISTINCT state FROM job") == [("settled",)]
    )
    assert len(bot_process.runware.journal.bills) == len(bot_process.list_pictures()) == taken
