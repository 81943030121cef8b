"""What a person invokes on the page: commands, buttons, menus, autocomplete and modals."""

from typing import TYPE_CHECKING

from aiohttp import web

from sandbox.discord.model import snowflakes
from sandbox.discord.model.errors import build_field_error
from sandbox.discord.model.records import InteractionType, Json, Upload
from sandbox.discord.page.views import read_viewer
from sandbox.discord.rest.responses import respond_empty
from sandbox.discord.state.invocations import Invocation
from sandbox.discord.validation import message_content
from sandbox.discord.validation.request_bodies import Body, read_body

if TYPE_CHECKING:
    from sandbox.discord.state.state import State


class PageInteractions:
    """Turn the page's requests into the calls that scripted members make."""

    def __init__(self, state: "State") -> None:
        self._state = state

    async def open_interaction(self, request: web.Request) -> web.StreamResponse:
        """Open an interaction from a Discord client's payload and its files; answer 204."""
        user = read_viewer(self._state, request)
        body = await read_body(request)
        self._state.interactions.open(read_invocation(user.id, body))
        return respond_empty()


def read_invocation(user_id: int, body: Body) -> Invocation:
    """Parse a client's interaction payload; raise 50035 when invalid."""
    payload = body.payload
    kind = payload.get("type")
    if isinstance(kind, bool) or not isinstance(kind, int) or kind not in set(InteractionType):
        raise build_field_error(
            ("type",), "BASE_TYPE_CHOICES", "Value must be one of (2, 3, 4, 5)."
        )
    data = payload.get("data")
    if not isinstance(data, dict):
        raise build_field_error(
            ("data",), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        )
    channel_id = snowflakes.parse_snowflake(payload.get("channel_id"))
    if channel_id is None:
        raise build_field_error(("channel_id",), "NUMBER_TYPE_COERCE", "Value is not snowflake.")
    nonce = message_content.read_nonce(payload)
    return Invocation(
        user_id=user_id,
        channel_id=channel_id,
        data=data,
        type=InteractionType(kind),
        uploads=_match_uploads(data, body),
        nonce=None if nonce is None else str(nonce),
        message_id=snowflakes.parse_snowflake(payload.get("message_id")),
    )


def _match_uploads(data: Json, body: Body) -> dict[str, Upload]:
    """Map temporary ids of `data.attachments` to `files[n]`; raise 50035 for a missing file."""
    listed = data.get("attachments") or []
    path: tuple[str | int, ...] = ("data", "attachments")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise build_field_error(path, "LIST_TYPE_CONVERT", "Only lists of objects may be used here")
    if len(listed) > message_content.MAX_FILES:
        raise build_field_error(
            path, "BASE_TYPE_MAX_LENGTH", f"Must be {message_content.MAX_FILES} or fewer."
        )
    uploads = {}
    for index, meta in enumerate(listed):
        number = snowflakes.parse_snowflake(meta.get("id"))
        file = body.files.get(number) if number is not None else None
        if file is None:
            message = "Attachment data is not found"
            raise build_field_error((*path, index, "id"), "ATTACHMENT_NOT_FOUND", message)
        name = meta.get("filename")
        uploads[str(number)] = Upload(name if isinstance(name, str) else file.filename, file.data)
    return uploads
