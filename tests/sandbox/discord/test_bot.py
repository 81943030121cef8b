"""The unmodified library against the local Discord, over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.support.discord.server_fixture import (
    WAIT_S,
    ExpandBot,
    Image,
    Interaction,
    build_file,
    encode_picture,
    point_library_at,
    run_bot,
)


async def test_a_slash_command_with_a_picture_is_deferred_and_edited_into_a_file() -> None:
    async def answer(interaction: Interaction, image: Image) -> None:
        assert image is not None
        assert (image.width, image.height) == (64, 48)
        assert image.content_type == "image/png"
        assert interaction.filesize_limit == 20 * 1024 * 1024
        assert interaction.app_permissions.attach_files
        await interaction.response.defer()
        data = await image.read()
        await interaction.edit_original_response(content="wider", attachments=[build_file(data)])

    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(answer)) as bot:
        ana = local.guild.member("ana")
        sent = encode_picture()
        call = await ana.slash("expand", image=Upload("my photo.png", sent), pixels=100)
        assert await call.acknowledged() < 3000
        message = await call.message(lambda each: each["content"] == "wider")
        await asyncio.wait_for(bot.done, WAIT_S)
        (attachment,) = message["attachments"]
        assert local.read_attachment(attachment) == sent
        assert (attachment["width"], attachment["height"]) == (64, 48)
        assert not message["flags"]
        assert message["edited_timestamp"] is None
        assert message["interaction_metadata"]["user"]["username"] == "ana"


async def test_a_layout_with_a_gallery_comes_back_with_its_media_resolved() -> None:
    async def answer(interaction: Interaction, image: Image) -> None:
        await interaction.response.defer()
        gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
        gallery.add_item(media="attachment://wide.png", description="A wide picture")
        layout = discord.ui.LayoutView()
        text: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay("**Expanded**")
        layout.add_item(discord.ui.Container(text, gallery, accent_colour=0x336699))
        layout.add_item(discord.ui.File("attachment://notes.txt"))
        files = [build_file(encode_picture(320, 48), "wide.png"), build_file(b"notes", "notes.txt")]
        answer = await interaction.edit_original_response(view=layout, attachments=files)
        assert answer.flags.components_v2
        assert not answer.attachments
        await answer.edit(view=discord.ui.LayoutView.from_message(answer))

    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(answer)) as bot:
        call = await local.guild.member("ana").slash("expand")
        await asyncio.wait_for(bot.done, WAIT_S)
        message = await call.message(lambda each: bool(each["edited_timestamp"]))
        container, shown = message["components"]
        media = container["components"][1]["items"][0]["media"]
        assert (media["width"], media["height"], media["content_type"]) == (320, 48, "image/png")
        assert local.read_attachment(media) == encode_picture(320, 48)
        assert (shown["name"], shown["size"]) == ("notes.txt", 5)
        assert message["attachments"] == []


async def test_follow_ups_are_replies_and_ephemeral_ones_reach_the_invoker_only() -> None:
    async def answer(interaction: Interaction, image: Image) -> None:
        await interaction.response.send_message("first")
        note = await interaction.followup.send("hush", ephemeral=True, wait=True)
        assert note.flags.ephemeral
        await interaction.followup.send(
            file=build_file(encode_picture(), "more.png", description="alt")
        )

    intents = discord.Intents(guilds=True, guild_messages=True)
    async with (
        LocalDiscord.open() as local,
        run_bot(local, ExpandBot(answer, intents=intents)) as bot,
    ):
        ana, ben = local.guild.member("ana"), local.guild.member("ben")
        call = await ana.slash("expand")
        await call.message(lambda each: bool(each["attachments"]))
        await asyncio.wait_for(bot.done, WAIT_S)
        assert [each["content"] for each in ana.sees()] == ["first", "hush", ""]
        assert [each["content"] for each in ben.sees()] == ["first", ""]
        assert ana.sees()[1]["message_reference"]["message_id"] == ana.sees()[0]["id"]
        assert ana.sees()[2]["attachments"][0]["description"] == "alt"
        assert all(each.content != "hush" for each in bot.received)


async def test_a_nonce_sent_twice_posts_one_message() -> None:
    async def answer(interaction: Interaction, image: Image) -> None:
        await interaction.response.send_message("on it", ephemeral=True)
        assert isinstance(interaction.channel, discord.TextChannel)
        embed = discord.Embed(title="Result").set_image(url="attachment://out.png")
        for _ in range(2):
            # Only `nonce` goes out unasked; the library sends enforce_nonce along with it.
            await interaction.channel.send(
                embed=embed, file=build_file(encode_picture()), nonce="job-7"
            )

    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(answer)) as bot:
        call = await local.guild.member("ana").slash("expand")
        await asyncio.wait_for(bot.done, WAIT_S)
        (posted,) = call.record()["channel_messages"]
        assert posted["embeds"][0]["image"]["width"] == 64
        assert posted["attachments"] == []
        assert local.read_attachment(posted["embeds"][0]["image"]) == encode_picture()


async def test_a_button_press_updates_its_message() -> None:
    class Again(discord.ui.Button[discord.ui.View]):
        async def callback(self, interaction: Interaction) -> None:
            await interaction.response.edit_message(content="pressed", view=None)

    async def answer(interaction: Interaction, image: Image) -> None:
        view = discord.ui.View().add_item(Again(label="Again", custom_id="again"))
        await interaction.response.send_message("first", view=view)

    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(answer)) as bot:
        call = await local.guild.member("ana").slash("expand")
        await asyncio.wait_for(bot.done, WAIT_S)
        press = local.guild.member("ben").press(await call.message(), "again")
        changed = await press.message(lambda each: each["content"] == "pressed")
        assert changed["components"] == []
        assert changed["id"] == (await call.message())["id"]


@pytest.mark.parametrize("how", ["close", "polite close", "op 7"])
async def test_events_missed_during_an_outage_come_with_the_resume(how: str) -> None:
    intents = discord.Intents(guilds=True, guild_messages=True)
    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(intents=intents)) as bot:
        if how == "op 7":
            local.gateway.request_reconnect()
        else:
            await local.gateway.close_sockets(4000 if how == "close" else 1000)
        local.guild.member("ana").say("in between")
        await asyncio.wait_for(bot.resumed.wait(), WAIT_S)
        assert len(bot.received) == 1
        call = await local.guild.member("ana").slash("expand")
        await call.acknowledged(WAIT_S)


async def test_a_wrong_token_is_a_login_failure() -> None:
    async with LocalDiscord.open() as local, point_library_at(local):
        bot = ExpandBot()
        with pytest.raises(discord.LoginFailure):
            await bot.start("sandbox.some.other")
        await bot.close()


async def test_a_thread_and_a_reaction_reach_the_bot() -> None:
    async def answer(interaction: Interaction, image: Image) -> None:
        assert isinstance(interaction.channel, discord.TextChannel)
        message = await interaction.channel.send("look")
        await message.add_reaction("🎨")
        thread = await message.create_thread(name="Talk")
        await thread.send("here")
        await interaction.response.send_message("done")

    intents = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)
    async with (
        LocalDiscord.open() as local,
        run_bot(local, ExpandBot(answer, intents=intents)) as bot,
    ):
        call = await local.guild.member("ana").slash("expand")
        await call.message()
        await asyncio.wait_for(bot.done, WAIT_S)
        assert bot.reactions == ["🎨"]
        assert local.guild.messages("Talk")[0]["content"] == "here"
