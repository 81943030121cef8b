"""Planned faults: each does what it says, strikes where and as often as planned, and is noted."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import discord
import pytest

from sandbox.control.clock import VirtualClock
from sandbox.discord.model.faults import (
    KINDS,
    DiscordFault,
    DiscordFaults,
    DiscordStage,
    SeededDiscordFaults,
)
from sandbox.discord.model.records import Upload
from sandbox.discord.server import LocalDiscord
from tests.support.discord.gateway_client import CONTENT, MESSAGES, GatewaySocket
from tests.support.discord.server_fixture import (
    STUDIO,
    WAIT_S,
    ExpandBot,
    Image,
    Interaction,
    RestClient,
    encode_picture,
    open_local_discord,
    run_bot,
)

POST = f"/channels/{STUDIO}/messages"
SEND = {"content": "said"}


def list_fault_kinds(local: LocalDiscord) -> list[str]:
    return [strike.kind for strike in local.journal.fault_entries]


def list_contents(local: LocalDiscord) -> list[str]:
    return [message["content"] for message in local.guild.messages()]


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        (DiscordFault("rate_limited"), 429, False),
        (DiscordFault("rate_limited_globally"), 429, False),
        (DiscordFault("rate_limited_shared"), 429, False),
        (DiscordFault("banned"), 429, False),
        (DiscordFault("unavailable", value=500), 500, False),
        (DiscordFault("accept_unavailable", value=502), 502, True),
        (DiscordFault("slow", value=0.01), 200, True),
        (DiscordFault("late", value=0.01), 200, True),
    ],
    ids=lambda value: value.kind if isinstance(value, DiscordFault) else None,
)
async def test_a_request_goes_wrong_once(fault: DiscordFault, status: int, *, done: bool) -> None:
    async with open_local_discord() as (local, rest):
        local.faults.add(fault)
        headers = {"Authorization": f"Bot {local.token}"}
        url = local.api_base + POST
        async with rest.http.post(url, headers=headers, json=SEND) as response:
            assert response.status == status
            assert ("Via" in response.headers) == (fault.kind != "banned")
        assert list_contents(local) == (["said"] if done else [])
        assert (await rest("POST", POST, json=SEND))[0] == 200
        assert list_fault_kinds(local) == [fault.kind]


@pytest.mark.parametrize(("kind", "done"), [("reset", False), ("drop", True), ("silence", True)])
async def test_an_answer_is_lost(kind: str, *, done: bool) -> None:
    async with open_local_discord() as (local, rest):
        local.faults.add(DiscordFault(kind))
        with pytest.raises((aiohttp.ClientConnectionError, TimeoutError)):
            await rest("POST", POST, json=SEND, timeout=aiohttp.ClientTimeout(0.5))
        assert list_contents(local) == (["said"] if done else [])


async def test_a_pattern_names_the_route_or_the_path_and_skips_what_comes_before() -> None:
    async with open_local_discord() as (local, rest):
        local.faults.add(
            DiscordFault("unavailable", match="POST /channels/{channel}/messages", skip=1, times=2),
            DiscordFault("unavailable", match=f"GET /channels/{STUDIO}", value=500),
        )
        assert (await rest("GET", "/users/@me"))[0] == 200
        posts = [(await send_plain(rest, "POST", POST, json=SEND)) for _ in range(4)]
        assert posts == [200, 503, 503, 200]
        assert await send_plain(rest, "GET", f"/channels/{STUDIO}") == 500
        assert local.journal.fault_entries[-1].subject == f"GET /channels/{STUDIO}"


async def send_plain(rest: RestClient, method: str, path: str, **kwargs: Any) -> int:
    headers = {"Authorization": f"Bot {rest.local.token}"}
    url = rest.local.api_base + path
    async with rest.http.request(method, url, headers=headers, **kwargs) as response:
        return response.status


async def test_an_event_comes_twice_late_never_or_before_an_outage() -> None:
    clock = VirtualClock()
    async with (
        open_local_discord(clock) as (local, rest),
        rest.http.ws_connect(local.gateway_url) as raw,
    ):
        socket = GatewaySocket(raw)
        await socket.identify(local.token, MESSAGES | CONTENT)
        local.faults.add(
            DiscordFault("duplicate"), DiscordFault("delay", value=5), DiscordFault("lose")
        )
        for text in ("twice", "late", "never", "at once"):
            local.guild.member("ana").say(text)
        heard = [(await socket.receive_next())["d"]["content"] for _ in range(3)]
        assert heard == ["twice", "twice", "at once"]
        clock.advance(5)
        assert (await socket.receive_next())["d"]["content"] == "late"
        local.faults.add(
            DiscordFault("reconnect"), DiscordFault("invalidate", match="MESSAGE_*", value=True)
        )
        local.guild.member("ana").say("before")
        assert [(await socket.receive_next())["op"] for _ in range(2)] == [0, 7]
        local.guild.member("ana").say("before")
        frames = [await socket.receive_next() for _ in range(2)]
        assert [frame["op"] for frame in frames] == [0, 9]
        assert frames[1]["d"] is True


async def test_a_socket_closes_after_an_event_and_the_library_misses_nothing() -> None:
    intents = discord.Intents(guilds=True, guild_messages=True)
    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(intents=intents)) as bot:
        local.faults.add(DiscordFault("close", match="MESSAGE_CREATE"))
        local.guild.member("ana").say("one")
        local.guild.member("ana").say("two")
        await asyncio.wait_for(bot.resumed.wait(), WAIT_S)
        assert len(bot.received) == 2


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (DiscordFault("gone"), 404),
        (DiscordFault("expired"), 404),
        (DiscordFault("cdn_unavailable", value=500), 500),
        (DiscordFault("cdn_slow", value=0.01), 200),
        (DiscordFault("cut", value=20), aiohttp.ClientPayloadError),
        (DiscordFault("cdn_drip", value=0.001), 200),
    ],
    ids=lambda value: value.kind if isinstance(value, DiscordFault) else None,
)
async def test_a_file_goes_wrong(fault: DiscordFault, outcome: Any) -> None:
    async with open_local_discord() as (local, rest):
        await rest.register_command()
        call = await local.guild.member("ana").slash(
            "expand", image=Upload("a.png", encode_picture())
        )
        attachment = next(iter(call.interaction.data["resolved"]["attachments"].values()))
        local.faults.add(fault)
        async with rest.http.get(attachment["url"]) as response:
            if isinstance(outcome, int):
                assert response.status == outcome
                assert (await response.read() == encode_picture()) == (outcome == 200)
            else:
                with pytest.raises(outcome):
                    await response.read()
        assert local.journal.fault_entries[0].subject == "a.png"


async def test_the_library_tries_again_where_discord_failed() -> None:
    async def answer(interaction: Interaction, image: Image) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="done")

    async with LocalDiscord.open() as local, run_bot(local, ExpandBot(answer)):
        local.faults.add(
            DiscordFault("rate_limited", match="PATCH */messages/@original", value=0.05)
        )
        call = await local.guild.member("ana").slash("expand")
        await call.message(lambda each: each["content"] == "done")
        assert list_fault_kinds(local) == ["rate_limited"]


def test_a_seeded_plan_depends_on_nothing_but_the_seed_and_what_was_met() -> None:
    def run(order: list[str]) -> dict[str, list[Any]]:
        met: dict[str, list[Any]] = {}
        faults = DiscordFaults(lambda *_: None, SeededDiscordFaults(7, 0.5))
        for subject in order:
            met.setdefault(subject, []).append(faults.take(DiscordStage.REST, subject))
        return met

    routes = ["GET /a", "POST /b"] * 20
    assert run(routes) == run(sorted(routes))
    drawn = [fault for each in run(routes).values() for fault in each if fault is not None]
    assert 8 < len(drawn) < 32
    assert {KINDS[fault.kind].stage for fault in drawn} == {DiscordStage.REST}


async def test_faults_are_planned_over_the_control_api_and_noted_in_the_journal() -> None:
    async with (
        open_local_discord() as (local, rest),
        aiohttp.ClientSession(local.control + "/") as control,
    ):
        planned = [{"kind": "unavailable", "match": "GET /users/*"}, {"kind": "lose", "times": 0}]
        async with control.post("faults", json=planned) as response:
            assert await response.json() == {"planned": 2}
        async with control.get("faults") as response:
            shown = await response.json()
            assert [fault["kind"] for fault in shown["planned"]] == ["unavailable", "lose"]
            assert set(shown["kinds"]) == set(KINDS)
        assert await send_plain(rest, "GET", "/users/@me") == 503
        async with control.get("journal") as response:
            (struck,) = (await response.json())["faults"]
            assert (struck["kind"], struck["subject"]) == ("unavailable", "GET /users/@me")
        async with control.post("faults", json={"seed": 1, "rate": 1}) as response:
            assert response.status == 200
        async with control.delete("faults") as response:
            assert await response.json() == {"planned": 0}
        assert await send_plain(rest, "GET", "/users/@me") == 200


@pytest.mark.parametrize(
    "wrong",
    [
        [{"kind": "none"}],
        [{"kind": ["reset"]}],
        [{"kind": "reset", "value": 1}],
        [{"kind": "reset", "times": -1}],
        [{"kind": "reset", "match": 1}],
        [{"kind": "reset", "often": 1}],
        [{"kind": "close", "value": 1000}],
        [{"kind": "unavailable", "value": 200}],
        [{"kind": "slow", "value": True}],
        [1],
        {"seed": "x"},
        {"seed": 1, "rate": 2},
        {"seed": 1, "kinds": ["none"]},
        "reset",
    ],
    ids=str,
)
async def test_a_fault_that_makes_no_sense_is_refused(wrong: Any) -> None:
    async with open_local_discord() as (local, rest):
        async with rest.http.post(f"{local.control}/faults", json=wrong) as response:
            assert response.status == 400
            assert (await response.json())["code"] == 50035
        assert local.faults.planned_faults == []
