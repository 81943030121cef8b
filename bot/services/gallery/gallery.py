"""A guild's gallery: which pictures it shows, by votes, invitations and removals.

An entry's state changes by compare-and-swap before Discord is called, and its message has a nonce
made from its ID, so that a picture is posted once even after a crash in between.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

import structlog

from bot.clock import Clock
from bot.domain.gallery import (
    EntryDecision,
    EntryState,
    GalleryEntry,
    GalleryMode,
    GalleryRefusal,
    GalleryRules,
    decide_entry,
    is_look_alike,
    pick_better_entry,
)
from bot.domain.ids import ChannelId, Digest, GuildId, JobId, MessageId, UserId
from bot.domain.job import Job
from bot.errors import Transient
from bot.images.perceptual_hash import MAX_ALIKE_BITS, compute_perceptual_hash
from bot.images.worker_priority import ImageWorkers
from bot.services.exposure.decision import ExposurePolicy
from bot.services.gallery.posting_pace import PostingPace
from bot.services.pictures.library import list_stored_pictures
from bot.services.ports.channels import GalleryChannel, RouteClosed
from bot.services.ports.jobs import StoredPicture
from bot.storage.disk.file_store import FileStore
from bot.storage.repositories.gallery import GalleryStore
from bot.storage.repositories.guild_settings import GuildSettingsStore
from bot.storage.repositories.jobs import JobStore

log = structlog.get_logger(__name__)

_SWEEP_INTERVAL: Final = timedelta(seconds=30)
_BATCH_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class GalleryService:
    """Manage gallery entries; no method changes entries of a guild other than its argument's."""

    entries: GalleryStore
    guilds: GuildSettingsStore
    jobs: JobStore
    exposure: ExposurePolicy
    files: FileStore
    workers: ImageWorkers
    gallery_channel: GalleryChannel
    clock: Clock
    pace: PostingPace = field(init=False, default_factory=PostingPace)

    async def add_result(self, job: Job, channel: ChannelId, message: MessageId) -> None:
        """Add a public result as an entry; post it if the gallery shows every result."""
        rules = await self._get_rules(job.origin.guild_id)
        if job.order.private or rules.mode is GalleryMode.OFF:
            return
        entry = await self._add_entry(job, channel, message)
        if rules.mode is GalleryMode.EVERY:
            await self.apply_rules(entry)
        elif rules.is_counting_votes:
            await self.gallery_channel.invite_votes(entry.guild, channel, message)

    async def invite_picture(
        self, guild: GuildId, job: Job, ordinal: int, actor: UserId, *, is_moderator: bool
    ) -> GalleryRefusal | None:
        """Post a picture for its author or a moderator; return why not, None if it is posted."""
        rules = await self._get_rules(guild)
        if not rules.is_open:
            return GalleryRefusal.CLOSED
        if actor != job.origin.user_id and not is_moderator:
            return GalleryRefusal.NOT_YOURS
        entry = await self._add_entry(job, job.origin.channel_id, job.reply.message_id)
        if entry.state is EntryState.BARRED:
            return GalleryRefusal.BARRED
        refusal = await self._find_refusal(entry, rules)
        if refusal is None:
            await self.entries.mark_invited(entry, ordinal)
            await self.apply_rules(replace(entry, invited=True, ordinal=ordinal))
            now = await self.entries.find_by_job(guild, job.id)
            if now is not None and now.has_failed_in(rules.channel):
                refusal = GalleryRefusal.NO_CHANNEL
        return refusal

    async def withdraw_picture(
        self, guild: GuildId, job: JobId, actor: UserId, *, is_moderator: bool
    ) -> bool:
        """Bar a picture from the gallery; return False if `actor` may not or there is no entry."""
        entry = await self.entries.find_by_job(guild, job)
        if entry is None or not (is_moderator or actor in {entry.author, entry.source_author}):
            return False
        await self._bar_entry(entry)
        return True

    async def update_entry(self, job: Job) -> MessageId | None:
        """Update a result's gallery post after the result was edited; return it if that was done.

        Raises `Transient`.
        """
        entry = await self.entries.find_by_job(job.origin.guild_id, job.id)
        picture = None if entry is None else await self._load_picture(entry)
        if entry is not None and picture is not None and entry.state is EntryState.POSTED:
            shown = (await self.exposure.trace_job(job)).job
            if await self.gallery_channel.edit_entry(entry, shown, picture):
                return entry.shown_message
        return None

    async def handle_deleted_message(self, guild: GuildId, message: MessageId) -> None:
        """Bar an entry whose result or gallery post was deleted by somebody on Discord."""
        entry = await self.entries.find_by_message(guild, message)
        if entry is None:
            return
        # in other states the bot itself deleted the post, which may be shown again later
        is_shown = entry.state in {EntryState.POSTED, EntryState.POSTING}
        if message == entry.message or is_shown:
            await self._bar_entry(entry)

    async def get_job(self, job_id: JobId) -> Job | None:
        return await self.jobs.get(job_id)

    async def find_entry(self, guild: GuildId, job: JobId) -> GalleryEntry | None:
        return await self.entries.find_by_job(guild, job)

    async def opt_in(self, guild: GuildId, user: UserId) -> None:
        await self.entries.opt_in(guild, user)

    async def opt_out(self, guild: GuildId, user: UserId) -> None:
        """Show no more pictures of a member, and take down those that are shown."""
        await self.entries.opt_out(guild, user, self.clock.now())
        for entry in await self.entries.list_posted(guild, user):
            await self._remove_unwanted(entry)

    async def apply_rules(self, entry: GalleryEntry) -> None:
        """Post or take down an entry by votes and rules, until nothing more is due.

        Votes may change meanwhile. Of concurrent calls, only the one that changed the state goes
        on; the next round of that one sees the others' votes.
        """
        is_due = True
        while is_due:
            # read again each time: votes may have come since the caller read it
            entry = await self.entries.get(entry.guild, entry.id) or entry
            is_due = await self._make_move(entry)

    async def run(self) -> None:
        """Finish interrupted changes every 30 s, and post waiting entries when they are due."""
        while True:
            try:
                await self.finish_moves()
            except Exception:
                log.exception("gallery not swept")
            wait = self.pace.get_next_wait(self.clock.now(), _SWEEP_INTERVAL)
            await self.clock.sleep(wait.total_seconds())

    async def finish_moves(self) -> None:
        for entry in self.pace.take_due_entries(self.clock.now()):
            await self.apply_rules(await self.entries.get(entry.guild, entry.id) or entry)
        for entry in await self.entries.list_unfinished(_BATCH_SIZE):
            if entry.state is EntryState.BARRED:
                await self._bar_entry(entry)
            elif await (
                self._resume_post if entry.state is EntryState.POSTING else self._finish_removal
            )(entry):
                await self.apply_rules(await self.entries.get(entry.guild, entry.id) or entry)

    async def _make_move(self, entry: GalleryEntry) -> bool:
        """Post or take down an entry if that is due; return whether it was done."""
        rules = await self._get_rules(entry.guild)
        match decide_entry(rules, entry):
            case EntryDecision.POST if self.pace.must_wait(entry, self.clock.now()):
                return False
            case EntryDecision.POST if rules.channel is not None:
                refused = await self._find_refusal(entry, rules)
                return refused is None and await self._post_entry(entry, rules.channel)
            case EntryDecision.TAKE_DOWN:
                return await self._take_down_entry(entry)
            case _:
                return False

    async def _get_rules(self, guild: GuildId) -> GalleryRules:
        return (await self.guilds.get(guild)).gallery_rules

    async def _add_entry(
        self, job: Job, channel: ChannelId, message: MessageId | None
    ) -> GalleryEntry:
        found = await self.exposure.trace_job(job)
        # a private thread that the bot cannot see stays out too
        is_restricted = await self.exposure.may_be_restricted(channel)
        entry = GalleryEntry(
            id=0,
            guild=job.origin.guild_id,
            job=job.id,
            ordinal=0,
            root=found.root,
            author=job.origin.user_id,
            source_author=found.content.source_author or job.origin.user_id,
            channel=channel,
            message=message,
            age_restricted=is_restricted or found.content.age_restricted is not False,
        )
        return await self.entries.add_entry(entry, self.clock.now())

    async def _find_refusal(
        self, entry: GalleryEntry, rules: GalleryRules
    ) -> GalleryRefusal | None:
        """Return why an entry may not be shown now, None if it may."""
        job = await self.jobs.get(entry.job)
        if rules.channel is None or job is None:
            return GalleryRefusal.CLOSED
        found = await self.exposure.trace_job(job)
        if await self._has_opted_out(entry, found.people):
            return GalleryRefusal.OPTED_OUT
        is_adult = self.gallery_channel.is_age_restricted(rules.channel)
        if (entry.age_restricted and not is_adult) or not found.can_enter(
            (rules.channel,), age_restricted=is_adult
        ):
            return GalleryRefusal.AGE_RESTRICTED
        return None if await self.exposure.can_publish(found) else GalleryRefusal.NOT_SHOWN

    async def _has_opted_out(self, entry: GalleryEntry, people: Collection[UserId]) -> bool:
        users = {entry.author, entry.source_author, *people}
        return any([await self.entries.has_opted_out(entry.guild, user) for user in users])

    async def _post_entry(self, entry: GalleryEntry, channel: ChannelId) -> bool:
        picture = await self._load_picture(entry)
        if picture is None:
            return False
        if not entry.fingerprint:
            mark = await self.workers.run(compute_perceptual_hash, picture.path)
            await self.entries.save_fingerprint(entry, mark)
            entry = replace(entry, fingerprint=mark)
        if await self._is_outranked(entry):
            return False
        # compare-and-swap: of concurrent calls only one posts
        if not await self.entries.start_posting(entry, channel, self.clock.now()):
            return False
        entry = replace(entry, state=EntryState.POSTING, shown_channel=channel)
        return await self._publish_entry(entry)

    async def _remove_unwanted(self, entry: GalleryEntry) -> None:
        """Take down an entry that was opted out or outranked; apply the rules again afterwards."""
        if entry.state is EntryState.POSTING:
            await self._resume_post(entry)
            return
        if entry.state is not EntryState.POSTED:
            return
        job = await self.jobs.get(entry.job)
        people = set() if job is None else (await self.exposure.trace_job(job)).people
        unwanted = await self._has_opted_out(entry, people) or await self._is_outranked(entry)
        if unwanted and await self._take_down_entry(entry):
            await self.apply_rules(await self.entries.get(entry.guild, entry.id) or entry)

    async def _is_outranked(self, entry: GalleryEntry) -> bool:
        """Return whether a better look-alike of the same chain is shown already."""
        alike = await self._list_look_alikes(entry)
        return any(pick_better_entry(entry, other) is other for other in alike)

    async def _list_look_alikes(self, entry: GalleryEntry) -> list[GalleryEntry]:
        """Return the posted entries of the same chain that look like this one."""
        chain = await self.entries.list_chain(entry.guild, entry.root)
        others = [other for other in chain if other.id != entry.id]
        posted = [other for other in others if other.state is EntryState.POSTED]
        return [other for other in posted if is_look_alike(entry, other, MAX_ALIKE_BITS)]

    async def _resume_post(self, entry: GalleryEntry) -> bool:
        """Check an entry that stayed in state POSTING again, and post it or withdraw it.

        Discord may have the post although its answer was lost, or may lack its latest edit.
        """
        rules = await self._get_rules(entry.guild)
        try:
            message = entry.shown_message or await self.gallery_channel.find_post(entry)
            is_home = entry.shown_message is not None or entry.shown_channel == rules.channel
            rules = replace(rules, channel=entry.shown_channel)
            if is_home and await self._find_refusal(entry, rules) is None:
                return await self._publish_entry(entry, message)
            return await self._give_up_post(entry, message)
        except Transient as error:
            log.info("gallery post waits", job_id=entry.job, detail=error.detail)
            return False

    async def _give_up_post(self, entry: GalleryEntry, message: MessageId | None) -> bool:
        """Make an entry in state POSTING a candidate again, and delete its post if there is one."""
        if message is None:
            return await self.entries.move_entry(entry, EntryState.CANDIDATE, self.clock.now())
        now = await self.entries.mark_posted(entry, message, self.clock.now())
        return await self._finish_unwanted(now)

    async def _finish_unwanted(self, entry: GalleryEntry) -> bool:
        """Delete a post that must not be shown; what fails is done by the sweep."""
        match entry.state:
            case EntryState.POSTED:
                return await self._take_down_entry(entry)
            case EntryState.LEAVING:
                return await self._finish_removal(entry)
            case _:
                await self._bar_entry(entry)
                return False

    async def _publish_entry(self, entry: GalleryEntry, posted: MessageId | None = None) -> bool:
        """Post an entry in state POSTING; after a `Transient` the sweep tries again.

        `posted` is its message of an earlier try, which is brought up to date.
        """
        job, picture = await self.jobs.get(entry.job), await self._load_picture(entry)
        if job is None or picture is None:
            await self._give_up_post(entry, posted)
            return False
        shown = (await self.exposure.trace_job(job)).job
        try:
            message = await self._show_entry(entry, shown, picture, posted)
        except RouteClosed as closed:
            log.warning("gallery closed", guild_id=entry.guild, reason=str(closed))
            await self.entries.move_entry(entry, EntryState.CANDIDATE, self.clock.now())
            return False
        except Transient as error:
            log.info("gallery post waits", job_id=entry.job, detail=error.detail)
            return False
        now = await self.entries.mark_posted(entry, message, self.clock.now())
        await self._cover_again(now, shown, picture)
        if now.state is not EntryState.POSTED:
            # barred or withdrawn while it was being posted
            await self._finish_unwanted(now)
            return False
        for each in (now, *await self._list_look_alikes(now)):
            await self._remove_unwanted(each)
        return True

    async def _show_entry(
        self, entry: GalleryEntry, job: Job, picture: StoredPicture, posted: MessageId | None
    ) -> MessageId:
        if posted is None:
            return await self.gallery_channel.post_entry(entry, job, picture)
        await self.gallery_channel.edit_entry(replace(entry, shown_message=posted), job, picture)
        return posted

    async def _cover_again(self, entry: GalleryEntry, shown: Job, picture: StoredPicture) -> None:
        """Cover a post whose picture was put behind a spoiler while it was posted."""
        job = await self.jobs.get(entry.job)
        if job is None or shown.order.attachment.spoiler:
            return
        covered = (await self.exposure.trace_job(job)).job
        if covered.order.attachment.spoiler:
            await self._update_post(entry, covered, picture)

    async def _update_post(self, entry: GalleryEntry, shown: Job, picture: StoredPicture) -> None:
        """Bring an entry's post up to date; after a `Transient` the sweep does."""
        try:
            await self.gallery_channel.edit_entry(entry, shown, picture)
        except Transient as error:
            log.info("gallery post not updated", job_id=entry.job, detail=error.detail)
            await self.entries.move_entry(entry, EntryState.POSTING, self.clock.now())

    async def _take_down_entry(self, entry: GalleryEntry) -> bool:
        """Take down a POSTED entry, which is LEAVING until its message is deleted."""
        if not await self.entries.move_entry(entry, EntryState.LEAVING, self.clock.now()):
            return False
        return await self._finish_removal(replace(entry, state=EntryState.LEAVING))

    async def _finish_removal(self, entry: GalleryEntry) -> bool:
        gone = await self._delete_message(entry)
        return gone and await self.entries.move_entry(entry, EntryState.CANDIDATE, self.clock.now())

    async def _bar_entry(self, entry: GalleryEntry) -> None:
        """Bar an entry, then delete its post; if that fails, the sweep tries again."""
        barred = await self.entries.bar_entry(entry, self.clock.now())
        if await self._delete_message(barred):
            await self.entries.clear_shown_message(barred)

    async def _delete_message(self, entry: GalleryEntry) -> bool:
        """Delete an entry's post, even if the bot doesn't know its message ID."""
        if entry.shown_channel is None:
            return True
        try:
            message = entry.shown_message or await self.gallery_channel.find_post(entry)
            if message is not None:
                await self.gallery_channel.delete_message(entry.shown_channel, message)
        except Transient as error:
            log.info("gallery post stays for now", job_id=entry.job, detail=error.detail)
            return False
        return True

    async def _load_picture(self, entry: GalleryEntry) -> StoredPicture | None:
        for picture in await list_stored_pictures(self.jobs, self.files, entry.job):
            if picture.result.ordinal == entry.ordinal:
                stored = await self.files.has_file(Digest(picture.path.name))
                return picture if stored else None
        return None
