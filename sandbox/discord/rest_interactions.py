"""REST for answering interactions: the callback, and the webhook that the token opens."""

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.discord import payloads_interaction, snowflakes
from sandbox.discord.api import API, answer, nothing
from sandbox.discord.bodies import Body, read_body
from sandbox.discord.callbacks import read_callback
from sandbox.discord.models import CallbackType, Interaction, Message
from sandbox.discord.rest_lookup import Lookup
from sandbox.discord.rest_webhooks import BY_TOKEN, WebhookRoutes
from sandbox.discord.rules import Composer

_MESSAGE = BY_TOKEN + "/messages/{message}"


class InteractionRoutes:
    """The application's own "webhook" is here; a channel's goes on to `webhooks`."""

    def __init__(self, lookup: Lookup, webhooks: WebhookRoutes) -> None:
        self._state = lookup.state
        self._me = str(lookup.me)
        self._webhooks = webhooks

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(API + "/interactions/{interaction}/{token}/callback", self._callback),
            web.post(BY_TOKEN, self._either(self._follow_up, self._webhooks.execute)),
            web.get(_MESSAGE, self._either(self._get, self._webhooks.message)),
            web.patch(_MESSAGE, self._either(self._edit, self._webhooks.edit)),
            web.delete(_MESSAGE, self._either(self._delete, self._webhooks.remove)),
        ]

    def _either(self, mine: Handler, channels: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            ours = request.match_info["webhook"] == self._me
            return await (mine if ours else channels)(request)

        return handle

    async def _callback(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        interaction_id = snowflakes.parse(request.match_info["interaction"])
        token = request.match_info["token"]
        interaction = self._state.interactions.awaiting(interaction_id, token)
        composer = Composer(self._state, interaction.channel_id)
        source = self._state.messages.find(interaction.source_message_id)
        callback = read_callback(composer, interaction, source=source, body=body)
        self._state.interactions.answer(
            interaction, callback.type, content=callback.content, data=callback.data
        )
        if request.query.get("with_response", "").lower() in {"1", "true"}:
            return answer(payloads_interaction.callback_response(self._state, interaction))
        return nothing()

    async def _follow_up(self, request: web.Request) -> web.Response:
        """Post a message; right after a deferral, fill the deferred one instead.

        Documentation, "Create Followup Message": kept by Discord for old clients.
        """
        body = await read_body(request)
        interaction = self._interaction(request)
        composer = Composer(self._state, interaction.channel_id)
        original = self._state.messages.find(interaction.response_id)
        deferred = interaction.callback is CallbackType.DEFERRED_MESSAGE
        if deferred and original is not None and original.loading:
            return self._change(interaction, original, body=body)
        content = composer.create(body)
        message = self._state.interactions.follow_up(interaction, content)
        return answer(self._state.payloads.message(message))

    async def _get(self, request: web.Request) -> web.Response:
        message = self._message(request, self._interaction(request))
        return answer(self._state.payloads.message(message))

    async def _edit(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        interaction = self._interaction(request)
        return self._change(interaction, self._message(request, interaction), body=body)

    async def _delete(self, request: web.Request) -> web.Response:
        self._state.messages.delete(self._message(request, self._interaction(request)))
        return nothing()

    def _change(self, interaction: Interaction, message: Message, *, body: Body) -> web.Response:
        content = Composer(self._state, message.channel_id).edit(message, body)
        self._state.interactions.edit(interaction, message, content=content)
        return answer(self._state.payloads.message(message))

    def _interaction(self, request: web.Request) -> Interaction:
        return self._state.interactions.by_token(request.match_info["token"])

    def _message(self, request: web.Request, interaction: Interaction) -> Message:
        return self._state.interactions.message(interaction, request.match_info["message"])
