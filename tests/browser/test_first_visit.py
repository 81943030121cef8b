"""The page as a new user meets it."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from playwright.async_api import expect

from bot.config.settings import PersonalSettings
from tests.browser.conftest import Opener
from tests.browser.test_messages import drop_picture
from tests.support.app_fixture import AppFixture, draw_photograph, encode_upload


async def test_a_sample_picture_is_one_click_from_a_result(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    await page.get_by_role("button", name="Try it").first.click()
    picture = page.get_by_role("img", name=re.compile("Expanded picture, 1024x512"))
    await expect(picture).to_be_visible()
    assert app_fixture.billed_count == 1
    await page.keyboard.type("/quota")  # the button that was pressed still has the focus
    await expect(page.locator("#composer-input")).to_be_focused()
    await expect(page.get_by_role("option", name="/quota")).to_be_visible()
    assert app_fixture.billed_count == 1


async def test_a_result_shows_the_preview_that_it_came_from(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    await expect(page.get_by_role("button", name="Try it").first).to_be_enabled()
    picture = encode_upload(draw_photograph())
    await app_fixture.ana.slash("expand", image=picture, direction="right", pixels=64, preview=True)
    await page.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_text("320x240 → 384x240")).to_be_visible()
    await expect(page.get_by_role("button", name="Go to the message of Expanse")).to_be_visible()
    await expect(page.get_by_text("The original message was deleted.")).to_be_hidden()


async def test_the_card_is_seen_changing_into_the_result(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    app_fixture.runware.pause_tasks()
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_text("Expanding: right by 256")).to_be_visible()
    app_fixture.runware.resume_tasks()
    await expect(page.get_by_text("768x512 → 1024x512")).to_be_visible()
    await expect(page.get_by_text("Expanding: right by 256")).to_be_hidden()


async def test_an_own_picture_goes_through_the_form_by_keyboard(
    app_fixture: AppFixture, visit: Opener, tmp_path: Path
) -> None:
    page = await visit()
    draw_photograph().save(tmp_path / "own.png")
    await expect(page.get_by_role("button", name="Try it").first).to_be_visible()
    await page.keyboard.type("/expand")
    await expect(page.get_by_role("option").first).to_be_visible()
    await page.keyboard.press("Enter")
    await page.locator("input[type=file]").first.set_input_files(tmp_path / "own.png")
    await page.get_by_role("radio", name="left", exact=True).press("Space")
    await page.get_by_role("combobox", name="pixels").fill("100")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("320x240 → 420x240")).to_be_visible()
    assert app_fixture.billed_count == 1


async def test_a_picture_dropped_on_a_narrow_page_leaves_the_form_whole(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    await expect(page.get_by_role("button", name="Try it").first).to_be_enabled()
    await page.set_viewport_size({"width": 400, "height": 800})
    await drop_picture(page)
    await expect(page.get_by_role("radio", name="left", exact=True)).to_be_in_viewport()
    offer = await page.get_by_role("button", name="Post it without a command").bounding_box()
    assert offer is not None
    assert offer["height"] < 40, "the way out stands on one line"


async def test_a_refusal_is_seen_by_its_member_alone(
    app_fixture: AppFixture, visit: Opener
) -> None:
    page = await visit()
    await app_fixture.ana.slash("quota")
    await expect(page.get_by_text("Your pictures today")).to_be_visible()
    await expect(page.get_by_text("Only you can see this")).to_be_visible()


async def test_a_reload_keeps_the_history(app_fixture: AppFixture, visit: Opener) -> None:
    page = await visit()
    await page.get_by_role("button", name="Try it").first.click()
    await expect(page.get_by_text("768x512 → 1024x512")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("768x512 → 1024x512")).to_be_visible()


async def test_a_direct_message_offers_what_ones_own_account_has(
    app_fixture: AppFixture, visit: Opener, tmp_path: Path
) -> None:
    app_fixture.personal = PersonalSettings(month_usd=Decimal(1))
    await app_fixture.restart()
    app_fixture.ana.install()
    draw_photograph().save(tmp_path / "own.png")
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
