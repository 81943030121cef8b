import asyncio
import json
from dataclasses import replace

from sandbox.discord.model.events import CLOSING, Event
from sandbox.discord.model.records import CallbackType, Content, MessageFlag
from sandbox.discord.page.feed import FALLEN_BEHIND, GOING_AWAY, MAX_QUEUED_FRAMES
from tests.support.discord.page_client import DEADLINE_S, PageClient, Viewer, build_expand_data


async def _assert_silent_about(viewer: Viewer, text: str) -> bool:
    """Tell whether nothing seen up to a later marker message holds `text`."""
    viewer.page.discord.guild.member("olu").say("marker")
    await viewer.wait_for_frame("MESSAGE_CREATE", lambda d: d["content"] == "marker")
    return all(text not in json.dumps(frame) for frame in viewer.seen)


async def test_the_first_frame_is_a_snapshot_of_all_that_a_member_sees(page: PageClient) -> None:
    page.discord.guild.member("ben").say("hello")
    async with page.open_viewer("ana") as (_, snapshot):
        assert snapshot["me"]["username"] == "ana"
        (guild,) = snapshot["guilds"]
        assert {user["username"] for user in guild["users"]} >= {"ana", "ben", "mia", "olu"}
        assert [channel["name"] for channel in guild["channels"]] == ["studio", "gallery"]
        assert [m["content"] for m in snapshot["messages"][page.studio]] == ["hello"]
        assert snapshot["bot"]["online"] is False
        assert snapshot["limits"]["attachment_size"] == 20 * 1024 * 1024


async def test_a_moderator_sees_the_moderators_channel_and_their_own_role(page: PageClient) -> None:
    async with page.open_viewer("mia") as (_, snapshot):
        (guild,) = snapshot["guilds"]
        assert "moderators" in {channel["name"] for channel in guild["channels"]}
        me = next(user for user in guild["users"] if user["id"] == snapshot["me"]["id"])
        assert me["role"] == "Moderator"


async def test_a_command_for_operators_is_offered_to_operators_alone(page: PageClient) -> None:
    async with page.open_viewer("ana") as (_, plain), page.open_viewer("olu") as (_, full):
        assert [command["name"] for command in plain["guilds"][0]["commands"]] == ["expand"]
        assert [command["name"] for command in full["guilds"][0]["commands"]] == [
            "expand",
            "operator",
        ]


