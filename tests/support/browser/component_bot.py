"""A bot that shows every kind of component and command on the page, and answers to each."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands, ui

from tests.support.discord.server_fixture import build_file, encode_picture

Interaction = discord.Interaction[Any]
RATIOS = {"16:9 wide": "16:9", "9:16 phone": "9:16", "21:9 cinema": "21:9"}


class ComponentBot(discord.Client):
    """Offer commands, menus, cards and modals; every answer begins with "heard"."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        offers: tuple[Any, ...] = (
            _send_card,
            _send_embed,
            _open_modal,
            _send_ratio,
            _send_public,
            _inspect_message,
            _greet_member,
        )
        for offer in offers:
            self.tree.add_command(offer)

    async def setup_hook(self) -> None:
        self.add_view(LegacyView())
        await self.tree.sync()


@app_commands.command(name="card", description="Show a card with every component")
async def _send_card(interaction: Interaction) -> None:
    files = [
        build_file(encode_picture(320, 240), "a.png"),
        build_file(encode_picture(240, 320), "b.png"),
    ]
    files += [
        build_file(encode_picture(200, 200), "SPOILER_c.png"),
        build_file(b"plain words", "notes.txt"),
    ]
    await interaction.response.send_message(view=LayoutCard(), files=files)


class LayoutCard(ui.LayoutView):
    """All components of version 2, each once."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        section: ui.Section[Any] = ui.Section(
            ui.TextDisplay("## A section\nwith **bold** words"),
            accessory=ui.Thumbnail("attachment://a.png", description="A small blue picture"),
        )
        pressed: ui.Section[Any] = ui.Section(
            ui.TextDisplay("Beside a button"),
            accessory=_AcknowledgedButton("Press me", "accessory"),
        )
        gallery: ui.MediaGallery[Any] = ui.MediaGallery(
            discord.MediaGalleryItem("attachment://a.png", description="First of the gallery"),
            discord.MediaGalleryItem("attachment://b.png", description="Second of the gallery"),
            discord.MediaGalleryItem(
                "attachment://SPOILER_c.png", description="Third, hidden", spoiler=True
            ),
        )
        row: ui.ActionRow[Any] = ui.ActionRow(
            _AcknowledgedButton("Again", "again", discord.ButtonStyle.primary),
            _AcknowledgedButton("Good", "good", discord.ButtonStyle.success),
            _AcknowledgedButton("Remove", "remove", discord.ButtonStyle.danger),
            ui.Button(label="Off", custom_id="off", disabled=True),
        )
        choose: ui.ActionRow[Any] = ui.ActionRow(_ChoiceMenu())
        self.add_item(
            ui.Container(
                section,
                ui.Separator(spacing=discord.SeparatorSpacing.large),
                gallery,
                ui.File("attachment://notes.txt"),
                pressed,
                row,
                choose,
                accent_colour=discord.Colour.teal(),
            )
        )


class _AcknowledgedButton(ui.Button[Any]):
    def __init__(
        self, label: str, name: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary
    ) -> None:
        super().__init__(label=label, custom_id=name, style=style)

    async def callback(self, interaction: Interaction) -> None:
        await interaction.response.send_message(f"heard {self.custom_id}", ephemeral=True)


class _ChoiceMenu(ui.Select[Any]):
    def __init__(self) -> None:
        options = [
            discord.SelectOption(label="Left", value="left", description="Towards the past"),
            discord.SelectOption(label="Right", value="right"),
            discord.SelectOption(label="Up", value="up"),
        ]
        super().__init__(custom_id="choose", placeholder="Which sides?", options=options)
        self.max_values = 2

    async def callback(self, interaction: Interaction) -> None:
        chosen = ", ".join(self.values)
        await interaction.response.send_message(f"heard {chosen}", ephemeral=True)


class LegacyView(ui.View):
    """Selects of people and channels, below a normal message."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(cls=ui.UserSelect, custom_id="person", placeholder="A person")
    async def person(self, interaction: Interaction, menu: ui.UserSelect[Any]) -> None:
        name = menu.values[0].display_name
        await interaction.response.send_message(f"heard {name}", ephemeral=True)

    @ui.select(cls=ui.ChannelSelect, custom_id="place", placeholder="A channel")
    async def place(self, interaction: Interaction, menu: ui.ChannelSelect[Any]) -> None:
        await interaction.response.send_message(f"heard {menu.values[0].mention}", ephemeral=True)

    @ui.select(cls=ui.RoleSelect, custom_id="role", placeholder="A role")
    async def role(self, interaction: Interaction, menu: ui.RoleSelect[Any]) -> None:
        await interaction.response.send_message(f"heard {menu.values[0].name}", ephemeral=True)


