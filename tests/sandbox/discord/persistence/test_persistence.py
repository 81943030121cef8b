"""`--data DIR`: what was there is there again, as it was."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.model.limits import DiscordLimits
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Member, Upload, User
from sandbox.discord.page import new_guild
from sandbox.discord.persistence.record_log import RecordLog
from sandbox.discord.server import LocalDiscord
from sandbox.discord.state.command_permissions import OverrideSubject, PermissionOverride
from tests.support.discord.server_fixture import (
    STUDIO,
    WAIT_S,
    RestClient,
    build_form,
    encode_picture,
)

KEPT_FOLDER = Path(__file__).parents[3] / "data" / "kept_discord"
PATCH = '{"content": "wider", "attachments": [{"id": "0", "description": "wide"}]}'


async def fill_state(local: LocalDiscord, rest: RestClient) -> tuple[Any, Any]:
    """Do some of everything; return an answered and an unanswered call."""
    await rest.register_command()
    ana = local.guild.member("ana")
    posted = ana.say("hello <@1323820000000000022>")
    message = local.state.messages.find(int(posted["id"]))
    assert message is not None
    local.state.messages.add_reaction(message, "🎨", user_id=ana.id)
    call = await ana.slash("expand", image=Upload("a.png", encode_picture()))
    await rest.send_callback(call.interaction, {"type": 5})
    form = build_form(PATCH, ("b.png", encode_picture(96)))
    status, _ = await rest.call_webhook("PATCH", call.interaction, "/messages/@original", data=form)
    assert status == 200
    hush = await local.guild.member("ben").slash("expand", image=Upload("c.png", encode_picture()))
    await rest.send_callback(
        hush.interaction, {"type": 4, "data": {"content": "hush", "flags": 64}}
    )
    thread = {"name": "Talk"}
    path = f"/channels/{STUDIO}/messages/{posted['id']}/threads"
    assert (await rest("POST", path, json=thread))[0] == 201
    return call, await ana.slash("expand", image=Upload("late.png", encode_picture()))


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with LocalDiscord.open(data=tmp_path) as local:
            rest = RestClient(local, http)
            call, unanswered = await fill_state(local, rest)
            local.state.settings = replace(DiscordLimits(), global_requests=7)
            eve = User(5, "eve", "Eve")
            local.state.world.guild.members[5] = Member(eve, (), 0.0, nick="E")
            local.state.world.people[5] = eve
            hook = local.state.webhooks.create(local.state.get_channel(int(STUDIO)), "Hook")
            before = local.guild.messages()
            port = int(local.origin.rpartition(":")[2])
        async with LocalDiscord.open(port, data=tmp_path) as local:
            assert local.guild.messages() == before
            for message in before:
                for attachment in message["attachments"]:
                    async with http.get(attachment["url"]) as response:
                        assert await response.read() == encode_picture(96)
            sent = next(iter(call.interaction.data["resolved"]["attachments"].values()))
            async with http.get(sent["url"]) as response:
                assert await response.read() == encode_picture()
            assert [each["name"] for each in local.state.commands.all()] == ["expand"]
            assert local.state.settings.global_requests == 7
            assert local.guild.member("eve").name == "eve"
            assert local.state.webhooks.get(hook.id, hook.token) == hook
            assert "hush" not in str(local.guild.member("ana").sees())
            assert local.guild.messages("Talk") == []
            rest = RestClient(local, http)
            body = {"content": "later"}
            path = "/messages/@original"
            status, _ = await rest.call_webhook("PATCH", call.interaction, path, json=body)
            assert status == 200
            status, refusal = await rest.send_callback(unanswered.interaction, {"type": 5})
            assert refusal["code"] == 10062
            newest = local.guild.member("ana").say("new")
            assert int(newest["id"]) > max(int(message["id"]) for message in before)


def read_log(folder: Path) -> dict[tuple[str, str], Any]:
    """Read what a folder holds, by kind and id, without the program's own code."""
    lines = (folder / "log.jsonl").read_text().splitlines()
    records = {
        (kind, number): value for kind, number, value in map(json.loads, filter(None, lines))
    }
    world = records["part", "world"]
    world |= {name: sorted(world[name]) for name in ("dms_closed", "installed_by")}
    return records


