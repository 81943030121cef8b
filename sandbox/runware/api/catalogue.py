"""The vendor's public catalogue of models, which says whether a model is still live.

It needs no key and has an address of its own: `content.runware.ai/models/{model}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from bot.domain.model import MODELS
from bot.domain.money import format_usd

if TYPE_CHECKING:
    from bot.domain.model import ImageModel
    from sandbox.runware.service_state import ServiceState

SUCCESSOR: Final = "bfl:flux@outpainting"
"""What the vendor advises for continuations without a new subject."""


class CatalogueRoutes:
    def __init__(self, service_state: ServiceState) -> None:
        self._service_state = service_state

    def build_routes(self) -> list[web.RouteDef]:
        return [web.get("/content/models/{model}", self._show_model)]

    async def _show_model(self, request: web.Request) -> web.Response:
        model = MODELS.get(request.match_info["model"])
        status = self._service_state.switches.model_status
        if model is None or status == "missing":
            return web.json_response({"error": "Model not found"}, status=404)
        return web.json_response(_describe_model(model, status))


def _describe_model(model: ImageModel, status: str) -> dict[str, Any]:
    replaced = {"replacedBy": model.replaced_by or SUCCESSOR} if status == "deprecated" else {}
    return {
        "air": model.identifier,
        "name": model.name,
        "creator": model.identifier.partition(":")[0],
        "capabilities": ["io:image-to-image", "op:extend"],
        "status": status,
        "pricingOverview": f"{format_usd(model.price.per_result)} per image",
    } | replaced
