"""The client beside every fact that is known of the real Runware: one test for each of `FACTS`."""

from __future__ import annotations

import ast
import asyncio
import json
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import pytest

from bot.config.settings import Settings
from bot.domain.money import MicroUsd
from bot.errors import (
    OutcomeUnknown,
    ProviderBusy,
    ProviderUnavailable,
    TaskConflict,
    TaskRejected,
    Transient,
)
from bot.runware.client import RunwareClient, open_client
from bot.runware.media_download import parse_host
from bot.runware.outcomes import Submission, SubmitAccepted, SubmitRefused, SubmitUnanswered
from bot.runware.requests import GetAccount
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.server_fixture import build_task, format_http_answer, serve_answer

TESTS = Path(__file__).parents[1]
FACTS: Final = {
    "ping may be an unknown task over HTTP": (
        "acceptance/operation/test_provider_at_start.py::test_the_start_does_not_depend_on_the_provider",
        "runware/test_real_services.py::test_the_client_asks_for_the_account_and_never_pings",
    ),
    "a dry run names the price, or does not": (
        "cli/test_doctor_provider.py::test_the_price",
        "cli/test_doctor_provider.py::test_a_dry_run_that_is_refused_is_not_the_failure_of_the_whole",
    ),
    "the balance is a number or an object": (
        "cli/test_doctor_provider.py::test_the_balance",
        "runware/test_client_tasks.py::test_a_balance_of_no_known_shape_is_not_guessed",
    ),
    "the usage is by day, model and key": (
        "services/billing/test_provider_watch.py::test_the_ledger_is_compared_by_the_day_of_submission",
        "services/billing/test_provider_watch.py::test_a_bill_of_no_known_shape_is_not_guessed",
        "acceptance/operation/test_provider_watch.py::test_the_ledger_agrees_with_the_bill_to_the_cent",
    ),
    "a model's status is published": ("cli/test_doctor_provider.py::test_the_model",),
    "an error lists parameters and what is allowed": (
        "runware/test_real_services.py::test_an_error_about_several_parameters_is_told_whole",
    ),
    "a conflict names its task in a context": (
        "runware/test_real_services.py::test_a_conflict_proves_the_acceptance_wherever_it_names_its_task",
        "services/jobs/test_provider_switches.py::test_every_setting_of_every_switch",
    ),
    "an unknown UUID is answered with nothing": (
        "runware/test_client.py::test_a_task_that_was_never_sent_is_not_known",
        "services/jobs/test_render_steps.py::test_a_task_that_never_arrived_is_sent_again_with_the_same_uuid",
    ),
    "the price of one request varies": (
        "acceptance/operation/test_provider_watch.py::test_the_ledger_agrees_with_the_bill_to_the_cent",
        "services/jobs/test_render_steps.py::test_a_cost_is_settled_as_reported_where_it_makes_sense",
    ),
    "giving up waiting does not mean unbilled": (
        "services/jobs/test_render_steps.py::test_a_task_that_never_ends_is_parked",
        "services/jobs/test_provider_trouble.py::test_a_parked_job_is_taken_up_again_when_the_provider_knows_its_end",
    ),
    "thirty requests at once are answered": (
        "runware/test_real_services.py::test_thirty_requests_at_once_are_all_answered",
    ),
    "results and uploads have hosts of their own": (
        "runware/test_real_services.py::test_the_hosts_of_results_and_uploads_are_allowed",
    ),
    "429, 503 and 504 are worth a retry": (
        "runware/test_real_services.py::test_what_is_worth_a_retry_at_a_submit",
        "runware/test_real_services.py::test_what_is_worth_a_retry_at_a_poll",
        "services/jobs/test_fault_script.py::test_nothing_is_lost_and_nothing_is_paid_twice",
    ),
    "webhooks are unsigned": ("runware/test_real_services.py::test_no_webhook_is_asked_for",),
}
"""Each fact with the tests that show how the client takes it."""


@pytest.mark.parametrize("fact", FACTS)
def test_every_fact_has_its_tests(fact: str) -> None:
    for named in FACTS[fact]:
        path, name = named.split("::")
        tree = ast.parse((TESTS / path).read_text())
        kinds = ast.FunctionDef | ast.AsyncFunctionDef
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


async def submit_for_answer(answer: bytes, uuid: UUID) -> Submission:
    """Submit a task to a provider that answers with these bytes."""
    async with (
        serve_answer(answer) as url,
        open_client(base_url=url, api_key="k") as client,
    ):
        return (await client.submit([build_task(uuid=uuid)]))[uuid]


def format_error(status: str, **error: Any) -> bytes:
    body = {"data": [], "errors": [{"code": "invalidParameter", "message": "no"} | error]}
    return format_http_answer(json.dumps(body).encode(), status=status)


@pytest.mark.parametrize(
    ("parameter", "allowed", "names", "words"),
    [
        ("steps", None, "steps", "invalidSteps: no"),
        (["width", "height"], None, "width, height", "invalidSteps: no"),
        (["outputFormat"], ["JPG", "PNG"], "outputFormat", "invalidSteps: no (allowed: JPG, PNG)"),
        ("steps", [15, 50, 0.5], "steps", "invalidSteps: no (allowed: 15, 50, 0.5)"),
        (["a", None, {"b": 1}], "any", "a", "invalidSteps: no (allowed: any)"),
        ({"name": "a"}, {"b": 1}, "", "invalidSteps: no"),
    ],
)
async def test_an_error_about_several_parameters_is_told_whole(
    parameter: Any, allowed: Any, names: str, words: str
) -> None:
    uuid = uuid4()
    answer = format_error(
        "400 Bad Request",
        code="invalidSteps",
        parameter=parameter,
        allowedValues=allowed,
        taskUUID=str(uuid),
    )
    refused = await submit_for_answer(answer, uuid)
    assert isinstance(refused, SubmitRefused)
    assert isinstance(refused.error, TaskRejected)
    assert (refused.error.parameter, refused.error.detail) == (names, words)


