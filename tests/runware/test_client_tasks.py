"""The client's tasks beside inference, against the local Runware."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from bot.domain.money import MicroUsd
from bot.errors import ContentRefused, ProviderUnavailable, TaskRejected
from bot.runware.account import ProviderAccount
from bot.runware.client import PriceQuote, RunwareClient, open_client
from bot.runware.requests import (
    GetAccount,
    Inputs,
)
from sandbox.runware.api.server import LocalRunware
from tests.support.runware.server_fixture import (
    build_task,
    format_http_answer,
    serve_answer,
)


@pytest.mark.parametrize("shape", ["number", "object"])
async def test_the_balance_is_read_in_either_shape(
    client: RunwareClient, runware: LocalRunware, shape: str
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes({"balance": shape})
    runware.service_state.wallet.balance = 12_345_678
    account = await client.fetch_account(GetAccount(task_uuid=uuid4()))
    assert account.balance == MicroUsd(12_345_678)


@pytest.mark.parametrize(
    ("raw", "balance"),
    [
        (5, 5_000_000),
        ({"amount": 5}, 5_000_000),
        ({"amount": 5, "freeBalance": 1, "currency": "USD"}, 5_000_000),
        ({"amount": "5", "freeBalance": 1}, None),
        ({"free": 1, "paid": 2}, None),
        ("5", None),
        (-1, -1_000_000),
        (True, None),
        (None, None),
        (Decimal("1E+308"), None),
        (Decimal("-1E+999999999"), None),
    ],
)
def test_a_balance_of_no_known_shape_is_not_guessed(raw: Any, balance: int | None) -> None:
    assert ProviderAccount.model_validate({"balance": raw}).balance == balance


@pytest.mark.parametrize(("shape", "price"), [("cost", 150_000), ("ack", None), ("empty", None)])
async def test_a_dry_run_names_the_price_and_costs_nothing(
    client: RunwareClient, runware: LocalRunware, shape: str, price: int | None
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes({"dry_run": shape})
    quote = await client.fetch_price(build_task(number_results=3))
    assert quote == PriceQuote(None if price is None else MicroUsd(price))
    with pytest.raises(TaskRejected):
        await client.fetch_price(build_task(inputs=Inputs(seed_image="%%%")))
    assert runware.journal.bills == ()


async def test_a_cost_that_an_error_reports_is_preserved(
    client: RunwareClient, runware: LocalRunware
) -> None:
    runware.service_state.switches = runware.service_state.switches.with_changes(
        {"moderated_bill": "reported"}
    )
    task = build_task(positive_prompt="unsafe-prompt-6", delivery_method="sync")
    answer = (await client.submit([task]))[task.task_uuid]
    error = getattr(answer, "error", None)
    assert isinstance(error, ContentRefused)
    assert error.billed == MicroUsd(50_000)


async def test_an_answer_that_makes_no_sense_is_no_account() -> None:
    async with (
        serve_answer(format_http_answer(b'{"data": []}')) as url,
        open_client(base_url=url, api_key="k") as client,
    ):
        with pytest.raises(ProviderUnavailable):
            await client.fetch_account(GetAccount(task_uuid=uuid4()))
