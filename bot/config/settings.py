"""The settings: frozen models with a description of every field."""

from __future__ import annotations

import ipaddress
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.domain.money import MicroUsd, parse_usd

_MODEL_CONFIG: Final = ConfigDict(extra="forbid", frozen=True)


def _check_url(url: str, schemes: tuple[str, str]) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        msg = f"must be an address that begins with {schemes[0]}:// or {schemes[1]}://"
        raise ValueError(msg)
    return url.rstrip("/")


def _check_http_url(url: str) -> str:
    return _check_url(url, ("http", "https"))


def _check_websocket_url(url: str) -> str:
    return _check_url(url, ("ws", "wss"))


def _check_plain_secret(secret: SecretStr) -> SecretStr:
    # it is sent in an HTTP header, which can hold nothing else
    if not all(33 <= ord(character) <= 126 for character in secret.get_secret_value()):
        msg = "must be plain ASCII without spaces; copy it again"
        raise ValueError(msg)
    return secret


def _check_sqlite_url(url: str) -> str:
    if url and not url.startswith("sqlite:///"):
        msg = "only sqlite:/// is supported"
        raise ValueError(msg)
    return url


def _check_loopback(host: str) -> str:
    try:
        usable = ipaddress.ip_address(host).is_loopback
    except ValueError:
        usable = False
    if not usable:
        msg = "must be a loopback address such as 127.0.0.1; put a proxy with a password before it"
        raise ValueError(msg)
    return host


HttpUrl = Annotated[str, AfterValidator(_check_http_url)]
WsUrl = Annotated[str, AfterValidator(_check_websocket_url)]
Secret = Annotated[SecretStr, AfterValidator(_check_plain_secret)]
Dollars = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]


class DiscordSettings(BaseModel):
    model_config = _MODEL_CONFIG

    token: Secret = Field(SecretStr(""), description="The bot's token, from the developer portal.")
    api_base: HttpUrl = Field(
        "https://discord.com/api/v10", description="Where Discord's REST API is."
    )
    gateway_url: WsUrl = Field(
        "wss://gateway.discord.gg", description="Where Discord's gateway is."
    )
    cdn_base: HttpUrl = Field(
        "https://cdn.discordapp.com", description="Where Discord keeps attachments."
    )
    proxy_hosts: tuple[str, ...] = Field(
        (
            "media.discordapp.net",
            "images-ext-1.discordapp.net",
            "images-ext-2.discordapp.net",
        ),
        description="Hosts of Discord's that show pictures of embeds, for the message menu.",
    )
    operators: tuple[int, ...] = Field(
        (), description="User ids that may run the operator's commands."
    )


class RunwareSettings(BaseModel):
    model_config = _MODEL_CONFIG

    api_key: Secret = Field(SecretStr(""), description="The API key, from Runware's dashboard.")
    base_url: HttpUrl = Field("https://api.runware.ai/v1", description="Where Runware's API is.")
    model: str = Field("bfl:1@3", description="The model: FLUX.1 Expand [pro].")
    media_hosts: tuple[str, ...] = Field(
        ("im.runware.ai",),
        description="Hosts (or host:port) that results may be fetched from, beside the API's own.",
    )
    max_in_flight: int = Field(
        4, ge=1, le=100, description="Tasks at the provider at the same time (it advises 2 to 4)."
    )
    poll_seconds: float = Field(
        0.5, gt=0, le=60, description="Seconds until a task is asked for the first time."
    )
    patience_seconds: float = Field(
        60.0,
        ge=0,
        le=600,
        description="How long part of the results may stay as it is, before the rest is given up.",
    )
    request_seconds: float = Field(
        30.0, gt=0, le=600, description="Deadline of one request, in seconds."
    )
    grace_seconds: float = Field(
        30.0,
        ge=0,
        le=600,
        description="How long an unanswered submit may take to show, before it is sent once more.",
    )
    task_minutes: float = Field(
        10.0, gt=0, le=1440, description="How long a task may render before its job is parked."
    )


