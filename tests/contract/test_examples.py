"""The vendor's four example requests, through our client and our server."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.domain.geometry import Margins, Size
from bot.domain.money import MicroUsd
from bot.runware.client import open_client
from bot.runware.outcomes import SubmitAccepted
from bot.runware.requests import ImageInference
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.server_fixture import build_data_uri, draw_photo, encode_image

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocol"
EXAMPLES = sorted(PROTOCOL.glob("*.json"))


def load_example(path: Path) -> dict[str, Any]:
    """Read an example, its seed image replaced by a picture that exists."""
    fields: dict[str, Any] = json.loads(path.read_text())
    fields["inputs"]["seedImage"] = build_data_uri(encode_image(draw_photo(160, 120)))
    return fields


def test_there_are_four_examples() -> None:
    assert len(EXAMPLES) == 4


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_models_write_an_example_as_it_was_read(path: Path) -> None:
    example = load_example(path)
    written = json.loads(ImageInference.model_validate_json(json.dumps(example)).to_wire())
    assert {name: written[name] for name in example} == example


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_an_example_comes_back_larger_by_its_margins(path: Path) -> None:
    example = load_example(path) | {"deliveryMethod": "sync", "outputType": "base64Data"}
    task = ImageInference.model_validate_json(json.dumps(example))
    async with (
        LocalRunware.open() as runware,
        open_client(base_url=runware.base_url, api_key=runware.api_key) as client,
    ):
        accepted = (await client.submit([task]))[task.task_uuid]
    assert isinstance(accepted, SubmitAccepted)
    (result,) = accepted.results
    canvas = Size(160, 120).grow_by(Margins(**example["outpaint"]))
    image = Image.open(io.BytesIO(base64.b64decode(result.image_base64_data or "")))
    assert image.size == (canvas.width, canvas.height)
    assert result.cost == MicroUsd(50_000)
