"""REST for searching a guild's messages, in the channels that the bot may read."""

import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from aiohttp import web

from sandbox.discord.model import guild_payloads, message_matching
from sandbox.discord.model.errors import MISSING_ACCESS, MISSING_PERMISSIONS, DiscordError
from sandbox.discord.model.faults import DiscordFaults, DiscordStage
from sandbox.discord.model.intents import Intent
from sandbox.discord.model.permissions import Permission
from sandbox.discord.model.records import Channel, Guild, Json, Message
from sandbox.discord.rest.path_params import RequestLookup
from sandbox.discord.rest.responses import API, respond_json
from sandbox.discord.state.state import State
from sandbox.discord.validation.forms import Form

PAGE_SIZE = 25  # this and other bounds: Discord's OpenAPI file, operation guild_search
MAX_OFFSET = 9975
_NOT_INDEXED = {"message": "Index not yet available. Try again later", "code": 110000}
_FLAGS = {"true": True, "false": False, "1": True, "0": False}
Filter = Callable[[Message], bool]


class SearchRoutes:
    def __init__(self, lookup: RequestLookup, faults: DiscordFaults) -> None:
        self._lookup = lookup
        self._state = lookup.state
        self._faults = faults

    def build_routes(self) -> list[web.RouteDef]:
        return [web.get(API + "/guilds/{guild}/messages/search", self._search_messages)]

    async def _search_messages(self, request: web.Request) -> web.Response:
        """Answer a page of hits, or 202 if a fault says that the index is not ready."""
        guild = self._lookup.get_guild(request)
        if not self._state.settings.intents & Intent.MESSAGE_CONTENT:
            raise DiscordError(MISSING_ACCESS)
        params = SearchParams(Form(), request)
        query = read_search_query(params, self._state)
        readable = self._list_readable(guild)
        if not readable:
            raise DiscordError(MISSING_PERMISSIONS)
        # Only a search that would succeed can meet the fault, as on Discord.
        fault = self._faults.take(DiscordStage.SEARCH, str(guild.id))
        if fault is not None:
            delay = {"documents_indexed": 0, "retry_after": int(fault.value)}
            return respond_json(_NOT_INDEXED | delay, 202)
        hits = query.sort_hits(self._iter_hits(readable, query))
        page = hits[query.offset : query.offset + query.limit]
        return respond_json(self._build_page(page) | {"total_results": len(hits)})

    def _list_readable(self, guild: Guild) -> list[Channel]:
        """Return the channels and threads whose history the bot may read."""
        me, needed = self._lookup.me, Permission.READ_MESSAGE_HISTORY
        return [
            channel
            for channel in guild.channels.values()
            if self._state.can_see(me, channel.id)
            and self._state.get_permissions(me, channel.id) & needed
        ]

    def _iter_hits(self, readable: list[Channel], wanted: "SearchQuery") -> Iterator[Message]:
        for channel in readable:
            restricted = self._state.get_parent(channel).nsfw
            if (wanted.channels and channel.id not in wanted.channels) or (
                restricted and not wanted.restricted
            ):
                continue
            for message in self._state.messages.iter_newest_first(channel.id):
                if not message.is_ephemeral and all(holds(message) for holds in wanted.filters):
                    yield message

    def _build_page(self, page: list[Message]) -> Json:
        places = {each.channel_id: self._state.get_channel(each.channel_id) for each in page}
        threads = [channel for channel in places.values() if channel.type.is_thread]
        hits = [self._state.payloads.build_message(each) | {"hit": True} for each in page]
        for payload in hits:
            payload.pop("reactions", None)  # documentation: "without the reactions key"
        found: Json = {"messages": [[each] for each in hits], "doing_deep_historical_index": False}
        return found | guild_payloads.build_thread_list(threads, self._lookup.me)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A parsed search: all filters must match; empty `channels` means all channels."""

    filters: tuple[Filter, ...]
    channels: frozenset[int]
    restricted: bool
    words: tuple[str, ...]
    slop: int
    limit: int
    offset: int
    relevance: bool
    oldest_first: bool

    def sort_hits(self, hits: Iterable[Message]) -> list[Message]:
        """Sort by time, or by how often the words occur in a message, newest first."""
        by_id = operator.attrgetter("id")
        if not self.relevance:
            return sorted(hits, key=by_id, reverse=not self.oldest_first)
        newest = sorted(hits, key=by_id, reverse=True)
        return sorted(newest, key=lambda message: -_score_message(message, self.words, self.slop))


@dataclass(frozen=True, slots=True)
class SearchParams:
    """Parse a search request's query parameters; errors are added to the form."""

    form: Form
    request: web.Request

    def read_number(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        text = self.request.query.get(name)
        if text is None:
            return default
        whole = text.isascii() and text.isdigit() and len(text) < 6
        read = self.form.field(int(text) if whole else -1, name)
        return int(read.raw) if read.check_number(minimum, maximum) else default

    def read_flag(self, name: str) -> bool | None:
        text = self.request.query.get(name)
        if text is not None and text.lower() not in _FLAGS:
            self.form.field(text, name).read_flag()
        return None if text is None else _FLAGS.get(text.lower())

    def read_id(self, name: str) -> int | None:
        return self.form.field(self.request.query.get(name), name).read_snowflake(required=False)

    def read_ids(self, name: str, maximum: int = 100) -> frozenset[int]:
        every = self.form.field(self.request.query.getall(name, []), name).read_list(0, maximum)
        return frozenset(each.read_snowflake() or 0 for each in every)

    def read_texts(self, name: str, max_length: int = 256) -> frozenset[str]:
        every = self.form.field(self.request.query.getall(name, []), name).read_list(0, 100)
        return frozenset(each.raw.lower() for each in every if each.check_text(0, max_length))

    def read_choices(self, name: str, *allowed: str) -> frozenset[str]:
        """Return the given values of a choice parameter; others add an error."""
        found = self.request.query.getall(name, [])
        if not all(each in allowed for each in found):
            message = f"Value must be one of ({', '.join(allowed)})."
            self.form.field(found, name).add_error("BASE_TYPE_CHOICES", message)
        return frozenset(found)


def read_search_query(search_params: SearchParams, state: State) -> SearchQuery:
    """Parse a search; raise 50035 with all errors of its parameters."""
    text = search_params.form.field(search_params.request.query.get("content"), "content")
    words = message_matching.split_words(text.raw) if text.check_text(0, 1024) and text.raw else ()
    slop = search_params.read_number("slop", message_matching.DEFAULT_SLOP, minimum=0, maximum=100)
    query = SearchQuery(
        filters=tuple(_build_filters(search_params, state, words, slop)),
        channels=search_params.read_ids("channel_id", 500),
        restricted=search_params.read_flag("include_nsfw") is True,
        words=words,
        slop=slop,
        limit=search_params.read_number("limit", PAGE_SIZE, minimum=1, maximum=PAGE_SIZE),
        offset=search_params.read_number("offset", 0, minimum=0, maximum=MAX_OFFSET),
        relevance="relevance" in search_params.read_choices("sort_by", "timestamp", "relevance"),
        oldest_first="asc" in search_params.read_choices("sort_order", "asc", "desc"),
    )
    search_params.form.raise_errors()
    return query


def _build_filters(
    search_params: SearchParams, state: State, looked_for: tuple[str, ...], slop: int
) -> Iterator[Filter]:
    if (least := search_params.read_id("min_id")) is not None:
        yield lambda message: message.id > least
    if (most := search_params.read_id("max_id")) is not None:
        yield lambda message: message.id < most
    if (pinned := search_params.read_flag("pinned")) is not None:
        yield lambda message: message.pinned is pinned
    if looked_for:
        yield lambda message: _score_message(message, looked_for, slop) > 0
    yield from _build_people_filters(search_params, state)
    yield from _build_content_filters(search_params)


def _build_people_filters(search_params: SearchParams, state: State) -> Iterator[Filter]:
    if authors := search_params.read_ids("author_id"):
        yield lambda message: message.author_id in authors
    if mentioned := search_params.read_ids("mentions"):
        yield lambda message: not mentioned.isdisjoint(message.content.mentions)
    if answered := search_params.read_ids("replied_to_message_id"):
        yield lambda message: message.reference_id in answered
    if people := search_params.read_ids("replied_to_user_id"):
        yield lambda message: _find_answered_id(state, message) in people
    if kinds := search_params.read_choices(
        "author_type", *_add_negations(message_matching.AUTHORS)
    ):
        yield lambda message: _has_kinds(
            kinds,
            [message_matching.get_author_type(state.world.get_user(message.author_id), message)],
        )
    # Messages of the local Discord never mention roles or everyone.
    if search_params.read_ids("mentions_role_id") or search_params.read_flag("mention_everyone"):
        yield lambda _: False


def _build_content_filters(search_params: SearchParams) -> Iterator[Filter]:
    if kinds := search_params.read_choices("has", *_add_negations(message_matching.FEATURES)):
        yield lambda message: _has_kinds(kinds, message_matching.list_features(message))
    if hosts := search_params.read_texts("link_hostname"):
        yield lambda message: not hosts.isdisjoint(message_matching.list_hosts(message))
    if names := search_params.read_texts("attachment_filename", 1024):
        yield lambda message: not names.isdisjoint(message_matching.list_filenames(message))
    if endings := search_params.read_texts("attachment_extension"):
        yield lambda message: not endings.isdisjoint(message_matching.list_extensions(message))
    # Only bots create embeds here, never links, so none has a provider or another type.
    if search_params.read_texts("embed_provider") or search_params.read_choices(
        "embed_type", *message_matching.EMBEDS
    ):
        yield lambda _: False


def _add_negations(kinds: Iterable[str]) -> list[str]:
    return [sign + kind for kind in kinds for sign in ("", "-")]


def _has_kinds(wanted: frozenset[str], found: Iterable[str]) -> bool:
    """Tell whether any wanted kind was found, and none of the kinds excluded by "-"."""
    known = set(found)
    required = {kind for kind in wanted if kind[0] != "-"}
    excluded = {kind[1:] for kind in wanted - required}
    return excluded.isdisjoint(known) and (not required or not required.isdisjoint(known))


def _score_message(message: Message, looked_for: tuple[str, ...], slop: int) -> int:
    return message_matching.count_matches(
        message_matching.split_words(message.content.text), looked_for, slop=slop
    )


def _find_answered_id(state: State, message: Message) -> int | None:
    target = state.messages.find(message.reference_id)
    return None if target is None else target.author_id


def _get_author_type(state: State, message: Message) -> str:
    return message_matching.get_author_type(state.world.get_user(message.author_id), message)
