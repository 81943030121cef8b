"""More than 2,000 requests made from the specification: refused as Discord does, never a 500."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.discord.rest.test_every_route import ANA, GUILD, ICON, allow_everything
from tests.support.discord.openapi import load_specification
from tests.support.discord.request_generator import GeneratedRequest, RequestGenerator
from tests.support.discord.server_fixture import APPLICATION, STUDIO, open_local_discord

if TYPE_CHECKING:
    from sandbox.discord.server import LocalDiscord
    from tests.support.discord.server_fixture import RestClient

ROUNDS = 10  # each makes one request for each of the 242 operations


async def create_objects(local: LocalDiscord, rest: RestClient) -> dict[str, tuple[str, ...]]:
    """Put one of each thing there; return the ids by the names that addresses give them."""
    allow_everything(local)
    await rest.register_command(options=[])
    ana = local.guild.member("ana")

    async def made(path: str, body: Any) -> Any:
        status, answer = await rest("POST", path, json=body)
        assert status < 300, answer
        return answer

    message = await made(f"/channels/{STUDIO}/messages", {"content": "x"})
    thread = await made(f"/channels/{STUDIO}/messages/{message['id']}/threads", {"name": "t"})
    hook = await made(f"/channels/{STUDIO}/webhooks", {"name": "Herald"})
    emoji = await made(f"/applications/{APPLICATION}/emojis", {"name": "wide", "image": ICON})
    bought = {"sku_id": "7", "owner_id": ANA, "owner_type": 2}
    entitlement = await made(f"/applications/{APPLICATION}/entitlements", bought)
    calls = [await ana.slash("expand") for _ in range(2)]
    await rest.send_callback(calls[0].interaction, {"type": 4, "data": {"content": "hi"}})
    roles = tuple(str(each) for each in local.state.world.guild.roles)
    return {
        "application_id": (APPLICATION,),
        "guild_id": (GUILD,),
        "channel_id": (STUDIO, thread["id"], ana.dm),
        "message_id": (message["id"], str(calls[0].interaction.response_id)),
        "user_id": (ANA, APPLICATION),
        "role_id": roles,
        "overwrite_id": (*roles, ANA),
        "webhook_id": (hook["id"], APPLICATION),
        "webhook_token": (hook["token"], *(each.interaction.token for each in calls)),
        "interaction_id": tuple(str(each.id) for each in calls),
        "interaction_token": tuple(each.interaction.token for each in calls),
        "command_id": tuple(each["id"] for each in local.state.commands.all()),
        "emoji_name": ("%F0%9F%8E%A8", f"wide:{emoji['id']}", "wide"),
        "emoji_id": (emoji["id"],),
        "entitlement_id": (entitlement["id"],),
    }


async def send_request(rest: RestClient, request: GeneratedRequest) -> int:
    """Send a request; hold the answer to Discord's shape of an error."""
    given: dict[str, Any] = {"json": request.body} if request.body is not None else {}
    if request.raw is not None:
        given = {"headers": {"Content-Type": request.raw[0]}, "data": request.raw[1]}
    status, answer = await rest(request.method, request.path, **given)
    assert status < 500, request
    if status >= 400:
        assert isinstance(answer["message"], str), request
        assert isinstance(answer["code"], int), request
        assert (answer["code"] == 50035) == ("errors" in answer), request
    return status


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_no_request_made_from_the_specification_is_a_server_error(seed: int) -> None:
    spec = load_specification()
    draw = random.Random(seed)  # noqa: S311 - the same requests every time
    statuses: Counter[int] = Counter()
    async with open_local_discord() as (local, rest):
        maker = RequestGenerator(spec, draw, await create_objects(local, rest))
        for request in maker.generate_requests():
            statuses[await send_request(rest, request)] += 1
            local.guild.invite_bot()
    assert statuses.total() > 200
    assert min(statuses[200] + statuses[201] + statuses[204], statuses[400]) > 5
