"""The local Discord as one object: open it, connect a bot, act in its guild."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Middleware

from sandbox.control.clock import RealClock, SandboxClock
from sandbox.control.journal import FaultEntry, RequestJournal
from sandbox.discord.actors.guild import GuildActor
from sandbox.discord.cdn import CdnRoutes
from sandbox.discord.control import DiscordControl
from sandbox.discord.gateway.server import Gateway
from sandbox.discord.model import seed_data
from sandbox.discord.model.events import CLOSING, Event
from sandbox.discord.model.faults import DiscordFault, DiscordFaults
from sandbox.discord.model.records import Json
from sandbox.discord.page import routes as page_routes
from sandbox.discord.page.panel import DemoPanel
from sandbox.discord.persistence.persistence import persist_state
from sandbox.discord.persistence.record_log import RecordLog
from sandbox.discord.rest.application import ApplicationRoutes
from sandbox.discord.rest.channels import ChannelRoutes
from sandbox.discord.rest.commands import CommandRoutes
from sandbox.discord.rest.guilds import GuildRoutes
from sandbox.discord.rest.interactions import InteractionRoutes
from sandbox.discord.rest.messages import MessageRoutes
from sandbox.discord.rest.middleware import RequestMiddleware
from sandbox.discord.rest.path_params import RequestLookup
from sandbox.discord.rest.reactions import ReactionRoutes
from sandbox.discord.rest.responses import API
from sandbox.discord.rest.search import SearchRoutes
from sandbox.discord.rest.users import UserRoutes
from sandbox.discord.rest.webhooks import WebhookRoutes
from sandbox.discord.state.state import State

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_REQUEST_BYTES = 201 * seed_data.MIB  # ten files of 20 MiB, and the rest of the body
_SHUTDOWN_S = 0.5


class LocalDiscord:
    """Addresses, state and guild actor of one running local Discord."""

    def __init__(self, origin: str, *, token: str, clock: SandboxClock, key: bytes) -> None:
        """Use `open`, which also binds the port in `origin` (http://host:port).

        `key` signs CDN links and interaction tokens.
        """
        self.origin = origin
        self.api_base = f"{origin}{API}"
        self.gateway_url = f"ws{origin.removeprefix('http')}/gateway"
        self.cdn_base = f"{origin}/cdn"
        self.page = f"{origin}/"
        self.control = f"{origin}/_control"
        self.token = token
        self.clock = clock
        self.journal = RequestJournal()
        self.state = State(
            seed_data.build_world(token), clock=clock, cdn_base=self.cdn_base, key=key
        )
        self.faults = DiscordFaults(self._record_fault)
        self.gateway = Gateway(self.state, self.gateway_url, faults=self.faults)
        self.middleware = RequestMiddleware(self.state, self.journal, faults=self.faults)
        self.guild = GuildActor(self.state)
        self.panel = DemoPanel(self.state, self.faults, self.journal)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        port: int = 0,
        host: str = "127.0.0.1",
        *,
        token: str = seed_data.SANDBOX_BOT_TOKEN,
        clock: SandboxClock | None = None,
        middlewares: Sequence[Middleware] = (),
        data: Path | None = None,
    ) -> AsyncIterator["LocalDiscord"]:
        """Serve until the block ends; raise ValueError for a host that is not loopback.

        It also raises ValueError for a token that is not the sandbox's, which may be a real one.
        Port 0 picks a free port; `middlewares` see each request first; `data` is a folder to
        persist everything in.
        """
        if host not in LOOPBACK:
            raise ValueError(f"the sandbox binds to loopback only, not to {host!r}")
        if not seed_data.is_sandbox_token(token):
            # The message omits the token, as it may be logged.
            raise ValueError("the sandbox takes no real credentials, only its own token")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        log = None if data is None else RecordLog(data)
        key = secrets.token_bytes(32) if log is None else await asyncio.to_thread(log.load_key)
        async with AsyncExitStack() as stack:
            listener = stack.enter_context(socket.create_server((host, port), family=family))
            url_host = f"[{host}]" if ":" in host else host
            origin = f"http://{url_host}:{listener.getsockname()[1]}"
            discord = cls(origin, token=token, clock=clock or RealClock(), key=key)
            if log is not None:
                await stack.enter_async_context(persist_state(discord.state, log))
            await stack.enter_async_context(discord._serve_app(listener, middlewares))
            yield discord

    @asynccontextmanager
    async def _serve_app(
        self, listener: socket.socket, middlewares: Sequence[Middleware]
    ) -> AsyncIterator[None]:
        runner = web.AppRunner(
            self.build_app(middlewares),
            access_log=None,
            shutdown_timeout=_SHUTDOWN_S,
            handler_cancellation=True,
        )
        try:
            await runner.setup()
            await web.SockSite(runner, listener).start()
            yield
        finally:
            # The gateway closes first, so that bots see a close code and not a reset.
            await self.gateway.close()
            self.state.interactions.stop()
            self.state.emit(Event(CLOSING, {}))
            await runner.cleanup()

    def build_app(self, middlewares: Sequence[Middleware] = ()) -> web.Application:
        """Build the application: REST, gateway, CDN, control API and page on one port."""
        app = web.Application(
            middlewares=(*middlewares, *self.middleware.middlewares),
            client_max_size=MAX_REQUEST_BYTES,
        )
        lookup = RequestLookup(self.state)
        webhooks = WebhookRoutes(lookup)
        for part in (
            ReactionRoutes(lookup),
            MessageRoutes(lookup),
            SearchRoutes(lookup, self.faults),
            ChannelRoutes(lookup),
            ApplicationRoutes(lookup),
            CommandRoutes(lookup),
            GuildRoutes(lookup),
            UserRoutes(lookup, self.gateway),
            InteractionRoutes(lookup, webhooks),
            webhooks,
            CdnRoutes(self.state),
            DiscordControl(
                self.state, self.guild, self.journal, self.faults, self.gateway, reset=self.reset
            ),
            self.gateway,
        ):
            app.add_routes(part.build_routes())
        app.add_routes(page_routes.build_page_routes(self.state, self.panel))
        return app

    def reset(self) -> None:
        """Delete messages, faults, counts and the journal; people, commands and settings stay."""
        self.state.reset()
        self.faults.clear()
        self.middleware.limits.clear()
        self.journal.clear()

    def _record_fault(self, fault: DiscordFault, subject: str) -> None:
        self.journal.record_fault(FaultEntry(self.clock.now(), fault.kind, subject, fault.value))

    def add_guild(self, name: str, *members: str) -> GuildActor:
        """Create another guild with the bot and these people; the first one owns it."""
        people = {each.username: each.id for each in self.state.world.people.values()}
        guild = self.state.guild_registry.create_guild(
            name, tuple(people[each] for each in members)
        )
        self.state.guild_registry.add_bot(guild)
        return GuildActor(self.state, guild.id)

    def read_attachment(self, attachment: Json) -> bytes:
        """Return the contents of an attachment or media object, found by its CDN URL."""
        attachment_id = self.state.links.parse_attachment_id(attachment["url"])
        found = self.state.files.find(attachment_id)
        if found is None:
            raise LookupError(f"no such file: {attachment['url'].partition('?')[0]}")
        return found.data
