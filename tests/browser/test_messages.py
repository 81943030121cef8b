"""What people do with messages, and with one another."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
from playwright.async_api import Page, expect

from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.browser.conftest import Opener, switch_user
from tests.sandbox.discord.rest.test_emojis import add_emoji
from tests.support.discord.server_fixture import STUDIO, RestClient, encode_picture


async def send_message(page: Page, text: str) -> None:
    await page.locator("#composer-input").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator("chat-message").filter(has_text=text).last).to_be_visible()


async def test_two_browsers_see_the_same_channel_live(component_pages: Opener) -> None:
    ana, ben = await component_pages("Ana"), await component_pages("Ben")
    await ana.locator("#composer-input").press_sequentially("good")
    await expect(ben.get_by_text("Ana is typing…")).to_be_visible()
    await ana.locator("#composer-input").fill("good **morning**")
    await ana.keyboard.press("Enter")
    await expect(ben.locator("chat-message strong", has_text="morning")).to_be_visible()
    await expect(ben.get_by_text("Ana is typing…")).to_be_hidden()
    await send_message(ben, "and to you")
    await expect(ana.get_by_text("and to you")).to_be_visible()


async def test_a_reaction_is_added_joined_and_taken_back(component_pages: Opener) -> None:
    ana, ben = await component_pages("Ana"), await component_pages("Ben")
    await send_message(ana, "what a view")
    await ana.locator("chat-message").first.hover()
    await ana.get_by_role("button", name="Add reaction").click()
    await ana.get_by_role("dialog", name="Add a reaction").get_by_label("Find").fill("heart")
    await ana.get_by_role("button", name="heart", exact=True).click()
    chip = ben.get_by_role("button", name="heart: 1, Ana")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    both = ana.get_by_role("button", name="heart: 2, Ana, Ben")
    await expect(both).to_have_attribute("aria-pressed", "true")
    await both.click()
    await expect(ben.get_by_role("button", name="heart: 1, Ben")).to_be_visible()
    await ben.reload()
    mine = ben.get_by_role("button", name="heart: 1, Ben")
    await expect(mine).to_have_attribute("aria-pressed", "true")


async def test_a_super_reaction_is_marked_and_can_be_cleared(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page, guild = await component_pages("Ana"), component_server.guild
    said = guild.member("ben").say("what a view")
    guild.member("ben").react(said, "⭐", burst=True)
    chip = page.get_by_role("button", name="star: 1, Ben, super")
    await expect(chip).to_be_visible()
    await chip.click()
    await expect(page.get_by_role("button", name="star: 2, Ana, Ben, super")).to_be_visible()
    guild.member("mia").clear_reactions(said, emoji="⭐")
    await expect(page.get_by_role("button", name="star")).to_have_count(0)


async def test_forwards_and_spoilers_look_like_it(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page, ben = await component_pages("Ana"), component_server.guild.member("ben")
    shown = await ben.upload(Upload("lake.png", encode_picture()), content="a lake")
    hidden = await ben.upload(Upload("end.png", encode_picture(), spoiler=True))
    veil = page.locator("chat-message").last.get_by_role("button", name="Spoiler")
    await expect(veil).to_be_visible()
    for message in (shown, hidden):
        ben.forward(message)
    forwards = page.locator("chat-message blockquote")
    await expect(forwards).to_have_count(2)
    await expect(forwards.first).to_contain_text("Forwarded")
    await expect(forwards.first).to_contain_text("a lake")
    await expect(forwards.first.locator(".tile img")).to_be_visible()
    await expect(veil).to_be_visible()
    await veil.click()
    await expect(veil).to_have_count(0)
    link = shown["attachments"][0]["url"]
    for text, count in ((f"||{link}||", 1), (f"||words|| {link}", 0)):
        ben.say(text)
        last = page.locator("chat-message").last
        await expect(last.locator(".tile img")).to_have_count(1)
        await expect(last.locator(".veil")).to_have_count(count)


async def test_a_reply_shows_what_it_answers_and_leads_there(component_pages: Opener) -> None:
    ana, ben = await component_pages("Ana"), await component_pages("Ben")
    await send_message(ana, "who has a lake?")
    await ben.locator("chat-message").first.click(button="right")
    await ben.get_by_role("menuitem", name="Reply").click()
    await expect(ben.get_by_text("Replying to Ana")).to_be_visible()
    await send_message(ben, "I do")
    await expect(ben.get_by_text("Replying to Ana")).to_be_hidden()
    await ana.get_by_role("button", name="Go to the message of Ana").click()
    await expect(ana.locator("chat-message").first).to_be_focused()


async def test_a_moderator_deletes_what_a_member_cannot(component_pages: Opener) -> None:
    ben, mia = await component_pages("Ben"), await component_pages("Mia")
    await send_message(mia, "stay polite")
    await send_message(ben, "spam spam")
    await ben.locator("chat-message").first.click(button="right")
    await expect(ben.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    await ben.keyboard.press("Escape")
    await mia.locator("chat-message").filter(has_text="spam").click(button="right")
    await mia.get_by_role("menuitem", name="Delete message").click()
    await expect(ben.get_by_text("spam spam")).to_be_hidden()


async def test_a_moderator_sees_channels_that_members_do_not(component_pages: Opener) -> None:
    page = await component_pages("Ana")
    channels = page.get_by_role("navigation")
    await expect(channels.get_by_role("button", name="gallery")).to_be_visible()
    await expect(channels.get_by_role("button", name="moderators")).to_have_count(0)
    await switch_user(page, "Mia")
    await channels.get_by_role("button", name="moderators").click()
    await expect(page.get_by_role("heading", name="Welcome to #moderators")).to_be_visible()


async def test_a_thread_is_started_and_written_in(component_pages: Opener) -> None:
    page = await component_pages()
    await send_message(page, "shall we talk?")
    await page.locator("chat-message").first.click(button="right")
    await page.get_by_role("menuitem", name="Create thread").click()
    await page.get_by_label("Thread name").fill("About lakes")
    await page.get_by_role("button", name="Submit").click()
    await expect(page.get_by_role("heading", name="About lakes").first).to_be_visible()
    await send_message(page, "inside")
    await expect(page.get_by_text("A thread of #studio.")).to_be_visible()
    await page.get_by_role("banner").or_(page.locator("channel-bar")).get_by_text("studio").click()
    await expect(page.get_by_role("button", name="Open thread About lakes")).to_be_visible()
    await expect(page.get_by_text("inside", exact=True)).to_be_hidden()


async def test_a_picture_is_posted_without_a_command(
    component_pages: Opener, tmp_path: Path
) -> None:
    (tmp_path / "lake.png").write_bytes(encode_picture(300, 200))
    page = await component_pages()
    await page.get_by_role("button", name="Add a picture").click()
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("menuitem", name="Post a file").click()
    await (await choosing.value).set_files(tmp_path / "lake.png")
    await send_message(page, "my lake")
    await expect(page.get_by_role("button", name="Enlarge picture lake.png")).to_be_visible()


async def drop_picture(page: Page) -> None:
    """Drop a picture anywhere on the page."""
    data = json.dumps(list(encode_picture(300, 200)))
    await page.evaluate(
        f"""() => {{
            const data = new DataTransfer();
            const bytes = new Uint8Array({data});
            data.items.add(new File([bytes], "dropped.png", {{type: "image/png"}}));
            dispatchEvent(new DragEvent("drop", {{dataTransfer: data, cancelable: true}}));
        }}"""
    )


async def test_a_dropped_picture_can_be_posted_instead(component_pages: Opener) -> None:
    page = await component_pages()
    await drop_picture(page)
    await expect(page.get_by_text("dropped.png")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Enlarge picture dropped.png")).to_be_visible()


async def test_the_address_of_a_message_opens_it(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    ben = component_server.guild.member("ben")
    first = ben.say("the very first", channel="gallery")
    for number in range(250):
        ben.say(f"filler {number}", channel="gallery")
    page = await component_pages()
    guild = component_server.state.world.guild.id
    await page.goto(f"{component_server.page}#{guild}/{first['channel_id']}/{first['id']}")
    await expect(page.get_by_text("the very first")).to_be_in_viewport()


async def test_a_direct_message_stands_apart_and_can_be_answered(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    await page.get_by_role("button", name="Direct messages").click()
    await expect(page.get_by_text("None yet.")).to_be_visible()
    ana = component_server.guild.member("ana")
    ana.say("is anybody here?", channel=ana.dm)
    direct = page.get_by_role("list", name="Direct messages")
    await direct.get_by_role("button", name="Expanse new").click()
    await expect(page.get_by_text("is anybody here?")).to_be_visible()
    await send_message(page, "it is me")
    await page.get_by_role("button", name="Expanse Studio").click()
    await expect(page.get_by_role("heading", name="Welcome to #studio")).to_be_visible()


async def test_an_apps_own_emoji_is_a_picture_wherever_it_stands(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    async with aiohttp.ClientSession() as http:
        rest = RestClient(component_server, http)
        emoji = {"id": await add_emoji(rest), "name": "wide"}
        button = {"type": 2, "style": 2, "custom_id": "x", "label": "Go", "emoji": emoji}
        posted = {
            "content": f"how <:wide:{emoji['id']}> it is",
            "components": [{"type": 1, "components": [button]}],
        }
        status, message = await rest("POST", f"/channels/{STUDIO}/messages", json=posted)
        assert status == 200
        reaction = f"{message['id']}/reactions/wide:{emoji['id']}/@me"
        await rest("PUT", f"/channels/{STUDIO}/messages/{reaction}")
    await page.get_by_role("button", name="wide: 1, Expanse").click()
    await expect(page.get_by_role("button", name="wide: 2, Expanse, Ana")).to_be_visible()
    signs = page.locator("chat-message img.emoji")
    await expect(signs).to_have_count(3)
    for sign in await signs.all():
        assert await sign.evaluate("image => image.decode().then(() => image.naturalWidth)") == 32
    await expect(page.get_by_role("img", name=":wide:").first).to_be_visible()
