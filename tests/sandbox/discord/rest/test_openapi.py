"""The whole flow of a bot, every body of it held against Discord's OpenAPI file."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord

from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.support.discord.openapi import SpecificationChecker, load_specification
from tests.support.discord.server_fixture import (
    APPLICATION,
    STUDIO,
    WAIT_S,
    ExpandBot,
    Image,
    Interaction,
    RestClient,
    build_file,
    encode_picture,
    run_bot,
)


class Ask(discord.ui.Modal, title="How far?"):
    far: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Pixels")


class More(discord.ui.View):
    """Three buttons: change the message, answer with another, open a modal."""

    @discord.ui.button(label="Change", custom_id="change")
    async def change(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="changed")

    @discord.ui.button(label="Answer", custom_id="answer")
    async def answer(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_message("hush", ephemeral=True)

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Ask())


def build_layout(name: str) -> discord.ui.LayoutView:
    gallery: discord.ui.MediaGallery[Any] = discord.ui.MediaGallery()
    gallery.add_item(media=f"attachment://{name}", description="wide", spoiler=True)
    gallery.add_item(media="https://example.org/elsewhere.png")
    thumbnail: discord.ui.Thumbnail[Any] = discord.ui.Thumbnail(f"attachment://{name}")
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
    row.add_item(discord.ui.Button(label="Docs", url="https://example.org"))
    row.add_item(discord.ui.Button(label="Go", custom_id="go", emoji="🎨", disabled=True))
    menu: discord.ui.Select[Any] = discord.ui.Select(
        custom_id="menu",
        options=[discord.SelectOption(label="one"), discord.SelectOption(label="2")],
    )
    menus: discord.ui.ActionRow[Any] = discord.ui.ActionRow(menu)
    container: discord.ui.Container[Any] = discord.ui.Container(
        discord.ui.TextDisplay("# Expanded"),
        discord.ui.Section("text", accessory=thumbnail),
        discord.ui.Separator(),
        gallery,
        discord.ui.File(f"attachment://{name}"),
        row,
        menus,
        accent_colour=0x336699,
    )
    return discord.ui.LayoutView().add_item(container)


async def answer_every_way(interaction: Interaction, image: Image) -> None:
    """Use every way of answering that the bot may need."""
    await interaction.response.defer()
    assert image is not None
    data = await image.read()
    await interaction.edit_original_response(content="soon")
    await interaction.edit_original_response(
        content=None, view=build_layout("wide.png"), attachments=[build_file(data, "wide.png")]
    )
    await interaction.followup.send(
        "quiet", ephemeral=True, file=build_file(data, description="alt")
    )
    follow_up = await interaction.followup.send(
        view=build_layout("b.png"), file=build_file(data, "b.png"), wait=True
    )
    await follow_up.delete()
    await interaction.original_response()
    channel = interaction.channel
    assert isinstance(channel, discord.TextChannel)
    embed = discord.Embed(title="Result", description="wide", colour=0x336699)
    embed.set_image(url="attachment://out.png").set_footer(text="foot").add_field(
        name="a", value="b"
    )
    message = await channel.send(embed=embed, file=build_file(data), nonce="job-1", view=More())
    await channel.send(embed=embed, file=build_file(data), nonce="job-1")
    await message.edit(content="<@1323820000000000021> look", attachments=message.attachments)
    await message.reply("a reply", allowed_mentions=discord.AllowedMentions.none())
    await message.add_reaction("🎨")
    await message.remove_reaction("🎨", discord.Object(int(APPLICATION)))
    await message.add_reaction("🖼️")
    thread = await message.create_thread(name="Talk", auto_archive_duration=1440)
    await (await thread.send("in the thread")).delete()
    async with channel.typing():
        pass
    _ = [each async for each in channel.history(limit=10)]
    await channel.fetch_message(message.id)


async def fetch_objects(bot: ExpandBot, rest: RestClient) -> None:
    guild = await bot.fetch_guild(bot.guilds[0].id)
    await guild.fetch_member(1323820000000000021)
    await guild.fetch_roles()
    await guild.fetch_channels()
    await bot.fetch_user(1323820000000000021)
    await bot.fetch_channel(int(STUDIO))
    await bot.fetch_application_emojis()
    await bot.tree.fetch_commands()
    await bot.application_info()
    await bot.http.get_bot_gateway()
    await rest("GET", "/gateway")
    await bot.tree.sync(guild=discord.Object(guild.id))


async def cause_refusals(rest: RestClient) -> None:
    for method, path, body in (
        ("GET", "/channels/1/messages", None),
        ("POST", f"/channels/{STUDIO}/messages", {"content": "x" * 2001}),
        ("POST", f"/channels/{STUDIO}/messages", {}),
        ("GET", f"/webhooks/{APPLICATION}/none/messages/@original", None),
        ("GET", "/users/1", None),
        ("GET", f"/applications/{APPLICATION}/commands/1", None),
    ):
        status, answer = await rest(method, path, json=body)
        assert status >= 400, answer


async def test_no_body_deviates_from_discords_specification() -> None:
    judge = SpecificationChecker(load_specification())
    intents = discord.Intents(guilds=True, guild_messages=True)
    async with (
        LocalDiscord.open(middlewares=[judge.build_middleware()]) as local,
        aiohttp.ClientSession() as http,
        run_bot(local, ExpandBot(answer_every_way, intents=intents)) as bot,
    ):
        ana = local.guild.member("ana")
        call = await ana.slash("expand", image=Upload("a.png", encode_picture()), pixels=64)
        await asyncio.wait_for(bot.done, WAIT_S)
        (posted,) = (m for m in local.guild.messages() if m["embeds"] and m["components"])
        for custom_id in ("answer", "change", "ask"):
            press = ana.press(posted, custom_id)
            await press.acknowledged()
        await call.message(lambda each: each["content"] == "changed")
        await fetch_objects(bot, RestClient(local, http))
        await cause_refusals(RestClient(local, http))
    assert not judge.deviations
    assert judge.checked > 50
    assert len(judge.routes) > 25
