"""The local Runware: API, pictures and control on one loopback port."""

from __future__ import annotations

import secrets
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web

from sandbox.control import clock_routes
from sandbox.control.clock import RealClock
from sandbox.runware.api.api import MAX_BODY, Api
from sandbox.runware.api.catalogue import CatalogueRoutes
from sandbox.runware.api.control import RunwareControl
from sandbox.runware.api.middleware import build_middleware
from sandbox.runware.api.sessions import SocketSessions
from sandbox.runware.api.socket_api import SocketApi
from sandbox.runware.engine.workers import Workers
from sandbox.runware.faults import RunwareFault, RunwareFaults
from sandbox.runware.journal import RunwareJournal
from sandbox.runware.media.images import ImageRoutes
from sandbox.runware.media.picture_store import PictureStore
from sandbox.runware.media.seed_images import SeedImageReader
from sandbox.runware.service_state import ServiceState
from sandbox.runware.tasks.account import ServiceAccount
from sandbox.runware.tasks.inference import InferenceTask
from sandbox.runware.tasks.task_handlers import TaskHandlers
from sandbox.runware.tasks.task_runner import RunContext, Sources, TaskRunner
from sandbox.runware.tasks.task_store import TaskStore
from sandbox.runware.tasks.uploads import Uploads
from sandbox.runware.tasks.webhooks import TIMEOUT, WebhookSender

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from sandbox.control.clock import SandboxClock
    from sandbox.runware.tasks.task_runner import Renderer

HOST: Final = "127.0.0.1"
API_KEY: Final = "sandbox-runware-key"


class LocalRunware:
    """One running service; `open` creates and runs it.

    `base_url`, `ws_url`, `content_url` (the catalogue) and `control` are its addresses; `journal`
    records requests and bills, `service_state` holds switches, faults and the wallet.
    """

    def __init__(
        self, *, port: int, renderer: Renderer, sources: Sources, http: aiohttp.ClientSession
    ) -> None:
        origin, now = f"http://{HOST}:{port}", sources.clock.now
        self.api_key = API_KEY
        self.base_url = f"{origin}/v1"
        self.ws_url = f"ws://{HOST}:{port}/v1"
        self.content_url = f"{origin}/content"
        self.control = f"{origin}/_control"
        self.journal = RunwareJournal()
        self.service_state = ServiceState(RunwareFaults(self._record_fault))
        self._sources = sources
        pictures = PictureStore(now)
        context = RunContext(
            TaskStore(self.service_state, now), pictures, self.journal, self.service_state
        )
        seed_reader = SeedImageReader(origin, pictures.use)
        self._task_runner = TaskRunner(context, renderer=renderer, sources=sources)
        inference = InferenceTask(context, self._task_runner, seed_reader)
        self._result_sender = WebhookSender(http, inference, clock=sources.clock)
        self._sessions = SocketSessions(inference, new_uuid=sources.new_uuid, now=now)
        self._images = ImageRoutes(pictures, self.service_state)
        tasks = TaskHandlers(
            inference,
            uploads=Uploads(pictures, seed_reader, now, sources.new_uuid),
            account=ServiceAccount(self.service_state, self.journal, now),
            result_sender=self._result_sender,
        )
        self._api = Api(tasks, context, api_key=API_KEY, sources=sources)
        self._socket_api = SocketApi(
            tasks, self._sessions, inference=inference, api_key=API_KEY, clock=sources.clock
        )
        self._control = RunwareControl(
            context, self._task_runner, self._sessions, self._result_sender
        )

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        port: int = 0,
        latency: float = 0.0,
        workers: Renderer | None = None,
        clock: SandboxClock | None = None,
    ) -> AsyncIterator[Self]:
        """Serve on a loopback `port` (0 picks a free one) until the context ends.

        `latency` is in seconds per task. `workers` that are passed in are not closed.
        """
        sources = Sources(clock or RealClock(), uuid4, lambda: secrets.randbits(32))
        async with AsyncExitStack() as stack:
            if workers is None:
                workers = await stack.enter_async_context(Workers.open())
            listener = stack.enter_context(socket.create_server((HOST, port)))
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            http = await stack.enter_async_context(
                aiohttp.ClientSession(timeout=timeout, trust_env=False)
            )
            bound = listener.getsockname()[1]
            service = cls(port=bound, renderer=workers, sources=sources, http=http)
            service.latency = latency
            runner = web.AppRunner(service._build_app(), access_log=None, shutdown_timeout=1.0)
            # Stopped twice: once so that pending answers end, once for tasks accepted meanwhile.
            stack.push_async_callback(service._stop)
            stack.push_async_callback(runner.cleanup)
            stack.push_async_callback(service._stop)
            await runner.setup()
            await web.SockSite(runner, listener).start()
            yield service

    @property
    def latency(self) -> float:
        """Return the seconds that each task waits before it is rendered."""
        return self.service_state.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.service_state.latency = seconds

    def pause_tasks(self) -> None:
        """Accept tasks, but render none until `resume_tasks`."""
        self._task_runner.pause()

    def resume_tasks(self) -> None:
        self._task_runner.resume()

    async def reset(self) -> None:
        """Delete all tasks, pictures, faults and journal entries, and resume tasks."""
        await self._control.reset()

    def _record_fault(self, fault: RunwareFault, tasks: Collection[UUID]) -> None:
        self.journal.record_fault(fault, tasks, self._sources.clock.now())

    async def _stop(self) -> None:
        await self._sessions.stop()
        await self._result_sender.stop()
        await self._task_runner.stop()

    async def _route_request(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket_api.serve(request)
        return web.json_response({"errors": []}, status=405)

    def _build_app(self) -> web.Application:
        app = web.Application(
            client_max_size=MAX_BODY,
            middlewares=[build_middleware(self.journal, self._sources.clock.now)],
        )
        app.add_routes(
            [web.post("/v1", self._api.handle_post), web.get("/v1", self._route_request)]
        )
        app.add_routes(self._images.build_routes())
        app.add_routes(CatalogueRoutes(self.service_state).build_routes())
        app.add_routes(self._control.build_routes())
        app.add_routes(clock_routes.build_clock_routes(self._sources.clock))
        return app
