"""REST for channel webhooks: managed by the bot, used by their own token."""

import re

from aiohttp import web

from sandbox.discord.model.errors import (
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    WEBHOOK_NEEDS_THREAD,
    WRONG_CHANNEL_TYPE,
    DiscordError,
)
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import ChannelType, Message, MessageFlag
from sandbox.discord.rest.messages import CHANNEL
from sandbox.discord.rest.path_params import RequestLookup, read_form, read_query_id
from sandbox.discord.rest.responses import API, respond_empty, respond_json
from sandbox.discord.state.audit_log import AuditAction
from sandbox.discord.state.messages import NewMessage
from sandbox.discord.state.webhooks import Webhook
from sandbox.discord.validation.forms import Form, FormField
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body, read_body

_WEBHOOK = API + "/webhooks/{webhook}"
BY_TOKEN = API + "/webhooks/{webhook}/{token}"
_ALLOWED = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2
)
_WITHOUT_WEBHOOKS = (ChannelType.CATEGORY, ChannelType.DM, ChannelType.GROUP_DM)
_FORBIDDEN = re.compile(r"clyde|discord", re.IGNORECASE)  # documentation, "Create Webhook"


class WebhookRoutes:
    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup
        self._state = lookup.state

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get(CHANNEL + "/webhooks", self._list_in_channel),
            web.post(CHANNEL + "/webhooks", self._create_webhook),
            web.get(API + "/guilds/{guild}/webhooks", self._list_in_guild),
            *(
                method(path, handler)
                for path in (_WEBHOOK, BY_TOKEN)
                for method, handler in (
                    (web.get, self._get_webhook),
                    (web.patch, self._update_webhook),
                    (web.delete, self._delete_webhook),
                )
            ),
        ]

    async def execute_webhook(self, request: web.Request) -> web.Response:
        """Post as the webhook, under the body's username; ?wait=true returns the message."""
        body = await read_body(request)
        webhook = self._find_webhook(request)
        name = self._read_username(Form().field(body.payload))
        channel_id = read_query_id(request, "thread_id") or webhook.channel_id
        channel = self._state.get_channel(channel_id)
        if webhook.channel_id not in {channel.id, channel.parent_id}:
            raise DiscordError(UNKNOWN_CHANNEL)
        if channel.type.is_forum:
            raise DiscordError(WEBHOOK_NEEDS_THREAD)
        content = MessageComposer(self._state, channel.id).compose_new(body, allowed=_ALLOWED)
        author = self._state.webhooks.build_author(webhook, name)
        message = self._state.messages.create(
            NewMessage(channel.id, webhook.id, content, webhook=author)
        )
        if request.query.get("wait", "").lower() in {"1", "true"}:
            return respond_json(self._state.payloads.build_message(message))
        return respond_empty()

    async def get_message(self, request: web.Request) -> web.Response:
        return respond_json(self._state.payloads.build_message(self._find_message(request)))

    async def edit_message(self, request: web.Request) -> web.Response:
        body: Body = await read_body(request)
        message = self._find_message(request)
        content = MessageComposer(self._state, message.channel_id).compose_edit(message, body)
        return respond_json(
            self._state.payloads.build_message(self._state.messages.edit(message, content))
        )

    async def delete_message(self, request: web.Request) -> web.Response:
        self._state.messages.delete(self._find_message(request))
        return respond_empty()

    async def _list_in_channel(self, request: web.Request) -> web.Response:
        channel = self._lookup.get_channel(request, Permission.MANAGE_WEBHOOKS)
        found = self._state.webhooks.list_in_channel(channel.id)
        return respond_json([self._state.webhooks.build_payload(each) for each in found])

    async def _list_in_guild(self, request: web.Request) -> web.Response:
        guild = self._lookup.get_guild(request, Permission.MANAGE_WEBHOOKS)
        found = self._state.webhooks.list_in_guild(guild.id)
        return respond_json([self._state.webhooks.build_payload(each) for each in found])

    async def _create_webhook(self, request: web.Request) -> web.Response:
        channel = self._lookup.get_channel(request, Permission.MANAGE_WEBHOOKS)
        fields = await read_form(request)
        _check_name(fields["name"])
        fields.form.raise_errors()
        if channel.type.is_thread or channel.type in _WITHOUT_WEBHOOKS:
            raise DiscordError(WRONG_CHANNEL_TYPE)
        webhook = self._state.webhooks.create(channel, fields["name"].raw)
        self._record_action(request, webhook, AuditAction.WEBHOOK_CREATE)
        return respond_json(self._state.webhooks.build_payload(webhook))

    async def _get_webhook(self, request: web.Request) -> web.Response:
        by_bot = "token" not in request.match_info
        return respond_json(
            self._state.webhooks.build_payload(self._find_webhook(request), with_user=by_bot)
        )

    async def _update_webhook(self, request: web.Request) -> web.Response:
        """Change the name, and the channel if the bot's token is used."""
        webhook, fields = self._find_webhook(request), await read_form(request)
        name, channel_id = webhook.name, webhook.channel_id
        if fields["name"].raw is not None:
            _check_name(fields["name"])
            name = fields["name"].raw
        by_bot = "token" not in request.match_info
        if by_bot and fields["channel_id"].raw is not None:
            channel_id = self._state.get_channel(fields["channel_id"].read_snowflake()).id
            self._state.require_permission(
                self._lookup.me, channel_id, needed=Permission.MANAGE_WEBHOOKS
            )
        fields.form.raise_errors()
        changed = self._state.webhooks.update(webhook, name=name, channel_id=channel_id)
        self._record_action(request, changed, AuditAction.WEBHOOK_UPDATE)
        return respond_json(self._state.webhooks.build_payload(changed, with_user=by_bot))

    async def _delete_webhook(self, request: web.Request) -> web.Response:
        webhook = self._find_webhook(request)
        self._state.webhooks.delete(webhook)
        self._record_action(request, webhook, AuditAction.WEBHOOK_DELETE)
        return respond_empty()

    def _find_webhook(self, request: web.Request) -> Webhook:
        """Find a webhook by its token, or check the bot's permission to manage it."""
        number = self._lookup.read_id(request, "webhook")
        token = request.match_info.get("token")
        webhook = self._state.webhooks.get(number, token)
        if token is None:
            me, needed = self._lookup.me, Permission.MANAGE_WEBHOOKS
            self._state.require_permission(me, webhook.channel_id, needed=needed)
        return webhook

    def _find_message(self, request: web.Request) -> Message:
        webhook = self._find_webhook(request)
        message = self._state.messages.find(self._lookup.read_id(request, "message"))
        if message is None or message.author_id != webhook.id:
            raise DiscordError(UNKNOWN_MESSAGE)
        return message

    def _record_action(self, request: web.Request, webhook: Webhook, action: AuditAction) -> None:
        guild = self._state.find_guild(webhook.channel_id)
        self._lookup.record_action(request, guild, action, target=webhook.id)

    @staticmethod
    def _read_username(fields: FormField) -> str | None:
        name = fields["username"]
        if name.raw is not None:
            _check_name(name)
            fields.form.raise_errors()
        return str(name.raw) if name.raw is not None else None


def _check_name(raw: FormField) -> None:
    if raw.check_text(1, 80, required=True) and (found := _FORBIDDEN.search(raw.raw)):
        message = f'Username cannot contain "{found[0].lower()}"'
        raw.add_error("USERNAME_INVALID_CONTAINS", message)