@pytest.mark.parametrize(
    "place",
    [
        lambda named: named,
        lambda named: {"context": named},
        lambda named: {"error_data": named},
        lambda named: {"error_data": {"context": named}},
        lambda named: {"taskUUID": None, "context": named},
    ],
)
async def test_a_conflict_proves_the_acceptance_wherever_it_names_its_task(place: Any) -> None:
    uuid = uuid4()
    named = {"taskType": "imageInference", "taskUUID": str(uuid), "deliveryMethod": "async"}
    answer = format_error("400 Bad Request", code="conflictTaskUUID", **place(named))
    refused = await submit_for_answer(answer, uuid)
    assert isinstance(refused, SubmitRefused)
    assert isinstance(refused.error, TaskConflict)
    assert refused.error.task_uuid == uuid


@pytest.mark.parametrize(
    "named", [{}, {"context": {}}, {"context": "task"}, {"error_data": [1]}, {"taskUUID": "x"}]
)
async def test_a_conflict_that_names_no_task_leaves_the_outcome_open(named: dict[str, Any]) -> None:
    answer = format_error("400 Bad Request", code="conflictTaskUUID", **named)
    with pytest.raises(OutcomeUnknown):
        await submit_for_answer(answer, uuid4())


async def test_a_conflict_of_another_task_says_nothing_about_this_one() -> None:
    named = {"context": {"taskUUID": str(uuid4())}}
    answer = format_error("400 Bad Request", code="conflictTaskUUID", **named)
    with pytest.raises(TaskRejected):
        await submit_for_answer(answer, uuid4())


@pytest.mark.parametrize("conflict", ["error", "context", "error_data"])
async def test_the_local_conflict_is_understood_in_each_form(
    client: RunwareClient, runware: LocalRunware, conflict: str
) -> None:
    state = runware.service_state
    state.switches = state.switches.with_changes({"conflict": conflict})
    task, other = build_task(), build_task()
    await client.submit([task])
    answers = await client.submit([task, other])
    refused = answers[task.task_uuid]
    assert isinstance(refused, SubmitRefused)
    assert isinstance(refused.error, TaskConflict)
    assert answers[other.task_uuid] == SubmitAccepted()


async def test_the_client_asks_for_the_account_and_never_pings(
    client: RunwareClient, runware: LocalRunware
) -> None:
    state = runware.service_state
    state.switches = state.switches.with_changes({"http_ping": "unknown"})
    account = await client.fetch_account(GetAccount(task_uuid=uuid4()))
    assert account.balance == MicroUsd(1_000_000_000)
    assert not hasattr(client, "ping")


async def test_thirty_requests_at_once_are_all_answered(
    client: RunwareClient, runware: LocalRunware
) -> None:
    tasks = [build_task() for _ in range(30)]
    answers = await asyncio.gather(*(client.submit([task]) for task in tasks))
    assert [answer[task.task_uuid] for task, answer in zip(tasks, answers, strict=True)] == (
        [SubmitAccepted()] * 30
    )
    assert len(runware.journal.requests) == 30


def test_the_hosts_of_results_and_uploads_are_allowed() -> None:
    allowed = {parse_host(f"https://{host}") for host in Settings().runware.media_hosts}
    assert parse_host("https://im.runware.ai/image/os/a/ws/2/ii/b.jpg") in allowed
    assert parse_host("https://mm.runware.ai/media-storage/ws/2/ii/b.png") in allowed
    assert parse_host("https://im.runware.ai.example.org/b.png") not in allowed


BUSY, UNAVAILABLE, TIMEOUT = "429 Too Many Requests", "503 Unavailable", "504 Gateway Timeout"


@pytest.mark.parametrize("body", [b"", b"<html></html>", b'{"data":[],"errors":[]}'])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(BUSY, ProviderBusy), (UNAVAILABLE, OutcomeUnknown), (TIMEOUT, OutcomeUnknown)],
)
async def test_what_is_worth_a_retry_at_a_submit(
    status: str, kind: type[Exception], body: bytes
) -> None:
    """Only 429 proves that nothing was accepted; after the others the task is asked for first."""
    answer = format_http_answer(body, status=status, Retry_After="2")
    with pytest.raises(kind) as refused:
        await submit_for_answer(answer, uuid4())
    if isinstance(refused.value, Transient):
        assert refused.value.retry_after == 2.0


@pytest.mark.parametrize(
    ("status", "kind"),
    [(BUSY, ProviderBusy), (UNAVAILABLE, ProviderUnavailable), (TIMEOUT, ProviderUnavailable)],
)
async def test_what_is_worth_a_retry_at_a_poll(status: str, kind: type[Transient]) -> None:
    answer = format_http_answer(b"<html></html>", status=status, Retry_After="2")
    async with (
        serve_answer(answer) as url,
        open_client(base_url=url, api_key="k") as client,
    ):
        with pytest.raises(kind) as refused:
            await client.fetch_tasks([uuid4()])
    assert isinstance(refused.value, Transient)
    assert refused.value.retry_after == 2.0


async def test_a_task_that_a_gateway_timed_out_is_asked_for_and_not_sent_again() -> None:
    uuid = uuid4()
    named = format_error(TIMEOUT, code="providerGatewayTimeout", taskUUID=str(uuid))
    assert isinstance(await submit_for_answer(named, uuid), SubmitUnanswered)


def test_no_webhook_is_asked_for() -> None:
    assert "webhookURL" not in json.loads(build_task().to_wire())
