"""The page as a new user meets it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from playwright.async_api import expect

from bot.config import PersonalSettings
from tests.browser.conftest import Opener
from tests.browser.test_messages import drop
from tests.house import House, photograph, upload


async def test_a_sample_picture_is_one_click_from_a_result(house: House, visit: Opener) -> None:
    page = await visit()
    await page.get_by_role("button", name="Try it").first.click()
    picture = page.get_by_role("img", name=re.compile("Expanded picture, 1024x512"))
    await expect(picture).to_be_visible()
    assert house.billed == 1
    await page.keyboard.type("/quota")  # the button that was pressed still has the focus
    await expect(page.locator("#composer-input")).to_be_focused()
    await expect(page.get_by_role("option", name="/quota")).to_be_visible()
    assert house.billed == 1


async def test_a_result_shows_the_preview_that_it_came_from(house: House, visit: Opener) -> None:
    page = await visit()
    await expect(page.get_by_role("button", name="Try it").first).to_be_enabled()
    picture = upload(photograph())
    await house.ana.slash("expand", image=picture, direction="right", pixels=64, preview=True)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("320x240 → 384x240")).to_be_visible()
    await expect(page.get_by_role("button", name="Go to the message of Expanse")).to_be_visible()
    await expect(page.get_by_text("The original message was deleted.")).to_be_hidden()


async def test_the_card_is_seen_changing_into_the_result(house: House, visit: Opener) -> None:
    page = await visit()
    house.runware.hold()
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_text("Expanding: right by 256")).to_be_visible()
    house.runware.release()
    await expect(page.get_by_text("768x512 → 1024x512")).to_be_visible()
    await expect(page.get_by_text("Expanding: right by 256")).to_be_hidden()


async def test_an_own_picture_goes_through_the_form_by_keyboard(
    house: House, visit: Opener, tmp_path: Path
) -> None:
    page = await visit()
    photograph().save(tmp_path / "own.png")
    await expect(page.get_by_role("button", name="Try it").first).to_be_visible()
    await page.keyboard.type("/expand")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Enter")
    await page.locator("input[type=file]").first.set_input_files(tmp_path / "own.png")
    await page.get_by_role("radio", name="left", exact=True).press("Space")
    await page.get_by_role("combobox", name="pixels").fill("100")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("320x240 → 420x240")).to_be_visible()
    assert house.billed == 1


async def test_a_picture_dropped_on_a_narrow_page_leaves_the_form_whole(
    house: House, visit: Opener
) -> None:
    page = await visit()
    await expect(page.get_by_role("button", name="Try it").first).to_be_enabled()
    await page.set_viewport_size({"width": 400, "height": 800})
    await drop(page)
    await expect(page.get_by_role("radio", name="left", exact=True)).to_be_in_viewport()
    offer = await page.get_by_role("button", name="Post it without a command").bounding_box()
    assert offer is not None
    assert offer["height"] < 40, "the way out stands on one line"


async def test_a_refusal_is_seen_by_its_member_alone(house: House, visit: Opener) -> None:
    page = await visit()
    await house.ana.slash("quota")
    await expect(page.get_by_text("Your pictures today")).to_be_visible()
    await expect(page.get_by_text("Only you can see this")).to_be_visible()


async def test_a_reload_keeps_the_history(house: House, visit: Opener) -> None:
    page = await visit()
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_text("768x512 → 1024x512")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("768x512 → 1024x512")).to_be_visible()


async def test_a_direct_message_offers_what_ones_own_account_has(
    house: House, visit: Opener, tmp_path: Path
) -> None:
    house.personal = PersonalSettings(month_usd=Decimal(1))
    await house.restart()
    house.ana.install()
    photograph().save(tmp_path / "own.png")
    page = await visit()
    await page.get_by_role("button", name="Direct messages").click()
    await page.locator("#composer-input").fill("/settings p")
    await expect(page.get_by_text("No command has that name.")).to_be_visible()
    await page.locator("#composer-input").fill("/expand ")
    await page.locator("input[type=file]").first.set_input_files(tmp_path / "own.png")
    await page.get_by_role("radio", name="right", exact=True).press("Space")
    await page.get_by_role("combobox", name="pixels").fill("100")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("320x240 → 420x240")).to_be_visible()
