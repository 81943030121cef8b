"""The provider's client: one method per task, every call under a deadline, no retries here."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.errors import OutcomeUnknown, ProviderUnavailable
from bot.runware.answers import Answer, Submission, TaskView
from bot.runware.models import GetResponse
from bot.runware.transport import open_http, post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from uuid import UUID

    import httpx

    from bot.runware.models import ImageInference


class RunwareClient:
    """Made by `open_client`; `deadline` is in seconds, for one whole call."""

    def __init__(self, http: httpx.AsyncClient, *, base_url: str, deadline: float) -> None:
        self._http = http
        self._base_url = base_url
        self._deadline = deadline

    async def submit(self, tasks: Sequence[ImageInference]) -> dict[UUID, Submission]:
        """Send all tasks in one POST and say for each what became of it.

        What concerns all of them alike is raised: `ProviderUnavailable` (surely not sent),
        `OutcomeUnknown` (it may have arrived), `ProviderBusy`, `ProviderAuth`, `ProviderCredit`.
        A task is never sent twice from here.
        """
        uuids = [task.task_uuid for task in tasks]
        answer = await self._ask([task.to_wire() for task in tasks], about=frozenset(uuids))
        rest = answer.rest_of_submit()
        if not answer.about:
            raise rest
        return {uuid: answer.submission(uuid, rest) for uuid in uuids}

    async def fetch(self, uuids: Collection[UUID]) -> dict[UUID, TaskView]:
        """Ask for all tasks in one POST; every UUID has a view in what is returned.

        Raises `ProviderUnavailable`, `ProviderBusy`, `ProviderAuth` or `ProviderCredit`, but never
        `OutcomeUnknown`: asking again is always safe.
        """
        asked = frozenset(uuids)
        if not asked:
            return {}
        elements = [GetResponse(task_uuid=uuid).to_wire() for uuid in asked]
        answer = await self._ask_again(elements, about=asked)
        if len(asked) == 1:
            answer.adopt(next(iter(asked)))
        if refused := answer.refused_poll():
            raise refused
        if not answer.about and not answer.is_silent:
            raise answer.rest_of_fetch()
        return {uuid: answer.view(uuid) for uuid in asked}

    async def ping(self) -> None:
        """Return when the provider answers and takes the key; raise as `fetch` does."""
        answer = await self._ask_again([{"taskType": "ping", "ping": True}], about=frozenset())
        if not answer.ponged:
            raise answer.rest_of_fetch()

    async def _ask_again(
        self, elements: Sequence[dict[str, Any]], *, about: frozenset[UUID]
    ) -> Answer:
        """Ask what may be asked any number of times: no answer is then only unavailability."""
        try:
            return await self._ask(elements, about=about)
        except OutcomeUnknown as error:
            raise ProviderUnavailable(error.detail) from error

    async def _ask(self, elements: Sequence[dict[str, Any]], *, about: frozenset[UUID]) -> Answer:
        reply = await post(self._http, self._base_url, elements=elements, deadline=self._deadline)
        return Answer.read(reply, about)


@asynccontextmanager
async def open_client(
    *, base_url: str, api_key: str, deadline: float = 60.0, connections: int = 8
) -> AsyncIterator[RunwareClient]:
    """Open a client; `base_url` is the one address that every task is posted to, path included."""
    async with open_http(api_key=api_key, deadline=deadline, connections=connections) as http:
        yield RunwareClient(http, base_url=base_url, deadline=deadline)
