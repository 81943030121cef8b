"""Bring a card and its pictures to the member: by the interaction's reply, or by the channel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import aiohttp
import discord
import structlog
from discord import ui

from bot.clock import Clock
from bot.domain.ids import MessageId
from bot.domain.job import Job
from bot.domain.usage import Usage
from bot.errors import ContentRefused, Transient
from bot.services.ports import Delivered, Picture, Route, Standing
from bot.ui import cards_job, ways
from bot.ui.buttons import Controls
from bot.ui.cards_job import MAX_FILES, file_name
from bot.ui.seal import Seal
from bot.ui.speech import speech
from bot.ui.wording_cards import Late

log = structlog.get_logger(__name__)

TOKEN_LIFE: Final = timedelta(minutes=14)
"""How long a reply is edited by its token, which Discord lets die at 15 minutes."""
_DEADLINE: Final = 60.0
"""Seconds for one message with its files, retries of the library included."""
_ROUTES: Final = (Route.REPLY, Route.CHANNEL, Route.MESSAGE)
_TOKEN_DEAD: Final = 50027
_OUTSIDE: Final = (discord.DiscordServerError, aiohttp.ClientError, OSError, TimeoutError)


class WayClosed(Exception):
    """Say that a way will not open again: token, message, channel or permission is gone.

    `code` is Discord's own for it, 0 where Discord was not asked.
    """

    def __init__(self, reason: str, code: int = 0) -> None:
        super().__init__(reason)
        self.code = code


class DiscordPublisher:
    """Implement `bot.services.ports.Publisher` over Discord."""

    def __init__(self, client: discord.Client, seal: Seal, clock: Clock) -> None:
        self._client = client
        self._seal = seal
        self._clock = clock
        self._closed = ways.ClosedChannels(clock)

    async def progress(self, job: Job, standing: Standing) -> None:
        """Edit the card to the job's state, if the reply can still be edited."""
        await self.note(job, cards_job.working(self._controls(job), job, standing))

    async def fail(self, job: Job, error: Exception) -> None:
        """Edit the card to what happened; where it is closed, say it in the channel.

        What moderation refused is explained to the member alone, and what has no channel that the
        bot is in. Raises `Transient` where trying again may help.
        """
        alone = isinstance(error, ContentRefused) and not job.order.private
        view = cards_job.withheld(job) if alone else cards_job.failed(job, error)
        try:
            await self._edit_reply(job, view, [])
        except WayClosed:
            if _has_channel(job):
                await self._post(job, view, [])
                await self._withdraw(job)
            elif job.origin.is_personal and not alone:
                await self._tell_directly(job, view)
        if alone:
            await self._tell_alone(job, cards_job.failed(job, error))

    async def _tell_alone(self, job: Job, view: ui.LayoutView, *, directly: bool = True) -> None:
        """Tell the member what nobody else has to read: below the card, else directly, once."""
        try:
            try:
                async with Attempt():
                    await self._reply(job).send(view=view, ephemeral=True)
            except WayClosed:
                if not directly:
                    raise
                await self._tell_directly(job, view)
        except (WayClosed, Transient) as error:
            log.info("member not told", job_id=job.id, reason=str(error))

    async def _tell_directly(self, job: Job, view: ui.LayoutView) -> None:
        async with Attempt():
            direct = await self._client.create_dm(discord.Object(job.origin.user_id))
            await direct.send(view=view, nonce=f"f{job.id}")

    async def deliver(self, job: Job, pictures: Sequence[Picture], usage: Usage) -> Delivered:
        """Edit the card into the result; a dead reply is followed by a message in the channel.

        Where the channel is closed too, or was never meant to see it, the member gets a direct
        message. Raises `Transient` where trying again may help.
        """
        shown, closed = pictures[:MAX_FILES], dict[Route, WayClosed]()
        names = [file_name(job, picture) for picture in shown]
        sources = [(picture.path, name) for picture, name in zip(shown, names, strict=True)]
        for route in _ROUTES:
            if route is Route.CHANNEL and not _has_channel(job):
                continue
            late = None if route is Route.REPLY else Late(job.origin.user_id)
            view = cards_job.finished(self._controls(job), job, pictures, names, usage, late=late)
            try:
                delivered = Delivered(route, await self._send(route, job, view, sources))
            except WayClosed as error:
                log.warning("way is closed", job_id=job.id, route=route, reason=str(error))
                closed[route] = error
            else:
                break
        else:
            delivered = Delivered(Route.KEPT)
        if delivered.route is Route.CHANNEL and delivered.message_id != job.reply.message_id:
            await self._withdraw(job)
        if delivered.route in {Route.MESSAGE, Route.KEPT}:
            await self._explain(job, closed, directly=delivered.route is Route.MESSAGE)
        return delivered

    async def _explain(
        self, job: Job, closed: Mapping[Route, WayClosed], *, directly: bool
    ) -> None:
        """Leave no card waiting, and tell the member which permission was missing, if one was."""
        await self.note(job, cards_job.sent_directly(job) if directly else cards_job.kept(job))
        reasons = [ways.why(self._client, job, error.code) for error in closed.values()]
        told = [reason for reason in dict.fromkeys(reasons) if reason]
        if told:
            view = cards_job.elsewhere(job, told, directly=directly)
            await self._tell_alone(job, view, directly=False)

    async def _send(
        self, route: Route, job: Job, view: ui.LayoutView, sources: Sequence[tuple[Path, str]]
    ) -> MessageId:
        if route is Route.REPLY:
            return await self._edit_reply(job, view, sources)
        if route is Route.CHANNEL:
            return await self._post(job, view, sources)
        async with Attempt():
            direct = await self._client.create_dm(discord.Object(job.origin.user_id))
        return await self._post_to(direct, job, view, sources)

    async def _withdraw(self, job: Job) -> None:
        """Delete the waiting card that a message in the channel stands for; failures are logged."""
        if job.reply.message_id is None:
            return
        try:
            async with Attempt():
                await self._channel(job).get_partial_message(job.reply.message_id).delete()
        except (WayClosed, Transient) as error:
            log.info("card not deleted", job_id=job.id, reason=str(error))

    def _controls(self, job: Job) -> Controls:
        return Controls(speech(job.order.locale), self._seal)

    async def note(self, job: Job, view: ui.LayoutView) -> None:
        """Edit the job's card, if its reply can still be edited; failures are logged."""
        try:
            await self._edit_reply(job, view, [])
        except (WayClosed, Transient) as error:
            log.info("card not edited", job_id=job.id, reason=str(error))

    async def _edit_reply(
        self, job: Job, view: ui.LayoutView, sources: Sequence[tuple[Path, str]]
    ) -> MessageId:
        """Edit the interaction's reply; raise `WayClosed` or `Transient`."""
        reply = self._reply(job)
        async with Attempt():
            message = await reply.edit_message(
                job.reply.message_id or "@original",  # type: ignore[arg-type] # Discord takes both
                view=view,
                attachments=_files(sources),
                allowed_mentions=discord.AllowedMentions.none(),
            )
        return MessageId(message.id)

    def _reply(self, job: Job) -> discord.Webhook:
        """Return the way to the interaction's reply; raise `WayClosed` if it is too late."""
        token, application = job.reply.token, self._client.application_id
        if token is None or application is None:
            raise WayClosed("no token")
        if self._clock.now() - job.created_at >= TOKEN_LIFE:
            raise WayClosed("token too old")
        reply = discord.Webhook.partial(application, token, client=self._client)
        # only these may send what one member alone sees, and the library takes it for another
        reply.type = discord.WebhookType.application
        return reply

    async def _post(
        self, job: Job, view: ui.LayoutView, sources: Sequence[tuple[Path, str]]
    ) -> MessageId:
        """Post to the channel; the nonce makes a repeated post return the first message."""
        channel = self._channel(job)
        shown = await self._shown(channel, job)
        if shown is not None:
            return shown
        if self._closed.remember(job.origin.channel_id):
            raise WayClosed("the channel was closed a short while ago")
        try:
            return await self._post_to(channel, job, view, sources)
        except WayClosed:
            self._closed.note(job.origin.channel_id)
            raise

    def _channel(self, job: Job) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(
            job.origin.channel_id, guild_id=job.origin.guild_id
        )

    async def _post_to(
        self,
        channel: discord.abc.Messageable,
        job: Job,
        view: ui.LayoutView,
        sources: Sequence[tuple[Path, str]],
    ) -> MessageId:
        # who asked may have gone on to other things meanwhile
        mentioned = discord.AllowedMentions(
            everyone=False, roles=False, users=[discord.Object(job.origin.user_id)]
        )
        async with Attempt():
            message = await channel.send(
                view=view, files=_files(sources), nonce=job.id, allowed_mentions=mentioned
            )
        return MessageId(message.id)

    async def _shown(self, channel: discord.PartialMessageable, job: Job) -> MessageId | None:
        """Return the card's message if it is the result already.

        A process may have died between Discord's answer and its record, and the reply since.
        """
        if job.reply.message_id is None:
            return None
        try:
            async with Attempt():
                message = await channel.fetch_message(job.reply.message_id)
        except WayClosed:
            return None
        shows = f"expanded-{job.id}-" in str([part.to_dict() for part in message.components])
        return job.reply.message_id if shows else None


class Attempt:
    """One call to Discord: under a deadline, its errors sorted into closed and try again."""

    def __init__(self) -> None:
        self._timeout = asyncio.timeout(_DEADLINE)

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            await self._timeout.__aexit__(type(error) if error else None, error, None)
        except TimeoutError as late:
            raise Transient("discord did not answer in time") from late
        match error:
            case discord.NotFound() | discord.Forbidden():
                raise WayClosed(str(error), error.code) from error
            case discord.HTTPException(code=code) if code == _TOKEN_DEAD:
                raise WayClosed("token is dead") from error
            case _ if isinstance(error, _OUTSIDE) or getattr(error, "status", None) == 429:
                raise Transient(f"discord: {error}") from error
            case discord.HTTPException(code=code):
                raise WayClosed(str(error), code) from error


def _has_channel(job: Job) -> bool:
    """Say whether the bot may post a job's result to its channel: it is for all, and a guild's."""
    return not (job.order.private or job.origin.is_personal)


def _files(sources: Sequence[tuple[Path, str]]) -> list[discord.File]:
    return [discord.File(path, filename=name) for path, name in sources]
