"""The settings: one frozen tree, environment over TOML over defaults, every field described."""

from __future__ import annotations

import difflib
import sys
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.domain.money import MicroUsd, parse_usd
from bot.errors import StartError

_TABLE: Final = ConfigDict(extra="forbid", frozen=True)


def _address(url: str, schemes: tuple[str, str]) -> str:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        msg = f"must be an address that begins with {schemes[0]}:// or {schemes[1]}://"
        raise ValueError(msg)
    return url.rstrip("/")


def _http(url: str) -> str:
    return _address(url, ("http", "https"))


def _ws(url: str) -> str:
    return _address(url, ("ws", "wss"))


def _plain(secret: SecretStr) -> SecretStr:
    if not all(33 <= ord(character) <= 126 for character in secret.get_secret_value()):
        msg = "must be plain ASCII without spaces; copy it again"
        raise ValueError(msg)
    return secret


def _sqlite(url: str) -> str:
    if url and not url.startswith("sqlite:///"):
        msg = "only sqlite:/// is supported"
        raise ValueError(msg)
    return url


HttpUrl = Annotated[str, AfterValidator(_http)]
WsUrl = Annotated[str, AfterValidator(_ws)]
Secret = Annotated[SecretStr, AfterValidator(_plain)]
Dollars = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]


class DiscordSettings(BaseModel):
    model_config = _TABLE

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
    operators: tuple[int, ...] = Field(
        (), description="User ids that may run the operator's commands."
    )


class RunwareSettings(BaseModel):
    model_config = _TABLE

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
    model_config = _TABLE

    data_dir: Path = Field(Path("data"), description="Folder of the database and the pictures.")
    url: Annotated[str, AfterValidator(_sqlite)] = Field(
        "", description="The database; empty means sqlite:///<data_dir>/expanse.db."
    )

    keep_days: int = Field(
        30, ge=1, le=3650, description="Days that pictures are kept after their order has ended."
    )

    @property
    def database(self) -> Path:
        named = self.url.removeprefix("sqlite:///")
        return Path(named) if named else self.data_dir / "expanse.db"

    @property
    def files(self) -> Path:
        return self.data_dir / "files"


class LimitSettings(BaseModel):
    model_config = _TABLE

    results_per_user_day: int = Field(
        20, ge=0, description="Pictures that one member may have made per day (UTC)."
    )
    usd_per_day: Dollars = Field(
        Decimal("10.00"), description="Dollars that all members together may spend per day (UTC)."
    )
    results_per_command: int = Field(4, ge=1, le=20, description="Pictures per command at most.")
    usd_per_result: Dollars = Field(
        Decimal("0.05"), description="Price of a picture, held until the provider reports the cost."
    )

    @property
    def price(self) -> MicroUsd:
        return parse_usd(self.usd_per_result)

    @property
    def budget(self) -> MicroUsd:
        return parse_usd(self.usd_per_day)


class ImageSettings(BaseModel):
    model_config = _TABLE

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


class Settings(BaseModel):
    """The whole tree."""

    model_config = _TABLE

    discord: DiscordSettings = DiscordSettings()
    runware: RunwareSettings = RunwareSettings()
    storage: StorageSettings = StorageSettings()
    limits: LimitSettings = LimitSettings()
    images: ImageSettings = ImageSettings()


class _LayeredSettings(Settings, BaseSettings):
    """The tree as the environment completes it: `EXPANSE_DISCORD__TOKEN` and so on win."""

    model_config = SettingsConfigDict(
        env_prefix="EXPANSE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over what `load` read from the file."""
        return env_settings, init_settings


def load(path: Path | None) -> Settings:
    """Read the settings from a TOML file (or none) and the environment.

    Raises `StartError` with the file or the key at fault and, for an unknown key, the nearest.
    """
    try:
        return _LayeredSettings(**_read(path))
    except ValidationError as error:
        raise StartError(_worded(error)) from None


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}). Copy config.example.toml there."
        raise StartError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StartError(f"{path} is not valid TOML: {error}.") from error


def leaves() -> Iterator[tuple[str, str, Any, str]]:
    """Walk the tree: section, key, default and description of every setting."""
    for section, field in Settings.model_fields.items():
        table = field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            for key, leaf in table.model_fields.items():
                yield section, key, leaf.default, leaf.description or ""


def example() -> str:
    """Write the whole tree as TOML: every setting with its default, its description above it."""
    lines = [
        "# Every setting with its default. Copy this to config.toml and fill in the two secrets;",
        "# an environment variable such as EXPANSE_DISCORD__TOKEN wins over the file.",
    ]
    current = ""
    for section, key, default, description in leaves():
        if section != current:
            lines += ["", f"[{section}]"]
            current = section
        lines += [f"# {description}", f"{key} = {_toml(default)}"]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, int | float):
        return str(value)
    return f'"{value}"'


def _worded(error: ValidationError) -> str:
    first = error.errors()[0]
    where = [str(part) for part in first["loc"]]
    name = ".".join(where)
    if first["type"] != "extra_forbidden":
        return f"Setting {name}: {first['msg'].removeprefix('Value error, ')}."
    known = [f"{section}.{key}" for section, key, _, _ in leaves()]
    known += list(Settings.model_fields)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no setting {name}.{hint}"


if __name__ == "__main__":
    sys.stdout.write(example())
