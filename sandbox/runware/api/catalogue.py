"""The vendor's public catalogue of models, which says whether a model is still live.

It needs no key and has an address of its own: `content.runware.ai/models/{model}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bot.domain.model import DEFAULT_MODEL
from bot.domain.money import format_usd

if TYPE_CHECKING:
    from sandbox.runware.service_state import ServiceState

SLUG: Final = "bfl-flux-1-expand-pro"
SUCCESSOR: Final = "bfl:flux@outpainting"
_MODEL: Final[dict[str, Any]] = {
    "model": SLUG,
    "air": DEFAULT_MODEL.identifier,
    "name": DEFAULT_MODEL.name,
    "creator": "bfl",
    "capabilities": ["io:image-to-image", "op:extend"],
    "hosted": False,
    "releasedAt": "2024-11-21",
    "weight": 1,
    "headline": "Extends pictures beyond their edges",
    "description": f"Adds up to {DEFAULT_MODEL.margin.maximum} pixels on each side.",
    "pricingOverview": f"{format_usd(DEFAULT_MODEL.price.per_result)} per image",
}


class CatalogueRoutes:
    def __init__(self, service_state: ServiceState) -> None:
        self._service_state = service_state

    def build_routes(self) -> list[web.RouteDef]:
        return [web.get("/content/models/{model}", self._show_model)]

    async def _show_model(self, request: web.Request) -> web.Response:
        status = self._service_state.switches.model_status
        if (
            request.match_info["model"] not in {DEFAULT_MODEL.identifier, SLUG}
            or status == "missing"
        ):
            return web.json_response({"error": "Model not found"}, status=404)
        replaced = {"replacedBy": SUCCESSOR} if status == "deprecated" else {}
        return web.json_response(_MODEL | {"status": status} | replaced)
