"""URLs of pictures in the vendor's form, and their route."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final
from uuid import UUID

from aiohttp import web

from sandbox.control.broken_responses import send_slowly, send_truncated
from sandbox.runware.faults import RunwareStage
from sandbox.runware.media.resize import change_width

if TYPE_CHECKING:
    from sandbox.runware.faults import RunwareFault
    from sandbox.runware.media.picture_store import Picture, PictureStore
    from sandbox.runware.service_state import ServiceState

EXTENSIONS: Final = {"JPG": "jpg", "PNG": "png", "WEBP": "webp"}
CONTENT_TYPES: Final = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
_FOLDER: Final = "/image/os/local/ws/2/ii/"
_UPLOAD_FOLDER: Final = "/media-storage/ws/2/id/"
"""Where results and uploads are; a public client saw uploads at `mm.runware.ai/media-storage`."""
_GARBAGE: Final = b"no picture at all " * 20
_PATH: Final = re.compile(
    f"(?:{re.escape(_FOLDER)}|{re.escape(_UPLOAD_FOLDER)})([0-9a-f-]{{36}})\\.(jpg|png|webp)"
)


def build_image_url(uuid: UUID, extension: str, *, origin: str) -> str:
    return f"{origin}{_FOLDER}{uuid}.{extension}"


def build_upload_url(uuid: UUID, extension: str, *, origin: str) -> str:
    return f"{origin}{_UPLOAD_FOLDER}{uuid}.{extension}"


def parse_image_uuid(url: str, origin: str) -> UUID | None:
    """Return the image's UUID if `url` is one of ours at `origin` ("http://host:port")."""
    found = _PATH.fullmatch(url.removeprefix(origin)) if url.startswith(origin) else None
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None


class ImageRoutes:
    def __init__(self, pictures: PictureStore, service_state: ServiceState) -> None:
        self._pictures = pictures
        self._service_state = service_state

    def build_routes(self) -> list[web.RouteDef]:
        return [
            web.get("/image/{rest:.*}", self._serve_image),
            web.get("/media-storage/{rest:.*}", self._serve_image),
        ]

    async def _serve_image(self, request: web.Request) -> web.StreamResponse:
        uuid = parse_image_uuid(request.path, "")
        picture = self._pictures.picture(uuid) if uuid else None
        if picture is None or not request.path.endswith(picture.extension):
            return web.Response(status=404, text="no such image")
        tasks = {picture.task} if picture.task else set()
        fault = self._service_state.faults.take(RunwareStage.MEDIA, tasks) if tasks else None
        whole = web.Response(body=picture.data, content_type=CONTENT_TYPES[picture.extension])
        return (
            await _send_with_fault(request, whole, picture=picture, fault=fault) if fault else whole
        )


async def _send_with_fault(
    request: web.Request, whole: web.Response, *, picture: Picture, fault: RunwareFault
) -> web.StreamResponse:
    kind = whole.content_type
    match fault.kind:
        case "wrong_size":
            wide = await asyncio.to_thread(change_width, picture.data, int(fault.value))
            return web.Response(body=wide, content_type=kind)
        case "media_cut":
            return await send_truncated(request, whole, after=int(fault.value))
        case "media_drip":
            return await send_slowly(request, whole, seconds=float(fault.value))
        case "gone" | "media_503":
            return web.Response(status=404 if fault.kind == "gone" else 503, text="not now")
        case _:
            body = {"garbage": _GARBAGE, "empty": b""}.get(fault.kind)
            size = int(fault.value or 0)
            padded = picture.data.ljust(size, b"\0") if body is None else body
            return web.Response(body=padded, content_type=kind)
