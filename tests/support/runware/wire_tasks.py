"""Tasks in their wire form, for tests that use the protocol without our client."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.support.runware.server_fixture import build_data_uri, draw_photo, encode_image

SEED_URI = build_data_uri(encode_image(draw_photo()))


def build_wire_task(**changed: Any) -> dict[str, Any]:
    """Build a valid task for a 96x80 photograph; a change to None removes the key."""
    task: dict[str, Any] = {
        "taskType": "imageInference",
        "taskUUID": str(uuid4()),
        "model": "bfl:1@3",
        "positivePrompt": "more of the same field",
        "outpaint": {"right": 64},
        "inputs": {"seedImage": SEED_URI},
        "deliveryMethod": "async",
    }
    return {name: value for name, value in (task | changed).items() if value is not None}


def build_account_task() -> dict[str, str]:
    """Build a task that costs nothing and is always answered."""
    return {
        "taskType": "accountManagement",
        "taskUUID": str(uuid4()),
        "operation": "getDetails",
    }


def build_poll(*tasks: dict[str, Any]) -> list[dict[str, str]]:
    return [{"taskType": "getResponse", "taskUUID": task["taskUUID"]} for task in tasks]
