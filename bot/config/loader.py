"""Loading of settings (environment, then TOML, then defaults) and the example file."""

from __future__ import annotations

import codecs
import difflib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import PydanticBaseSettingsSource as Source

from bot.config.settings import Settings
from bot.errors import StartError


class _LayeredSettings(Settings, BaseSettings):
    """Settings that environment variables such as `EXPANSE_DISCORD__TOKEN` override."""

    model_config = SettingsConfigDict(
        env_prefix="EXPANSE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: Source,
        env_settings: Source,
        dotenv_settings: Source,  # noqa: ARG003
        file_secret_settings: Source,  # noqa: ARG003
    ) -> tuple[Source, ...]:
        """Give the environment precedence over the values that `load_settings` read."""
        return env_settings, init_settings


def load_settings(path: Path | None) -> Settings:
    """Load the settings from a TOML file, if given, and the environment.

    Raises `StartError` that names the file or every wrong key and, for an unknown key, the nearest
    one.
    """
    try:
        return _LayeredSettings(**_read_toml(path))
    except ValidationError as error:
        raise StartError("\n".join(map(_format_mistake, error.errors()))) from None


def _read_toml(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(_decode_text(path.read_bytes()))
    except OSError as error:
        msg = f"{path} cannot be read ({error.strerror}). Copy config.example.toml there."
        raise StartError(msg) from error
    except UnicodeDecodeError as error:
        raise StartError(f"{path} is not text in UTF-8. Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise StartError(f"{path} is not valid TOML: {error}.") from error


def _decode_text(data: bytes) -> str:
    """Decode UTF-8, or UTF-16 with its mark, as editors on Windows save it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    return data.decode("utf-8-sig")


def list_config_options() -> Iterator[tuple[str, str, Any, str]]:
    """Yield section, key, default and description of every setting."""
    for section, field in Settings.model_fields.items():
        table = field.annotation
        if isinstance(table, type) and issubclass(table, BaseModel):
            for key, leaf in table.model_fields.items():
                yield section, key, leaf.default, leaf.description or ""


def format_example() -> str:
    """Return all settings as TOML, each with its default below its description."""
    lines = [
        "# Every setting with its default. Copy this to config.toml and fill in the two secrets;",
        "# an environment variable such as EXPANSE_DISCORD__TOKEN wins over the file.",
    ]
    current = ""
    for section, key, default, description in list_config_options():
        if section != current:
            lines += ["", f"[{section}]"]
            current = section
        lines += [f"# {description}", f"{key} = {_format_toml(default)}"]
    return "\n".join(lines) + "\n"


def _format_toml(value: Any) -> str:
    if isinstance(value, SecretStr):
        return '""'
    if isinstance(value, tuple):
        return f"[{', '.join(_format_toml(item) for item in value)}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return f'"{value}"'


def _format_mistake(mistake: ErrorDetails) -> str:
    name = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] != "extra_forbidden":
        return f"Setting {name}: {mistake['msg'].removeprefix('Value error, ')}."
    known = [f"{section}.{key}" for section, key, _, _ in list_config_options()]
    known += list(Settings.model_fields)
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"There is no setting {name}.{hint}"


if __name__ == "__main__":
    sys.stdout.write(format_example())
