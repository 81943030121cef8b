"""The local Runware: one port on the loopback, for the API, its pictures and its control."""

from __future__ import annotations

import secrets
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID, uuid4

import aiohttp
from aiohttp import web

from sandbox.control import turning
from sandbox.control.clock import SystemClock
from sandbox.runware.account import Account
from sandbox.runware.api import MAX_BODY, Api
from sandbox.runware.conditions import Conditions
from sandbox.runware.control import Control
from sandbox.runware.doorman import doorman
from sandbox.runware.engine.workers import Workers
from sandbox.runware.faults import Fault, Faults
from sandbox.runware.images import Images
from sandbox.runware.inference import ImageInference
from sandbox.runware.journal import Journal
from sandbox.runware.outbound import PATIENCE, Courier
from sandbox.runware.picture_store import PictureStore
from sandbox.runware.runs import Books, Runs, Sources
from sandbox.runware.seeds import Gate
from sandbox.runware.sessions import Sessions
from sandbox.runware.socket_api import SocketApi
from sandbox.runware.task_store import TaskStore
from sandbox.runware.tasks import Tasks
from sandbox.runware.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from sandbox.control.clock import Clock
    from sandbox.runware.runs import Renderer

HOST: Final = "127.0.0.1"
API_KEY: Final = "sandbox-runware-key"


class LocalRunware:
    """A service whose port is taken; `open` makes one and runs it.

    `base_url`, `ws_url` and `control` are its addresses; `journal` holds what it was asked and what
    it billed, `conditions` its switches, faults and money.
    """

    def __init__(
        self, *, port: int, renderer: Renderer, sources: Sources, http: aiohttp.ClientSession
    ) -> None:
        origin, now = f"http://{HOST}:{port}", sources.clock.now
        self.api_key = API_KEY
        self.base_url = f"{origin}/v1"
        self.ws_url = f"ws://{HOST}:{port}/v1"
        self.control = f"{origin}/_control"
        self.journal = Journal()
        self.conditions = Conditions(Faults(self._struck))
        self._sources = sources
        pictures = PictureStore(now)
        books = Books(TaskStore(self.conditions, now), pictures, self.journal, self.conditions)
        gate = Gate(origin, pictures.picture)
        self._runs = Runs(books, renderer=renderer, sources=sources)
        inference = ImageInference(books, self._runs, gate)
        self._courier = Courier(http, inference, clock=sources.clock)
        self._sessions = Sessions(inference, new_uuid=sources.new_uuid, now=now)
        self._images = Images(pictures, self.conditions)
        tasks = Tasks(
            inference,
            uploads=Uploads(pictures, gate, now, sources.new_uuid),
            account=Account(self.conditions),
            courier=self._courier,
        )
        self._api = Api(tasks, books, api_key=API_KEY, sources=sources)
        self._socket_api = SocketApi(
            tasks, self._sessions, inference=inference, api_key=API_KEY, clock=sources.clock
        )
        self._control = Control(books, self._runs, self._sessions, self._courier)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        port: int = 0,
        latency: float = 0.0,
        workers: Renderer | None = None,
        clock: Clock | None = None,
    ) -> AsyncIterator[Self]:
        """Serve on `port` of the loopback (0: any free one) until the context ends.

        `latency` is in seconds per task. Workers that are handed in stay open, for others to use.
        """
        sources = Sources(clock or SystemClock(), uuid4, lambda: secrets.randbits(32))
        async with AsyncExitStack() as stack:
            if workers is None:
                workers = await stack.enter_async_context(Workers.open())
            listener = stack.enter_context(socket.create_server((HOST, port)))
            timeout = aiohttp.ClientTimeout(total=PATIENCE)
            http = await stack.enter_async_context(
                aiohttp.ClientSession(timeout=timeout, trust_env=False)
            )
            bound = listener.getsockname()[1]
            service = cls(port=bound, renderer=workers, sources=sources, http=http)
            service.latency = latency
            runner = web.AppRunner(service._app(), access_log=None, shutdown_timeout=1.0)
            # Work is stopped twice: first what answers wait for, then what came meanwhile.
            stack.push_async_callback(service._stop)
            stack.push_async_callback(runner.cleanup)
            stack.push_async_callback(service._stop)
            await runner.setup()
            await web.SockSite(runner, listener).start()
            yield service

    @property
    def latency(self) -> float:
        """Seconds that each task waits before it is made."""
        return self.conditions.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.conditions.latency = seconds

    def hold(self) -> None:
        """Accept tasks but make none of them until `release`."""
        self._runs.hold()

    def release(self) -> None:
        self._runs.release()

    async def reset(self) -> None:
        """Forget every task, picture, fault and journal entry; hold nothing back."""
        await self._control.reset()

    def _struck(self, fault: Fault, tasks: Collection[UUID]) -> None:
        self.journal.strike(fault, tasks, self._sources.clock.now())

    async def _stop(self) -> None:
        await self._sessions.stop()
        await self._courier.stop()
        await self._runs.stop()

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket_api.serve(request)
        return web.json_response({"errors": []}, status=405)

    def _app(self) -> web.Application:
        app = web.Application(
            client_max_size=MAX_BODY, middlewares=[doorman(self.journal, self._sources.clock.now)]
        )
        app.add_routes([web.post("/v1", self._api.post), web.get("/v1", self._enter)])
        app.add_routes(self._images.routes())
        app.add_routes(self._control.routes())
        app.add_routes(turning.routes(self._sources.clock))
        return app
