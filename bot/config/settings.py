"""The settings: frozen models with a description of every field."""

from __future__ import annotations

import ipaddress
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from bot.domain.model import DEFAULT_MODEL, PIXELS_PER_MEGAPIXEL, ImageModel, PriceRule, get_model
from bot.domain.money import MicroUsd, parse_usd, to_usd


def _check_url(url: str, schemes: tuple[str, str]) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError(f"must be an address that begins with {schemes[0]}:// or {schemes[1]}://")
    return url.rstrip("/")


def is_plain_secret(text: str) -> bool:
    """Return whether a secret can be sent in an HTTP header: plain ASCII without spaces."""
    return all(33 <= ord(character) <= 126 for character in text)


def _check_plain_secret(secret: SecretStr) -> SecretStr:
    if not is_plain_secret(secret.get_secret_value()):
        raise ValueError("must be plain ASCII without spaces; copy it again")
    return secret


def _check_sqlite_url(url: str) -> str:
    if url and not url.startswith("sqlite:///"):
        raise ValueError("only sqlite:/// is supported")
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


def _check_model(identifier: str) -> str:
    return get_model(identifier).identifier


def _check_catalog_url(url: str) -> str:
    return _check_url(url, ("http", "https")) if url else url


HttpUrl = Annotated[str, AfterValidator(partial(_check_url, schemes=("http", "https")))]
WsUrl = Annotated[str, AfterValidator(partial(_check_url, schemes=("ws", "wss")))]
Secret = Annotated[SecretStr, AfterValidator(_check_plain_secret)]
Dollars = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]


class SettingsSection(BaseModel):
    """A table of the file; each field's docstring is its description in the example."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class DiscordSettings(SettingsSection):
    token: Secret = SecretStr("")
    """The bot's token, from the developer portal."""
    api_base: HttpUrl = "https://discord.com/api/v10"
    """Where Discord's REST API is."""
    gateway_url: WsUrl = "wss://gateway.discord.gg"
    """Where Discord's gateway is."""
    cdn_base: HttpUrl = "https://cdn.discordapp.com"
    """Where Discord keeps attachments."""
    proxy_hosts: tuple[str, ...] = (
        "media.discordapp.net",
        "images-ext-1.discordapp.net",
        "images-ext-2.discordapp.net",
    )
    """Hosts of Discord's that show pictures of embeds, for the message menu."""
    operators: tuple[int, ...] = ()
    """User ids that may run the operator's commands."""


_VENDOR_CATALOG: Final = "https://content.runware.ai"


class RunwareSettings(SettingsSection):
    api_key: Secret = SecretStr("")
    """The API key, from Runware's dashboard."""
    base_url: HttpUrl = "https://api.runware.ai/v1"
    """Where Runware's API is."""
    model: Annotated[str, AfterValidator(_check_model)] = DEFAULT_MODEL.identifier
    """The model, by its identifier at Runware (the default is FLUX.1 Expand [pro])."""
    best_megapixels: float = Field(
        DEFAULT_MODEL.best_pixels / PIXELS_PER_MEGAPIXEL,
        gt=0,
        le=100,
        description="Largest canvas that is rendered as it is; above it the picture is sent smaller"
        " and the new area scaled up. Left out, what the model renders well.",
    )
    catalog_url: Annotated[str, AfterValidator(_check_catalog_url)] = ""
    """Where the catalogue of models is; empty: Runware's, or /content beside another base_url."""
    low_balance_usd: Dollars = Decimal("5.00")
    """Balance below which the operators are told once a day, in dollars."""
    media_hosts: tuple[str, ...] = ("im.runware.ai", "mm.runware.ai")
    """Hosts (or host:port) that results may be fetched from, beside the API's own."""
    max_in_flight: int = Field(4, ge=1, le=100)
    """Tasks at the provider at the same time (it advises 2 to 4)."""
    poll_seconds: float = Field(0.5, gt=0, le=60)
    """Seconds until a task is asked for the first time."""
    patience_seconds: float = Field(60.0, ge=0, le=600)
    """How long to wait for the remaining results once nothing changes, in seconds."""
    request_seconds: float = Field(30.0, gt=0, le=600)
    """Deadline of one request, in seconds."""
    grace_seconds: float = Field(30.0, ge=0, le=600)
    """How long an unanswered submit may take to show, before it is sent once more."""
    task_minutes: float = Field(10.0, gt=0, le=1440)
    """How long a task may render before its job is parked."""

    @property
    def catalog_base(self) -> str:
        """Where models are listed; never Runware's own place for another provider."""
        where = urlsplit(self.base_url)
        is_vendor = (where.hostname or "").endswith(".runware.ai")
        return self.catalog_url or (
            _VENDOR_CATALOG if is_vendor else f"{where.scheme}://{where.netloc}/content"
        )

    @property
    def low_balance(self) -> MicroUsd:
        return parse_usd(self.low_balance_usd)


class StorageSettings(SettingsSection):
    data_dir: Path = Path("data")
    """Folder of the database and the pictures."""
    url: Annotated[str, AfterValidator(_check_sqlite_url)] = ""
    """The database; empty means sqlite:///<data_dir>/expanse.db."""
    min_free_mib: int = Field(200, ge=0)
    """Free space below which no new job is taken, in MiB."""
    reserve_mib: int = Field(64, ge=0)
    """Size of the reserve file that is deleted when the disk is full, in MiB."""
    backups: int = Field(7, ge=0)
    """Daily backups that are kept; 0 makes none."""
    keep_days: int = Field(30, ge=1, le=3650)
    """Days that pictures are kept after their order has ended."""

    @property
    def database_path(self) -> Path:
        named = self.url.removeprefix("sqlite:///")
        return Path(named) if named else self.data_dir / "expanse.db"

    @property
    def files_dir(self) -> Path:
        return self.data_dir / "files"


