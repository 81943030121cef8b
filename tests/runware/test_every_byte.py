"""Answers cut at every byte, in every order, and with whatever codes the provider thinks up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OutcomeUnknown, Permanent, ProviderUnavailable
from bot.runware.circuit_breaker import CircuitBreaker
from bot.runware.client import RunwareClient, open_client
from bot.runware.error_codes import classify_poll_error, classify_submit_error
from bot.runware.outcomes import SubmitAccepted
from bot.runware.responses import ApiError
from tests.support.runware.server_fixture import (
    build_task,
    format_http_answer,
    open_tcp_server,
    read_request,
)

TASKS = [UUID(int=number, version=4) for number in range(1, 5)]


@dataclass(slots=True)
class CannedAnswer:
    """What the server answers to every request."""

    answer: bytes = b""
    now: float = 0.0

    def __call__(self) -> float:
        """Leave half a minute between two requests, so that no circuit opens."""
        self.now += 31
        return self.now


@asynccontextmanager
async def open_canned_client() -> AsyncIterator[tuple[CannedAnswer, RunwareClient]]:
    says = CannedAnswer()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(says.answer)
        await writer.drain()

    async with (
        open_tcp_server(talk) as port,
        open_client(
            base_url=f"http://127.0.0.1:{port}/v1",
            api_key="k",
            deadline=5.0,
            breaker=CircuitBreaker(says),
        ) as client,
    ):
        yield says, client


def build_body(*items: dict[str, Any], errors: list[dict[str, Any]] | None = None) -> bytes:
    return json.dumps({"data": items, "errors": errors or []}).encode()


def build_ack(uuid: UUID) -> dict[str, Any]:
    return {"taskType": "imageInference", "taskUUID": str(uuid)}


def build_picture(uuid: UUID, name: str) -> dict[str, Any]:
    url = f"https://im.runware.ai/{name}.jpg"
    return {
        **build_ack(uuid),
        "status": "success",
        "imageUUID": name,
        "imageURL": url,
        "cost": 0.05,
    }


def build_failure(uuid: UUID) -> dict[str, Any]:
    return {"code": "timeoutProvider", "message": "m", "taskUUID": str(uuid), "status": "error"}


@pytest.mark.parametrize("told", [True, False], ids=["with a length", "until it closes"])
async def test_an_answer_cut_at_every_byte_is_never_taken_for_a_whole_one(*, told: bool) -> None:
    length = {} if told else {"Content_Length": ""}
    whole = format_http_answer(
        build_body(*map(build_ack, TASKS)), Content_Type="application/json", **length
    )
    assert len(whole) > 400
    tasks = [build_task(uuid=uuid) for uuid in TASKS]
    async with open_canned_client() as (says, client):
        for offset in range(len(whole)):
            says.answer = whole[:offset]
            with pytest.raises(OutcomeUnknown):
                await client.submit(tasks)
            if offset % 10 == 0:
                with pytest.raises(ProviderUnavailable):
                    await client.fetch_tasks(TASKS)
        says.answer = whole
        assert await client.submit(tasks) == dict.fromkeys(TASKS, SubmitAccepted())


async def test_fifty_items_in_any_order_go_to_their_own_tasks_and_to_no_other() -> None:
    chance, strangers = Random(8), [UUID(int=number, version=4) for number in range(90, 100)]  # noqa: S311
    items = [build_picture(uuid, f"{uuid.int % 100}-{n}") for uuid in TASKS for n in range(4)]
    items += [build_picture(uuid, f"{uuid.int % 100}-{n}") for uuid in TASKS for n in range(4)]
    items += [build_picture(uuid, "0-0") for uuid in strangers] + [
        build_ack(uuid) for uuid in TASKS
    ]
    items += [{"taskUUID": "none"}, {}, {"taskUUID": None}, {"x": 1}]
    assert len(items) == 50
    expected = {(uuid, f"{uuid.int % 100}-{n}") for uuid in TASKS for n in range(4)}
    async with open_canned_client() as (says, client):
        for _ in range(60):
            chance.shuffle(items)
            says.answer = format_http_answer(build_body(*items))
            views = await client.fetch_tasks(TASKS)
            found = [(uuid, each.image_uuid) for uuid in TASKS for each in views[uuid].results]
            assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("shown", range(5))
async def test_of_four_results_each_is_a_picture_or_a_failure(shown: int) -> None:
    uuid = TASKS[0]
    items = [build_picture(uuid, str(n)) for n in range(shown)]
    async with open_canned_client() as (says, client):
        says.answer = format_http_answer(
            build_body(*items, errors=[build_failure(uuid)] * (4 - shown))
        )
        view = (await client.fetch_tasks([uuid]))[uuid]
    assert len(view.results) == shown
    assert bool(view.failures) is (shown < 4)
    assert not view.is_processing


async def test_a_flat_answer_without_an_envelope_says_nothing_of_a_task() -> None:
    """Only a webhook has this form, and none is ever asked for."""
    assert "webhook" not in build_task().to_wire().lower()
    async with open_canned_client() as (says, client):
        says.answer = format_http_answer(json.dumps(build_picture(TASKS[0], "1")).encode())
        with pytest.raises(ProviderUnavailable):
            await client.fetch_tasks(TASKS[:1])


@given(st.text(max_size=60), st.sampled_from([None, TASKS[0]]))
def test_whatever_code_comes_is_folded_and_an_unknown_one_is_final(
    code: str, task: UUID | None
) -> None:
    for folded in (
        classify_submit_error(ApiError(code=code), task_uuid=task),
        classify_poll_error(ApiError(code=code)),
    ):
        assert str(folded)
    strange = ApiError(code="somethingStrange")
    assert isinstance(classify_submit_error(strange, task_uuid=task), Permanent)