class StorageSettings(BaseModel):
    model_config = _MODEL_CONFIG

    data_dir: Path = Field(Path("data"), description="Folder of the database and the pictures.")
    url: Annotated[str, AfterValidator(_check_sqlite_url)] = Field(
        "", description="The database; empty means sqlite:///<data_dir>/expanse.db."
    )
    min_free_mib: int = Field(
        200, ge=0, description="Free space below which no new job is taken, in MiB."
    )
    reserve_mib: int = Field(
        64, ge=0, description="Size of the file that is given up when the disk is full, in MiB."
    )
    backups: int = Field(7, ge=0, description="Daily backups that are kept; 0 makes none.")

    keep_days: int = Field(
        30, ge=1, le=3650, description="Days that pictures are kept after their order has ended."
    )

    @property
    def database_path(self) -> Path:
        named = self.url.removeprefix("sqlite:///")
        return Path(named) if named else self.data_dir / "expanse.db"

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"


class LimitSettings(BaseModel):
    model_config = _MODEL_CONFIG

    results_per_user_day: int = Field(
        20, ge=0, description="Pictures that one member may have made per day of the guild."
    )
    most_results_per_user_day: int = Field(
        100, ge=0, description="The most that a guild may allow its members, roles or a single one."
    )
    usd_per_user_month: Dollars = Field(
        Decimal("10.00"), description="Dollars that one member may spend per month in a guild."
    )
    usd_per_guild_month: Dollars = Field(
        Decimal("100.00"), description="Dollars that one guild may spend per month."
    )
    usd_per_day: Dollars = Field(
        Decimal("10.00"), description="Dollars that all together may spend per day (UTC)."
    )
    usd_per_ten_minutes: Dollars = Field(
        Decimal("5.00"), description="Dollars that all together may spend within ten minutes."
    )
    results_per_command: int = Field(4, ge=1, le=20, description="Pictures per command at most.")
    max_tolerance: int = Field(
        6, ge=0, le=6, description="Laxest safety tolerance that any guild may set, 0 to 6."
    )
    usd_per_result: Dollars = Field(
        Decimal("0.05"), description="Price of a picture, held until the provider reports the cost."
    )
    running_per_user: int = Field(
        1, ge=1, description="Jobs of one member that are worked on at the same time."
    )
    waiting_per_user: int = Field(
        2, ge=0, description="Jobs of one member that may wait beside those."
    )
    queue: int = Field(500, ge=1, description="Open jobs of all together.")

    @property
    def result_price(self) -> MicroUsd:
        return parse_usd(self.usd_per_result)


class PersonalSettings(BaseModel):
    """Use through members' own installations, outside guilds."""

    model_config = _MODEL_CONFIG

    month_usd: Dollars = Field(
        Decimal(0),
        description="Dollars per month for all who add the bot to their own account; "
        "0 offers it on servers alone.",
    )
    results_per_day: int = Field(
        3, ge=0, description="Pictures that one of them may have made per day (UTC)."
    )


class ImageSettings(BaseModel):
    model_config = _MODEL_CONFIG

    max_bytes: int = Field(
        25 * 2**20, ge=2**16, description="Largest attachment, in bytes (25 MiB)."
    )
    max_pixels: int = Field(
        4096 * 4096, ge=2**16, description="Largest seed image, in pixels (width times height)."
    )
    min_side: int = Field(64, ge=1, description="Shortest side of a seed image, in pixels.")
    max_side: int = Field(8192, ge=64, description="Longest side of a seed image, in pixels.")
    max_canvas_pixels: int = Field(
        6144 * 6144, ge=2**16, description="Largest canvas that is rendered, in pixels."
    )
    max_result_bytes: int = Field(
        64 * 2**20, ge=2**16, description="Largest result that is fetched, in bytes (64 MiB)."
    )
    workers: int = Field(2, ge=1, le=64, description="Processes that work on pictures.")
    worker_memory_mib: int = Field(2048, ge=512, description="Memory of one of them, in MiB.")
    worker_seconds: float = Field(
        20.0, gt=0, description="Time for one piece of work, in seconds; past it the process ends."
    )


class TelemetrySettings(BaseModel):
    model_config = _MODEL_CONFIG

    host: Annotated[str, AfterValidator(_check_loopback)] = Field(
        "127.0.0.1", description="Where /live, /ready and /metrics are: a loopback address."
    )
    port: int = Field(0, ge=0, le=65535, description="Their port; 0 serves none.")


class Settings(BaseModel):
    model_config = _MODEL_CONFIG

    discord: DiscordSettings = DiscordSettings()
    runware: RunwareSettings = RunwareSettings()
    storage: StorageSettings = StorageSettings()
    limits: LimitSettings = LimitSettings()
    personal: PersonalSettings = PersonalSettings()
    images: ImageSettings = ImageSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