class LimitSettings(SettingsSection):
    results_per_user_day: int = Field(20, ge=0)
    """Pictures that one member may have made per day of the guild."""
    most_results_per_user_day: int = Field(100, ge=0)
    """The most that a guild may allow its members, roles or a single one."""
    usd_per_user_month: Dollars = Decimal("10.00")
    """Dollars that one member may spend per month in a guild."""
    usd_per_guild_month: Dollars = Decimal("100.00")
    """Dollars that one guild may spend per month."""
    usd_per_day: Dollars = Decimal("10.00")
    """Dollars that all together may spend per day (UTC)."""
    usd_per_ten_minutes: Dollars = Decimal("5.00")
    """Dollars that all together may spend within ten minutes."""
    results_per_command: int = Field(
        4, ge=DEFAULT_MODEL.results.minimum, le=DEFAULT_MODEL.results.maximum
    )
    """Pictures per command at most."""
    max_tolerance: int = Field(
        DEFAULT_MODEL.tolerance.maximum,
        ge=DEFAULT_MODEL.tolerance.minimum,
        le=DEFAULT_MODEL.tolerance.maximum,
    )
    """Laxest safety tolerance that any guild may set; 0 is the strictest."""
    usd_per_result: Dollars = to_usd(DEFAULT_MODEL.price.per_result).normalize()
    """Price of a picture, held until the provider reports the cost; left out, the model's own."""
    running_per_user: int = Field(1, ge=1)
    """Jobs of one member that are worked on at the same time."""
    waiting_per_user: int = Field(3, ge=0)
    """Jobs of one member that may wait beside those; one form orders up to four."""
    queue: int = Field(500, ge=1)
    """Open jobs of all together."""


class PersonalSettings(SettingsSection):
    """Use through members' own installations, outside guilds."""

    month_usd: Dollars = Field(
        Decimal(0),
        description="Dollars per month for all who add the bot to their own account; "
        "0 offers it on servers alone.",
    )
    results_per_day: int = Field(3, ge=0)
    """Pictures that one of them may have made per day (UTC)."""


class ImageSettings(SettingsSection):
    max_bytes: int = Field(25 * 2**20, ge=2**16)
    """Largest attachment, in bytes (25 MiB)."""
    max_pixels: int = Field(4096 * 4096, ge=2**16)
    """Largest seed image, in pixels (width times height)."""
    min_side: int = Field(64, ge=1)
    """Shortest side of a seed image, in pixels."""
    max_side: int = Field(8192, ge=64)
    """Longest side of a seed image, in pixels."""
    max_canvas_pixels: int = Field(6144 * 6144, ge=2**16)
    """Largest canvas that is delivered, in pixels."""
    max_result_bytes: int = Field(64 * 2**20, ge=2**16)
    """Largest result that is fetched, in bytes (64 MiB)."""
    workers: int = Field(2, ge=1, le=64)
    """Processes that work on pictures."""
    worker_memory_mib: int = Field(2048, ge=512)
    """Memory of one of them, in MiB."""
    worker_seconds: float = Field(20.0, gt=0)
    """Time for one piece of work, in seconds; past it the process ends."""
    allow_unmarked: bool = False
    """Whether servers may switch the mark "made with AI" off, which law may forbid."""


class TelemetrySettings(SettingsSection):
    host: Annotated[str, AfterValidator(_check_loopback)] = "127.0.0.1"
    """Where /live, /ready and /metrics are: a loopback address."""
    port: int = Field(0, ge=0, le=65535)
    """Their port; 0 serves none."""


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    discord: DiscordSettings = DiscordSettings()
    runware: RunwareSettings = RunwareSettings()
    storage: StorageSettings = StorageSettings()
    limits: LimitSettings = LimitSettings()
    personal: PersonalSettings = PersonalSettings()
    images: ImageSettings = ImageSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @property
    def image_model(self) -> ImageModel:
        return get_model(self.runware.model)

    @property
    def price_rule(self) -> PriceRule:
        """The price that the operator states, else the model's own."""
        limits = self.limits
        if "usd_per_result" in limits.model_fields_set:
            return PriceRule(parse_usd(limits.usd_per_result))
        return self.image_model.price

    @property
    def best_pixels(self) -> int:
        """The largest canvas in pixels that is rendered unless a member asks for more."""
        if "best_megapixels" in self.runware.model_fields_set:
            return round(self.runware.best_megapixels * PIXELS_PER_MEGAPIXEL)
        return self.image_model.best_pixels

    @property
    def bounded_limits(self) -> LimitSettings:
        """The operator's limits, with no more results per command than the model makes."""
        most = min(self.limits.results_per_command, self.image_model.results.maximum)
        return self.limits.model_copy(update={"results_per_command": most})

    @property
    def max_tolerance(self) -> int:
        """The laxest safety tolerance that both the operator and the model allow."""
        return min(self.limits.max_tolerance, self.image_model.tolerance.maximum)
