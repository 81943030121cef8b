"""Both of the vendor's Python SDKs against the local Runware: what they take, ours must say."""

from __future__ import annotations

import base64
import io
import itertools
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from bot.domain.geometry import Margins, Size
from bot.runware.transport import get_tls_context
from sandbox.runware.api.server import LocalRunware
from tests.support.provider_clients.client_process import ClientRun, ProviderClient, run_client
from tests.support.provider_clients.environments import UnreachableError
from tests.support.runware.flat_renderer import FlatRenderer
from tests.support.runware.server_fixture import build_data_uri, draw_photo, encode_image

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "protocol").glob("*.json"))
SDKS = [client for client in ProviderClient if client is not ProviderClient.OURS]
WAYS = list(itertools.product(("URL", "base64Data", "dataURI"), ("JPG", "PNG", "WEBP"), (1, 3)))
# an SDK's environment may have to be made first
pytestmark = pytest.mark.timeout(400)


def load_example(path: Path, **changed: Any) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(path.read_text())
    fields["inputs"]["seedImage"] = build_data_uri(encode_image(draw_photo()))
    return fields | {"taskUUID": str(uuid4()), "includeCost": True} | changed


async def run_sdk(
    client: ProviderClient, runware: LocalRunware, tasks: list[dict[str, Any]]
) -> ClientRun:
    """Run the tasks through an SDK; skip where it cannot be installed."""
    try:
        # the older SDK loses 33 s when its first poll comes before the result
        return await run_client(client, runware, tasks, seconds=25.0, settle=1.0)
    except UnreachableError as error:
        pytest.skip(f"{client.title} cannot be installed here: {error}")


async def download_picture(item: dict[str, Any]) -> Image.Image:
    if "imageURL" in item:
        async with httpx.AsyncClient(verify=get_tls_context()) as http:
            data = (await http.get(item["imageURL"])).content
    else:
        text = item.get("imageBase64Data") or item["imageDataURI"].partition(",")[2]
        data = base64.b64decode(text)
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("client", SDKS, ids=lambda client: client.name)
async def test_an_sdk_gets_every_example_in_every_type_and_format(client: ProviderClient) -> None:
    tasks = [
        load_example(
            path, deliveryMethod=delivery, outputType=kind, outputFormat=form, numberResults=count
        )
        for path, (kind, form, count) in zip(itertools.cycle(EXAMPLES), WAYS * 2, strict=False)
        for delivery in ("sync", "async")
    ]
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        done = await run_sdk(client, runware, tasks)
        for task, outcome in zip(tasks, done.outcomes, strict=True):
            assert (outcome.error, len(outcome.items)) == (None, task["numberResults"]), task
            assert {item["taskUUID"] for item in outcome.items} == {task["taskUUID"]}
            assert {item["cost"] for item in outcome.items} == {0.05}
            canvas = Size(96, 80).grow_by(Margins(**task["outpaint"]))
            image = await download_picture(outcome.items[0])
            assert image.size == (canvas.width, canvas.height)
            assert image.format == task["outputFormat"].replace("JPG", "JPEG")
        assert len(runware.journal.bills) == sum(task["numberResults"] for task in tasks)


@pytest.mark.parametrize("client", SDKS, ids=lambda client: client.name)
async def test_an_sdk_learns_what_was_wrong_and_nothing_is_billed(client: ProviderClient) -> None:
    wrong = [
        (load_example(EXAMPLES[0], steps=14), "invalidSteps", "validation"),
        (load_example(EXAMPLES[0], outpaint={"left": 63}), "invalidOutpaintLeft", "validation"),
        (
            load_example(EXAMPLES[0], positivePrompt="unsafe-prompt-6"),
            "invalidProviderContent",
            "safety",
        ),
    ]
    # the current SDK keeps no raw code, only the family it folds it into
    told = [code if client is ProviderClient.LEGACY else family for _, code, family in wrong]
    tasks = [task | {"deliveryMethod": "sync"} for task, _, _ in wrong]
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        done = await run_sdk(client, runware, tasks)
        assert [outcome.error for outcome in done.outcomes] == told
        assert runware.journal.bills == ()


async def test_our_own_driver_passes_what_the_sdks_pass() -> None:
    tasks = [load_example(path, numberResults=count) for path in EXAMPLES for count in (1, 3)]
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        done = await run_sdk(ProviderClient.OURS, runware, tasks)
        assert all(outcome.error is None for outcome in done.outcomes)
        counts = [len(outcome.items) for outcome in done.outcomes]
        assert counts == [task["numberResults"] for task in tasks]
