"""REST for the webhooks of channels: made with the bot's authority, used with their own token."""

import re

from aiohttp import web

from sandbox.discord.api import API, answer, nothing
from sandbox.discord.audit import Action
from sandbox.discord.bodies import Body, read_body
from sandbox.discord.errors import (
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    WRONG_CHANNEL_TYPE,
    DiscordError,
)
from sandbox.discord.forms import Field, Form
from sandbox.discord.messages import Draft
from sandbox.discord.models import ChannelType, Message, MessageFlag
from sandbox.discord.permissions import Permission
from sandbox.discord.rest_lookup import Lookup, form, query_id
from sandbox.discord.rest_messages import CHANNEL
from sandbox.discord.rules import Composer
from sandbox.discord.webhooks import Webhook

_OWN = API + "/webhooks/{webhook}"
BY_TOKEN = API + "/webhooks/{webhook}/{token}"
_ALLOWED = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
_FORBIDDEN = re.compile(r"clyde|discord", re.IGNORECASE)  # documentation, "Create Webhook"


class WebhookRoutes:
    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(CHANNEL + "/webhooks", self._of_channel),
            web.post(CHANNEL + "/webhooks", self._create),
            web.get(API + "/guilds/{guild}/webhooks", self._of_guild),
            *(
                method(path, handler)
                for path in (_OWN, BY_TOKEN)
                for method, handler in (
                    (web.get, self._get),
                    (web.patch, self._change),
                    (web.delete, self._delete),
                )
            ),
        ]

    async def execute(self, request: web.Request) -> web.Response:
        """Post as the webhook, under the name that the body gives; ?wait=true gives it back."""
        body = await read_body(request)
        webhook = self._webhook(request)
        name = self._username(Form().field(body.payload))
        channel_id = query_id(request, "thread_id") or webhook.channel_id
        channel = self._state.channel(channel_id)
        if webhook.channel_id not in {channel.id, channel.parent_id}:
            raise DiscordError(UNKNOWN_CHANNEL)
        content = Composer(self._state, channel.id).create(body, allowed=_ALLOWED)
        author = self._state.webhooks.author(webhook, name)
        message = self._state.messages.create(
            Draft(channel.id, webhook.id, content, webhook=author)
        )
        if request.query.get("wait", "").lower() in {"1", "true"}:
            return answer(self._state.payloads.message(message))
        return nothing()

    async def message(self, request: web.Request) -> web.Response:
        return answer(self._state.payloads.message(self._message(request)))

    async def edit(self, request: web.Request) -> web.Response:
        body: Body = await read_body(request)
        message = self._message(request)
        content = Composer(self._state, message.channel_id).edit(message, body)
        return answer(self._state.payloads.message(self._state.messages.edit(message, content)))

    async def remove(self, request: web.Request) -> web.Response:
        self._state.messages.delete(self._message(request))
        return nothing()

    async def _of_channel(self, request: web.Request) -> web.Response:
        channel = self._lookup.channel(request, Permission.MANAGE_WEBHOOKS)
        found = self._state.webhooks.of_channel(channel.id)
        return answer([self._state.webhooks.shown(each) for each in found])

    async def _of_guild(self, request: web.Request) -> web.Response:
        guild = self._lookup.guild(request, Permission.MANAGE_WEBHOOKS)
        found = self._state.webhooks.of_guild(guild.id)
        return answer([self._state.webhooks.shown(each) for each in found])

    async def _create(self, request: web.Request) -> web.Response:
        channel = self._lookup.channel(request, Permission.MANAGE_WEBHOOKS)
        fields = await form(request)
        _name(fields["name"])
        fields.form.check()
        if channel.type is not ChannelType.TEXT:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        made = self._state.webhooks.create(channel, fields["name"].raw)
        self._note(request, made, Action.WEBHOOK_CREATE)
        return answer(self._state.webhooks.shown(made))

    async def _get(self, request: web.Request) -> web.Response:
        by_bot = "token" not in request.match_info
        return answer(self._state.webhooks.shown(self._webhook(request), with_user=by_bot))

    async def _change(self, request: web.Request) -> web.Response:
        """Change the name, and with the bot's authority the channel."""
        webhook, fields = self._webhook(request), await form(request)
        name, channel_id = webhook.name, webhook.channel_id
        if fields["name"].raw is not None:
            _name(fields["name"])
            name = fields["name"].raw
        by_bot = "token" not in request.match_info
        if by_bot and fields["channel_id"].raw is not None:
            channel_id = self._state.channel(fields["channel_id"].snowflake()).id
            self._state.require(self._lookup.me, channel_id, needed=Permission.MANAGE_WEBHOOKS)
        fields.form.check()
        changed = self._state.webhooks.change(webhook, name=name, channel_id=channel_id)
        self._note(request, changed, Action.WEBHOOK_UPDATE)
        return answer(self._state.webhooks.shown(changed, with_user=by_bot))

    async def _delete(self, request: web.Request) -> web.Response:
        webhook = self._webhook(request)
        self._state.webhooks.delete(webhook)
        self._note(request, webhook, Action.WEBHOOK_DELETE)
        return nothing()

    def _webhook(self, request: web.Request) -> Webhook:
        """Find a webhook by its token, or with the bot's authority and permission."""
        number = self._lookup.number(request, "webhook")
        token = request.match_info.get("token")
        webhook = self._state.webhooks.get(number, token)
        if token is None:
            me, needed = self._lookup.me, Permission.MANAGE_WEBHOOKS
            self._state.require(me, webhook.channel_id, needed=needed)
        return webhook

    def _message(self, request: web.Request) -> Message:
        webhook = self._webhook(request)
        message = self._state.messages.find(self._lookup.number(request, "message"))
        if message is None or message.author_id != webhook.id:
            raise DiscordError(UNKNOWN_MESSAGE)
        return message

    def _note(self, request: web.Request, webhook: Webhook, action: Action) -> None:
        guild = self._state.guild_of(webhook.channel_id)
        self._lookup.note(request, guild, action, target=webhook.id)

    @staticmethod
    def _username(fields: Field) -> str | None:
        name = fields["username"]
        if name.raw is not None:
            _name(name)
            fields.form.check()
        return str(name.raw) if name.raw is not None else None


def _name(raw: Field) -> None:
    if raw.text(1, 80, required=True) and (found := _FORBIDDEN.search(raw.raw)):
        message = f'Username cannot contain "{found[0].lower()}"'
        raw.fail("USERNAME_INVALID_CONTAINS", message)
