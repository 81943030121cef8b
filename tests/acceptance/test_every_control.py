"""One session that presses every control of every card, after a restart in the middle."""

from __future__ import annotations

from typing import Any

from bot.domain.job import JobState
from bot.services.members.history import HISTORY_PAGE_SIZE
from bot.ui.interactions.handlers import (
    member_pages as page_handlers,
)
from bot.ui.interactions.handlers import (
    order_form as form_handlers,
)
from bot.ui.interactions.handlers import (
    preview as preview_handlers,
)
from bot.ui.interactions.handlers import (
    result as result_handlers,
)
from bot.ui.interactions.handlers import (
    result_menu as result_menu_handlers,
)
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.model.records import CallbackType
from tests.support.app.card_controls import (
    Json,
    expand_picture,
    find_menu,
    list_controls,
    press_button,
)
from tests.support.app.free_work import let_time_pass
from tests.support.app_fixture import (
    AppFixture,
    draw_photograph,
    encode_upload,
    list_media,
    read_text,
)
from tests.support.clocks import ScaledClock

MEMBERS = {
    *result_menu_handlers.HANDLERS,
    *page_handlers.HANDLERS,
    *preview_handlers.HANDLERS,
    *form_handlers.HANDLERS,
    *result_handlers.HANDLERS,
}
"""What the cards of moderators and the gallery ask for has sessions of its own."""
ORDERS = {"pan", "zoom", "zoom-form", "again", "prompt-form", "confirm", "menu-form", "order-form"}
LAST = ("confirm", "drop", "delete-sure", "erase-sure")
"""What ends a card is pressed after everything else on it."""
FILLED = {"factor": "1.5", "prompt": "a lake"}


def parse_action(custom_id: str) -> str:
    return custom_id.split(":")[1]


class ControlTester:
    """Press, fill in, choose; remember which actions were answered as they should be."""

    def __init__(self, app_fixture: AppFixture) -> None:
        self.house = app_fixture
        self.done: set[str] = set()

    async def press_card(self, card: Json, *, but: str = "") -> None:
        """Press all that is on a card but one action, what ends it at last."""
        found = [
            part
            for part in list_controls(card)
            if not part.get("disabled") and parse_action(part["custom_id"]) != but
        ]
        found.sort(key=lambda part: parse_action(part["custom_id"]) in LAST)
        for part in found:
            await self.press_control(card, part)

    async def press_control(self, card: Json, part: Json) -> None:
        await let_time_pass(self.house)
        action = parse_action(part["custom_id"])
        if part["type"] == 2:
            call = self.house.ana.press(card, part["custom_id"])
        else:
            values = [part["options"][0]["value"]]
            call = self.house.ana.select(card, part["custom_id"], *values)
        await self.check_answer(call, action)

    async def check_answer(self, call: TrackedInvocation, action: str) -> None:
        await call.acknowledged()
        self.done.add(action)
        if call.interaction.callback is CallbackType.MODAL:
            form = await call.modal()
            known = {label["component"]["custom_id"] for label in form["components"]}
            given = {**FILLED, "pictures": [encode_upload(draw_photograph(96, 64))]}
            filled = {name: value for name, value in given.items() if name in known}
            await self.check_answer(
                await self.house.ana.submit(form, filled), parse_action(form["custom_id"])
            )
        elif action in ORDERS:
            await self.house.wait_for_result(call)
            await self.house.wait_for_job(call)
        else:
            message = await call.message()
            assert "Nothing was cha" not in read_text(message) or action == "drop", read_text(
                message
            )


async def open_cards(app_fixture: AppFixture) -> dict[str, Json]:
    """Let a member make one card of each kind."""
    ana = app_fixture.ana
    first = await expand_picture(app_fixture)
    several = await expand_picture(app_fixture, results=2)
    second_call = press_button(ana, first, "→")
    second = await app_fixture.wait_for_result(second_call)
    await app_fixture.wait_for_job(second_call)
    compared = await press_button(ana, first, "Compare").message(
        lambda seen: bool(list_media(seen))
    )
    history = await (await ana.slash("history")).message()
    options = find_menu(history)
    opened = await ana.select(
        history, options["custom_id"], options["options"][0]["value"]
    ).message(lambda seen: "Details" in read_text(seen))
    return {
        "result": first,
        "several": several,
        "bench": await press_button(ana, several, "Picture 1").message(),
        "more": await press_button(ana, second, "More").message(),
        "compared": compared,
        "history": history,
        "opened": opened,
        "delete": await press_button(ana, opened, "Delete").message(),
        "privacy": await (await ana.slash("privacy")).message(),
        "help": await (await ana.slash("help")).message(),
    }


async def open_preview(app_fixture: AppFixture) -> Json:
    call = await app_fixture.ana.slash(
        "expand",
        image=encode_upload(draw_photograph()),
        direction="up",
        pixels=64,
        preview=True,
        detail="native",
    )
    return await call.message(lambda seen: bool(list_media(seen)))


async def test_every_control_of_every_card_works_after_a_restart(app_fixture: AppFixture) -> None:
    app_fixture.limits = app_fixture.limits.model_copy(
        update={"results_per_user_day": 100, "most_results_per_user_day": 100}
    )
    app_fixture.clock = ScaledClock()
    await app_fixture.restart()
    made = await open_cards(app_fixture)
    to_drop, to_confirm = await open_preview(app_fixture), await open_preview(app_fixture)
    form = await app_fixture.ana.menu("Expand image", made["result"]).modal()
    erase = await press_button(app_fixture.ana, made["privacy"], "Delete my data").message()
    await app_fixture.restart()
    tour = ControlTester(app_fixture)
    small: dict[str, Any] = {"direction": "up", "pixels": "64"}
    await tour.check_answer(await app_fixture.ana.submit(form, small), "menu-form")
    for name, card in made.items():
        if name != "delete":
            await tour.press_card(card)
    await tour.press_card(to_drop, but="confirm")
    await tour.press_card(to_confirm, but="drop")
    await tour.press_card(made["delete"])
    await tour.press_card(erase)
    # "order-post" is for moderators: test_order_form
    assert tour.done | {"cancel", "page", "order-post"} >= MEMBERS
    assert await app_fixture.core.ledger.find_imbalances() == []


async def test_an_order_is_cancelled_after_a_restart(app_fixture: AppFixture) -> None:
    app_fixture.runware.pause_tasks()
    calls = [
        await app_fixture.ana.slash(
            "expand", image=encode_upload(draw_photograph()), direction="right", pixels=64
        )
        for _ in range(2)
    ]
    waiting = await calls[-1].message(lambda message: "in the queue" in read_text(message))
    await app_fixture.restart()
    gone = press_button(app_fixture.ana, waiting, "Cancel")
    await gone.message(lambda message: "Cancelled: right by 64" in read_text(message))
    assert (await app_fixture.wait_for_job(calls[-1])).state is JobState.CANCELLED
    app_fixture.runware.resume_tasks()
    await app_fixture.wait_for_result(calls[0])
    assert app_fixture.billed_count == 1


async def test_a_history_is_turned_after_a_restart(app_fixture: AppFixture) -> None:
    for _ in range(HISTORY_PAGE_SIZE + 1):
        await expand_picture(app_fixture)
    page = await (await app_fixture.ana.slash("history")).message()
    await app_fixture.restart()
    turned = await press_button(app_fixture.ana, page, "▶").message(
        lambda seen: "Page 2 of 2" in read_text(seen)
    )
    assert turned["id"] == page["id"]
