"""The tested flow on hikari: slash command with picture, deferral, edit with file, buttons.

A script for that library's own environment; its argument is JSON with `token` and `api`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import hikari  # type: ignore[import-not-found] # it is in its own environment

SPEC = json.loads(sys.argv[1])
BOT = hikari.GatewayBot(
    SPEC["token"],
    rest_url=f"{SPEC['api']}/v10",
    intents=hikari.Intents.GUILDS | hikari.Intents.GUILD_MESSAGES,
    banner=None,
)


async def started(_: hikari.StartedEvent) -> None:
    command = BOT.rest.slash_command_builder("expand", "Extend a picture")
    command.add_option(
        hikari.CommandOption(
            type=hikari.OptionType.ATTACHMENT,
            name="image",
            description="The picture",
            is_required=True,
        )
    )
    command.add_option(
        hikari.CommandOption(
            type=hikari.OptionType.INTEGER,
            name="pixels",
            description="How far",
            min_value=1,
            max_value=2048,
        )
    )
    me = BOT.get_me()
    commands = await BOT.rest.set_application_commands(me.id, [command])
    print(f"ready {me.username} {len(commands)}", flush=True)  # noqa: T201 - what the test waits for


async def expand(interaction: Any) -> None:
    options = {option.name: option.value for option in interaction.options}
    image = interaction.resolved.attachments[options["image"]]
    await interaction.create_initial_response(hikari.ResponseType.DEFERRED_MESSAGE_CREATE)
    data = await image.read()
    row = BOT.rest.build_message_action_row()
    row.add_interactive_button(hikari.ButtonStyle.PRIMARY, "more", label="More")
    await interaction.edit_initial_response(
        f"{options['pixels']} px, {image.width} wide",
        attachment=hikari.Bytes(data, "wide.png"),
        component=row,
    )
    message = await BOT.rest.create_message(interaction.channel_id, "posted")
    await message.add_reaction("🎨")
    await interaction.execute("afterwards", flags=hikari.MessageFlag.EPHEMERAL)


async def press(interaction: Any) -> None:
    await interaction.create_initial_response(
        hikari.ResponseType.MESSAGE_CREATE, "only you", flags=hikari.MessageFlag.EPHEMERAL
    )
    await interaction.message.edit(components=[])


async def interacted(event: hikari.InteractionCreateEvent) -> None:
    if isinstance(event.interaction, hikari.CommandInteraction):
        await expand(event.interaction)
    elif isinstance(event.interaction, hikari.ComponentInteraction):
        await press(event.interaction)


BOT.subscribe(hikari.StartedEvent, started)
BOT.subscribe(hikari.InteractionCreateEvent, interacted)
BOT.run(check_for_updates=False)
