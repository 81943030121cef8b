"""Faults that a person can start from the page, with their descriptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sandbox.discord.model.faults import DiscordFault
from sandbox.runware.faults import RunwareFault as ProviderFault


class Service(StrEnum):
    PROVIDER = "provider"
    DISCORD = "discord"


@dataclass(frozen=True, slots=True)
class FaultPreset:
    """One button: its title, what it does and how a correct bot reacts, and its faults."""

    title: str
    does: str
    faults: tuple[Any, ...]


def _build_provider_preset(title: str, does: str, **fault: Any) -> FaultPreset:
    return FaultPreset(title, does, (ProviderFault.from_json(fault),))


def _build_result_presets() -> dict[str, FaultPreset]:
    """Build the presets of results that come back other than they were asked for."""
    differing = ({"kind": "shift"}, {"kind": "clamp", "value": 0.3}, {"kind": "scale"})
    return {
        "smaller": _build_provider_preset(
            "The picture comes back smaller",
            "The next result has only 0.3 megapixels. The bot scales it up around the original.",
            kind="clamp",
            value=0.3,
        ),
        "moved": _build_provider_preset(
            "The picture comes back moved",
            "In the next result all lies 7 pixels further right and up. The bot moves it back.",
            kind="shift",
        ),
        "stretched": _build_provider_preset(
            "The picture comes back stretched",
            "The next result is 2% too wide and too flat. The bot measures that and undoes it.",
            kind="scale",
        ),
        "cut": _build_provider_preset(
            "The edges are cut off",
            "The next result ends up to 47 pixels too early. The bot fills in what is missing.",
            kind="cut_canvas",
            value=48,
        ),
        "differing": FaultPreset(
            "Each picture comes back differently",
            "Of the next three results one is moved, one smaller, one stretched. All must fit.",
            tuple(ProviderFault.from_json(fault) for fault in differing),
        ),
        "stranger": _build_provider_preset(
            "Another picture comes back",
            "The next result shows something else. The bot does not post it and says so soon.",
            kind="other_picture",
        ),
    }


def _build_discord_preset(title: str, does: str, **fault: Any) -> FaultPreset:
    return FaultPreset(title, does, (DiscordFault.from_json(fault),))


PRESETS: Final[Mapping[Service, Mapping[str, FaultPreset]]] = {
    Service.PROVIDER: {
        "busy": _build_provider_preset(
            "Too busy",
            "The next request is answered with 429. The bot waits and sends it again.",
            kind="busy",
        ),
        "down": _build_provider_preset(
            "Out of order",
            "Five requests are answered with 503. The bot tries again with pauses.",
            kind="unavailable",
            times=5,
        ),
        "lost": _build_provider_preset(
            "Accepted, but the line breaks",
            "The next task is taken and its answer lost. The bot must find out, not pay twice.",
            kind="accept_reset",
        ),
        "slow": _build_provider_preset(
            "Slow",
            "The next picture takes ten seconds longer. Watch the card.",
            kind="slow",
            value=10,
        ),
        "fail": _build_provider_preset(
            "The picture fails",
            "The next task ends in an error and costs nothing. The hold goes back.",
            kind="fail",
        ),
        "moderate": _build_provider_preset(
            "Held back by moderation",
            "The next picture is not handed out. The member learns why.",
            kind="moderate",
        ),
        "gone": _build_provider_preset(
            "The picture cannot be fetched",
            "The link of the next result answers 404 three times.",
            kind="gone",
            times=3,
        ),
        "dear": _build_provider_preset(
            "A higher bill",
            "The next result is said to cost $0.50. The books record it and the operator is told.",
            kind="cost",
            value=0.5,
        ),
        **_build_result_presets(),
    },
    Service.DISCORD: {
        "limited": _build_discord_preset(
            "Rate limit",
            "The next three edits of messages are answered with 429. The bot waits as it is told.",
            kind="rate_limited",
            match="PATCH *",
            times=3,
        ),
        "down": _build_discord_preset(
            "Out of order",
            "The next three requests of the bot are answered with 503. It tries again.",
            kind="unavailable",
            times=3,
        ),
        "lost": _build_discord_preset(
            "Done, but the line breaks",
            "The next message is posted or edited and its answer lost. It must not come twice.",
            kind="drop",
        ),
        "never": _build_discord_preset(
            "A command gets lost",
            "The next command never reaches the bot. After three seconds Discord says so.",
            kind="lose",
            match="INTERACTION_CREATE",
        ),
        "twice": _build_discord_preset(
            "A command comes twice",
            "The next command reaches the bot twice. Only one job may come of it.",
            kind="duplicate",
            match="INTERACTION_CREATE",
        ),
        "reconnect": _build_discord_preset(
            "Gateway restarts",
            "After the next event the gateway asks the bot to connect again.",
            kind="reconnect",
        ),
        "gone": _build_discord_preset(
            "The member's picture is gone",
            "The next file that the bot fetches answers 404.",
            kind="gone",
        ),
    },
}
