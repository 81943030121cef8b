"""The vendor's public catalogue of models, which says whether a model is still live.

It needs no key and has an address of its own: `content.runware.ai/models/{model}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from sandbox.runware.tasks.parameters import MODEL
from sandbox.runware.tasks.usage import MODEL_NAME

if TYPE_CHECKING:
    from sandbox.runware.service_state import ServiceState

SLUG: Final = "bfl-flux-1-expand-pro"
SUCCESSOR: Final = "bfl:flux@outpainting"
_MODEL: Final[dict[str, Any]] = {
    "model": SLUG,
    "air": MODEL,
    "name": MODEL_NAME,
    "creator": "bfl",
    "capabilities": ["io:image-to-image", "op:extend"],
    "hosted": False,
    "releasedAt": "2024-11-21",
    "weight": 1,
    "headline": "Extends pictures beyond their edges",
    "description": "Extends a picture on each side by up to 2048 pixels.",
    "pricingOverview": "$0.05 per image",
}


class CatalogueRoutes:
    def __init__(self, service_state: ServiceState) -> None:
        self._service_state = service_state

    def build_routes(self) -> list[web.RouteDef]:
        return [web.get("/content/models/{model}", self._show_model)]

    async def _show_model(self, request: web.Request) -> web.Response:
        status = self._service_state.switches.model_status
        if request.match_info["model"] not in {MODEL, SLUG} or status == "missing":
            return web.json_response({"error": "Model not found"}, status=404)
        replaced = {"replacedBy": SUCCESSOR} if status == "deprecated" else {}
        return web.json_response(_MODEL | {"status": status} | replaced)
