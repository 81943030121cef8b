"""The provider's client: one method per task, every call under a deadline, no retries here."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from bot.domain.money import MicroUsd
from bot.errors import OutcomeUnknown, ProviderUnavailable
from bot.runware.answers import Answer, Submission, TaskView
from bot.runware.breaker import Breaker, Circuit
from bot.runware.models import (
    GetAccount,
    GetResponse,
    GetTaskDetails,
    ImageUpload,
    MediaDelete,
    MediaUpload,
)
from bot.runware.replies import Account, StoredMedia, TaskDetails
from bot.runware.transport import DRY_RUN, PING, Reply, open_http, post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from uuid import UUID

    import httpx

    from bot.runware.models import ImageInference

Said = TypeVar("Said", bound=BaseModel)


class RunwareClient:
    """Made by `open_client`; `deadline` is in seconds, for one whole call.

    While the provider keeps failing the circuit is open, and every method raises
    `ProviderUnavailable` at once, with the seconds to the next probe.
    """

    def __init__(
        self, http: httpx.AsyncClient, *, base_url: str, deadline: float, breaker: Breaker
    ) -> None:
        self._http = http
        self._base_url = base_url
        self._deadline = deadline
        self._breaker = breaker

    @property
    def circuit(self) -> Circuit:
        return self._breaker.circuit

    @property
    def probe_in(self) -> float | None:
        """Seconds until a provider that does not answer is asked again; None if it answers."""
        return self._breaker.probe_in

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

    async def price(self, task: ImageInference) -> MicroUsd | None:
        """Let the provider check and price a task without running it; None where it says no price.

        Raises what is wrong with the task, and as `fetch` does.
        """
        uuid = task.task_uuid
        answer = await self._ask_again([task.to_wire()], about=frozenset({uuid}), headers=DRY_RUN)
        about = answer.about.get(uuid)
        if about is None and answer.is_silent:
            return None
        if about is None or about.errors:
            rest = answer.rest_of_submit()
            raise getattr(answer.submission(uuid, rest), "error", rest)
        return about.items[0].cost if about.items else None

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

    async def details(self, asking: GetTaskDetails) -> TaskDetails:
        """Read a task from the provider's archive; raise as `fetch` does, or `TaskForgotten`."""
        return await self._say(asking, TaskDetails)

    async def account(self, asking: GetAccount) -> Account:
        """Read the account's name and balance; raise as `fetch` does."""
        return await self._say(asking, Account)

    async def store(self, media: MediaUpload | ImageUpload) -> StoredMedia:
        """Have an image kept there; raise as `fetch` does, or `TaskRejected`.

        Safe to repeat: at worst the provider keeps a second copy.
        """
        return await self._say(media, StoredMedia)

    async def forget(self, media: MediaDelete) -> None:
        """Have an image deleted there; raise as `store` does."""
        await self._say(media, StoredMedia)

    async def ping(self) -> None:
        """Return when the provider answers and takes the key; raise as `fetch` does."""
        answer = await self._ask_again([PING], about=frozenset())
        if not answer.ponged:
            raise answer.rest_of_fetch()

    async def _say(
        self,
        asking: GetTaskDetails | GetAccount | MediaUpload | ImageUpload | MediaDelete,
        kind: type[Said],
    ) -> Said:
        """Send one task that may be repeated, and read its one item."""
        uuid = asking.task_uuid
        answer = await self._ask_again([asking.to_wire()], about=frozenset({uuid}))
        for item in answer.raw:
            if item.get("taskUUID") == str(uuid):
                try:
                    return kind.model_validate(item)
                except ValidationError as error:
                    raise ProviderUnavailable("the answer makes no sense") from error
        answer.adopt(uuid)
        raise answer.refusal(uuid) or answer.rest_of_fetch()

    async def _ask_again(
        self,
        elements: Sequence[str],
        *,
        about: frozenset[UUID],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask what may be asked any number of times: no answer is then only unavailability."""
        try:
            return await self._ask(elements, about=about, headers=headers)
        except OutcomeUnknown as error:
            raise ProviderUnavailable(error.detail) from error

    async def _ask(
        self,
        elements: Sequence[str],
        *,
        about: frozenset[UUID],
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        self._breaker.admit()
        try:
            reply = await post(
                self._http,
                self._base_url,
                elements=elements,
                headers=headers or {},
                deadline=self._deadline,
            )
        except (OutcomeUnknown, ProviderUnavailable) as error:
            self._breaker.failed(error.detail)
            raise
        self._judge(reply)
        return Answer.read(reply, about)

    def _judge(self, reply: Reply) -> None:
        if reply.status >= 500:
            self._breaker.failed(f"HTTP {reply.status}")
        else:
            self._breaker.succeeded()


@asynccontextmanager
async def open_client(
    *,
    base_url: str,
    api_key: str,
    deadline: float = 60.0,
    connections: int = 8,
    breaker: Breaker | None = None,
) -> AsyncIterator[RunwareClient]:
    """Open a client; `base_url` is the one address that every task is posted to, path included."""
    breaker = breaker or Breaker(time.monotonic)
    async with open_http(api_key=api_key, deadline=deadline, connections=connections) as http:
        yield RunwareClient(http, base_url=base_url, deadline=deadline, breaker=breaker)