async def test_a_folder_of_an_earlier_version_opens_with_all_in_it(tmp_path: Path) -> None:
    """`kept_discord` was written before the records went through pydantic."""
    folder = shutil.copytree(KEPT_FOLDER, tmp_path / "kept")
    before = read_log(folder)
    async with LocalDiscord.open(data=folder) as local:
        contents = [message["content"] for message in local.guild.messages()]
        assert contents[:3] == ["hello <@1323820000000000022>", "wider", "hush"]
        assert local.guild.member("eve").name == "eve"
        assert {guild.name for guild in local.state.world.guilds.values()} >= {"Neighbours"}
    for (kind, number), value in before.items():
        if kind == "interaction" and value["state"] == "sent":
            before[kind, number] = value | {"state": "failed"}  # its three seconds are over
    assert without_new_fields(read_log(folder), like=before) == before


NEW_FIELDS = {"flags": 0, "bursts": {}, "forward": None, "stickers": [], "poll": None}
NEW_FIELDS["bare_snapshots"] = False
NEW_FIELDS["chained_forwards"] = False


def without_new_fields(value: Any, *, like: Any) -> Any:
    """Leave out fields that are not in `like`, if they have the value for older records."""
    if isinstance(value, list) and isinstance(like, list) and len(value) == len(like):
        pairs = zip(value, like, strict=True)
        return [without_new_fields(each, like=known) for each, known in pairs]
    if not isinstance(value, dict) or not isinstance(like, dict):
        return value
    return {
        name: without_new_fields(each, like=like.get(name))
        for name, each in value.items()
        if name in like or name not in NEW_FIELDS or NEW_FIELDS[name] != each
    }


async def test_what_a_later_version_added_is_passed_over(tmp_path: Path) -> None:
    folder = shutil.copytree(KEPT_FOLDER, tmp_path / "kept")
    before = read_log(folder)
    added = {key: add_unknown_fields(value) for key, value in before.items() if key[0] != "part"}
    lines = [json.dumps([*key, value]) for key, value in added.items()]
    with (folder / "log.jsonl").open("a") as log:
        log.write("\n" + "\n".join(lines))
    async with LocalDiscord.open(data=folder):
        pass
    assert read_log(folder).keys() == before.keys()
    assert "unknown" not in (folder / "log.jsonl").read_text()


def add_unknown_fields(record: dict[str, Any]) -> dict[str, Any]:
    content = record.get("content")
    return record | {"unknown": 1} | ({"content": content | {"unknown": 2}} if content else {})


