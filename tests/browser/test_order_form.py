"""The form to order pictures, filled in on the page as a member does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Opener
from tests.browser.test_components import send_command
from tests.support.app_fixture import AppFixture, draw_photograph
from tests.support.browser.accessibility import find_violations

RESULT = re.compile("Expanded picture")


async def open_form(page: Page) -> Locator:
    # the browser is told of the first listener late: a dialog opened before that is lost
    page.on("filechooser", lambda _: None)
    await send_command(page, "help")
    button = page.get_by_role("button", name="Expand a picture")
    await button.focus()
    await page.keyboard.press("Enter")
    form = page.get_by_role("dialog", name="Expand a picture")
    await expect(form.get_by_role("button", name="Choose a picture")).to_be_focused()
    return form


def save_pictures(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"photo{number}.PNG" for number in range(1, count + 1)]
    for path in paths:
        draw_photograph(160, 120).save(path, "PNG")
    return paths


async def choose_files(page: Page, *paths: Path) -> None:
    """Press Enter on the focused control, and choose files in the dialog that opens."""
    async with page.expect_file_chooser() as chooser:
        await page.keyboard.press("Enter")
    await (await chooser.value).set_files(paths)


async def test_the_keyboard_alone_orders_two_pictures(
    app_fixture: AppFixture, visit: Opener, tmp_path: Path
) -> None:
    page = await visit()
    form = await open_form(page)
    await choose_files(page, *save_pictures(tmp_path, 2))
    await expect(form.get_by_role("button", name="photo2.PNG")).to_be_visible()
    await expect(form.get_by_role("group", name="Pictures 3")).to_be_visible()
    await form.get_by_role("radio", name="all sides").focus()
    await page.keyboard.press("ArrowDown")
    await expect(form.get_by_role("radio", name="left", exact=True)).to_be_checked()
    await page.keyboard.press("Tab")
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.type("64")
    await page.keyboard.press("Enter")
    await expect(form).to_be_hidden()
    await expect(page.get_by_role("img", name=RESULT)).to_have_count(2)
    summary = page.locator("chat-message").filter(has_text="2 pictures: left by 64")
    await expect(summary.get_by_role("button", name="Picture 2")).to_be_visible()
    await expect(summary.first).to_contain_text("Picture 2 · Done")
    assert app_fixture.billed_count == 2


async def test_files_of_another_kind_are_marked_before_they_are_sent(
    app_fixture: AppFixture, visit: Opener, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("words")
    page = await visit()
    form = await open_form(page)
    await expect(form.locator("input[type=file]")).to_have_attribute(
        "accept", ".png,.jpg,.jpeg,.jfif,.webp,.gif"
    )
    await choose_files(page, notes)
    wrong = page.get_by_text("This takes .png, .jpg, .jpeg, .jfif, .webp, .gif only.")
    await expect(wrong).to_be_visible()
    await form.get_by_role("button", name="Submit").click()
    await expect(wrong).to_be_visible()
    await form.get_by_role("button", name="Remove Pictures 1").click()
    await expect(wrong).to_be_hidden()
    await choose_files(page, *save_pictures(tmp_path, 1), notes)
    await expect(form.get_by_text("notes.txt: This takes")).to_be_visible()
    await expect(form.locator(".bad")).to_have_text(re.compile("notes.txt"))
    for name in ("notes.txt", "photo1.PNG"):
        place = form.get_by_role("group").filter(has_text=name)
        await place.get_by_role("button", name="Remove").click()
    await choose_files(page, *save_pictures(tmp_path, 5))
    await expect(form.get_by_text("At most 4.")).to_be_visible()
    await form.get_by_role("button", name="Remove").first.click()
    await expect(form.get_by_text("At most 4.")).to_be_hidden()
    await page.keyboard.press("Escape")
    await page.locator("#composer-input").fill("/expand ")
    await page.locator("form.command input[type=file]").set_input_files(notes)
    await expect(wrong).to_be_visible()
    assert app_fixture.billed_count == 0


@pytest.mark.parametrize("scheme", ["dark", "light"])
async def test_axe_finds_nothing_on_the_form_in_both_themes(
    app_fixture: AppFixture, visit: Opener, tmp_path: Path, scheme: Literal["dark", "light"]
) -> None:
    page = await visit(color_scheme=scheme, width=360)
    form = await open_form(page)
    await choose_files(page, *save_pictures(tmp_path, 2))
    await expect(form.get_by_role("button", name="photo2.PNG")).to_be_visible()
    assert not await find_violations(page)
    body = form.locator(".modal-body")
    assert await body.evaluate("part => part.scrollWidth <= part.clientWidth")
    assert app_fixture.billed_count == 0
