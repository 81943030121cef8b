"""The client against servers that lie, break off or say nothing."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from bot.domain.errors import ExpanseError
from bot.errors import (
    ContentRefused,
    OutcomeUnknown,
    ProviderAuth,
    ProviderBusy,
    ProviderCredit,
    ProviderUnavailable,
    TaskFailed,
    TaskRejected,
)
from bot.runware.client import RunwareClient, open_client
from bot.runware.outcomes import SubmitAccepted, SubmitRefused, SubmitUnanswered, TaskView
from tests.support.runware.server_fixture import (
    build_task,
    format_http_answer,
    open_tcp_server,
    read_request,
    serve_answer,
)

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

UUID_1 = UUID("567a4534-6ee4-464a-8a66-3ba4be47cd3e")
UUID_2 = UUID("9a48ce30-8355-4b7f-9e15-617b5f8a4fd7")


def open_client_at(
    url: str, *, deadline: float = 5.0
) -> AbstractAsyncContextManager[RunwareClient]:
    return open_client(base_url=url, api_key="k", deadline=deadline)


def build_envelope(*, data: list[Any] | None = None, errors: list[Any] | None = None) -> bytes:
    return json.dumps({"data": data or [], "errors": errors or []}).encode()


def build_error(code: str, uuid: UUID | None = None, **more: str) -> dict[str, str]:
    return {"code": code, "message": "m"} | ({"taskUUID": str(uuid)} if uuid else {}) | more


def build_item(uuid: UUID, **more: Any) -> dict[str, Any]:
    return {"taskType": "imageInference", "taskUUID": str(uuid)} | more


ACK = format_http_answer(build_envelope(data=[build_item(UUID_1)]), Content_Type="application/json")


@pytest.mark.parametrize("offset", [*range(0, len(ACK), 7), len(ACK) - 1])
async def test_an_answer_cut_at_any_byte_leaves_the_outcome_unknown(offset: int) -> None:
    async with serve_answer(ACK[:offset]) as url, open_client_at(url) as client:
        with pytest.raises(OutcomeUnknown):
            await client.submit([build_task(uuid=UUID_1)])
        with pytest.raises(ProviderUnavailable):
            await client.fetch_tasks([UUID_1])


async def test_the_whole_answer_is_an_acceptance() -> None:
    async with serve_answer(ACK) as url, open_client_at(url) as client:
        assert await client.submit([build_task(uuid=UUID_1)]) == {UUID_1: SubmitAccepted()}


async def test_a_reset_after_the_request_leaves_the_outcome_unknown() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    async with (
        open_tcp_server(talk) as port,
        open_client_at(f"http://127.0.0.1:{port}/v1") as client,
    ):
        with pytest.raises(OutcomeUnknown):
            await client.submit([build_task()])


@pytest.mark.parametrize("dripping", [False, True])
async def test_silence_and_dripping_end_at_the_deadline(*, dripping: bool) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for byte in ACK:
            writer.write(bytes([byte]) if dripping else b"")
            await asyncio.sleep(0.02)

    async with (
        open_tcp_server(talk) as port,
        open_client_at(f"http://127.0.0.1:{port}/v1", deadline=0.2) as client,
    ):
        async with asyncio.timeout(2):
            with pytest.raises(OutcomeUnknown):
                await client.submit([build_task(uuid=UUID_1)])


async def test_a_refused_connection_is_surely_not_sent() -> None:
    async with open_tcp_server(lambda _reader, _writer: asyncio.sleep(0)) as port:
        pass
    async with open_client_at(f"http://127.0.0.1:{port}/v1") as client:
        with pytest.raises(ProviderUnavailable):
            await client.submit([build_task()])


WHOLE: list[tuple[str, bytes, type[ExpanseError], type[ExpanseError]]] = [
    ("200 OK", b"<html>hello</html>", OutcomeUnknown, ProviderUnavailable),
    ("200 OK", b"", OutcomeUnknown, ProviderUnavailable),
    ("500 Oops", b"oops", OutcomeUnknown, ProviderUnavailable),
    (
        "503 Busy",
        build_envelope(errors=[build_error("serviceUnavailable")]),
        OutcomeUnknown,
        ProviderUnavailable,
    ),
    ("504 Late", b"", OutcomeUnknown, ProviderUnavailable),
    ("408 Late", b"", OutcomeUnknown, ProviderUnavailable),
    ("429 Slow", b"", ProviderBusy, ProviderBusy),
    ("429 Slow", build_envelope(errors=[build_error("rateLimit")]), ProviderBusy, ProviderBusy),
    ("400 No", build_envelope(errors=[build_error("invalidJSON")]), TaskRejected, TaskRejected),
    ("401 No", b"", ProviderAuth, ProviderAuth),
    ("402 Pay", b"", ProviderCredit, ProviderCredit),
    ("403 No", b"<html>", ProviderAuth, ProviderAuth),
    ("404 No", b"<html>", TaskRejected, TaskRejected),
    ("302 There", b"", TaskRejected, TaskRejected),
    ("200 OK", build_envelope(errors=[build_error("invalidApiKey")]), ProviderAuth, ProviderAuth),
]


@pytest.mark.parametrize(("status", "body", "on_submit", "_on_fetch"), WHOLE)
async def test_an_answer_about_no_task_is_raised_by_submit(
    status: str, body: bytes, on_submit: type[ExpanseError], _on_fetch: object
) -> None:
    async with (
        serve_answer(format_http_answer(body, status=status)) as url,
        open_client_at(url) as client,
    ):
        with pytest.raises(ExpanseError) as raised:
            await client.submit([build_task(), build_task()])
    assert type(raised.value) is on_submit


@pytest.mark.parametrize(("status", "body", "_on_submit", "on_fetch"), WHOLE)
async def test_an_answer_about_no_task_is_raised_by_fetch(
    status: str, body: bytes, _on_submit: object, on_fetch: type[ExpanseError]
) -> None:
    async with (
        serve_answer(format_http_answer(body, status=status)) as url,
        open_client_at(url) as client,
    ):
        with pytest.raises(ExpanseError) as raised:
            await client.fetch_tasks([UUID_1, UUID_2])
    assert type(raised.value) is on_fetch


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("soon", None),
        ("", None),
    ],
)
async def test_retry_after_is_handed_on(header: str, seconds: float | None) -> None:
    answer = format_http_answer(
        b"", status="429 Slow", Retry_After=header, Date="Wed, 21 Oct 2026 07:28:00 GMT"
    )
    async with serve_answer(answer) as url, open_client_at(url) as client:
        with pytest.raises(ProviderBusy) as busy:
            await client.submit([build_task()])
    assert busy.value.retry_after == seconds


async def test_a_compressed_answer_is_not_inflated() -> None:
    answer = format_http_answer(b"\x1f\x8b\x08", Content_Encoding="gzip")
    async with serve_answer(answer) as url, open_client_at(url) as client:
        with pytest.raises(OutcomeUnknown):
            await client.submit([build_task()])


@pytest.mark.parametrize("status", ["200 OK", "400 No", "503 Busy"])
async def test_items_and_errors_count_whatever_the_status(status: str) -> None:
    body = build_envelope(data=[build_item(UUID_1)], errors=[build_error("invalidSteps", UUID_2)])
    async with (
        serve_answer(format_http_answer(body, status=status)) as url,
        open_client_at(url) as client,
    ):
        answers = await client.submit([build_task(uuid=UUID_1), build_task(uuid=UUID_2)])
    refused = answers[UUID_2]
    assert answers[UUID_1] == SubmitAccepted()
    assert isinstance(refused, SubmitRefused)
    assert isinstance(refused.error, TaskRejected)


@pytest.mark.parametrize(
    ("status", "errors"),
    [
        ("200 OK", []),
        ("200 OK", [build_error("internalServerError", UUID_2)]),
        ("503 Busy", [build_error("noAvailableServer", UUID_2)]),
    ],
)
async def test_a_task_without_a_clear_answer_beside_others_is_unanswered(
    status: str, errors: list[Any]
) -> None:
    answer = format_http_answer(
        build_envelope(data=[build_item(UUID_1)], errors=errors), status=status
    )
    async with serve_answer(answer) as url, open_client_at(url) as client:
        answers = await client.submit([build_task(uuid=UUID_1), build_task(uuid=UUID_2)])
    assert isinstance(answers[UUID_2], SubmitUnanswered)


async def test_results_survive_beside_a_moderated_one() -> None:
    picture = build_item(UUID_1, status="success", imageURL="https://x/1.jpg", imageUUID="1")
    refused = build_error("invalidProviderContent", UUID_1, status="error")
    body = build_envelope(data=[picture, picture], errors=[refused])
    async with serve_answer(format_http_answer(body)) as url, open_client_at(url) as client:
        view = (await client.fetch_tasks([UUID_1]))[UUID_1]
    assert len(view.results) == 1
    assert isinstance(view.failures[0], ContentRefused)
    assert not view.is_processing


async def test_results_of_other_tasks_are_attached_to_none() -> None:
    body = build_envelope(data=[build_item(uuid4(), imageURL="https://x/1.jpg")])
    async with serve_answer(format_http_answer(body)) as url, open_client_at(url) as client:
        views = await client.fetch_tasks([UUID_1, UUID_2])
    assert views == {uuid: TaskView(is_known=False) for uuid in (UUID_1, UUID_2)}


async def test_a_task_is_unknown_only_after_a_clean_answer() -> None:
    body = build_envelope(data=[build_item(UUID_1), {"taskUUID": "unreadable"}])
    async with serve_answer(format_http_answer(body)) as url, open_client_at(url) as client:
        views = await client.fetch_tasks([UUID_1, UUID_2])
    assert views[UUID_2] == TaskView(is_processing=True, is_unclear=True)


@pytest.mark.parametrize("named", [UUID_1, None])
async def test_not_found_is_not_known(named: UUID | None) -> None:
    body = build_envelope(errors=[build_error("taskFailedOrNotFound", named)])
    answer = format_http_answer(body, status="400 No")
    async with serve_answer(answer) as url, open_client_at(url) as client:
        assert await client.fetch_tasks([UUID_1]) == {UUID_1: TaskView(is_known=False)}


async def test_a_poll_refused_for_the_key_does_not_end_the_task() -> None:
    body = build_envelope(errors=[build_error("invalidApiKey", UUID_1)])
    async with (
        serve_answer(format_http_answer(body, status="401 No")) as url,
        open_client_at(url) as client,
    ):
        with pytest.raises(ProviderAuth):
            await client.fetch_tasks([UUID_1])


async def test_a_transient_error_about_one_task_of_several_keeps_it_in_flight() -> None:
    body = build_envelope(
        data=[build_item(UUID_2)], errors=[build_error("rateLimitExceeded", UUID_1)]
    )
    async with serve_answer(format_http_answer(body)) as url, open_client_at(url) as client:
        views = await client.fetch_tasks([UUID_1, UUID_2])
    assert views[UUID_1] == TaskView(is_processing=True, is_unclear=True)


async def test_a_transient_error_about_the_only_task_tells_nothing_of_it() -> None:
    body = build_envelope(errors=[build_error("rateLimitExceeded", UUID_1)])
    answer = format_http_answer(body, status="429 Slow", Retry_After="2")
    async with serve_answer(answer) as url, open_client_at(url) as client:
        with pytest.raises(ProviderBusy) as busy:
            await client.fetch_tasks([UUID_1])
    assert busy.value.retry_after == 2.0


async def test_an_item_marked_as_failed_ends_its_task() -> None:
    body = build_envelope(data=[build_item(UUID_1, status="failed")])
    async with serve_answer(format_http_answer(body)) as url, open_client_at(url) as client:
        view = (await client.fetch_tasks([UUID_1]))[UUID_1]
    assert isinstance(view.failures[0], TaskFailed)
