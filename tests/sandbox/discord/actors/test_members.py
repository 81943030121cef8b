"""What members can do: every deed, answered by an unmodified library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands

from sandbox.discord.model.errors import DiscordError
from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.support.discord.server_fixture import ExpandBot, Interaction, encode_picture, run_bot

if TYPE_CHECKING:
    from pathlib import Path


class Order(discord.ui.Modal, title="Order"):
    """One field of every kind that the library knows."""

    far: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Pixels", default="64")
    ratio: discord.ui.Label[Any] = discord.ui.Label(
        text="Ratio",
        description="Width to height",
        component=discord.ui.Select(
            options=[
                discord.SelectOption(label="wide", value="16:9", default=True),
                discord.SelectOption(label="tall", value="9:16"),
            ]
        ),
    )
    friend: discord.ui.Label[Any] = discord.ui.Label(
        text="For whom", component=discord.ui.UserSelect(required=False)
    )
    image: discord.ui.Label[Any] = discord.ui.Label(
        text="Picture", component=discord.ui.FileUpload(required=False, max_values=2)
    )
    note: discord.ui.TextDisplay[Any] = discord.ui.TextDisplay("It is free.")

    async def on_submit(self, interaction: Interaction) -> None:
        parts = [child.component for child in (self.ratio, self.friend, self.image)]
        ratio, friend, image = parts
        assert isinstance(ratio, discord.ui.Select)
        assert isinstance(friend, discord.ui.UserSelect)
        assert isinstance(image, discord.ui.FileUpload)
        files = [f"{each.filename}:{len(await each.read())}" for each in image.values]
        told = [self.far.value, *ratio.values, *map(str, friend.values), *files]
        await interaction.response.send_message(" ".join(told), ephemeral=True)


class Panel(discord.ui.View):
    """A button that asks, and a menu of each kind."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Order())

    @discord.ui.select(
        custom_id="several",
        placeholder="Several",
        max_values=2,
        options=[discord.SelectOption(label=name, value=name[0]) for name in ("one", "two")],
    )
    async def several(self, interaction: Interaction, menu: discord.ui.Select[Any]) -> None:
        await interaction.response.edit_message(content=f"chose {' '.join(menu.values)}")

    @discord.ui.select(cls=discord.ui.MentionableSelect, custom_id="who", max_values=2)
    async def who(self, interaction: Interaction, menu: discord.ui.MentionableSelect[Any]) -> None:
        await interaction.response.send_message(" ".join(map(str, menu.values)))

    @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="where")
    async def where(self, interaction: Interaction, menu: discord.ui.ChannelSelect[Any]) -> None:
        await interaction.response.send_message(str(menu.values[0]))


async def show_panel(interaction: Interaction, _: discord.Attachment | None) -> None:
    await interaction.response.send_message("panel", view=Panel())


