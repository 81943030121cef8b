"""The local Runware: one port on the loopback, for the API, its pictures and its control."""

from __future__ import annotations

import secrets
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID, uuid4

from aiohttp import web

from sandbox.control.clock import SystemClock
from sandbox.runware import images
from sandbox.runware.api import MAX_BODY, Api
from sandbox.runware.control import Control
from sandbox.runware.doorman import doorman
from sandbox.runware.engine.workers import Workers
from sandbox.runware.inference import ImageInference
from sandbox.runware.journal import Journal
from sandbox.runware.runs import Runs, Sources
from sandbox.runware.store import Picture, Store
from sandbox.runware.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.control.clock import Clock

HOST: Final = "127.0.0.1"
API_KEY: Final = "sandbox-runware-key"


class LocalRunware:
    """A service whose port is taken; `open` makes one and runs it.

    `base_url`, `ws_url` and `control` are its addresses; `journal` holds what it was asked and what
    it billed.
    """

    def __init__(self, *, port: int, api_key: str, workers: Workers, sources: Sources) -> None:
        self._origin = f"http://{HOST}:{port}"
        self._sources = sources
        self.api_key = api_key
        self.base_url = f"{self._origin}/v1"
        self.ws_url = f"ws://{HOST}:{port}/v1"
        self.control = f"{self._origin}/_control"
        self.journal = Journal()
        self._store = Store()
        self._runs = Runs(self._store, self.journal, workers=workers, sources=sources)
        self._control = Control(self._store, self._runs, journal=self.journal)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        port: int = 0,
        latency: float = 0.0,
        workers: Workers | None = None,
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
            bound = listener.getsockname()[1]
            service = cls(port=bound, api_key=API_KEY, workers=workers, sources=sources)
            service.latency = latency
            runner = web.AppRunner(service._app(), access_log=None, shutdown_timeout=1.0)
            # Runs are stopped twice: first those that answers wait for, then what came meanwhile.
            stack.push_async_callback(service._runs.stop)
            stack.push_async_callback(runner.cleanup)
            stack.push_async_callback(service._runs.stop)
            await runner.setup()
            await web.SockSite(runner, listener).start()
            yield service

    @property
    def latency(self) -> float:
        """Seconds that each task waits before it is made."""
        return self._runs.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._runs.latency = seconds

    def hold(self) -> None:
        """Accept tasks but make none of them until `release`."""
        self._runs.hold()

    def release(self) -> None:
        self._runs.release()

    async def reset(self) -> None:
        """Forget every task, picture and journal entry; hold nothing back."""
        await self._control.reset()

    def _app(self) -> web.Application:
        inference = ImageInference(
            self._store, self._runs, origin=self._origin, now=self._sources.clock.now
        )
        api = Api(
            Tasks(self._store, inference), api_key=self.api_key, new_uuid=self._sources.new_uuid
        )
        app = web.Application(
            client_max_size=MAX_BODY, middlewares=[doorman(self.journal, self._sources.clock.now)]
        )
        app.add_routes(api.routes())
        app.add_routes(images.routes(self._find))
        app.add_routes(self._control.routes())
        return app

    def _find(self, uuid: UUID) -> Picture | None:
        return self._store.picture(uuid, now=self._sources.clock.now())
