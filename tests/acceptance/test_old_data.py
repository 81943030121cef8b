"""What the version before typed payloads left behind: its folder opens, its buttons work."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tarfile
import time
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from bot.cli import finance as finance_commands
from bot.cli import main as cli
from bot.config.settings import LimitSettings, PersonalSettings
from bot.images.worker_pool import ImageWorkerPool
from bot.ui.actions import Action
from bot.ui.views.custom_ids import CustomIdCodec
from sandbox.control.clock import RealClock
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.records import CallbackType
from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware
from sandbox.runware.engine.workers import Workers
from tests.support.app.card_controls import Json, list_controls
from tests.support.app.free_work import let_time_pass
from tests.support.app_fixture import DEADLINE, AppFixture, read_text
from tests.support.clocks import ScaledClock

LEFT = Path(__file__).parents[1] / "data" / "version_0"
CONTROLS: Json = json.loads((LEFT / "controls.json").read_text())
ENABLED: list[Json] = [each for each in CONTROLS["controls"] if not each["disabled"]]
LATER_S = 20 * 60
"""When the new bot starts: tasks that were under way are given up, previews are still open."""
ORDERS = {"pan", "zoom", "zoom-form", "again", "prompt-form", "confirm", "menu-form"}
LAST = ("confirm", "block-form", "act", "unhang", "drop", "delete-sure", "erase-sure")
"""What takes something away is pressed after everything else, in this order."""
YOUNGER = {Action.DRAFT_DETAIL, Action.ORDER_ASK, Action.ORDER_FORM, Action.ORDER_POST}
"""What that version did not have."""
TAKEN_BACK = {"cancel", "drop"}
"""What is answered by "nothing was charged" when it does what it should."""
CLOSED = {"share"}
"""What is refused: that version did not record which pictures a film or comparison shows."""
FILLED = {"factor": "1.5", "prompt": "a lake", "pixels": "64", "direction": "up", "reason": "spam"}


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    with tarfile.open(LEFT / "session.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path


@pytest_asyncio.fixture
async def old_app(
    old_folder: Path, image_workers: ImageWorkerPool, engine_workers: Workers
) -> AsyncIterator[AppFixture]:
    """Open the old folders some minutes after they were left; the bot is not started yet."""
    clock, discord_clock = ScaledClock(), RealClock()
    for each in (clock, discord_clock):
        each.advance(CONTROLS["made_at"] + LATER_S - time.time())
    async with (
        LocalDiscord.open(clock=discord_clock, data=old_folder / "discord") as discord,
        LocalRunware.open(workers=engine_workers) as runware,
    ):
        # the links to what members sent lead to where the local Discord was
        database = old_folder / "data" / "expanse.db"
        there = discord.origin.removeprefix("http://").encode()
        database.write_bytes(database.read_bytes().replace(CONTROLS["discord"].encode(), there))
        app_fixture = AppFixture(discord, runware, old_folder / "data", image_workers)
        app_fixture.clock = clock
        app_fixture.limits = LimitSettings(results_per_user_day=100, most_results_per_user_day=100)
        app_fixture.personal = PersonalSettings(month_usd=Decimal(5), results_per_day=9)
        yield app_fixture
        await app_fixture.stop()


def read_states(folder: Path) -> dict[str, str]:
    with sqlite3.connect(folder / "data" / "expanse.db") as database:
        return dict(database.execute("SELECT id, state FROM job"))


async def wait_for_states(folder: Path, states: set[str]) -> None:
    """Wait until every job is in one of these states."""
    async with asyncio.timeout(DEADLINE):
        while not set(read_states(folder).values()) <= states:  # noqa: ASYNC110 - the file has no event
            await asyncio.sleep(0.1)


def test_every_old_custom_id_is_read_and_would_be_written_the_same(old_folder: Path) -> None:
    with sqlite3.connect(old_folder / "data" / "expanse.db") as database:
        (secret,) = database.execute("SELECT value FROM fact WHERE name = 'button_secret'")
    codec = CustomIdCodec(bytes.fromhex(secret[0]))
    marks = [each["custom_id"] for each in CONTROLS["controls"]]
    marks += [each["form"]["custom_id"] for each in CONTROLS["forms"]]
    for mark in marks:
        assert codec.encode(*codec.decode(mark)) == mark
    assert {mark.split(":")[1] for mark in marks} == set(Action) - YOUNGER


def read_action(form: Json) -> str:
    return str(form["custom_id"].split(":")[1])


class OldControls:
    """Press what stands on old messages and send the forms that were open."""

    def __init__(self, app_fixture: AppFixture) -> None:
        self.app_fixture = app_fixture
        self.done: set[str] = set()

    async def press(self, control: Json) -> None:
        """Press one as the member does for whom it stands there, some time after the one before."""
        await let_time_pass(self.app_fixture)
        guild = self.app_fixture.discord.guild
        message = guild.message({"id": control["message"]})
        custom_id = control["custom_id"]
        part = next(each for each in list_controls(message) if each["custom_id"] == custom_id)
        member = guild.member(control["member"])
        if part["type"] == 2:
            call = member.press(message, custom_id)
        else:
            call = member.select(message, custom_id, part["options"][0]["value"])
        await self.check_answer(call, control["action"], control["member"])

    async def submit(self, form: Json, name: str) -> None:
        known = {label["component"]["custom_id"] for label in form["components"]}
        filled = {field: value for field, value in FILLED.items() if field in known}
        call = await self.app_fixture.discord.guild.member(name).submit(form, filled)
        await self.check_answer(call, read_action(form), name)

    async def check_answer(self, call: TrackedInvocation, action: str, name: str) -> None:
        await call.acknowledged()
        self.done.add(action)
        if call.interaction.callback is CallbackType.MODAL:
            form = await call.modal()
            # the same form that was open already has been sent: a picture is reported once
            if read_action(form) not in self.done:
                await self.submit(form, name)
        elif action in ORDERS:
            await self.app_fixture.wait_for_result(call)
            await self.app_fixture.wait_for_job(call)
        else:
            message = await call.message()
            is_again = action == "report" and "report-form" in self.done
            expected = action in TAKEN_BACK | CLOSED or is_again
            assert expected or "Nothing was cha" not in read_text(message), (
                action,
                read_text(message),
            )


def choose_controls() -> Iterator[Json]:
    """Choose one control of each action in each channel, what takes something away at last."""
    chosen: dict[Any, Json] = {}
    for each in ENABLED:
        if each["action"] == "drop":
            # the last preview, as the first one is confirmed
            chosen["drop"] = each
        elif each["action"] != "cancel":
            chosen.setdefault((each["action"], each["channel"]), each)
    order = ("", *LAST)
    yield from sorted(
        chosen.values(),
        key=lambda each: order.index(each["action"] if each["action"] in LAST else ""),
    )


async def test_an_old_folder_opens_and_every_control_does_what_it_did(
    old_app: AppFixture, old_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = read_states(old_folder)
    assert {"reserved", "submitted", "rendered", "stored", "parked"} < set(left.values())
    await old_app.start()
    controls = OldControls(old_app)
    await controls.press(find_waiting_order(left))
    # the Runware of then is gone, and with it a picture that was not fetched yet
    await wait_for_states(old_folder, {"settled", "failed", "cancelled", "parked", "rendered"})
    *forms, blocking = CONTROLS["forms"]
    for each in forms:
        await controls.submit(each["form"], each["member"])
    for each in choose_controls():
        await controls.press(each)
    await controls.submit(blocking["form"], blocking["member"])
    assert controls.done == set(Action) - YOUNGER
    assert await old_app.core.ledger.find_imbalances() == []
    assert left.keys() < read_states(old_folder).keys()
    await check_reports(old_folder, monkeypatch)


def find_waiting_order(states: dict[str, str]) -> Json:
    """Return the Cancel button of an order whose turn had not come."""
    return next(
        each
        for each in ENABLED
        if each["action"] == "cancel" and states[each["custom_id"].split(":")[2]] == "reserved"
    )


async def check_reports(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program report on a folder."""
    monkeypatch.setenv("EXPANSE_STORAGE__DATA_DIR", str(folder / "data"))
    monkeypatch.chdir(folder)
    finance_commands.register_commands(cli.app)
    for command in (["costs", "--audit"], ["jobs", "list"]):
        told = await asyncio.to_thread(CliRunner().invoke, cli.app, [*command, "--json"])
        assert told.exit_code == 0, told.output
