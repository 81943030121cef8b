"""The provider's client: one method per task, every call under a deadline, no retries here."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from bot.domain.money import MicroUsd
from bot.errors import OutcomeUnknown, ProviderUnavailable
from bot.runware.circuit_breaker import CircuitBreaker, CircuitState
from bot.runware.outcomes import Submission, TaskOutcomes, TaskView
from bot.runware.requests import (
    GetAccount,
    GetResponse,
    GetTaskDetails,
    ImageUpload,
    MediaDelete,
    MediaUpload,
)
from bot.runware.responses import ProviderAccount, StoredMedia, TaskDetails
from bot.runware.transport import DRY_RUN, PING, RawResponse, open_http_client, post_tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from uuid import UUID

    import httpx

    from bot.runware.requests import ImageInference

ResponseModel = TypeVar("ResponseModel", bound=BaseModel)


class RunwareClient:
    """Made by `open_client`; `deadline` is in seconds, for one whole call.

    While the provider keeps failing the circuit is open, and every method raises
    `ProviderUnavailable` at once, with the seconds to the next probe.
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
        """Seconds until a provider that does not answer is asked again; None if it answers."""
        return self._breaker.seconds_to_probe

    async def submit(self, tasks: Sequence[ImageInference]) -> dict[UUID, Submission]:
        """Send all tasks in one POST and say for each what became of it.

        What concerns all of them alike is raised: `ProviderUnavailable` (surely not sent),
        `OutcomeUnknown` (it may have arrived), `ProviderBusy`, `ProviderAuth`, `ProviderCredit`.
        A task is never sent twice from here.
        """
        uuids = [task.task_uuid for task in tasks]
        answer = await self._send_tasks(
            [task.to_wire() for task in tasks], task_uuids=frozenset(uuids)
        )
        rest = answer.infer_submit_error()
        if not answer.entries:
            raise rest
        return {uuid: answer.get_submission(uuid, rest) for uuid in uuids}

    async def fetch_price(self, task: ImageInference) -> MicroUsd | None:
        """Let the provider check and price a task without running it; None where it says no price.

        Raises what is wrong with the task, and as `fetch` does.
        """
        uuid = task.task_uuid
        answer = await self._send_repeatable(
            [task.to_wire()], task_uuids=frozenset({uuid}), headers=DRY_RUN
        )
        about = answer.entries.get(uuid)
        if about is None and answer.has_no_entries:
            return None
        if about is None or about.errors:
            rest = answer.infer_submit_error()
            raise getattr(answer.get_submission(uuid, rest), "error", rest)
        return about.items[0].cost if about.items else None

    async def fetch_tasks(self, uuids: Collection[UUID]) -> dict[UUID, TaskView]:
        """Ask for all tasks in one POST; every UUID has a view in what is returned.

        Raises `ProviderUnavailable`, `ProviderBusy`, `ProviderAuth` or `ProviderCredit`, but never
        `OutcomeUnknown`: asking again is always safe.
        """
        asked = frozenset(uuids)
        if not asked:
            return {}
        elements = [GetResponse(task_uuid=uuid).to_wire() for uuid in asked]
        answer = await self._send_repeatable(elements, task_uuids=asked)
        if len(asked) == 1:
            answer.assign_unnamed_errors(next(iter(asked)))
        if refused := answer.find_poll_error():
            raise refused
        if not answer.entries and not answer.has_no_entries:
            raise answer.infer_fetch_error()
        return {uuid: answer.get_task_view(uuid) for uuid in asked}

    async def fetch_task_details(self, request: GetTaskDetails) -> TaskDetails:
        """Read a task from the provider's archive; raise as `fetch` does, or `TaskForgotten`."""
        return await self._request_item(request, TaskDetails)

    async def fetch_account(self, request: GetAccount) -> ProviderAccount:
        """Read the account's name and balance; raise as `fetch` does."""
        return await self._request_item(request, ProviderAccount)

    async def upload_media(self, media: MediaUpload | ImageUpload) -> StoredMedia:
        """Have an image kept there; raise as `fetch` does, or `TaskRejected`.

        Safe to repeat: at worst the provider keeps a second copy.
        """
        return await self._request_item(media, StoredMedia)

    async def delete_media(self, media: MediaDelete) -> None:
        """Have an image deleted there; raise as `store` does."""
        await self._request_item(media, StoredMedia)

    async def ping(self) -> None:
        """Return when the provider answers and takes the key; raise as `fetch` does."""
        answer = await self._send_repeatable([PING], task_uuids=frozenset())
        if not answer.has_pong:
            raise answer.infer_fetch_error()

    async def _request_item(
        self,
        request: GetTaskDetails | GetAccount | MediaUpload | ImageUpload | MediaDelete,
        model: type[ResponseModel],
    ) -> ResponseModel:
        """Send one task that may be repeated, and read its one item."""
        uuid = request.task_uuid
        answer = await self._send_repeatable([request.to_wire()], task_uuids=frozenset({uuid}))
        for item in answer.raw_items:
            if item.get("taskUUID") == str(uuid):
                try:
                    return model.model_validate(item)
                except ValidationError as error:
                    raise ProviderUnavailable("the answer makes no sense") from error
        answer.assign_unnamed_errors(uuid)
        raise answer.find_error(uuid) or answer.infer_fetch_error()

    async def _send_repeatable(
        self,
        elements: Sequence[str],
        *,
        task_uuids: frozenset[UUID],
        headers: Mapping[str, str] | None = None,
    ) -> TaskOutcomes:
        """Ask what may be asked any number of times: no answer is then only unavailability."""
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
        self._record_outcome(reply)
        return TaskOutcomes.from_response(reply, task_uuids)

    def _record_outcome(self, response: RawResponse) -> None:
        if response.status >= 500:
            self._breaker.record_failure(f"HTTP {response.status}")
        else:
            self._breaker.record_success()


@asynccontextmanager
async def open_client(
    *,
    base_url: str,
    api_key: str,
    deadline: float = 60.0,
    connections: int = 8,
    breaker: CircuitBreaker | None = None,
) -> AsyncIterator[RunwareClient]:
    """Open a client; `base_url` is the one address that every task is posted to, path included."""
    breaker = breaker or CircuitBreaker(time.monotonic)
    async with open_http_client(
        api_key=api_key, deadline=deadline, connections=connections
    ) as http:
        yield RunwareClient(http, base_url=base_url, deadline=deadline, breaker=breaker)
