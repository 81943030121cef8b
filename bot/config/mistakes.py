"""Sentences about mistakes in the configuration: what is wrong, and what to write instead."""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from pydantic_core import ErrorDetails

ENV_PREFIX: Final = "EXPANSE_"
ENV_DELIMITER: Final = "__"
_RULES: Final = {
    "greater_than_equal": "must be at least {ge}",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "decimal_type": "must be an amount of dollars, such as 10 or 0.05",
    "decimal_parsing": "must be an amount of dollars, such as 10 or 0.05",
    "decimal_max_digits": "must have at most {max_digits} digits",
    "decimal_max_places": "must have at most {decimal_places} decimal places",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text in quotes",
    "path_type": "must be text in quotes",
    "tuple_type": "must be a list in square brackets, such as [1, 2]",
}
"""Rules by pydantic's error type, with the names of its context."""
_VARIABLE_CUTOFF: Final = 0.85
"""How much a variable resembles a setting's (0..1) to be taken for a misspelt one."""


def format_variable(setting: str) -> str:
    """Return the environment variable of a setting such as `discord.token`."""
    return ENV_PREFIX + setting.upper().replace(".", ENV_DELIMITER)


def format_mistakes(mistakes: Sequence[str]) -> str:
    """Return one mistake as it is, several as a list below their number."""
    if len(mistakes) == 1:
        return mistakes[0]
    return "\n  ".join([f"The configuration has {len(mistakes)} mistakes:", *mistakes])


def describe_invalid(mistake: ErrorDetails, settings: Collection[str]) -> str:
    """Say what is wrong with one setting, by the names of all."""
    name = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "extra_forbidden":
        return f"There is no setting {name}.{_suggest_name(name, settings)}"
    if mistake["type"] in {"model_type", "model_attributes_type", "dict_type"}:
        return f"{name} must be a section: write [{name}], with its settings below."
    variable = format_variable(name)
    place = f" (from {variable})" if variable in _list_variables() else ""
    return f"{name}{place} {_describe_rule(mistake)}{_quote_value(mistake['input'])}."


def describe_missing_secrets(missing: Iterable[str]) -> str:
    """Say which secrets are not set, and where to put them."""
    names = list(missing)
    what, variables = " and ".join(names), " and ".join(map(format_variable, names))
    return f"Not set: {what}. Use config.toml (expanse init creates it), or {variables}."


def list_misspelt_variables(settings: Collection[str]) -> list[str]:
    """Say which environment variables were meant to be settings, but are read by nobody.

    Others that begin with `EXPANSE_` are left alone: container platforms make such names.
    """
    known = {format_variable(name) for name in settings}
    sections = tuple(name.rpartition(ENV_DELIMITER)[0] + ENV_DELIMITER for name in known)
    found = []
    # the settings of a known section are checked with the others
    for name in sorted(each for each in _list_variables() if not each.startswith(sections)):
        nearest = difflib.get_close_matches(name, known, n=1, cutoff=_VARIABLE_CUTOFF)
        found += [f"There is no setting {name}. Did you mean {each}?" for each in nearest]
    return found


def _list_variables() -> set[str]:
    # their case does not matter
    return {name.upper() for name in os.environ if name.upper().startswith(ENV_PREFIX)}


def _suggest_name(name: str, settings: Collection[str]) -> str:
    nearest = difflib.get_close_matches(name, settings, n=1, cutoff=0.5)
    return f" Did you mean {nearest[0]}?" if nearest else ""


def _describe_rule(mistake: ErrorDetails) -> str:
    rule = _RULES.get(mistake["type"])
    if rule is not None:
        return rule.format(**mistake.get("ctx", {}))
    return mistake["msg"].removeprefix("Value error, ").rstrip(".")


def _quote_value(value: Any) -> str:
    """Quote a number, which can be no secret and is often not what was meant."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f", not {value}" if is_number else ""
