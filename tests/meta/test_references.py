"""Whatever a comment, a docstring or a page refers to is in the repository."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / ".github").rglob("*.md")])
SCRIPTS = sorted((ROOT / "sandbox" / "web").rglob("*.js"))
SOURCES = sorted(
    path
    for part in ("bot", "cogs", "sandbox", "bench", "tests", "docs")
    for path in (ROOT / part).rglob("*.py")
    if path != Path(__file__)
)

NAMED = re.compile(r"[\w./-]*\w\.md\b")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SECTION = re.compile(r"(?:([\w./-]*\w\.md) )?§ ?([\w.]*\w)?")
OUTSIDE = re.compile(r"\(design\b")
"""The design is not in the repository: a reason from it is given in words."""
HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)
SEPARATOR = re.compile(r"\|[\s:|-]+")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def said(path: Path, source: str) -> Iterator[str]:
    """Yield Python's comments and the strings that stand as statements; all of a script."""
    if path.suffix == ".js":
        yield source
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def without_code(page: str) -> str:
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", page, flags=re.MULTILINE | re.DOTALL)


def headings(page: str) -> list[str]:
    """Return a page's headings as they read, without marks and the addresses of links."""
    found = HEADING.findall(re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))
    return [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "") for text in found]


def anchors(page: str) -> set[str]:
    """Return the anchors that GitHub gives to a page's headings."""
    slugs, seen = set(), Counter[str]()
    for text in headings(page):
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        slugs.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return slugs


def missing(text: str, *folders: Path) -> Iterator[str]:
    """Yield what a text refers to and no folder has: pages, sections, the design."""
    for name in NAMED.findall(text):
        if not any((folder / name).is_file() for folder in folders):
            yield name
    for name, section in SECTION.findall(text):
        page = next((folder / name for folder in folders if (folder / name).is_file()), None)
        known = headings(page.read_text()) if name and page else []
        if section not in {heading.split()[0].strip(".:") for heading in known}:
            yield f"{name} §{section}"
    yield from OUTSIDE.findall(text)


def broken_links(page: str, folder: Path) -> Iterator[str]:
    for target in LINK.findall(without_code(page)):
        path, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        there = folder / path
        if not there.exists():
            yield target
        elif anchor:
            found = anchors(there.read_text() if path else page)
            yield from {target} if anchor not in found else ()


def broken_tables(page: str) -> Iterator[str]:
    """Yield the rows that begin a table and are not followed by a header's separator."""
    lines = ["", *without_code(page).splitlines(), ""]
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        begins = line.startswith("|") and not before.startswith("|")
        if begins and not SEPARATOR.fullmatch(after):
            yield line


def test_what_a_source_refers_to_exists() -> None:
    texts = {path: path.read_text() for path in SOURCES + SCRIPTS}
    lost = {
        name_of(path): [lost for part in said(path, text) for lost in missing(part, ROOT)]
        for path, text in texts.items()
        if list(missing(text, ROOT))
    }
    assert not any(lost.values()), lost


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_what_a_page_refers_to_exists(path: Path) -> None:
    page = path.read_text()
    assert not list(missing(page, path.parent, ROOT))
    assert not list(broken_links(page, path.parent))
    assert not list(broken_tables(page))


def test_decisions_are_numbered_in_order_and_headed_by_their_number() -> None:
    decisions = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in decisions] == list(range(1, len(decisions) + 1))
    for path in decisions:
        assert path.read_text().startswith(f"# {int(path.name[:4])}. "), path.name


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_decision_is_linked_by_its_number(path: Path) -> None:
    linked = re.findall(r"\[decision (\d+)\]\(\S*?(\d{4})-", path.read_text())
    assert all(int(said) == int(number) for said, number in linked)


@pytest.mark.parametrize(
    "text", ["design §6", "(reliability.md §4)", "moderation.md §9", "no.md", "(design, table)"]
)
def test_a_reference_that_leads_nowhere_is_found(text: str) -> None:
    assert list(missing(text, DOCS))


def test_a_reference_that_leads_somewhere_is_none() -> None:
    assert not list(missing("sandbox.md, moderation.md §2, reliability.md §Storage", DOCS))


def test_links_and_tables_that_are_broken_are_found() -> None:
    page = "# A `b`, C\n# A b, c\n[a](#a-b-c) [b](#a-b-c-1) [c](#a-b-c-2) [d](no.png)\n\n"
    assert list(broken_links(page, DOCS)) == ["#a-b-c-2", "no.png"]
    assert list(broken_tables("| a |\n|---|\n| 1 |\n\n| 2 |\n| 3 |\n")) == ["| 2 |"]


FILES = ["/" + name_of(path) for path in ROOT.rglob("*.py") if ".venv" not in path.parts]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_python_file_that_a_page_names_exists(page: Path) -> None:
    if page.name != "CHANGELOG.md":
        named = re.findall(r"`([\w/]+\.py)`", page.read_text())
        assert not [name for name in named if not any(file.endswith("/" + name) for file in FILES)]
