"""The pages for people who change the code name what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
TERM = re.compile(r"^\| \*\*(?P<term>[^*]+)\*\* \| (?P<meaning>.+) \|$", re.MULTILINE)
PLACE = re.compile(r"`((?:bot|cogs|sandbox|bench|tests|docs)/[\w./-]+)`")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TERMS = {
    *("interaction", "guild", "channel", "thread", "member", "ephemeral", "component"),
    *("custom_id", "attachment", "seed image", "noise seed", "margin", "canvas", "result"),
    *("master", "order", "draft", "job", "step", "state", "transition", "epoch", "lease"),
    *("claim", "dispatcher", "fair queue", "task", "provider", "submit", "poll"),
    *("registration", "account", "entry", "hold", "settle", "release", "adjust", "limit"),
    *("quota", "budget", "refund", "audit", "tolerance", "moderation", "report", "approval"),
    *("spoiler", "age-restricted", "sandbox", "stand-in", "actor", "fault"),
    *("free work", "exposure", "cover", "shared message"),
}


def test_the_glossary_has_every_term_once_in_one_sentence() -> None:
    found = [(each["term"], each["meaning"]) for each in TERM.finditer(GLOSSARY.read_text())]
    terms = [term for term, _ in found]
    assert set(terms) >= TERMS, TERMS - set(terms)
    assert len(terms) == len(set(terms))
    assert not [term for term, meaning in found if not meaning.endswith(".") or ". " in meaning]


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/architecture.md"])
def test_the_glossary_is_linked(page: str) -> None:
    assert "glossary.md)" in (ROOT / page).read_text()


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/glossary.md"])
def test_a_place_that_a_page_names_exists(page: str) -> None:
    named = PLACE.findall((ROOT / page).read_text())
    planned = re.compile(r"migrations/sqlite/0\d{3}_subject\.sql$")
    assert not [path for path in named if not (ROOT / path).exists() and not planned.search(path)]


def test_the_newest_release_in_the_changelog_is_the_version_of_the_project() -> None:
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    sections = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert version is not None
    assert sections[0] == "Unreleased"
    assert re.fullmatch(rf"{re.escape(version[1])} - \d{{4}}-\d\d-\d\d", sections[1])


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_pins_its_actions_and_may_only_read(path: Path) -> None:
    text = path.read_text()
    used = re.findall(r"uses: (.+)", text)
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", each) for each in used)
    assert "\npermissions:\n  contents: read\n\n" in text
    assert "write" not in re.findall(r"^ *\w+: (\w+)$", text, re.MULTILINE)


def test_every_row_of_the_threat_model_names_what_shows_it() -> None:
    page = (ROOT / "docs" / "security.md").read_text()
    threats = page.partition("## Attackers and defences")[2].partition("\n## ")[0]
    rows = [line for line in threats.splitlines() if line.startswith("|")][2:]
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)`", row.split("|")[-2])
        assert named or "python -m bench attacks" in row, row
        assert all((ROOT / "tests" / name).is_file() for name in named), row
