"""Every route once at least, each body of it held against Discord's OpenAPI file."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from sandbox.discord.model.permissions import ALL
from sandbox.discord.model.records import Upload
from sandbox.discord.model.seed_data import BOT_ROLE_ID
from sandbox.discord.server import LocalDiscord
from sandbox.discord.state.command_permissions import OverrideSubject, PermissionOverride
from tests.support.discord.openapi import SpecificationChecker, load_specification
from tests.support.discord.server_fixture import (
    APPLICATION,
    STUDIO,
    V2,
    RestClient,
    build_form,
    encode_picture,
)

if TYPE_CHECKING:
    from sandbox.discord.model.records import Json

GUILD = "1323820000000000001"
ANA = "1323820000000000021"
EVERYONE = GUILD
CHANNEL = f"/channels/{STUDIO}"
SMILE = "%F0%9F%98%80"
REASON = {"X-Audit-Log-Reason": "spring%20cleaning"}
ICON = "data:image/png;base64," + base64.b64encode(encode_picture(8, 8)).decode()


class RouteTester:
    """Requests that must succeed, each giving its body back."""

    def __init__(self, local: LocalDiscord, http: aiohttp.ClientSession) -> None:
        self.local = local
        self.rest = RestClient(local, http)

    async def __call__(self, method: str, path: str, body: Any = None, **kwargs: Any) -> Any:
        if body is not None:
            kwargs["json"] = body
        status, answer = await self.rest(method, path, **kwargs)
        assert status < 300, (method, path, answer)
        return answer

    async def expect_refusal(self, method: str, path: str, code: int, body: Any = None) -> None:
        status, answer = await self.rest(method, path, json=body)
        assert (status >= 400, answer["code"]) == (True, code), (method, path, answer)


def allow_everything(local: LocalDiscord) -> None:
    """Give the bot's role every right and the highest place."""
    guild = local.state.world.guild
    role = guild.roles[BOT_ROLE_ID]
    changed = type(role)(role.id, role.name, ALL, 9, bot_id=role.bot_id)
    local.state.guild_registry.set_role(guild, changed)


async def read_everything(go: RouteTester) -> None:
    for path in (
        *("/users/@me", f"/users/{ANA}", "/users/@me/guilds", "/gateway", "/gateway/bot"),
        *("/applications/@me", "/oauth2/applications/@me", f"/guilds/{GUILD}"),
        *(f"/guilds/{GUILD}/{each}" for each in ("channels", "roles", "emojis", "webhooks")),
        *(f"/guilds/{GUILD}/members?limit=9", f"/guilds/{GUILD}/members/search?query=an"),
        *(f"/guilds/{GUILD}/members/{ANA}", f"/guilds/{GUILD}/roles/{GUILD}", CHANNEL),
    ):
        await go("GET", path)
    await go("PATCH", "/applications/@me", {})


async def write_messages(go: RouteTester) -> None:
    form = build_form(json.dumps({"content": "x", "nonce": "n"}), ("a.png", encode_picture()))
    first = await go("POST", f"{CHANNEL}/messages", data=form)
    reply = {"content": "y", "message_reference": {"message_id": first["id"]}}
    second = await go("POST", f"{CHANNEL}/messages", reply)
    one = f"{CHANNEL}/messages/{first['id']}"
    await go("GET", one)
    await go("PATCH", one, {"content": "changed"})
    for query in ("", f"?around={first['id']}", f"?after={first['id']}", f"?before={second['id']}"):
        await go("GET", f"{CHANNEL}/messages{query}")
    for query in ("", "?has=file&has=-embed&author_type=bot&sort_by=relevance&content=changed"):
        await go("GET", f"/guilds/{GUILD}/messages/search{query}")
    await go("PUT", f"{one}/reactions/{SMILE}/@me")
    await go("GET", f"{one}/reactions/{SMILE}")
    go.local.guild.member("ana").react(first, "🎨")
    await go("DELETE", f"{one}/reactions/%F0%9F%8E%A8/{ANA}")
    await go("DELETE", f"{one}/reactions/{SMILE}/@me")
    await go("DELETE", f"{one}/reactions/{SMILE}")
    await go("DELETE", f"{one}/reactions")
    for pins in ("pins", "messages/pins"):
        await go("PUT", f"{CHANNEL}/{pins}/{first['id']}", headers=REASON)
        await go("GET", f"{CHANNEL}/{pins}")
        await go("DELETE", f"{CHANNEL}/{pins}/{first['id']}")
    await go("POST", f"{CHANNEL}/typing")
    third = await go("POST", f"{CHANNEL}/messages", {"content": "z"})
    gone = {"messages": [second["id"], third["id"]]}
    await go("POST", f"{CHANNEL}/messages/bulk-delete", gone, headers=REASON)
    await go("DELETE", one)


