"""Who may not order may not have free work either, but what is theirs stays in reach."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest

from bot.config.settings import LimitSettings
from bot.domain.ids import ChannelId, DraftId, JobId, RoleId, UserId
from bot.domain.moderation import STRIKE_LIMIT, MemberBlock
from bot.services.free_work.allowance import TOKENS, Work
from bot.ui.actions import Action
from bot.ui.interactions.free_work import FREE_ACTIONS
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model import seed_data
from tests.support.app.card_controls import (
    Json,
    expand_picture,
    find_button,
    find_menu,
    press_button,
)
from tests.support.app.moderators import GUILD, MIA, set_guild_settings
from tests.support.app.payloads import build_payload
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    is_ephemeral,
    list_media,
    read_text,
)

BLOCKED = "have blocked you"
PAUSED = "Moderation refused"
PLACE = "not expanded in this channel"
ROLES = "Only members with certain roles"
NOT_YOURS = "belongs to another member"
LATER = "You've asked for a lot in a short time."


async def read_answer(call: TrackedInvocation) -> str:
    message = await call.message(lambda message: bool(read_text(message)))
    assert is_ephemeral(message)
    return read_text(message)


async def block_ana(app: AppFixture) -> None:
    block = MemberBlock(GUILD, UserId(app.ana.id), MIA, "spam", None)
    await app.core.moderation.block_member(block, app.core.clock.now())


async def pause_ana(app: AppFixture) -> None:
    """Let the provider's moderation refuse Ana's orders until she has to wait."""
    options = {"image": encode_upload(draw_photograph()), "direction": "right", "pixels": 64}
    for _ in range(STRIKE_LIMIT):
        call = app.ana.invoke("expand", {**options, "prompt": "unsafe-prompt-6"})
        await app.wait_for_job(call)


async def close_channel(app: AppFixture) -> None:
    await set_guild_settings(app, allowed_channels=(ChannelId(seed_data.MODERATORS_ID),))


async def ask_for_roles(app: AppFixture) -> None:
    await set_guild_settings(app, allowed_roles=(RoleId(1),))


REFUSALS: dict[str, Callable[[AppFixture], Awaitable[None]]] = {
    BLOCKED: block_ana,
    PAUSED: pause_ana,
    PLACE: close_channel,
    ROLES: ask_for_roles,
}


async def open_cards(app: AppFixture) -> dict[str, Json]:
    """Let Ana have a result of two expansions, its menus, a preview and her history."""
    first = await expand_picture(app)
    again = press_button(app.ana, first, "→")
    result = await app.wait_for_result(again)
    await app.wait_for_job(again)
    compared = press_button(app.ana, result, "Compare")
    options = {"image": encode_upload(draw_photograph()), "direction": "right", "pixels": 64}
    preview = app.ana.invoke("expand", {**options, "preview": True})
    return {
        "result": result,
        "more": await press_button(app.ana, result, "More").message(),
        "compared": await compared.message(lambda message: bool(list_media(message))),
        "preview": await preview.message(lambda message: bool(list_media(message))),
        "history": await (await app.ana.slash("history")).message(),
    }


@pytest.mark.parametrize("words", REFUSALS)
async def test_who_may_not_order_gets_the_same_refusal_for_free_work(
    app_fixture: AppFixture, words: str
) -> None:
    app, cards = app_fixture, await open_cards(app_fixture)
    privacy = await (await app.ana.slash("privacy")).message()
    await REFUSALS[words](app)
    menu = find_menu(cards["history"])
    options = {"image": encode_upload(draw_photograph()), "direction": "right", "pixels": 64}
    asked = [
        *(press_button(app.ana, cards["result"], label) for label in ("Details", "Compare")),
        *(press_button(app.ana, cards["more"], label) for label in ("Zoom-out", "Lossless")),
        press_button(app.ana, cards["compared"], "Side by side"),
        press_button(app.ana, cards["preview"], "→ +64"),
        app.ana.select(cards["history"], menu["custom_id"], menu["options"][0]["value"]),
        app.ana.invoke("expand", {**options, "preview": True}),
        app.ana.invoke("history", {}),
        app.ana.invoke("expand", options),
    ]
    for call in asked:
        assert words in await read_answer(call)
    # what is stored about a member stays theirs, and they may still report and delete
    exported = await press_button(app.ana, privacy, "Export").message()
    assert "expanse-my-data" in json.dumps(exported)
    more = await press_button(app.ana, cards["result"], "More").message()
    assert find_button(more, "Delete")


async def test_the_gallery_may_be_looked_at_where_nothing_is_ordered(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    studio = ChannelId(int(result["channel_id"]))
    await close_channel(app_fixture)
    assert PLACE in await read_answer(press_button(app_fixture.ana, result, "Details"))
    await set_guild_settings(app_fixture, gallery_channel=studio)
    assert "Details" in await read_answer(press_button(app_fixture.ana, result, "Details"))


async def test_a_used_up_quota_closes_neither_history_nor_details(app_fixture: AppFixture) -> None:
    app_fixture.limits = LimitSettings(results_per_user_day=1)
    await app_fixture.restart()
    result = await expand_picture(app_fixture)
    refused = await app_fixture.ana.slash(
        "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
    )
    assert "You have used 1 of your 1" in await read_answer(refused)
    page = await (await app_fixture.ana.slash("history")).message()
    menu = find_menu(page)
    opened = app_fixture.ana.select(page, menu["custom_id"], menu["options"][0]["value"])
    assert "Details" in await read_answer(opened)
    assert "Details" in await read_answer(press_button(app_fixture.ana, result, "Details"))


async def test_too_much_is_refused_until_the_tokens_are_back_and_orders_never_are(
    app_fixture: AppFixture,
) -> None:
    result = await expand_picture(app_fixture)
    opened = TOKENS // Work.READ
    menus = [await press_button(app_fixture.ana, result, "More").message() for _ in range(opened)]
    texts = [read_text(message) for message in menus]
    assert LATER not in texts[0]
    # some tokens came back on the way
    for _ in range(30):
        refusal = await press_button(app_fixture.ana, result, "More").message()
        if LATER in read_text(refusal):
            break
    assert LATER in read_text(refusal)
    assert "Try again <t:" in read_text(refusal)
    assert "Nothing was charged" not in read_text(refusal)
    assert list_media(await expand_picture(app_fixture))
    ben = app_fixture.discord.guild.member("ben")
    assert LATER not in read_text(await press_button(ben, result, "More").message())


async def test_pressing_what_is_anothers_is_refused_before_it_counts(
    app_fixture: AppFixture,
) -> None:
    app, ben = app_fixture, app_fixture.discord.guild.member("ben")
    await expand_picture(app, private=True)
    (row,) = await app.core.database.reader.fetch_all("SELECT id FROM job")
    options = {"image": encode_upload(draw_photograph()), "direction": "right", "pixels": 64}
    call = app.ana.invoke("expand", {**options, "preview": True})
    preview = await call.message(lambda message: bool(list_media(message)))
    draft = DraftId(find_button(preview, "Cancel").split(":")[2])
    ids, seal = {JobId: JobId(row["id"]), DraftId: draft}, app.app.interactions.codec
    there = ben.say("look")
    anothers = [each for each in FREE_ACTIONS if each not in ABOUT_ONESELF]
    cost = sum(FREE_ACTIONS[each].work for each in anothers)
    for _ in range(2 * TOKENS // cost + 1):
        for action in anothers:
            mark = seal.encode(action, build_payload(action, 0, ids))
            refusal = await read_answer(ben.forge(there, mark, values=(row["id"],), kind=3))
            assert NOT_YOURS in refusal, action


TAKES = {
    Action.DETAILS: 2,
    Action.OPEN: 2,
    Action.NUDGE: 2,
    Action.RATIO: 2,
    Action.DRAFT_FORM: 2,
    Action.DRAFT_DETAIL: 2,
    Action.COMPARE: 6,
    Action.SIDE_BY_SIDE: 6,
    Action.LOSSLESS_FILE: 6,
    Action.RESEND: 6,
    Action.EXPORT: 6,
    Action.ERASE_CONFIRM: 6,
    Action.FILM: 12,
    Action.PAGE: 1,
    Action.PARENT: 1,
    Action.SELECT_PICTURE: 1,
    Action.DRAFT_ASK: 1,
    Action.PROMPT_ASK: 1,
    Action.MORE: 1,
}
ABOUT_ONESELF = {Action.PAGE, Action.EXPORT, Action.ERASE_CONFIRM}
OTHERS = {
    # orders, which have limits of their own
    *(Action.PAN, Action.ZOOM, Action.ZOOM_FORM, Action.RETRY, Action.PROMPT_FORM),
    *(Action.CONFIRM_DRAFT, Action.MENU_FORM, Action.ORDER_FORM, Action.CANCEL),
    # forms and questions that read nothing, or a row
    *(Action.ZOOM_ASK, Action.ORDER_ASK, Action.ORDER_POST, Action.DELETE, Action.ERASE),
    *(Action.DISCARD_DRAFT, Action.SET_SHARING, Action.REPORT),
    # takes its turn when it was decided that the file may be shown
    Action.SHARE,
    # acts that can be done once, or by moderators
    *(Action.SPOILER, Action.DELETE_CONFIRM, Action.REPORT_FORM),
    *(Action.GALLERY_ADD, Action.GALLERY_REMOVE, Action.CASE_ACTION, Action.BLOCK_FORM),
    *(Action.SECTION, Action.SET, Action.SETTINGS_ASK, Action.SETTINGS_FORM, Action.PRESET),
    Action.LOG,
}


def test_every_action_is_free_work_or_known_not_to_be() -> None:
    assert {action: request.work for action, request in FREE_ACTIONS.items()} == TAKES
    assert TAKES.keys() | OTHERS == set(Action)
    assert not TAKES.keys() & OTHERS
