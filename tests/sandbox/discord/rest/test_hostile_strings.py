"""Text stays text: hostile strings come out of the API as they went in."""

from __future__ import annotations

import json

from sandbox.discord.model.files import clean_name
from sandbox.discord.model.records import Upload
from tests.support.discord.hostile_strings import HOSTILE
from tests.support.discord.server_fixture import (
    STUDIO,
    V2,
    build_form,
    encode_picture,
    open_local_discord,
)

MESSAGES = f"/channels/{STUDIO}/messages"
# What Discord itself takes away at the ends of a message.
SAID = [text for text in HOSTILE if text.strip()]


def test_there_are_two_hundred_of_them() -> None:
    assert len(HOSTILE) == 200


async def test_messages_embeds_and_layouts_keep_hostile_text() -> None:
    async with open_local_discord() as (local, rest):
        for text in SAID:
            field = {"name": text, "value": text, "inline": True}
            embed = {"title": text, "fields": [field]}
            _, said = await rest("POST", MESSAGES, json={"content": text, "embeds": [embed]})
            assert said["content"] == text.strip()
            assert not said["mention_everyone"]
            assert said["embeds"][0]["fields"] == [field]
            button = {"type": 2, "style": 1, "label": text[:80], "custom_id": text[:100]}
            row = {"type": 1, "components": [button]}
            body = {"flags": V2, "components": [{"type": 10, "content": text}, row]}
            _, layout = await rest("POST", MESSAGES, json=body)
            assert layout["components"][0]["content"] == text
            assert layout["components"][1]["components"][0]["custom_id"] == text[:100]
        assert len(local.guild.messages()) == 2 * len(SAID)


async def test_options_and_modals_bring_hostile_text_to_the_bot() -> None:
    text_input = {"type": 4, "custom_id": "t", "style": 1, "required": False}
    label = {"type": 18, "label": "Text", "component": text_input}
    modal = {"type": 9, "data": {"custom_id": "m", "title": "T", "components": [label]}}
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[{"type": 3, "name": "prompt", "description": "x"}])
        ana = local.guild.member("ana")
        for text in HOSTILE:
            call = await ana.slash("expand", prompt=text)
            assert call.interaction.data["options"][0]["value"] == text
            assert (await rest.send_callback(call.interaction, modal))[0] == 200
            shown = call.interaction.callback_data
            assert shown is not None
            own = {"id": str(call.id), "channel_id": STUDIO}
            filled = await ana.submit(shown | own, {"Text": text})
            assert filled.interaction.data["components"][0]["component"]["value"] == text


async def test_names_of_files_become_harmless_and_alt_texts_stay() -> None:
    async with open_local_discord() as (local, rest):
        ana = local.guild.member("ana")
        for text in HOSTILE:
            meta = [{"id": "0", "filename": text, "description": text}]
            form = build_form(json.dumps({"attachments": meta}), ("a.png", encode_picture(4, 4)))
            _, said = await rest("POST", MESSAGES, data=form)
            (attachment,) = said["attachments"]
            assert attachment["description"] == text
            assert attachment["filename"] == clean_name(text or "a.png")
            assert not set(attachment["filename"]) & set("/\\<>\"'\x00\r\n;|&`$ ")
            assert attachment["filename"].lstrip(".")
            assert local.read_attachment(attachment) == encode_picture(4, 4)
            uploaded = await ana.upload(Upload(text, b"x"))
            assert uploaded["attachments"][0]["filename"] == clean_name(text)


async def test_names_of_threads_roles_and_people_keep_hostile_text() -> None:
    async with open_local_discord() as (_, rest):
        for text in SAID:
            status, thread = await rest(
                "POST", f"/channels/{STUDIO}/threads", json={"name": text, "type": 11}
            )
            assert (status, thread["name"]) == (201, text)
            me = "/guilds/1323820000000000001/members/@me"
            status, member = await rest("PATCH", me, json={"nick": text[:32]})
            assert (status, member["nick"]) == (200, text[:32])
