"""One session that presses every control of every card, after a restart in the middle."""

from __future__ import annotations

from typing import Any

from bot.domain.job import JobState
from bot.services.history import PAGE
from bot.ui import press_more, press_pages, press_preview, press_result
from sandbox.discord.calls import Call
from sandbox.discord.models import CallbackType
from tests.acceptance.gestures import Json, controls, expanded, menu, press
from tests.house import House, media, photograph, text, upload

MEMBERS = {
    *press_more.HANDLERS,
    *press_pages.HANDLERS,
    *press_preview.HANDLERS,
    *press_result.HANDLERS,
}
"""What the cards of moderators and the gallery ask for has sessions of its own."""
ORDERS = {"pan", "zoom", "zoom-form", "again", "prompt-form", "confirm", "menu-form"}
LAST = ("confirm", "drop", "delete-sure", "erase-sure")
"""What ends a card is pressed after everything else on it."""
FILLED = {"factor": "1.5", "prompt": "a lake"}


def action_of(custom_id: str) -> str:
    return custom_id.split(":")[1]


class Tour:
    """Press, fill in, choose; remember which actions were answered as they should be."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.done: set[str] = set()

    async def visit(self, card: Json, *, but: str = "") -> None:
        """Press all that is on a card but one action, what ends it at last."""
        found = [
            part
            for part in controls(card)
            if not part.get("disabled") and action_of(part["custom_id"]) != but
        ]
        found.sort(key=lambda part: action_of(part["custom_id"]) in LAST)
        for part in found:
            await self.use(card, part)

    async def use(self, card: Json, part: Json) -> None:
        action = action_of(part["custom_id"])
        if part["type"] == 2:
            call = self.house.ana.press(card, part["custom_id"])
        else:
            values = [part["options"][0]["value"]]
            call = self.house.ana.select(card, part["custom_id"], *values)
        await self.answered(call, action)

    async def answered(self, call: Call, action: str) -> None:
        await call.acknowledged()
        self.done.add(action)
        if call.interaction.callback is CallbackType.MODAL:
            form = await call.modal()
            known = {label["component"]["custom_id"] for label in form["components"]}
            filled = {name: value for name, value in FILLED.items() if name in known}
            await self.answered(
                await self.house.ana.submit(form, filled), action_of(form["custom_id"])
            )
        elif action in ORDERS:
            await self.house.posted(call)
            await self.house.job(call)
        else:
            message = await call.message()
            assert "Nothing was cha" not in text(message) or action == "drop", text(message)


async def cards(house: House) -> dict[str, Json]:
    """Let a member make one card of each kind."""
    ana = house.ana
    first = await expanded(house)
    several = await expanded(house, results=2)
    second_call = press(ana, first, "→")
    second = await house.posted(second_call)
    await house.job(second_call)
    compared = await press(ana, first, "Compare").message(lambda seen: bool(media(seen)))
    history = await (await ana.slash("history")).message()
    options = menu(history)
    opened = await ana.select(
        history, options["custom_id"], options["options"][0]["value"]
    ).message(lambda seen: "Details" in text(seen))
    return {
        "result": first,
        "several": several,
        "bench": await press(ana, several, "Picture 1").message(),
        "more": await press(ana, second, "More").message(),
        "compared": compared,
        "history": history,
        "opened": opened,
        "delete": await press(ana, opened, "Delete").message(),
        "privacy": await (await ana.slash("privacy")).message(),
    }


async def previewed(house: House) -> Json:
    call = await house.ana.slash(
        "expand", image=upload(photograph()), direction="up", pixels=64, preview=True
    )
    return await call.message(lambda seen: bool(media(seen)))


async def test_every_control_of_every_card_works_after_a_restart(house: House) -> None:
    house.limits = house.limits.model_copy(
        update={"results_per_user_day": 100, "most_results_per_user_day": 100}
    )
    await house.restart()
    made = await cards(house)
    to_drop, to_confirm = await previewed(house), await previewed(house)
    form = await house.ana.menu("Expand image", made["result"]).modal()
    erase = await press(house.ana, made["privacy"], "Delete my data").message()
    await house.restart()
    tour = Tour(house)
    small: dict[str, Any] = {"direction": "up", "pixels": "64"}
    await tour.answered(await house.ana.submit(form, small), "menu-form")
    for name, card in made.items():
        if name != "delete":
            await tour.visit(card)
    await tour.visit(to_drop, but="confirm")
    await tour.visit(to_confirm, but="drop")
    await tour.visit(made["delete"])
    await tour.visit(erase)
    assert tour.done | {"cancel", "page"} >= MEMBERS
    assert await house.app.ledger.audit() == []


async def test_an_order_is_cancelled_after_a_restart(house: House) -> None:
    house.runware.hold()
    calls = [
        await house.ana.slash("expand", image=upload(photograph()), direction="right", pixels=64)
        for _ in range(2)
    ]
    waiting = await calls[-1].message(lambda message: "in the queue" in text(message))
    await house.restart()
    gone = press(house.ana, waiting, "Cancel")
    await gone.message(lambda message: "Cancelled: right by 64" in text(message))
    assert (await house.job(calls[-1])).state is JobState.CANCELLED
    house.runware.release()
    await house.posted(calls[0])
    assert house.billed == 1


async def test_a_history_is_turned_after_a_restart(house: House) -> None:
    for _ in range(PAGE + 1):
        await expanded(house)
    page = await (await house.ana.slash("history")).message()
    await house.restart()
    turned = await press(house.ana, page, "▶").message(lambda seen: "Page 2 of 2" in text(seen))
    assert turned["id"] == page["id"]