class PanelBot(ExpandBot):
    """The bed's bot, with menus of the Apps kind, a group, and suggestions."""

    def __init__(self) -> None:
        super().__init__(show_panel)
        gallery = app_commands.Group(name="gallery", description="The best ones")
        self.tree.add_command(gallery)

        @gallery.command(description="The top")
        async def top(interaction: discord.Interaction[Any], kind: str) -> None:
            await interaction.response.send_message(f"top {kind}")

        @top.autocomplete("kind")
        async def kinds(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            every = ("wide", "wild", "tall")
            return [app_commands.Choice(name=each, value=each) for each in every if typed in each]

        @self.tree.context_menu(name="Expand image")
        async def menu(interaction: discord.Interaction[Any], message: discord.Message) -> None:
            await interaction.response.send_message(message.attachments[0].filename)

        @self.tree.context_menu(name="Who is it")
        async def who(interaction: discord.Interaction[Any], user: discord.User) -> None:
            await interaction.response.send_modal(Order(title=user.name))


@pytest.fixture
async def local() -> AsyncIterator[LocalDiscord]:
    async with LocalDiscord.open() as local, run_bot(local, PanelBot()):
        yield local


async def panel(local: LocalDiscord) -> Any:
    return await (await local.guild.member("ana").slash("expand")).message()


async def test_a_modal_is_filled_in_by_labels_and_keeps_what_is_left_out(
    local: LocalDiscord, tmp_path: Path
) -> None:
    ana, ben = local.guild.member("ana"), local.guild.member("ben")
    modal = await ana.press(await panel(local), "Ask").modal()
    assert modal["title"] == "Order"
    on_disk = tmp_path / "b.png"
    on_disk.write_bytes(encode_picture(8, 8))
    files = [Upload("a.png", encode_picture()), on_disk]
    call = await ana.submit(modal, {"Ratio": "tall", "For whom": ben, "Picture": files})
    told = await call.message()
    sizes = [len(encode_picture()), len(encode_picture(8, 8))]
    assert told["content"] == f"64 9:16 ben a.png:{sizes[0]} b.png:{sizes[1]}"
    assert call.ephemeral
    assert ben.sees()[-1]["content"] == "panel"


async def test_a_modal_is_sent_off_as_it_stands(local: LocalDiscord) -> None:
    ana = local.guild.member("ana")
    modal = await ana.menu("Who is it", local.guild.member("ben")).modal()
    assert modal["title"] == "ben"
    assert (await (await ana.submit(modal)).message())["content"] == "64 16:9"


@pytest.mark.parametrize(
    "values",
    [{"Pixels": ""}, {"Pixels": "x" * 4001}, {"Ratio": "round"}, {"Ratio": []},
     {"Picture": [Upload("a", b"a")] * 3}, {"For whom": "7"}],
)  # fmt: skip
async def test_a_modal_filled_in_wrongly_never_reaches_the_bot(
    local: LocalDiscord, values: dict[str, Any]
) -> None:
    ana = local.guild.member("ana")
    modal = await ana.press(await panel(local), "ask").modal()
    with pytest.raises(DiscordError, match="50035"):
        await ana.submit(modal, values)
    with pytest.raises(LookupError):
        await ana.submit(modal, {"No such field": "x"})


async def test_a_modal_belongs_to_whom_it_is_shown(local: LocalDiscord) -> None:
    modal = await local.guild.member("ana").press(await panel(local), "ask").modal()
    with pytest.raises(DiscordError, match="10062"):
        await local.guild.member("ben").submit(modal)


async def test_a_menu_takes_values_or_labels_and_changes_its_message(local: LocalDiscord) -> None:
    ana, shown = local.guild.member("ana"), await panel(local)
    call = ana.select(shown, "Several", "one", "t")
    changed = await call.message(lambda each: each["content"] == "chose o t")
    assert changed["id"] == shown["id"]
    assert local.guild.message(shown)["content"] == "chose o t"
    for wrong in (("three",), (), ("o", "o"), ("o", "t", "o")):
        with pytest.raises(DiscordError, match="50035"):
            ana.select(shown, "several", *wrong)


async def test_members_roles_and_channels_are_resolved(local: LocalDiscord) -> None:
    ana, shown = local.guild.member("ana"), await panel(local)
    moderators = next(r for r in local.state.world.guild.roles.values() if r.name == "Moderator")
    call = ana.select(shown, "who", local.guild.member("ben"), moderators)
    assert (await call.message())["content"] == "ben Moderator"
    call = ana.select(shown, "where", str(local.guild.channel_id("gallery")))
    assert (await call.message())["content"] == "gallery"
    with pytest.raises(DiscordError, match="50035"):
        ana.select(shown, "where", "1")


async def test_suggestions_come_while_one_types(local: LocalDiscord) -> None:
    ana = local.guild.member("ana")
    call = ana.autocomplete("gallery top", "kind", "wi")
    assert [each["value"] for each in await call.choices()] == ["wide", "wild"]
    assert local.guild.messages() == []
    done = await ana.slash("gallery top", kind="wide")
    assert (await done.message())["content"] == "top wide"


async def test_the_apps_menu_of_a_message_gives_the_message(local: LocalDiscord) -> None:
    ana, ben = local.guild.member("ana"), local.guild.member("ben")
    said = await ben.upload(Upload("pic.png", encode_picture()), content="look")
    call = ana.menu("Expand image", said)
    assert (await call.message())["content"] == "pic.png"
    assert call.ack_ms is not None


async def test_reactions_come_and_go_and_replies_name_their_message(local: LocalDiscord) -> None:
    ana, ben = local.guild.member("ana"), local.guild.member("ben")
    said = ana.say("look")
    ben.react(said, "🎨")
    ana.react(said, "🎨")
    assert local.guild.message(said)["reactions"][0]["count"] == 2
    ben.unreact(said, "🎨")
    ana.unreact(said, "🎨")
    assert "reactions" not in local.guild.message(said)
    reply = ben.say("yes", reply_to=said)
    assert reply["referenced_message"]["id"] == said["id"]


async def test_a_moderator_deletes_what_others_may_not(local: LocalDiscord) -> None:
    ana, ben, mia = (local.guild.member(name) for name in ("ana", "ben", "mia"))
    said = ana.say("mine")
    with pytest.raises(DiscordError, match="50013"):
        ben.delete(said)
    mia.delete(said)
    with pytest.raises(LookupError):
        local.guild.message(said)


async def test_a_forged_press_reaches_the_bot_though_nothing_is_there(local: LocalDiscord) -> None:
    ana, shown = local.guild.member("ana"), await panel(local)
    heard: list[Any] = []
    local.state.subscribe(lambda event: heard.append((event.name, event.payload)))
    with pytest.raises(DiscordError, match="50035"):
        ana.press(shown, "v1:delete:7:forged")
    ana.forge(shown, "v1:delete:7:forged")
    (payload,) = (payload for name, payload in heard if name == "INTERACTION_CREATE")
    assert payload["data"]["custom_id"] == "v1:delete:7:forged"
    assert payload["data"]["component_type"] == 2
