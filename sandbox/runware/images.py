"""The pictures' own addresses, in the vendor's shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from uuid import UUID

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.runware.store import Picture

EXTENSIONS: Final = {"JPG": "jpg", "PNG": "png", "WEBP": "webp"}
CONTENT_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_FOLDER: Final = "/image/os/local/ws/2/ii/"
_PATH: Final = re.compile(re.escape(_FOLDER) + r"([0-9a-f-]{36})\.(jpg|png|webp)")


def url_of(uuid: UUID, extension: str, *, origin: str) -> str:
    return f"{origin}{_FOLDER}{uuid}.{extension}"


def uuid_in_url(url: str, origin: str) -> UUID | None:
    """Return the image's UUID when `url` is one of ours at `origin` ("http://host:port")."""
    found = _PATH.fullmatch(url.removeprefix(origin)) if url.startswith(origin) else None
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None


def routes(find: Callable[[UUID], Picture | None]) -> list[web.RouteDef]:
    async def serve(request: web.Request) -> web.Response:
        uuid = uuid_in_url(request.path, "")
        picture = find(uuid) if uuid else None
        if picture is None or not request.path.endswith(picture.extension):
            return web.Response(status=404, text="no such image")
        return web.Response(body=picture.data, content_type=CONTENT_TYPES[picture.extension])

    return [web.get("/image/{rest:.*}", serve)]
