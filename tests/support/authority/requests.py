"""What a member's client sends for each act: a command with options, or a press."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from bot.domain.guild import Preset
from bot.domain.ids import DraftId, GuildId, JobId
from bot.domain.moderation import ActionKind
from bot.domain.order import PictureRef
from bot.domain.settings_table import Section
from bot.ui.actions import Action
from bot.ui.views.payloads import (
    CasePayload,
    PresetPayload,
    SectionPayload,
    SettingPayload,
    SpoilerPayload,
)
from sandbox.discord.actors.invocation import TrackedInvocation
from sandbox.discord.actors.member import MemberActor
from tests.support.app.card_controls import Json
from tests.support.app.payloads import build_payload
from tests.support.app_fixture import draw_photograph, encode_upload
from tests.support.authority.acts import ACTS, Act
from tests.support.authority.guilds import AuthorityGuilds
from tests.support.authority.rights import Place, Source

_PICTURE: Final = encode_upload(draw_photograph(96, 96))
_MENU: Final = "Expand image"
_JOBS: Final = {
    "moderate remove": "deleted",
    "delete/channel": "deleted",
    "delete-sure/channel": "deleted",
    "delete/thread": "thread-deleted",
    "delete-sure/thread": "thread-deleted",
    "spoiler/uncover": "shown",
    "hang": "barred",
    "unhang": "posted",
    "open": "channel",
    "resend": "channel",
    "block-form": "reported",
}
"""The pictures of acts that do not name one by their variant."""
_CASE_JOBS: Final = {ActionKind.APPROVE: "queued", ActionKind.DECLINE: "queued"}


def list_commands(payload: Iterable[Json]) -> list[str]:
    """Return the names of all commands as members type them, from what Discord was told."""
    return [name for command in payload for name in _walk_command(command, "")]


def _walk_command(command: Json, prefix: str) -> Iterator[str]:
    name = f"{prefix}{command['name']}"
    inner = [each for each in command.get("options", ()) if each["type"] in {1, 2}]
    for each in inner:
        yield from _walk_command(each, f"{name} ")
    if not inner:
        yield name


def expand_acts(commands: Iterable[str]) -> list[Act]:
    """Return the acts with each pattern replaced by the commands that it stands for."""
    known, found = list(commands), []
    for act in ACTS:
        names = (
            [act.name] if act.action else [each for each in known if fnmatchcase(each, act.name)]
        )
        found += [Act(name, act.right, act.refused, act.granted) for name in names]
    return found


@dataclass(frozen=True, slots=True)
class RequestSender:
    guilds: AuthorityGuilds

    async def send(self, act: Act, source: Source, place: Place) -> TrackedInvocation:
        """Let a member do an act in a place, as a forged client could."""
        actor = self.guilds.get_actor(source, place)
        if act.action is not None:
            return await self._press(act, act.action, actor, place)
        channel = self.guilds.channels[place]
        if act.name == _MENU:
            return actor.menu(_MENU, actor.say("no picture", channel=channel))
        options = self._build_options(act.name)
        return actor.invoke(act.name, options, channel=channel, forged=True)

    def _build_options(self, command: str) -> dict[str, Any]:
        member = {"member": str(self.guilds.guild.member("author").id)}
        order = {"image": _PICTURE}
        known: Mapping[str, dict[str, Any]] = {
            "expand": {**order, "direction": "right", "pixels": 64},
            "expand-sides": {**order, "left": 64},
            "expand-ratio": {**order, "ratio": "16:9"},
            "expand-zoom": {**order, "factor": 1.5},
            "gallery visibility": {"shown": True},
            "settings preset": {"kind": Preset.ADULTS.value},
            "moderate block": {**member, "reason": "x"},
            "moderate unblock": member,
            "moderate grant": {**member, "results": 9},
            "moderate ungrant": member,
            "moderate words list": {},
            "moderate words test": {"prompt": "x"},
            "operator why": member,
            "operator unpark": {"job": "x", "outcome": "settle"},
        }
        if command.startswith("moderate words") and command not in known:
            return {"pattern" if command.endswith("pattern") else "entry": "zebra"}
        picture = {"picture": self.get_job_id(command)}
        needs_picture = command.partition(" ")[2] in {"remove", "spoiler", "refund", "cancel"}
        return known.get(command, picture if needs_picture else {})

    def get_job_id(self, name: str) -> JobId:
        """Return the picture that an act is about."""
        variant = name.partition("/")[2]
        fallback = variant if variant in self.guilds.jobs else "gone"
        if name.startswith("moderate"):
            fallback = "channel"
        return self.guilds.jobs[_JOBS.get(name, fallback)]

    async def _press(
        self, act: Act, action: Action, actor: MemberActor, place: Place
    ) -> TrackedInvocation:
        panel = self.guilds.panels[place]
        if act.variant.endswith(" queue"):
            # what only one member sees, as the cards of the queue
            panel = await actor.invoke("help", {}, channel=panel["channel_id"]).message()
        payload = self._build_payload(act, action)
        mark = self.guilds.app_fixture.app.interactions.codec.encode(action, payload)
        values = {Action.OPEN: (str(self.get_job_id(act.name)),), Action.RATIO: ("16:9",)}
        return actor.forge(panel, mark, values=values.get(action, ()))

    def _build_payload(self, act: Act, action: Action) -> Any:
        guild, job = GuildId(self.guilds.guild.id), self.get_job_id(act.name)
        match action:
            case Action.SPOILER:
                return SpoilerPayload(PictureRef(job, 0), act.variant != "uncover")
            case Action.CASE_ACTION:
                kind = ActionKind(act.variant.split()[0])
                return CasePayload(self.guilds.jobs[_CASE_JOBS.get(kind, "reported")], kind)
            case Action.SET:
                return SettingPayload(guild, "tolerance", "1")
            case Action.PRESET:
                return PresetPayload(guild, Preset.ADULTS)
            case Action.SETTINGS_ASK | Action.SETTINGS_FORM:
                return SectionPayload(guild, Section.QUOTAS)
        ids = {JobId: job, GuildId: guild, DraftId: self.guilds.draft}
        return build_payload(action, 0, ids)
