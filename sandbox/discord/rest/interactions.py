"""REST for answering interactions: the callback, and the webhook that the token gives access to."""

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.discord.model import snowflakes
from sandbox.discord.model.records import CallbackType, Interaction, Message
from sandbox.discord.rest.path_params import RequestLookup
from sandbox.discord.rest.responses import API, respond_empty, respond_json
from sandbox.discord.rest.webhooks import BY_TOKEN, WebhookRoutes
from sandbox.discord.state import payloads_interaction as interaction_payloads
from sandbox.discord.validation.interaction_callbacks import read_callback
from sandbox.discord.validation.message_content import MessageComposer
from sandbox.discord.validation.request_bodies import Body, read_body

_MESSAGE = BY_TOKEN + "/messages/{message}"


class InteractionRoutes:
    """Serve the application's interaction webhook; pass channel webhooks on to `WebhookRoutes`."""

    def __init__(self, lookup: RequestLookup, webhooks: WebhookRoutes) -> None:
        self._state = lookup.state
        self._me = str(lookup.me)
        self._webhooks = webhooks

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.post(
                API + "/interactions/{interaction}/{token}/callback", self._answer_interaction
            ),
            web.post(
                BY_TOKEN, self._choose_handler(self._post_follow_up, self._webhooks.execute_webhook)
            ),
            web.get(_MESSAGE, self._choose_handler(self._get_response, self._webhooks.get_message)),
            web.patch(
                _MESSAGE, self._choose_handler(self._edit_response, self._webhooks.edit_message)
            ),
            web.delete(
                _MESSAGE, self._choose_handler(self._delete_response, self._webhooks.delete_message)
            ),
        ]

    def _choose_handler(self, mine: Handler, channels: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            ours = request.match_info["webhook"] == self._me
            return await (mine if ours else channels)(request)

        return handle

    async def _answer_interaction(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        interaction_id = snowflakes.parse_snowflake(request.match_info["interaction"])
        token = request.match_info["token"]
        interaction = self._state.interactions.get_unanswered(interaction_id, token)
        composer = MessageComposer(self._state, interaction.channel_id)
        source = self._state.messages.find(interaction.source_message_id)
        callback = read_callback(composer, interaction, source=source, body=body)
        self._state.interactions.answer(
            interaction, callback.type, content=callback.content, data=callback.data
        )
        if request.query.get("with_response", "").lower() in {"1", "true"}:
            return respond_json(
                interaction_payloads.build_callback_response(self._state, interaction)
            )
        return respond_empty()

    async def _post_follow_up(self, request: web.Request) -> web.Response:
        """Post a follow-up; after a deferral, edit the deferred message instead.

        Discord keeps this for old clients (documentation, "Create Followup Message").
        """
        body = await read_body(request)
        interaction = self._get_interaction(request)
        composer = MessageComposer(self._state, interaction.channel_id)
        original = self._state.messages.find(interaction.response_id)
        deferred = interaction.callback is CallbackType.DEFERRED_MESSAGE
        if deferred and original is not None and original.is_loading:
            return self._change_message(interaction, original, body=body)
        content = composer.compose_new(body)
        message = self._state.interactions.post_follow_up(interaction, content)
        return respond_json(self._state.payloads.build_message(message))

    async def _get_response(self, request: web.Request) -> web.Response:
        message = self._get_message(request, self._get_interaction(request))
        return respond_json(self._state.payloads.build_message(message))

    async def _edit_response(self, request: web.Request) -> web.Response:
        body = await read_body(request)
        interaction = self._get_interaction(request)
        return self._change_message(interaction, self._get_message(request, interaction), body=body)

    async def _delete_response(self, request: web.Request) -> web.Response:
        self._state.messages.delete(self._get_message(request, self._get_interaction(request)))
        return respond_empty()

    def _change_message(
        self, interaction: Interaction, message: Message, *, body: Body
    ) -> web.Response:
        content = MessageComposer(self._state, message.channel_id).compose_edit(message, body)
        self._state.interactions.edit(interaction, message, content=content)
        return respond_json(self._state.payloads.build_message(message))

    def _get_interaction(self, request: web.Request) -> Interaction:
        return self._state.interactions.get_by_token(request.match_info["token"])

    def _get_message(self, request: web.Request, interaction: Interaction) -> Message:
        return self._state.interactions.get_message(interaction, request.match_info["message"])
