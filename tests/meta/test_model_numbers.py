"""What is the model's own is written in one file (docs/architecture.md); this searches the rest."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from bot.domain.model import DEFAULT_MODEL, MODELS

ROOT = Path(__file__).parents[2]
HOME = ROOT / "bot" / "domain" / "model.py"
MODULES = sorted(
    path
    for part in ("bot", "cogs", "sandbox")
    for path in (ROOT / part).rglob("*.py")
    if path != HOME
)
TELLING_NUMBERS = {
    DEFAULT_MODEL.margin.maximum,
    DEFAULT_MODEL.max_prompt_length,
    DEFAULT_MODEL.best_pixels,
    DEFAULT_MODEL.price.per_result,
}
"""Large enough that they stand for nothing else by chance; 64, 16, 20 and 6 do everywhere."""
OTHER_MEANINGS = {
    "bot/config/settings.py": "memory of an image worker, in MiB",
    "bot/images/registration/placement.py": "side at which the provider stores uploads",
    "sandbox/runware/media/resize.py": "the same, on its side",
    "sandbox/discord/validation/components.py": "Discord's limit of a link",
    "sandbox/discord/validation/embeds.py": "Discord's limit of a link and a footer",
}
"""Files that state such a number about something else."""
MODEL_WORDS = {"margin", "outpaint", "tolerance", "prompt", "results", "result", "steps", "cfg"}
BOUND_WORDS = {"max", "min", "step", "longest", "price"}
OTHER_BOUNDS = {
    "bot/ui/texts/jobs.py: MAX_PROMPT_LENGTH",
    "bot/ui/texts/moderation.py: _MAX_PROMPT_LENGTH",
}
"""How much of a prompt a card shows."""


def list_constants(path: Path) -> Iterator[object]:
    return (
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
    )


def list_module_constants(path: Path) -> Iterator[str]:
    """Yield the names of a module that are plain numbers or texts."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def test_no_other_file_names_a_model() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {value}"
        for path in MODULES
        for value in list_constants(path)
        if isinstance(value, str) and any(identifier in value for identifier in MODELS)
    ]
    assert not named


def test_no_other_file_states_its_large_numbers() -> None:
    stated = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if TELLING_NUMBERS.intersection(
            value for value in list_constants(path) if type(value) is int
        )
    }
    assert stated - OTHER_MEANINGS.keys() == set()
    assert OTHER_MEANINGS.keys() - stated == set(), "no longer there: take it off the list"


def test_no_constant_is_called_a_bound_of_the_model() -> None:
    """The names that used to hold them, in any file: MARGIN_STEP, MAX_TOLERANCE, and the like."""
    bounds = {
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in MODULES
        for name in list_module_constants(path)
        if (words := set(name.lower().split("_"))) & BOUND_WORDS and words & MODEL_WORDS
    }
    assert bounds == OTHER_BOUNDS
