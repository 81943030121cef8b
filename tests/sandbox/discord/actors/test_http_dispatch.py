"""Actors, the clock and the gateway over the control API, as a test in any language uses them."""

from __future__ import annotations

import asyncio
import base64
from functools import partial
from typing import Any

import aiohttp
import pytest

from sandbox.control.clock import RealClock
from sandbox.discord.server import LocalDiscord
from sandbox.runware.api.server import LocalRunware
from tests.support.discord.gateway_client import GatewaySocket
from tests.support.discord.server_fixture import WAIT_S, open_local_discord
from tests.support.runware.flat_renderer import FlatRenderer

FILE = {"filename": "a.png", "data": base64.b64encode(b"x").decode()}


async def post_json(http: aiohttp.ClientSession, url: str, body: Any = None) -> Any:
    async with http.post(url, json=body) as response:
        return await response.json() if response.status != 204 else None


async def test_members_select_and_press_what_a_message_offers() -> None:
    async with open_local_discord() as (local, rest):
        menu = {"type": 3, "custom_id": "menu", "options": [{"label": "A", "value": "a"}]}
        button = {"type": 2, "style": 1, "custom_id": "go", "label": "Go"}
        rows = [{"type": 1, "components": [each]} for each in (menu, button)]
        studio = str(local.state.world.default_channel_id)
        body = {"content": "choose", "components": rows}
        _, posted = await rest("POST", f"/channels/{studio}/messages", json=body)
        at = {"as": "ana", "message_id": posted["id"]}
        act = f"{local.control}/act"
        for deed, data in (
            (at | {"do": "select", "custom_id": "menu", "values": ["a"]}, {"values": ["a"]}),
            (at | {"do": "press", "custom_id": "go"}, {"custom_id": "go"}),
        ):
            done = await post_json(rest.http, act, deed)
            opened_one = local.state.interactions.get(int(done["interaction_id"]))
            assert opened_one.data.items() >= data.items()


async def test_what_may_be_done_is_listed_and_answers_what_a_member_sees() -> None:
    async with open_local_discord() as (local, rest):
        async with rest.http.get(f"{local.control}/act") as response:
            known = await response.json()
        assert {"slash", "press", "select", "say", "sees"} <= set(known["members"])
        assert "channel" in known["members"]["slash"]
        act = f"{local.control}/act"
        said = await post_json(rest.http, act, {"as": "mia", "do": "say", "content": "hi"})
        seen = await post_json(rest.http, act, {"as": "ana", "do": "sees", "channel": "studio"})
        assert [message["id"] for message in seen["messages"]] == [said["message_id"]]


async def test_another_guild_is_named_by_its_id() -> None:
    async with open_local_discord() as (local, rest):
        second, act = local.add_guild("Second", "mia"), f"{local.control}/act"
        deed = {"guild": str(second.id), "as": "mia", "do": "say", "content": "over here"}
        await post_json(rest.http, act, deed)
        assert [each["content"] for each in second.messages()] == ["over here"]
        assert not local.guild.messages()
        for wrong, code in (({"guild": "5"}, 10004), ({"as": "ben"}, 10007)):
            assert (await post_json(rest.http, act, deed | wrong))["code"] == code


async def test_a_modal_is_submitted_and_a_reaction_left_by_their_ids() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[])
        act = f"{local.control}/act"
        slash = await post_json(rest.http, act, {"as": "ana", "do": "slash", "command": "expand"})
        call = local.state.interactions.get(int(slash["interaction_id"]))
        field = {"type": 4, "custom_id": "far", "style": 1, "label": "How far"}
        rows = [{"type": 1, "components": [field]}]
        modal = {"custom_id": "ask", "title": "Ask", "components": rows}
        wrong = {"as": "ana", "do": "submit", "interaction_id": slash["interaction_id"]}
        assert (await post_json(rest.http, act, wrong))["code"] == 50035
        assert (await rest.send_callback(call, {"type": 9, "data": modal}))[0] == 200
        sent = await post_json(rest.http, act, wrong | {"values": {"far": "64"}})
        submitted = local.state.interactions.get(int(sent["interaction_id"]))
        assert "64" in str(submitted.data)
        said = await post_json(rest.http, act, {"as": "mia", "do": "say", "content": "hi"})
        react = {"as": "ben", "do": "react", "emoji": "🎨"}
        assert await post_json(rest.http, act, react | said) == {}
        assert local.guild.messages()[-1]["reactions"][0]["count"] == 1


@pytest.mark.parametrize(
    "deed",
    [
        {"as": "ana", "do": "say"},
        {"as": "ana", "do": "say", "content": 5},
        {"as": "ana", "do": "press", "message_id": "5", "custom_id": "x"},
        {"as": "ana", "do": "__init__"},
        {"as": "ana", "do": ["say"]},
        {"as": "ana", "do": "slash", "command": "expand", "options": {"image": {"data": "x"}}},
    ],
    ids=str,
)
async def test_wrong_parameters_are_refused(deed: Any) -> None:
    async with open_local_discord() as (local, rest):
        assert (await post_json(rest.http, f"{local.control}/act", deed))["code"] == 50035


async def test_the_clock_is_turned_and_deadlines_pass() -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command(options=[])
        late = await local.guild.member("ana").slash("expand")
        before = local.clock.now()
        clock = f"{local.control}/clock"
        now = (await post_json(rest.http, clock, {"advance": 3600}))["now"]
        assert 3600 <= now - before < 3600 + WAIT_S
        assert (await rest.send_callback(late.interaction, {"type": 5}))[1]["code"] == 10062
        async with rest.http.get(clock) as response:
            assert (await response.json())["now"] >= now
        wrongs: list[Any] = [{}, {"advance": -1}, {"advance": "x"}, [], {"advance": 1e12}]
        for wrong in wrongs:
            assert "error" in await post_json(rest.http, clock, wrong)


async def test_one_clock_turns_both_services() -> None:
    clock = RealClock()
    async with (
        LocalDiscord.open(clock=clock) as local,
        LocalRunware.open(clock=clock, workers=FlatRenderer()) as runware,
        aiohttp.ClientSession() as http,
    ):
        now = (await post_json(http, f"{runware.control}/clock", {"advance": 86_400}))["now"]
        assert 0 <= local.clock.now() - now < WAIT_S


async def test_a_turned_clock_runs_what_is_due_in_order_and_nothing_that_was_cancelled() -> None:
    clock = RealClock()
    ran: list[str] = []
    timers = {name: clock.call_later(at, partial(ran.append, name)) for name, at in DUE.items()}
    timers["never"].cancel()
    clock.call_later(5, timers["unmade"].cancel)
    clock.advance(100)
    assert ran == ["first", "second"]
    later = asyncio.Event()
    clock.call_later(1000, later.set)
    clock.advance(999.99)
    await asyncio.wait_for(later.wait(), WAIT_S)


DUE = {"second": 20.0, "never": 15.0, "first": 10.0, "unmade": 30.0}


async def test_the_gateway_is_shaken_over_the_control_api() -> None:
    async with (
        open_local_discord() as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token, 0)
        gateway = f"{local.control}/gateway"
        await post_json(rest.http, gateway, {"do": "reconnect"})
        assert (await socket.receive_next())["op"] == 7
        for wrong in ({"do": "dance"}, {"do": "drop", "code": 5}):
            assert (await post_json(rest.http, gateway, wrong))["code"] == 50035
        await post_json(rest.http, gateway, {"do": "drop", "code": 4009})
        assert await socket.wait_for_close() == 4009