async def test_new_commands_and_the_bots_coming_are_sent_live(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        page.discord.state.commands.replace_scope(None, [])
        assert (await ana.wait_for_frame("GUILDS"))["guilds"][0]["commands"] == []
        page.discord.state.set_sessions(1)
        assert (await ana.wait_for_frame("BOT_STATUS"))["online"] is True


async def test_two_pages_see_the_same_message_live(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _), page.open_viewer("ben") as (ben, _):
        assert (await ana.send_message("good morning")).status == 204
        for viewer in (ana, ben):
            message = await viewer.wait_for_frame("MESSAGE_CREATE")
            assert (message["content"], message["author"]["id"]) == ("good morning", ana.id)


async def test_reactions_come_as_each_person_sees_them(page: PageClient) -> None:
    guild, star = page.discord.guild, "⭐"
    ana, ben, mia = (guild.member(name) for name in ("ana", "ben", "mia"))
    said = ben.say("look")

    async with page.open_viewer("ana") as (viewer, _):

        async def wait_for_reactions() -> list[tuple[str, int, bool, bool, set[str]]]:
            shown = (await viewer.wait_for_frame("REACTIONS"))["reactions"]
            return [
                (
                    each["emoji"]["name"],
                    each["count"],
                    each["me"],
                    each["burst"],
                    set(each["users"]),
                )
                for each in shown
            ]

        ben.react(said, star)
        assert await wait_for_reactions() == [(star, 1, False, False, {str(ben.id)})]
        ana.react(said, star, burst=True)
        both = {str(ana.id), str(ben.id)}
        assert await wait_for_reactions() == [(star, 2, True, True, both)]
        ana.unreact(said, star, burst=True)
        assert await wait_for_reactions() == [(star, 1, False, False, {str(ben.id)})]
        mia.react(said, "🎨")
        assert [each[0] for each in await wait_for_reactions()] == [star, "🎨"]
        mia.clear_reactions(said, emoji=star)
        assert [each[0] for each in await wait_for_reactions()] == ["🎨"]
        mia.clear_reactions(said)
        assert await wait_for_reactions() == []


async def test_an_ephemeral_answer_reaches_its_invoker_alone_and_can_be_dismissed(
    page: PageClient,
) -> None:
    note = Content(text="for your eyes", flags=MessageFlag.EPHEMERAL)
    async with page.open_viewer("ana") as (ana, _), page.open_viewer("ben") as (ben, _):
        status, _ = await ana.invoke_command(build_expand_data(), {"a.png": b"x"})
        assert status == 204
        sent = await ana.wait_for_frame("INTERACTION_STATE", lambda d: d["state"] == "sent")
        interactions = page.discord.state.interactions
        opened = interactions.get(int(sent["interaction_id"]))
        interactions.answer(opened, CallbackType.MESSAGE, content=note)
        message = await ana.wait_for_frame("MESSAGE_CREATE")
        assert message["flags"] & MessageFlag.EPHEMERAL
        assert await _assert_silent_about(ben, "for your eyes")
        assert (await ben.dismiss_message(message["id"])).status == 404
        assert (await ana.dismiss_message(message["id"])).status == 204
        assert (await ana.wait_for_frame("MESSAGE_DELETE"))["id"] == message["id"]


async def test_a_new_role_opens_its_channels_at_once(page: PageClient) -> None:
    state = page.discord.state
    guild = state.world.guild
    async with page.open_viewer("ana") as (ana, _):
        member = guild.members[int(ana.id)]
        moderator = guild.members[int(page.user_id("mia"))]
        state.guild_registry.update_member(guild, replace(member, role_ids=moderator.role_ids))
        (place,) = (await ana.wait_for_frame("GUILDS"))["guilds"]
        assert "moderators" in {channel["name"] for channel in place["channels"]}
        me = next(user for user in place["users"] if user["id"] == ana.id)
        assert me["role"] == "Moderator"


async def test_what_happens_among_moderators_stays_there(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _), page.open_viewer("mia") as (mia, _):
        page.discord.guild.member("olu").say("between us", channel="moderators")
        await mia.wait_for_frame("MESSAGE_CREATE", lambda d: d["content"] == "between us")
        assert await _assert_silent_about(ana, "between us")


async def test_a_page_that_comes_back_finds_what_was_said_meanwhile(page: PageClient) -> None:
    async with page.open_viewer("ana"):
        pass
    page.discord.guild.member("ben").say("you were away")
    async with page.open_viewer("ana") as (_, snapshot):
        assert snapshot["messages"][page.studio][-1]["content"] == "you were away"


async def test_what_the_page_says_on_the_feed_changes_nothing(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        await ana.socket.send_str('{"t":"MESSAGE_CREATE","d":{}}')
        await ana.socket.send_bytes(b"\x00\xff")
        assert await _assert_silent_about(ana, "error")


async def test_nobody_watches_as_the_bot_or_as_a_stranger(page: PageClient) -> None:
    bot = str(page.discord.state.world.bot.id)
    for user in (bot, "1", "ana", "", "-1", "9" * 30):
        response = await page.http.get(f"{page.origin}/_page/ws?user={user}")
        assert (response.status, (await response.json())["code"]) == (404, 10013)


async def test_a_closed_page_leaves_no_task_behind(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        page.discord.guild.member("ben").say("one")
        await ana.wait_for_frame("MESSAGE_CREATE")
        feeds = [task for task in asyncio.all_tasks() if task.get_name() == "page feed"]
    done, left = await asyncio.wait(feeds, timeout=DEADLINE_S)
    assert (len(done), len(left)) == (1, 0)


async def test_a_page_that_falls_far_behind_is_told_to_reload(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        ben = page.discord.guild.member("ben")
        for number in range(MAX_QUEUED_FRAMES + 10):
            ben.say(f"{number}")
        async with asyncio.timeout(DEADLINE_S):
            async for _ in ana.socket:
                pass
        assert ana.socket.close_code == FALLEN_BEHIND


async def test_a_server_that_stops_takes_leave_of_its_pages(page: PageClient) -> None:
    async with page.open_viewer("ana") as (ana, _):
        page.discord.state.emit(Event(CLOSING, {}))
        message = await ana.socket.receive(timeout=DEADLINE_S)
        assert message.data == GOING_AWAY
