"""The provider's client: one method per task type, each with a deadline and without retries."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from bot.domain.money import MicroUsd
from bot.errors import OutcomeUnknown, ProviderUnavailable
from bot.runware.account import ProviderAccount, ProviderUsage
from bot.runware.circuit_breaker import CircuitBreaker, CircuitState
from bot.runware.outcomes import Submission, TaskOutcomes, TaskView
from bot.runware.requests import GetAccount, GetResponse, GetUsage, ImageInference
from bot.runware.transport import DRY_RUN, open_http_client, post_tasks


@dataclass(frozen=True, slots=True)
class PriceQuote:
    """The price of a task; None if none was named, or if it was absurd, which `absurd` quotes."""

    price: MicroUsd | None = None
    absurd: str = ""


class RunwareClient:
    """Call the provider; open with `open_client`. `deadline` is in seconds for a whole call.

    While the circuit is open, every method raises `ProviderUnavailable` without sending anything.
    """

    def __init__(
        self, http: httpx.AsyncClient, *, base_url: str, deadline: float, breaker: CircuitBreaker
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._deadline = deadline
        self._breaker = breaker

    @property
    def circuit_state(self) -> CircuitState:
        return self._breaker.circuit_state

    @property
    def seconds_to_probe(self) -> float | None:
        """Seconds until the next probe of a failing provider; None while it answers."""
        return self._breaker.seconds_to_probe

    async def submit(self, tasks: Sequence[ImageInference]) -> dict[UUID, Submission]:
        """Send all tasks in one POST and return the outcome of each.

        An error about the whole request is raised: `ProviderUnavailable` (certainly not sent),
        `OutcomeUnknown` (may have arrived), `ProviderBusy`, `ProviderAuth`, `ProviderCredit`.
        It never retries, since a lost answer may be about a task that is billed.
        """
        uuids = [task.task_uuid for task in tasks]
        answer = await self._send_tasks(
            [task.to_wire() for task in tasks], task_uuids=frozenset(uuids)
        )
        rest = answer.infer_submit_error()
        if not answer.entries:
            raise rest
        return {uuid: answer.get_submission(uuid, rest) for uuid in uuids}

    async def fetch_price(self, task: ImageInference) -> PriceQuote:
        """Have a task validated and priced without running it.

        Raises what is wrong with the task, and as `fetch_tasks` does.
        """
        uuid = task.task_uuid
        answer = await self._send_repeatable(
            [task.to_wire()], task_uuids=frozenset({uuid}), headers=DRY_RUN
        )
        entry = answer.entries.get(uuid)
        if entry is None and answer.has_no_entries:
            return PriceQuote()
        if entry is None or entry.errors:
            rest = answer.infer_submit_error()
            raise getattr(answer.get_submission(uuid, rest), "error", rest)
        return PriceQuote(entry.items[0].cost, entry.items[0].absurd_cost)

    async def fetch_tasks(self, uuids: Collection[UUID]) -> dict[UUID, TaskView]:
        """Poll all tasks in one POST and return the status of each.

        Raises `ProviderUnavailable`, `ProviderBusy`, `ProviderAuth` or `ProviderCredit`, but never
        `OutcomeUnknown`, since polling again is always safe.
        """
        asked = frozenset(uuids)
        if not asked:
            return {}
        elements = [GetResponse(task_uuid=uuid).to_wire() for uuid in asked]
        answer = await self._send_repeatable(elements, task_uuids=asked)
        if len(asked) == 1:  # an error without a task UUID can only be about this one
            answer.assign_unnamed_errors(next(iter(asked)))
        if refused := answer.find_poll_error():
            raise refused
        if not answer.entries and not answer.has_no_entries:
            raise answer.infer_fetch_error()
        return {uuid: answer.get_task_view(uuid) for uuid in asked}

    async def fetch_account(self, request: GetAccount) -> ProviderAccount:
        """Read the account's balance; raise as `fetch_tasks` does."""
        try:
            return ProviderAccount.model_validate(await self._fetch_item(request))
        except ValueError as error:
            raise ProviderUnavailable("the answer makes no sense") from error

    async def fetch_usage(self, request: GetUsage) -> ProviderUsage:
        """Read what was spent on each day; raise as `fetch_tasks` does."""
        try:
            return ProviderUsage.from_item(await self._fetch_item(request))
        except ValueError as error:
            raise ProviderUnavailable(f"the answer makes no sense: {error}") from error

    async def _fetch_item(self, request: GetAccount | GetUsage) -> Mapping[str, Any]:
        uuid = request.task_uuid
        answer = await self._send_repeatable([request.to_wire()], task_uuids=frozenset({uuid}))
        for item in answer.raw_items:
            if item.get("taskUUID") in {str(uuid), None}:
                return item
        answer.assign_unnamed_errors(uuid)
        raise answer.find_error(uuid) or answer.infer_fetch_error()

    async def _send_repeatable(
        self,
        elements: Sequence[str],
        *,
        task_uuids: frozenset[UUID],
        headers: Mapping[str, str] | None = None,
    ) -> TaskOutcomes:
        """Send tasks that are safe to repeat, so that a lost answer means only unavailability."""
        try:
            return await self._send_tasks(elements, task_uuids=task_uuids, headers=headers)
        except OutcomeUnknown as error:
            raise ProviderUnavailable(error.detail) from error

    async def _send_tasks(
        self,
        elements: Sequence[str],
        *,
        task_uuids: frozenset[UUID],
        headers: Mapping[str, str] | None = None,
    ) -> TaskOutcomes:
        self._breaker.admit_request()
        try:
            reply = await post_tasks(
                self._http,
                self._base_url,
                elements=elements,
                headers=headers or {},
                deadline=self._deadline,
            )
        except (OutcomeUnknown, ProviderUnavailable) as error:
            self._breaker.record_failure(error.detail)
            raise
        if reply.status >= 500:
            self._breaker.record_failure(f"HTTP {reply.status}")
        else:
            self._breaker.record_success()
        return TaskOutcomes.from_response(reply, task_uuids)


@asynccontextmanager
async def open_client(
    *,
    base_url: str,
    api_key: str,
    deadline: float = 60.0,
    connections: int = 8,
    breaker: CircuitBreaker | None = None,
) -> AsyncIterator[RunwareClient]:
    """Open a client; `base_url` is the complete URL that all tasks are posted to."""
    breaker = breaker or CircuitBreaker(time.monotonic)
    async with open_http_client(
        api_key=api_key, deadline=deadline, connections=connections
    ) as http:
        yield RunwareClient(http, base_url=base_url, deadline=deadline, breaker=breaker)