async def run_threads(go: RouteTester) -> None:
    said = await go("POST", f"{CHANNEL}/messages", {"content": "start"})
    first = await go("POST", f"{CHANNEL}/messages/{said['id']}/threads", {"name": "Talk"})
    second = await go("POST", f"{CHANNEL}/threads", {"name": "Own", "type": 11})
    await go("POST", f"{CHANNEL}/threads", {"name": "Closed"})
    thread = f"/channels/{first['id']}"
    await go("GET", f"{CHANNEL}/messages/{said['id']}")
    await go("PUT", f"{thread}/thread-members/{ANA}")
    await go("GET", f"{thread}/thread-members/{ANA}")
    await go("PUT", f"{thread}/thread-members/@me")
    await go("GET", f"{thread}/thread-members")
    await go("DELETE", f"{thread}/thread-members/{ANA}")
    await go("DELETE", f"{thread}/thread-members/@me")
    await go("PATCH", f"/channels/{second['id']}", {"archived": True, "name": "Old"})
    await go("GET", f"{CHANNEL}/threads/archived/public")
    await go("GET", f"/guilds/{GUILD}/threads/active")
    await go("DELETE", thread)
    await go("GET", f"{CHANNEL}/messages/{said['id']}")


async def moderate_guild(go: RouteTester) -> None:
    made = await go("POST", f"/guilds/{GUILD}/channels", {"name": "New One"}, headers=REASON)
    channel = f"/channels/{made['id']}"
    assert made["name"] == "new-one"
    changed = {"topic": "t", "nsfw": True, "rate_limit_per_user": 5, "position": 4}
    await go("PATCH", channel, changed | {"permission_overwrites": []}, headers=REASON)
    own = {"type": 0, "allow": 1024, "deny": 0}
    await go("PUT", f"{channel}/permissions/{EVERYONE}", own, headers=REASON)
    await go("GET", channel)
    await go("DELETE", f"{channel}/permissions/{EVERYONE}")
    await go("DELETE", channel)
    role = await go("POST", f"/guilds/{GUILD}/roles", {"name": "Artists", "color": 7})
    path = f"/guilds/{GUILD}/roles/{role['id']}"
    await go("PATCH", path, {"hoist": True, "permissions": 2048})
    member = f"/guilds/{GUILD}/members/{ANA}"
    await go("PUT", f"{member}/roles/{role['id']}", headers=REASON)
    await go("DELETE", f"{member}/roles/{role['id']}")
    await go("PATCH", member, {"nick": "A", "roles": [role["id"]]}, headers=REASON)
    await go("PATCH", f"/guilds/{GUILD}/members/@me", {"nick": "Exp"})
    await go("DELETE", path)
    log = await go("GET", f"/guilds/{GUILD}/audit-logs")
    assert {each.get("reason") for each in log["audit_log_entries"]} == {None, "spring cleaning"}
    await go("DELETE", f"/guilds/{GUILD}/members/{go.local.guild.member('ben').id}")


async def use_webhooks(go: RouteTester) -> None:
    hook = await go("POST", f"{CHANNEL}/webhooks", {"name": "Herald"})
    await go("GET", f"{CHANNEL}/webhooks")
    own, tokened = f"/webhooks/{hook['id']}", f"/webhooks/{hook['id']}/{hook['token']}"
    for path in (own, tokened):
        await go("GET", path)
        await go("PATCH", path, {"name": "Crier"})
    body = {"content": "news", "username": "The Crier"}
    said = await go("POST", f"{tokened}?wait=true", body)
    assert said["author"]["username"] == "The Crier"
    await go("POST", tokened, body)
    message = f"{tokened}/messages/{said['id']}"
    await go("GET", message)
    await go("PATCH", message, {"content": "old news"})
    await go("DELETE", message)
    await go("DELETE", own)
    again = await go("POST", f"{CHANNEL}/webhooks", {"name": "Herald"})
    await go("DELETE", f"/webhooks/{again['id']}/{again['token']}")


async def manage_application(go: RouteTester) -> None:
    application = f"/applications/{APPLICATION}"
    emoji = await go("POST", f"{application}/emojis", {"name": "wide", "image": ICON})
    one = f"{application}/emojis/{emoji['id']}"
    await go("GET", f"{application}/emojis")
    await go("GET", one)
    await go("PATCH", one, {"name": "wider"})
    said = await go("POST", f"{CHANNEL}/messages", {"content": "x"})
    await go("PUT", f"{CHANNEL}/messages/{said['id']}/reactions/wider:{emoji['id']}/@me")
    await go("GET", f"{CHANNEL}/messages/{said['id']}")
    await go("DELETE", one)
    test = {"sku_id": "7", "owner_id": ANA, "owner_type": 2}
    bought = await go("POST", f"{application}/entitlements", test)
    one = f"{application}/entitlements/{bought['id']}"
    await go("GET", f"{application}/entitlements?user_id={ANA}")
    await go("GET", one)
    await go("POST", f"{one}/consume")
    await go("DELETE", one)
    await set_commands(go, application)


