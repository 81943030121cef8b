"""Cost of a page snapshot and a history request in a channel with thousands of messages."""

from __future__ import annotations

import time
from typing import Any

import aiohttp

from sandbox.discord.server import LocalDiscord

_ROUNDS = 20


async def measure_history(messages: int) -> dict[str, Any]:
    """Return milliseconds, medians of 20, first with few messages and then with many."""
    async with LocalDiscord.open() as local, aiohttp.ClientSession() as http:
        few = await _measure_steps(local, http, messages=100)
        many = await _measure_steps(local, http, messages=messages - 100)
        return {"messages": messages, "few": few, "many": many}


async def _measure_steps(
    local: LocalDiscord, http: aiohttp.ClientSession, *, messages: int
) -> dict[str, float]:
    ana = local.guild.member("ana")
    for number in range(messages):
        ana.say(f"message {number} with **some** text")
    newest = local.guild.member("ana").say("the last one")
    times: dict[str, list[float]] = {"snapshot": [], "history": [], "post": []}
    channel = f"{local.api_base}/channels/{newest['channel_id']}/messages"
    headers = {"Authorization": f"Bot {local.token}"}
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        async with http.ws_connect(f"{local.origin}/_page/ws?user={ana.id}") as socket:
            await socket.receive(timeout=10)
        times["snapshot"].append(time.perf_counter() - started)
        started = time.perf_counter()
        async with http.get(f"{channel}?limit=100", headers=headers) as response:
            await response.read()
        times["history"].append(time.perf_counter() - started)
        started = time.perf_counter()
        async with http.post(channel, headers=headers, json={"content": "x"}) as response:
            await response.read()
        times["post"].append(time.perf_counter() - started)
    return {name: round(sorted(each)[_ROUNDS // 2] * 1000, 2) for name, each in times.items()}