async def test_what_was_deleted_stays_deleted(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with LocalDiscord.open(data=tmp_path) as local:
            await fill_state(local, RestClient(local, http))
        async with LocalDiscord.open(data=tmp_path) as local:
            local.reset()
        async with LocalDiscord.open(data=tmp_path) as local:
            assert local.guild.messages() == []
            assert local.state.interactions.list_ids() == set()
        assert list((tmp_path / "files").iterdir()) == []


async def test_a_change_is_on_the_disk_within_moments(tmp_path: Path) -> None:
    async with LocalDiscord.open(data=tmp_path) as local:
        local.guild.member("ana").say("quick")
        async with asyncio.timeout(WAIT_S):
            while b"quick" not in (tmp_path / "log.jsonl").read_bytes():  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # a file tells nobody that it grew


PROGRAM = """
import asyncio, pathlib, sys
from sandbox.discord.server import LocalDiscord

async def main():
    async with LocalDiscord.open(data=pathlib.Path(sys.argv[1])) as local:
        print(local.control, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@asynccontextmanager
async def run_program(data: Path) -> AsyncIterator[str]:
    """Run a local Discord in a process of its own; kill it without a word at the end."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(data)), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 30)
        yield line.decode().strip()
    finally:
        process.kill()
        await process.wait()


async def test_a_killed_sandbox_still_has_what_reached_the_disk(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with run_program(tmp_path) as control:
            say = {"as": "ana", "do": "say", "content": "before the end"}
            async with http.post(f"{control}/act", json=say) as response:
                assert response.status == 200
            async with asyncio.timeout(WAIT_S):
                while b"the end" not in (tmp_path / "log.jsonl").read_bytes():  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        async with (
            run_program(tmp_path) as control,
            http.get(f"{control}/channels/studio/messages") as response,
        ):
            assert [each["content"] for each in await response.json()] == ["before the end"]


@pytest.mark.parametrize(
    "rubbish",
    [b'\n["message","9",{"id":9}]', b'\n["message","9",5]', b'\n["mess', b"\n\xff\n{}\n[1]"],
    ids=str,
)
async def test_a_line_that_makes_no_sense_costs_nothing_else(
    tmp_path: Path, rubbish: bytes
) -> None:
    async with LocalDiscord.open(data=tmp_path) as local:
        local.guild.member("ana").say("kept")
    with (tmp_path / "log.jsonl").open("ab") as log:
        log.write(rubbish)
    async with LocalDiscord.open(data=tmp_path) as local:
        local.guild.member("ana").say("more")
        assert [each["content"] for each in local.guild.messages()] == ["kept", "more"]
    async with LocalDiscord.open(data=tmp_path) as local:
        assert [each["content"] for each in local.guild.messages()] == ["kept", "more"]


def test_a_file_that_was_cut_off_while_it_was_written_is_no_file(tmp_path: Path) -> None:
    shelf = RecordLog(tmp_path)
    key = shelf.load_key()
    (tmp_path / "files" / "12.new").write_bytes(b"half")
    shelf.write_changes([("file", "13", {})], {13: b"whole"}, set())
    assert RecordLog(tmp_path).read_all() == ({("file", "13"): {}}, {13: b"whole"})
    assert RecordLog(tmp_path).load_key() == key


async def test_guilds_people_dms_and_what_the_bot_owns_are_there_again(tmp_path: Path) -> None:
    async with LocalDiscord.open(data=tmp_path) as local:
        state = local.state
        second = local.add_guild("Second", "mia")
        second.welcome("zoe").say("hello")
        dm = local.guild.member("ana").dm
        local.guild.overwrite("studio", "Expanse", deny=Permission.SEND_MESSAGES)
        state.webhooks.create(state.get_channel(local.guild.channel_id()), "Herald")
        state.entitlements.grant(7, user_id=local.guild.member("ana").id)
        override = PermissionOverride(second.id, OverrideSubject.ROLE, allowed=False)
        state.command_permissions.replace_overrides(state.world.guild, "5", override)
        before = [state.webhooks.all(), state.entitlements.all(), state.command_permissions.all()]
    async with LocalDiscord.open(data=tmp_path) as local:
        state = local.state
        again = GuildActor(state, second.id)
        assert again.member("zoe").sees()[0]["content"] == "hello"
        assert local.guild.member("ana").dm == dm
        me, studio = state.world.bot.id, local.guild.channel_id()
        assert not state.get_permissions(me, studio) & Permission.SEND_MESSAGES
        after = [state.webhooks.all(), state.entitlements.all(), state.command_permissions.all()]
        assert after == before


async def test_a_guild_that_was_added_is_there_again_with_all_in_it(tmp_path: Path) -> None:
    async with LocalDiscord.open(data=tmp_path) as local:
        guest = local.state.world.get_user(local.guild.member("ana").id)
        guild = new_guild.add_guild(local.state, "Neighbours", guest=guest)
        GuildActor(local.state, guild.id).member("eva").say("hush", channel="moderators")
        async with asyncio.timeout(WAIT_S):
            while b"Neighbours" not in (tmp_path / "log.jsonl").read_bytes():  # noqa: ASYNC110
                await asyncio.sleep(0.02)  # a file tells nobody that it grew
    async with LocalDiscord.open(data=tmp_path) as local:
        assert local.state.world.guilds[guild.id] == guild
        again = GuildActor(local.state, guild.id)
        assert again.member("eva").sees("moderators")[0]["content"] == "hush"
        assert not local.state.can_see(again.member("tom").id, again.channel_id("moderators"))
        assert not local.state.can_see(local.guild.member("ben").id, again.channel_id("studio"))
        ivo = new_guild.add_guild(local.state, "More", guest=guest).owner_id
        assert local.state.world.people[ivo].username == "ivo"