async def set_commands(go: RouteTester, application: str) -> None:
    plain = {"name": "quota", "description": "What is left"}
    for scope in (f"{application}/commands", f"{application}/guilds/{GUILD}/commands"):
        (command,) = await go("PUT", scope, [plain])
        await go("POST", scope, plain | {"name": "other"})
        await go("GET", scope)
        await go("GET", f"{scope}/{command['id']}")
        named = {"description_localizations": {"de": "Was übrig ist"}}
        await go("PATCH", f"{scope}/{command['id']}", named)
        await go("DELETE", f"{scope}/{command['id']}")
    (command,) = await go("PUT", f"{application}/commands", [plain])
    guild = go.local.state.world.guild
    denied = PermissionOverride(guild.id, OverrideSubject.ROLE, allowed=False)
    go.local.state.command_permissions.replace_overrides(guild, command["id"], denied)
    path = f"{application}/guilds/{GUILD}/commands"
    await go("GET", f"{path}/permissions")
    await go("GET", f"{path}/{command['id']}/permissions")
    await go.expect_refusal(
        "PUT", f"{path}/{command['id']}/permissions", 20001, {"permissions": []}
    )


async def answer_members(go: RouteTester) -> None:
    await go.rest.register_command(options=[])
    ana = go.local.guild.member("ana")
    ana.install()
    for where in (STUDIO, ana.dm):
        call = await ana.slash("expand", channel=where)
        path = f"/interactions/{call.id}/{call.interaction.token}/callback?with_response=true"
        row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "g"}]}
        data: Json = {"flags": V2, "components": [{"type": 10, "content": "hi"}, row]}
        await go("POST", path, {"type": 4, "data": data})
        message = await call.message()
        mine = f"/webhooks/{APPLICATION}/{call.interaction.token}"
        await go("POST", f"{mine}?wait=true", {"content": "more", "flags": 64})
        for method, body in (("GET", None), ("PATCH", data)):
            await go(method, f"{mine}/messages/@original", body)
        press = ana.press(message, "Go")
        path = f"/interactions/{press.id}/{press.interaction.token}/callback?with_response=true"
        await go("POST", path, {"type": 9, "data": build_modal()})
        shown = await press.modal()
        filled = await ana.submit(
            shown, {"File": [Upload("a.png", encode_picture())], "Text": "words"}
        )
        path = f"/interactions/{filled.id}/{filled.interaction.token}/callback?with_response=true"
        await go("POST", path, {"type": 4, "data": {"content": "thanks"}})
        await go("GET", f"/channels/{where}/messages")
        await go("DELETE", f"{mine}/messages/@original")


def build_modal() -> Json:
    kinds: list[Json] = [
        {"type": 4, "style": 2, "custom_id": "t", "placeholder": "p"},
        {"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a", "default": True}]},
        {"type": 5, "custom_id": "u", "required": False},
        {"type": 19, "custom_id": "f", "max_values": 2},
    ]
    labels = ("Text", "Menu", "Who", "File")
    fields = [
        {"type": 18, "label": label, "component": kind}
        for label, kind in zip(labels, kinds, strict=True)
    ]
    return {"custom_id": "m", "title": "T", "components": fields}


async def write_to_a_person(go: RouteTester) -> None:
    channel = await go("POST", "/users/@me/channels", {"recipient_id": ANA})
    await go("GET", f"/channels/{channel['id']}")
    await go("POST", f"/channels/{channel['id']}/messages", {"content": "hello"})
    await go("DELETE", f"/channels/{channel['id']}")
    go.local.guild.member("ana").close_dms()
    messages = f"/channels/{channel['id']}/messages"
    await go.expect_refusal("POST", messages, 50007, {"content": "hello"})


async def leave_guild(go: RouteTester) -> None:
    second = go.local.add_guild("Second", "mia")
    await go("GET", f"/guilds/{second.id}")
    await go("DELETE", f"/users/@me/guilds/{second.id}")
    await go.expect_refusal("GET", f"/guilds/{second.id}", 10004)


STEPS = (
    *(read_everything, write_messages, run_threads, use_webhooks, manage_application),
    *(answer_members, write_to_a_person, moderate_guild, leave_guild),
)


async def test_no_route_deviates_from_discords_specification() -> None:
    judge, taken = SpecificationChecker(load_specification()), set()

    @web.middleware
    async def note(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await handler(request)
        resource = request.match_info.route.resource
        if resource is not None and response.status < 400:
            taken.add((request.method, resource.canonical))
        return response

    async with (
        LocalDiscord.open(middlewares=[judge.build_middleware(), note]) as local,
        aiohttp.ClientSession() as http,
    ):
        allow_everything(local)
        for stop in STEPS:
            await stop(RouteTester(local, http))
        routes = {
            (route.method, route.resource.canonical)
            for route in local.build_app().router.routes()
            if route.resource is not None
            and route.method != "HEAD"
            and route.resource.canonical.startswith("/api/")
        }
    assert not judge.deviations
    commands = "/api/v10/applications/{application}/guilds/{guild}/commands/{command}"
    assert routes - taken == {("PUT", f"{commands}/permissions")}  # not for bots
