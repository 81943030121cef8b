"""A guild's gallery: what is shown and what is not, from votes, invitations and removals.

An entry is moved by compare-and-swap before Discord hears of it, and a message carries a nonce made
from the entry, so that whatever dies in between, a picture is shown once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.gallery import (
    Entry,
    EntryState,
    GalleryMode,
    GalleryRefusal,
    GalleryRules,
    Verdict,
    Voter,
    VoteRefusal,
    better,
    look_alike,
    refused_vote,
    verdict,
)
from bot.domain.ids import ChannelId, GuildId, JobId, MessageId, UserId
from bot.domain.job import Job
from bot.errors import Transient
from bot.images.hashes import ALIKE, perceptual_hash
from bot.images.workers import ImageWorkers
from bot.services.board import Board, BoardClosed
from bot.services.ports import Picture
from bot.storage.files import FileStore
from bot.storage.gallery import GalleryStore
from bot.storage.guilds import GuildStore
from bot.storage.jobs import JobStore
from bot.storage.lineage import LineageStore
from bot.storage.rankings import RankingStore

log = structlog.get_logger(__name__)

_SWEEP: Final = timedelta(seconds=30)
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Gallery:
    """Every method names the guild that it was called in, and moves nothing of another."""

    entries: GalleryStore
    rankings: RankingStore
    guilds: GuildStore
    jobs: JobStore
    lineage: LineageStore
    files: FileStore
    workers: ImageWorkers
    board: Board
    clock: Clock

    async def delivered(self, job: Job, channel: ChannelId, message: MessageId) -> None:
        """Make an entry of a public result; where every result is shown, show it."""
        rules = await self._rules(job.origin.guild_id)
        if job.order.private or rules.mode is GalleryMode.OFF:
            return
        entry = await self._entry(job, channel, message)
        if rules.mode is GalleryMode.EVERY:
            await self.settle(entry)
        elif rules.counts_votes:
            await self.board.invite_votes(entry.guild, channel, message)

    async def invite(
        self, guild: GuildId, job: Job, ordinal: int, by: UserId, *, moderator: bool
    ) -> GalleryRefusal | None:
        """Show a picture because its author or a moderator says so; return why it is not shown."""
        rules = await self._rules(guild)
        if not rules.is_open:
            return GalleryRefusal.CLOSED
        if by != job.origin.user_id and not moderator:
            return GalleryRefusal.NOT_YOURS
        entry = await self._entry(job, job.origin.channel_id, job.reply.message_id)
        if entry.state is EntryState.BARRED:
            return GalleryRefusal.BARRED
        refusal = await self._refused(entry, rules)
        if refusal is None:
            await self.entries.invite(entry, ordinal)
            await self.settle(replace(entry, invited=True, ordinal=ordinal))
            now = await self.entries.of_job(guild, job.id)
            if now is not None and now.was_turned_away(rules.channel):
                refusal = GalleryRefusal.NO_CHANNEL
        return refusal

    async def vote(
        self, guild: GuildId, message: MessageId, voter: Voter, message_age: timedelta
    ) -> VoteRefusal | None:
        """Count a vote on a result or on its place in the gallery; return why it does not count."""
        entry = await self.entries.by_message(guild, message)
        if entry is None:
            return VoteRefusal.CLOSED
        refusal = refused_vote(await self._rules(guild), entry, voter, message_age)
        if refusal is None:
            await self.settle(await self.entries.vote(entry, voter.user, self.clock.now()))
        return refusal

    async def unvote(self, guild: GuildId, message: MessageId, voter: UserId) -> None:
        entry = await self.entries.by_message(guild, message)
        if entry is not None:
            await self.settle(await self.entries.unvote(entry, voter))

    async def withdraw(self, guild: GuildId, job: JobId, by: UserId, *, moderator: bool) -> bool:
        """Take a picture out for good: by its author, its source's author, or a moderator."""
        entry = await self.entries.of_job(guild, job)
        if entry is None or not (moderator or by in {entry.author, entry.source_author}):
            return False
        await self._bar(entry)
        return True

    async def changed(self, job: Job) -> None:
        """Follow an edit of a result: its place in the gallery shows it the same way."""
        entry = await self.entries.of_job(job.origin.guild_id, job.id)
        picture = None if entry is None else await self._picture(entry)
        if entry is not None and picture is not None and entry.state is EntryState.POSTED:
            await self.board.refresh(entry, job, picture)

    async def message_deleted(self, guild: GuildId, message: MessageId) -> None:
        """Follow a deletion: of the result, whose picture leaves; or of the gallery's own post."""
        entry = await self.entries.by_message(guild, message)
        # a post that leaves is deleted by the gallery itself, and may come back
        if entry is not None and (message == entry.message or entry.state is EntryState.POSTED):
            await self._bar(entry)

    async def opt_out(self, guild: GuildId, user: UserId) -> None:
        """Show nothing more of a member, and take out what is shown."""
        await self.entries.opt_out(guild, user, self.clock.now())
        for entry in await self.entries.posted_of(guild, user):
            await self._tidy(entry)

    async def settle(self, entry: Entry) -> None:
        """Do what votes, rules and wishes say, until no more is to do: they change meanwhile.

        Only who moves an entry on goes on with it; who comes too late has changed it before that.
        """
        while await self._act(entry):
            entry = await self.entries.get(entry.guild, entry.id) or entry

    async def run(self) -> None:
        """Finish what was begun and not ended, until cancelled."""
        while True:
            try:
                await self.finish()
            except Exception:
                log.exception("gallery not swept")
            await self.clock.sleep(_SWEEP.total_seconds())

    async def finish(self) -> None:
        """Make the moves that were begun and did not end."""
        for entry in await self.entries.unfinished(_AT_ONCE):
            if entry.state is EntryState.BARRED:
                await self._bar(entry)
            elif await (self._show if entry.state is EntryState.POSTING else self._clear)(entry):
                await self.settle(await self.entries.get(entry.guild, entry.id) or entry)

    async def _act(self, entry: Entry) -> bool:
        """Make one move if one is due; say whether it was made, so that another may be."""
        rules = await self._rules(entry.guild)
        match verdict(rules, entry):
            case Verdict.POST if rules.channel is not None:
                refused = await self._refused(entry, rules)
                return refused is None and await self._post(entry, rules.channel)
            case Verdict.TAKE_DOWN:
                return await self._leave(entry)
            case _:
                return False

    async def _rules(self, guild: GuildId) -> GalleryRules:
        return (await self.guilds.get(guild)).gallery

    async def _entry(self, job: Job, channel: ChannelId, message: MessageId | None) -> Entry:
        links = await self.lineage.ancestors(job.id)
        entry = Entry(
            id=0,
            guild=job.origin.guild_id,
            job=job.id,
            ordinal=0,
            root=links[-1].parent.job_id if links else job.id,
            author=job.origin.user_id,
            source_author=job.order.source_author or job.origin.user_id,
            channel=channel,
            message=message,
            age_restricted=await self.board.is_age_restricted(channel),
        )
        return await self.entries.add(entry, self.clock.now())

    async def _refused(self, entry: Entry, rules: GalleryRules) -> GalleryRefusal | None:
        """Say why an entry may not be shown now, whoever asks for it."""
        if rules.channel is None:
            return GalleryRefusal.CLOSED
        if await self._opted_out(entry):
            return GalleryRefusal.OPTED_OUT
        if entry.age_restricted and not await self.board.is_age_restricted(rules.channel):
            return GalleryRefusal.AGE_RESTRICTED
        return None

    async def _opted_out(self, entry: Entry) -> bool:
        users = {entry.author, entry.source_author}
        return any([await self.entries.has_opted_out(entry.guild, user) for user in users])

    async def _post(self, entry: Entry, channel: ChannelId) -> bool:
        picture = await self._picture(entry)
        if picture is None:
            return False
        if not entry.fingerprint:
            mark = await self.workers.run(perceptual_hash, picture.path)
            await self.entries.note_fingerprint(entry, mark)
            entry = replace(entry, fingerprint=mark)
        if await self._outdone(entry):
            return False
        if not await self.entries.aim(entry, channel, self.clock.now()):
            return False
        return await self._show(replace(entry, state=EntryState.POSTING, shown_channel=channel))

    async def _tidy(self, entry: Entry) -> None:
        """Take out what is shown and not wanted any more, and bring back what is by then."""
        if entry.state is not EntryState.POSTED:
            return
        unwanted = await self._opted_out(entry) or await self._outdone(entry)
        if unwanted and await self._leave(entry):
            await self.settle(await self.entries.get(entry.guild, entry.id) or entry)

    async def _outdone(self, entry: Entry) -> bool:
        """Say whether a better picture stands for this one: the best of a chain is shown."""
        alike = await self._look_alikes(entry)
        return any(better(entry, other) is other for other in alike)

    async def _look_alikes(self, entry: Entry) -> list[Entry]:
        """Return what is shown of the same chain and looks like an entry."""
        chain = await self.entries.chain(entry.guild, entry.root)
        others = [other for other in chain if other.id != entry.id]
        posted = [other for other in others if other.state is EntryState.POSTED]
        return [other for other in posted if look_alike(entry, other, ALIKE)]

    async def _show(self, entry: Entry) -> bool:
        """Bring an entry that is in POSTING to Discord; what passes is tried again by the sweep."""
        job, picture = await self.jobs.get(entry.job), await self._picture(entry)
        if job is None or picture is None:
            await self.entries.move(entry, EntryState.CANDIDATE, self.clock.now())
            return False
        try:
            message = await self.board.show(entry, job, picture)
        except BoardClosed as closed:
            log.warning("gallery closed", guild_id=entry.guild, reason=str(closed))
            await self.entries.move(entry, EntryState.CANDIDATE, self.clock.now())
            return False
        except Transient as error:
            log.info("gallery post waits", job_id=entry.job, detail=error.detail)
            return False
        now = await self.entries.posted(entry, message, self.clock.now())
        if now.state is not EntryState.POSTED:
            # barred meanwhile: what is still there then is deleted by the sweep
            await self._delete(now)
            return False
        for each in (now, *await self._look_alikes(now)):
            await self._tidy(each)
        return True

    async def _leave(self, entry: Entry) -> bool:
        """Take out an entry that is POSTED; LEAVING is on record while its message is there."""
        if not await self.entries.move(entry, EntryState.LEAVING, self.clock.now()):
            return False
        return await self._clear(replace(entry, state=EntryState.LEAVING))

    async def _clear(self, entry: Entry) -> bool:
        gone = await self._delete(entry)
        return gone and await self.entries.move(entry, EntryState.CANDIDATE, self.clock.now())

    async def _bar(self, entry: Entry) -> None:
        """Take an entry out for good: on record first, then its message, which the sweep tries."""
        barred = await self.entries.bar(entry, self.clock.now())
        if await self._delete(barred):
            await self.entries.forget_shown(barred)

    async def _delete(self, entry: Entry) -> bool:
        if entry.shown_channel is None or entry.shown_message is None:
            return True
        try:
            await self.board.take_down(entry.shown_channel, entry.shown_message)
        except Transient as error:
            log.info("gallery post stays for now", job_id=entry.job, detail=error.detail)
            return False
        return True

    async def _picture(self, entry: Entry) -> Picture | None:
        for result in await self.jobs.results(entry.job):
            if result.ordinal == entry.ordinal and result.delivered is not None:
                path = self.files.path(result.delivered)
                return Picture(result, path) if path.exists() else None
        return None
