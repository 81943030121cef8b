"""A configuration file as editors save it, and all of its mistakes at once."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from bot.config.loader import load_settings
from bot.errors import StartError
from tests.support.program import run_program

TEXT = '[limits]\n# Grenze für alle\nqueue = 7\n\n[storage]\ndata_dir = "Büro"\n'


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXPANSE_STORAGE__DATA_DIR", raising=False)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_a_file_is_read_with_any_mark_and_line_ends(
    tmp_path: Path, mark: bytes, encoding: str, ends: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(mark + TEXT.replace("\n", ends).encode(encoding))
    loaded = load_settings(path)
    assert (loaded.limits.queue, loaded.storage.data_dir) == (7, Path("Büro"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (TEXT.encode("latin-1"), "is not text in UTF-8. Save it as UTF-8."),
        (TEXT.encode("utf-16-le"), "is not text in UTF-8. Save it as UTF-8."),
        (codecs.BOM_UTF16_LE + b"a", "is not text in UTF-8. Save it as UTF-8."),
        ("[limits]\nqueue = 7".encode("utf-16-le"), "is not valid TOML: "),
        (b"\x89PNG\r\n", "is not text in UTF-8. Save it as UTF-8."),
        (b"[limits\n", "is not valid TOML: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    with pytest.raises(StartError) as refused:
        load_settings(path)
    assert str(refused.value).startswith(f"{path} {words}")


FILE = """\
[discord]
token = "a b"
operators = "3"

[runware]
base_url = "runware"

[storage]
backups = 2.5
data_dir = 7

[limits]
queue = 0
queu = 1
usd_per_day = "ten"
results_per_command = 21

[images]
allow_unmarked = "perhaps"
"""
VARIABLES = {
    "EXPANSE_IMAGES__MIN_SIDE": "tall",
    "EXPANSE_RUNWARE_API_KEY": "a-key",
    "EXPANSE_DISCORD__PROXY_HOSTS": "one,two",
    "EXPANSE_SERVICE_HOST": "10.0.0.1",
}
MISTAKES = [
    "discord.token must be plain ASCII without spaces; copy it again.",
    (
        "discord.proxy_hosts (from EXPANSE_DISCORD__PROXY_HOSTS) must be a list in square brackets,"
        " such as [1, 2]."
    ),
    "discord.operators must be a list in square brackets, such as [1, 2].",
    "runware.base_url must be an address that begins with http:// or https://.",
    "storage.data_dir must be text in quotes, not 7.",
    "storage.backups must be a whole number, not 2.5.",
    "limits.usd_per_day must be an amount of dollars, such as 10 or 0.05.",
    "limits.results_per_command must be at most 20, not 21.",
    "limits.queue must be at least 1, not 0.",
    "There is no setting limits.queu. Did you mean limits.queue?",
    "images.min_side (from EXPANSE_IMAGES__MIN_SIDE) must be a whole number.",
    "images.allow_unmarked must be true or false.",
    "There is no setting EXPANSE_RUNWARE_API_KEY. Did you mean EXPANSE_RUNWARE__API_KEY?",
    (
        "Not set: runware.api_key. Use config.toml (expanse init creates it), or"
        " EXPANSE_RUNWARE__API_KEY."
    ),
]


async def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(FILE)
    ended = await run_program("run", cwd=tmp_path, **VARIABLES)
    heading = f"expanse: The configuration has {len(MISTAKES)} mistakes:"
    assert (ended.code, ended.out) == (1, [])
    assert ended.err == [heading, *(f"  {mistake}" for mistake in MISTAKES)]


@pytest.mark.parametrize("table", ["discord = 3", 'discord = "token"', "discord = []"])
async def test_a_section_that_is_none_is_named(tmp_path: Path, table: str) -> None:
    (tmp_path / "config.toml").write_text(table)
    ended = await run_program("doctor", cwd=tmp_path, EXPANSE_RUNWARE__API_KEY="a-key")
    assert (ended.code, ended.err) == (
        1,
        [
            "expanse: The configuration has 2 mistakes:",
            "  discord must be a section: write [discord], with its settings below.",
            (
                "  Not set: discord.token. Use config.toml (expanse init creates it), or"
                " EXPANSE_DISCORD__TOKEN."
            ),
        ],
    )


async def test_a_secret_is_never_quoted(tmp_path: Path) -> None:
    ended = await run_program(
        "config", cwd=tmp_path, EXPANSE_DISCORD__TOKEN="se cret", EXPANSE_RUNWARE__API_KEY="ké-y"
    )
    rule = "must be plain ASCII without spaces; copy it again."
    assert (ended.code, ended.err) == (
        1,
        [
            "expanse: The configuration has 2 mistakes:",
            f"  discord.token (from EXPANSE_DISCORD__TOKEN) {rule}",
            f"  runware.api_key (from EXPANSE_RUNWARE__API_KEY) {rule}",
        ],
    )