@app_commands.command(name="embed", description="Show an embed and menus of people and places")
async def _send_embed(interaction: Interaction) -> None:
    embed = discord.Embed(title="An embed", description="With `code` and a > sign", colour=0xC46A1B)
    embed.set_author(name="The author").set_footer(text="The footer")
    embed.add_field(name="Width", value="640").add_field(name="Height", value="480")
    embed.set_image(url="attachment://wide.png")
    image = build_file(encode_picture(400, 160), "wide.png")
    await interaction.response.send_message(embed=embed, file=image, view=LegacyView())


class OrderForm(ui.Modal, title="Order a picture"):
    """A modal with one field of every kind."""

    words: ui.Label[Any] = ui.Label(
        text="Prompt",
        description="What the new area shows",
        component=ui.TextInput(style=discord.TextStyle.paragraph, min_length=2, max_length=300),
    )
    side: ui.Label[Any] = ui.Label(
        text="Side",
        component=ui.Select(
            options=[discord.SelectOption(label=side, value=side) for side in ("left", "right")]
        ),
    )
    image: ui.Label[Any] = ui.Label(text="Picture", component=ui.FileUpload(required=False))
    pace: ui.Label[Any] = ui.Label(
        text="Pace",
        component=ui.RadioGroup(
            options=[
                discord.RadioGroupOption(label="Quick", value="quick", default=True),
                discord.RadioGroupOption(label="Careful", value="careful"),
            ]
        ),
    )
    sure: ui.Label[Any] = ui.Label(text="I am sure", component=ui.Checkbox())

    async def on_submit(self, interaction: Interaction) -> None:
        words, side, image, pace, sure = (
            each.component for each in (self.words, self.side, self.image, self.pace, self.sure)
        )
        assert isinstance(words, ui.TextInput)
        assert isinstance(side, ui.Select)
        assert isinstance(image, ui.FileUpload)
        assert isinstance(pace, ui.RadioGroup)
        assert isinstance(sure, ui.Checkbox)
        files = [each.filename for each in image.values]
        told = [words.value, *side.values, *files, str(pace.value), f"sure={sure.value}"]
        await interaction.response.send_message(f"heard {' | '.join(told)}", ephemeral=True)


@app_commands.command(name="order", description="Open a modal")
async def _open_modal(interaction: Interaction) -> None:
    await interaction.response.send_modal(OrderForm())


@app_commands.command(name="ratio", description="Choose a shape while typing")
@app_commands.describe(shape="A ratio, or a size in pixels", times="How often")
async def _send_ratio(
    interaction: Interaction, shape: str, times: app_commands.Range[int, 1, 4] = 1
) -> None:
    await interaction.response.send_message(f"heard {shape} x{times}", ephemeral=True)


@_send_ratio.autocomplete("shape")
async def _complete_shape(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
    found = {name: value for name, value in RATIOS.items() if typed.lower() in name}
    return [app_commands.Choice(name=name, value=value) for name, value in found.items()]


@app_commands.command(name="say", description="Say something to everybody")
async def _send_public(interaction: Interaction, words: str) -> None:
    await interaction.response.send_message(words)


@app_commands.context_menu(name="Inspect")
async def _inspect_message(interaction: Interaction, message: discord.Message) -> None:
    said = f"heard {len(message.content)} characters of {message.author.display_name}"
    await interaction.response.send_message(said, ephemeral=True)


@app_commands.context_menu(name="Greet")
async def _greet_member(interaction: Interaction, member: discord.Member) -> None:
    await interaction.response.send_message(f"heard hello {member.display_name}", ephemeral=True)
