"""What an app puts on the page, and what people do with it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect

from sandbox.discord.server import LocalDiscord
from tests.browser.conftest import Opener
from tests.support.discord.server_fixture import encode_picture


async def send_command(page: Page, name: str) -> None:
    """Type a command that needs no options, and send it."""
    await page.locator("#composer-input").fill(f"/{name}")
    await expect(page.get_by_role("option").first).to_contain_text(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("form", name=f"Command {name}")).to_be_visible()
    await page.keyboard.press("Enter")


async def test_a_card_of_every_component_is_drawn_and_answers(component_pages: Opener) -> None:
    page = await component_pages()
    await send_command(page, "card")
    await expect(page.get_by_role("heading", name="A section")).to_be_visible()
    await expect(page.get_by_role("img", name="First of the gallery")).to_be_visible()
    await expect(page.get_by_role("link", name="notes.txt")).to_be_visible()
    await expect(page.get_by_role("button", name="Off")).to_be_disabled()
    for name, heard in (("Press me", "accessory"), ("Again", "again"), ("Remove", "remove")):
        await page.get_by_role("button", name=name, exact=True).click()
        await expect(page.get_by_text(f"heard {heard}", exact=True)).to_be_visible()


async def test_a_gallery_opens_in_the_lightbox_and_a_spoiler_when_asked(
    component_pages: Opener,
) -> None:
    page = await component_pages()
    await send_command(page, "card")
    await page.get_by_role("button", name="Enlarge picture: First of the gallery").click()
    box = page.get_by_role("dialog", name="Picture")
    await expect(box).to_contain_text("1 of 2")
    await page.keyboard.press("ArrowRight")
    await expect(box.get_by_role("img", name="Second of the gallery")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(box).to_be_hidden()
    await page.get_by_role("button", name="Spoiler").click()
    await page.get_by_role("button", name="Enlarge picture: Third, hidden").click()
    await expect(box).to_contain_text("of 3")


async def test_a_menu_takes_several_values_by_keyboard(component_pages: Opener) -> None:
    page = await component_pages()
    await send_command(page, "card")
    menu = page.get_by_role("combobox", name="Which sides?")
    await menu.press("Enter")
    await expect(page.get_by_role("listbox", name="Which sides?")).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.press("u")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("heard left, up", exact=True)).to_be_visible()


async def test_menus_of_people_channels_and_roles_send_what_was_chosen(
    component_pages: Opener,
) -> None:
    page = await component_pages()
    await send_command(page, "embed")
    await expect(page.get_by_text("An embed", exact=True)).to_be_visible()
    await expect(page.get_by_text("The footer")).to_be_visible()
    for menu, choice, heard in (
        ("A person", "Mia", "heard Mia"),
        ("A role", "@Moderator", "heard Moderator"),
        ("A channel", "#gallery", "heard #gallery"),
    ):
        await page.get_by_role("combobox", name=menu).click()
        await page.get_by_role("option", name=choice).click()
        await expect(page.locator("chat-message").filter(has_text=heard)).to_be_visible()


async def test_a_modal_is_filled_handed_in_and_answered(
    component_pages: Opener, tmp_path: Path
) -> None:
    (tmp_path / "lake.png").write_bytes(encode_picture())
    page = await component_pages()
    await send_command(page, "order")
    modal = page.get_by_role("dialog", name="Order a picture")
    await expect(modal.get_by_label("Prompt")).to_be_focused()
    await page.keyboard.type("x")
    await modal.get_by_role("button", name="Submit").click()
    await expect(modal.get_by_text("At least 2 characters.")).to_be_visible()
    await page.keyboard.type(" and mist")
    await modal.get_by_role("combobox", name="Side").click()
    await page.get_by_role("option", name="right").click()
    await modal.locator("input[type=file]").set_input_files(tmp_path / "lake.png")
    await modal.get_by_role("radio", name="Careful").check()
    await modal.get_by_role("checkbox", name="I am sure").check()
    await modal.get_by_role("button", name="Submit").click()
    told = "heard x and mist | right | lake.png | careful | sure=True"
    await expect(page.get_by_text(told, exact=True)).to_be_visible()
    await expect(modal).to_be_hidden()


async def test_choices_are_suggested_while_one_types(component_pages: Opener) -> None:
    page = await component_pages()
    await page.locator("#composer-input").fill("/ratio ")
    shape = page.get_by_role("combobox", name="shape")
    await expect(page.get_by_role("option", name="9:16 phone")).to_be_visible()
    await shape.press_sequentially("cin")
    await expect(page.get_by_role("option", name="9:16 phone")).to_be_hidden()
    await shape.press("ArrowDown")
    await shape.press("Enter")
    await expect(shape).to_have_value("21:9 cinema")
    await shape.press("Enter")
    await expect(page.get_by_text("heard 21:9 x1", exact=True)).to_be_visible()


async def test_a_value_out_of_bounds_is_named_at_its_field(component_pages: Opener) -> None:
    page = await component_pages()
    await page.locator("#composer-input").fill("/ratio ")
    await page.get_by_role("combobox", name="shape").fill("4:3")
    await page.get_by_role("button", name="times").click()
    await page.get_by_role("spinbutton", name="times").fill("9")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Type a whole number from 1 to 4.")).to_be_visible()


async def test_the_apps_menu_of_a_message_is_there_by_mouse_and_by_keyboard(
    component_pages: Opener, component_server: LocalDiscord
) -> None:
    page = await component_pages()
    component_server.guild.member("ben").say("twelve signs")
    message = page.locator("chat-message").filter(has_text="twelve signs")
    await message.click(button="right")
    await page.get_by_role("menuitem", name="Inspect").click()
    await expect(page.get_by_text("heard 12 characters of Ben")).to_have_count(1)
    await message.focus()
    await expect(message).to_be_focused()
    await page.keyboard.press("Shift+F10")
    await expect(page.get_by_role("menu")).to_be_visible()
    await page.keyboard.press("i")
    await expect(page.get_by_role("menuitem", name="Inspect")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("heard 12 characters of Ben")).to_have_count(2)
    await message.hover()
    await page.get_by_role("button", name="More", exact=True).click()
    await expect(page.get_by_role("menuitem", name="Inspect")).to_be_visible()
    await page.keyboard.press("Escape")
    await (
        page.get_by_role("complementary", name="Members").get_by_role("button", name="Ben").click()
    )
    await page.get_by_role("menuitem", name="Greet").click()
    await expect(page.get_by_text("heard hello Ben")).to_be_visible()
