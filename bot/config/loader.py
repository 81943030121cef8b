"""Loading of settings (environment, then TOML, then defaults) and the example file."""

from __future__ import annotations

import codecs
import contextlib
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings import PydanticBaseSettingsSource as Source

from bot.config import mistakes
from bot.config.settings import Settings
from bot.errors import StartError

_SECRETS: Final = ("discord.token", "runware.api_key")
_CONFIG: Final = SettingsConfigDict(
    env_prefix=mistakes.ENV_PREFIX,
    env_nested_delimiter=mistakes.ENV_DELIMITER,
    extra="forbid",
    frozen=True,
)


class _Variables(EnvSettingsSource):
    """The environment variables; a list that is no JSON is left for the models to refuse."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


class _Layered(BaseSettings):
    """Values that environment variables such as `EXPANSE_DISCORD__TOKEN` override."""

    model_config = _CONFIG

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Source,
        env_settings: Source,  # noqa: ARG003 - the library's signature
        dotenv_settings: Source,  # noqa: ARG003
        file_secret_settings: Source,  # noqa: ARG003
    ) -> tuple[Source, ...]:
        """Give the environment precedence over the values that `load_settings` read."""
        return _Variables(settings_cls), init_settings


class _LayeredSettings(Settings, _Layered):
    """The settings, from both."""

    model_config = _CONFIG


class _SecretTables(_Layered):
    """The tables with secrets as they are written, whatever is wrong with the other values."""

    model_config = SettingsConfigDict(extra="ignore")

    discord: dict[str, Any] = {}
    runware: dict[str, Any] = {}


def load_settings(path: Path | None) -> Settings:
    """Load the settings from a TOML file, if given, and the environment.

    Raises `StartError` that names the file, or every mistake and, for an unknown key, the nearest
    one.
    """
    values = _read_toml(path)
    known = [f"{section}.{key}" for section, key, _, _ in list_config_options()]
    found = mistakes.list_misspelt_variables(known)
    try:
        settings = _LayeredSettings(**values)
    except ValidationError as error:
        names = [*known, *Settings.model_fields]
        found = [*(mistakes.describe_invalid(each, names) for each in error.errors()), *found]
    else:
        if not found:
            return settings
    if missing := _find_missing_secrets(values):
        found.append(mistakes.describe_missing_secrets(missing))
    raise StartError(mistakes.format_mistakes(found)) from None


def _find_missing_secrets(values: dict[str, Any]) -> list[str]:
    """Return the secrets that are not set, for settings that can't be loaded."""
    # what is no table is a mistake of its own
    written: dict[str, Any] = {
        name: table for name, table in values.items() if isinstance(table, dict)
    }
    with contextlib.suppress(ValidationError):
        tables = _SecretTables(**written).model_dump()
        pairs = [(name, name.split(".")) for name in _SECRETS]
        return [name for name, (table, key) in pairs if not tables[table].get(key)]
    return []


def _read_toml(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(_decode_text(path.read_bytes()))
    except FileNotFoundError as error:
        raise StartError(f"There is no file {path}. To create it: expanse init {path}") from error
    except OSError as error:
        raise StartError(f"{path} can't be read ({error.strerror}).") from error
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


def format_example(values: Mapping[str, str] | None = None) -> str:
    """Return all settings as TOML, each below its description: with its value, or its default."""
    lines = [
        "# Every setting with its default. Copy this to config.toml and fill in the two secrets;",
        "# an environment variable such as EXPANSE_DISCORD__TOKEN wins over the file.",
    ]
    current = ""
    for section, key, default, description in list_config_options():
        if section != current:
            lines += ["", f"[{section}]"]
            current = section
        value = (values or {}).get(f"{section}.{key}", default)
        lines += [f"# {description}", f"{key} = {_format_toml(value)}"]
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
    # TOML's basic strings escape as JSON's do
    return json.dumps(str(value), ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(format_example())
