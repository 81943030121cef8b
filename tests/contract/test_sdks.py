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

from bench.provider.drive import Client, Run, drive
from bench.provider.flat import FlatRenderer
from bench.provider.sdk.environments import UnreachableError
from bot.domain.geometry import Margins, Size
from bot.runware.transport import tls_context
from sandbox.runware.server import LocalRunware
from tests.runware.bed import data_uri, encoded, photo

EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "protocol").glob("*.json"))
SDKS = [client for client in Client if client is not Client.OURS]
WAYS = list(itertools.product(("URL", "base64Data", "dataURI"), ("JPG", "PNG", "WEBP"), (1, 3)))
# an SDK's environment may have to be made first
pytestmark = pytest.mark.timeout(400)


def example(path: Path, **changed: Any) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(path.read_text())
    fields["inputs"]["seedImage"] = data_uri(encoded(photo()))
    return fields | {"taskUUID": str(uuid4()), "includeCost": True} | changed


async def run(client: Client, runware: LocalRunware, tasks: list[dict[str, Any]]) -> Run:
    """Run the tasks through an SDK; skip where it cannot be installed."""
    try:
        # the older SDK loses 33 s when its first poll comes before the result
        return await drive(client, runware, tasks, seconds=25.0, settle=1.0)
    except UnreachableError as error:
        pytest.skip(f"{client.title} cannot be installed here: {error}")


async def picture(item: dict[str, Any]) -> Image.Image:
    if "imageURL" in item:
        async with httpx.AsyncClient(verify=tls_context()) as http:
            data = (await http.get(item["imageURL"])).content
    else:
        text = item.get("imageBase64Data") or item["imageDataURI"].partition(",")[2]
        data = base64.b64decode(text)
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("client", SDKS, ids=lambda client: client.name)
async def test_an_sdk_gets_every_example_in_every_type_and_format(client: Client) -> None:
    tasks = [
        example(
            path, deliveryMethod=delivery, outputType=kind, outputFormat=form, numberResults=count
        )
        for path, (kind, form, count) in zip(itertools.cycle(EXAMPLES), WAYS * 2, strict=False)
        for delivery in ("sync", "async")
    ]
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        done = await run(client, runware, tasks)
        for task, outcome in zip(tasks, done.outcomes, strict=True):
            assert (outcome.error, len(outcome.items)) == (None, task["numberResults"]), task
            assert {item["taskUUID"] for item in outcome.items} == {task["taskUUID"]}
            assert {item["cost"] for item in outcome.items} == {0.05}
            canvas = Size(96, 80).grown(Margins(**task["outpaint"]))
            image = await picture(outcome.items[0])
            assert image.size == (canvas.width, canvas.height)
            assert image.format == task["outputFormat"].replace("JPG", "JPEG")
        assert len(runware.journal.billed) == sum(task["numberResults"] for task in tasks)


@pytest.mark.parametrize("client", SDKS, ids=lambda client: client.name)
async def test_an_sdk_is_told_what_was_wrong_and_nothing_is_billed(client: Client) -> None:
    wrong = [
        (example(EXAMPLES[0], steps=14), "invalidSteps", "validation"),
        (example(EXAMPLES[0], outpaint={"left": 63}), "invalidOutpaintLeft", "validation"),
        (
            example(EXAMPLES[0], positivePrompt="unsafe-prompt-6"),
            "invalidProviderContent",
            "safety",
        ),
    ]
    # the current SDK keeps no raw code, only the family it folds it into
    told = [code if client is Client.LEGACY else family for _, code, family in wrong]
    tasks = [task | {"deliveryMethod": "sync"} for task, _, _ in wrong]
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        done = await run(client, runware, tasks)
        assert [outcome.error for outcome in done.outcomes] == told
        assert runware.journal.billed == ()


async def test_our_own_driver_passes_what_the_sdks_pass() -> None:
    tasks = [example(path, numberResults=count) for path in EXAMPLES for count in (1, 3)]
    async with LocalRunware.open(workers=FlatRenderer()) as runware:
        done = await run(Client.OURS, runware, tasks)
        assert all(outcome.error is None for outcome in done.outcomes)
        counts = [len(outcome.items) for outcome in done.outcomes]
        assert counts == [task["numberResults"] for task in tasks]
